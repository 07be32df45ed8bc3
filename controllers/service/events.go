// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

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
	was, is := meta.FindStatusCondition(before.Status.Conditions, ecsv1.ConditionStalled), meta.FindStatusCondition(after.Status.Conditions, ecsv1.ConditionStalled)
	if is != nil && is.Reason != ecsv1.ReasonDeploymentStuck && (was == nil || was.Reason != is.Reason || was.Message != is.Message && is.Reason != ecsv1.ReasonRolledBack) {
		r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "Reconcile", "(service %s) %s", name, is.Message)
	}
	for kind, reason := range map[string]string{ecsv1.ConditionReconciling: ecsv1.ReasonImagesNotResolved, ecsv1.ConditionImagesNotPinned: ecsv1.ReasonImagesNotPinned} {
		was, is := meta.FindStatusCondition(before.Status.Conditions, kind), meta.FindStatusCondition(after.Status.Conditions, kind)
		if is != nil && is.Reason == reason && (was == nil || was.Message != is.Message) {
			r.Events.Eventf(after, nil, corev1.EventTypeWarning, reason, "Reconcile", "(service %s) %s", name, is.Message)
		}
	}
	if !meta.IsStatusConditionTrue(before.Status.Conditions, ecsv1.ConditionReady) && meta.IsStatusConditionTrue(after.Status.Conditions, ecsv1.ConditionReady) {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "SteadyState", "Reconcile", "(service %s) has reached a steady state.", name)
	}
}
