// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// plan is what to do: register a revision, or say why the task definition is refused, or nothing.
type plan struct {
	register *ecsv1.TaskDefinitionRevision
	refused  *conditions.Reason
	// current is the newest revision once the plan is carried out.
	current *ecsv1.TaskDefinitionRevision
}

// next decides whether the task definition is a new revision of its family. It is, unless the newest revision has the same content
// and is ACTIVE still.
func next(seen observed) plan {
	var newest *ecsv1.TaskDefinitionRevision
	if n := len(seen.revisions); n > 0 {
		newest = &seen.revisions[n-1]
	}
	if why := refusal(seen); why != nil {
		if seen.rival != "" {
			newest = nil // the family's revisions are the rival's
		}
		return plan{refused: why, current: newest}
	}
	hash := names.ContentHash(content(seen))
	if newest != nil && newest.Labels[ecsv1.LabelContentHash] == hash && !deregistered(newest) {
		return plan{current: newest}
	}
	var last int64
	if newest != nil {
		last = newest.Spec.Revision
	}
	if seen.counter != nil {
		last = max(last, seen.counter.Revision)
	}
	revision := build(seen, last+1, hash)
	return plan{register: revision, current: revision}
}

func deregistered(r *ecsv1.TaskDefinitionRevision) bool {
	return r.DeletionTimestamp != nil || r.Status.Status != "" && r.Status.Status != ecsv1.TaskDefinitionStateActive
}

func refusal(seen observed) *conditions.Reason {
	if seen.rival != "" {
		return &conditions.Reason{Reason: ecsv1.ReasonFamilyTaken, Message: fmt.Sprintf(
			"spec.family: TaskDefinition %s registers family %s already; delete it, or choose another family here", seen.rival, seen.family)}
	}
	if problems := taskdef.Validate(&seen.td.Spec.TaskDefinitionFields); len(problems) > 0 {
		message := "ClientException: spec." + problems[0].String()
		if more := len(problems) - 1; more > 0 {
			message = fmt.Sprintf("%s; and %d more: %s", message, more, problems[1:].Error())
		}
		return &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: kubeMessage(message)}
	}
	return nil
}

// kubeMessage cuts a message to what a condition holds.
func kubeMessage(text string) string {
	const limit = 4096
	if len(text) > limit {
		return text[:limit-3] + "..."
	}
	return text
}

// content is the task definition with its family filled in, which is what a revision holds.
func content(seen observed) ecsv1.TaskDefinitionFields {
	fields := *seen.td.Spec.TaskDefinitionFields.DeepCopy()
	fields.Family = seen.family
	return fields
}

func build(seen observed, number int64, hash string) *ecsv1.TaskDefinitionRevision {
	return &ecsv1.TaskDefinitionRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: seen.td.Namespace,
			Name:      names.TaskDefinitionRevision(seen.family, number),
			Labels: map[string]string{
				ecsv1.LabelFamily:      names.LabelValue(seen.family),
				ecsv1.LabelRevision:    strconv.FormatInt(number, 10),
				ecsv1.LabelContentHash: hash,
			},
		},
		Spec: ecsv1.TaskDefinitionRevisionSpec{Family: seen.family, Revision: number, TaskDefinition: content(seen)},
	}
}
