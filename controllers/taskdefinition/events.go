// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// announce tells what the status patch changed: a new revision, or a refusal.
func (r *Reconciler) announce(before, after *ecsv1.TaskDefinition) {
	if after.Status.LatestRevisionName != before.Status.LatestRevisionName && after.Status.LatestRevision != nil {
		r.Events.Eventf(after, nil, corev1.EventTypeNormal, "Registered", "RegisterTaskDefinition",
			"registered task definition %s:%d", after.Status.Family, *after.Status.LatestRevision)
	}
	was := meta.FindStatusCondition(before.Status.Conditions, ecsv1.ConditionStalled)
	is := meta.FindStatusCondition(after.Status.Conditions, ecsv1.ConditionStalled)
	if is != nil && (was == nil || was.Message != is.Message) {
		r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "RegisterTaskDefinition", "%s", is.Message)
	}
}
