// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
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

// announceExpired counts the revisions that the history limit took.
func (r *Reconciler) announceExpired(td *ecsv1.TaskDefinition, plan plan) {
	if len(plan.expired) == 0 {
		return
	}
	var gone []string
	for _, old := range plan.expired {
		gone = append(gone, arn.TaskDefinitionRef{Family: old.Spec.Family, Revision: old.Spec.Revision}.String())
	}
	r.Events.Eventf(td, nil, corev1.EventTypeNormal, "RevisionsDeleted", "DeleteTaskDefinitions",
		"deregistered and deleted %d revisions that nothing uses, beyond revisionHistoryLimit %d: %s", len(gone), plan.limit, shorten(gone))
}

// shorten lists the first of many.
func shorten(all []string) string {
	const most = 20
	if len(all) > most {
		return strings.Join(all[:most], ", ") + " and more"
	}
	return strings.Join(all, ", ")
}
