// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// announce tells what the status patch changed.
func (r *Reconciler) announce(before, after *ecsv1.ContainerInstance) {
	for _, told := range []struct{ condition, reason, action, kind string }{
		{ecsv1.ConditionInterrupted, ecsv1.ReasonInterrupted, "Drain", corev1.EventTypeWarning},
		{ecsv1.ConditionStalled, ecsv1.ReasonFoundRunningTasks, "DeregisterContainerInstance", corev1.EventTypeWarning},
		{ecsv1.ConditionReady, ecsv1.ReasonDrained, "Drain", corev1.EventTypeNormal},
	} {
		is := meta.FindStatusCondition(after.Status.Conditions, told.condition)
		was := meta.FindStatusCondition(before.Status.Conditions, told.condition)
		if is != nil && is.Reason == told.reason && (was == nil || was.Reason != told.reason) {
			r.Events.Eventf(after, nil, told.kind, told.reason, told.action, "%s", is.Message)
		}
	}
	if was, is := before.Status.Status, after.Status.Status; was != is && is == ecsv1.ContainerInstanceStateDraining {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, ecsv1.ReasonDraining, "Drain", "The instance is DRAINING. %s", after.Status.StatusReason)
	}
}
