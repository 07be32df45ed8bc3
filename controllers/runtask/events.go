// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// announce tells what the status patch changed. ECS tells it as "ECS Task State Change".
func (r *Reconciler) announce(before, after *ecsv1.Task) {
	was, is := &before.Status, &after.Status
	r.announceStalled(before, after)
	switch id := arn.ShortName(is.TaskArn); {
	case was.LastStatus == is.LastStatus:
	case is.LastStatus == ecsv1.TaskStateRunning:
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "TaskRunning", "RunTask", "(task %s) has started.", id)
	case is.LastStatus == ecsv1.TaskStateStopped && meta.IsStatusConditionTrue(is.Conditions, ecsv1.ConditionFailed):
		r.Events.Eventf(after, nil, corev1.EventTypeWarning, "TaskStopped", "StopTask", "(task %s) has stopped. %s", id, describe(is))
	case is.LastStatus == ecsv1.TaskStateStopped:
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "TaskStopped", "StopTask", "(task %s) has stopped. %s", id, describe(is))
	}
}

// announceStalled warns of what keeps a task from being run. How one ended is told by its own event.
func (r *Reconciler) announceStalled(before, after *ecsv1.Task) {
	was, is := meta.FindStatusCondition(before.Status.Conditions, ecsv1.ConditionStalled), meta.FindStatusCondition(after.Status.Conditions, ecsv1.ConditionStalled)
	if is != nil && after.Status.LastStatus != ecsv1.TaskStateStopped && (was == nil || was.Message != is.Message) {
		r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "RunTask", "%s", is.Message)
	}
}
