// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// announce tells what the status patch changed, in the words of ECS's service events.
func (r *Reconciler) announce(before, after *ecsv1.Service) {
	name := service.Name(after)
	r.announceConditions(before, after)
	if was, is := before.Status.Placement, after.Status.Placement; was != nil && is != nil && was.Mechanism != is.Mechanism {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "PlacementChanged", "UpdateService", "(service %s) new tasks are placed by the %s: %s", name, is.Mechanism, is.Reason)
	}
	if before.Status.Status != after.Status.Status && after.Status.Status == ecsv1.ServiceStateDraining {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "Draining", "DeleteService", "(service %s) is DRAINING: its tasks are being stopped.", name)
	}
}

func (r *Reconciler) announceConditions(before, after *ecsv1.Service) {
	name := service.Name(after)
	again := service.IsToldAgain(before.Status.ToldAt, after.Status.ToldAt)
	for _, is := range standing(&after.Status) {
		if again || begins(is, &before.Status) {
			r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "Reconcile", "(service %s) %s", name, is.Message)
		}
	}
	another := before.Status.CurrentServiceDeployment != after.Status.CurrentServiceDeployment // which was over before it was looked at
	if (another || !meta.IsStatusConditionTrue(before.Status.Conditions, ecsv1.ConditionReady)) && meta.IsStatusConditionTrue(after.Status.Conditions, ecsv1.ConditionReady) {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "SteadyState", "Reconcile", "(service %s) has reached a steady state.", name)
	}
}

// standing are the conditions of a service that are told by an event: when they begin or say something else, and again while they last.
func standing(s *ecsv1.ServiceStatus) []metav1.Condition {
	var out []metav1.Condition
	for _, c := range s.Conditions {
		switch {
		case c.Type == ecsv1.ConditionStalled && c.Reason != ecsv1.ReasonDeploymentStuck, // which the deployment tells
			c.Type == ecsv1.ConditionReconciling && c.Reason == ecsv1.ReasonImagesNotResolved,
			c.Type == ecsv1.ConditionImagesNotPinned:
			out = append(out, c)
		}
	}
	return out
}

// begins reports whether the condition says something that wasn't said before. A rollback is told once, whatever is said of the tasks since.
func begins(is metav1.Condition, before *ecsv1.ServiceStatus) bool {
	was := meta.FindStatusCondition(before.Conditions, is.Type)
	return was == nil || was.Reason != is.Reason || was.Message != is.Message && is.Reason != ecsv1.ReasonRolledBack
}

// remind notes when that was told last.
func remind(before, after *ecsv1.ServiceStatus, now metav1.Time) {
	all := standing(after)
	after.ToldAt = service.Told(before.ToldAt, slices.ContainsFunc(all, func(c metav1.Condition) bool { return begins(c, before) }), len(all) > 0, now)
}
