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

// plan is what to do: register a revision, or say why the task definition is refused, or nothing; and which old revisions go.
type plan struct {
	register *ecsv1.TaskDefinitionRevision
	refused  *conditions.Reason
	// current is the newest revision once the plan is carried out, nil where it was deleted.
	current *ecsv1.TaskDefinitionRevision
	// content is the hash of what the task definition says.
	content string
	// expired are revisions beyond the limit that nothing uses, oldest first.
	expired []*ecsv1.TaskDefinitionRevision
	limit   int
}

// next decides whether the task definition is a new revision of its family: it is when it says something else than the newest one, and
// when this object has never registered what it says. It isn't when the newest was deregistered or deleted since. Somebody
// did that on purpose, and ECS leaves it so until someone registers again.
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
	p := plan{content: hashOf(content(seen)), limit: historyLimit(seen.td)}
	p.expired = expired(seen, p.limit)
	last := seen.last()
	switch {
	case newest != nil && hashOf(newest.Spec.TaskDefinition) == p.content && (taskdef.Active(newest) || seen.own(newest.Spec.Revision)):
		p.current = newest
	case seen.own(last) && seen.counted(p.content) && (newest == nil || newest.Spec.Revision < last):
		p.current = nil // it was registered, and is deleted
	default:
		p.register = build(seen, last+1, p.content)
		p.current = p.register
	}
	return p
}

// last is the highest number that was given to the family, 0 for none.
func (o observed) last() int64 {
	var last int64
	if n := len(o.revisions); n > 0 {
		last = o.revisions[n-1].Spec.Revision
	}
	if o.counter != nil {
		last = max(last, o.counter.Revision)
	}
	return last
}

// own reports whether this object registered the revision of that number.
func (o observed) own(number int64) bool {
	return o.td.Status.LatestRevision != nil && *o.td.Status.LatestRevision == number
}

// counted reports whether the last number was given to that content.
func (o observed) counted(hash string) bool {
	return o.counter != nil && o.counter.Labels[ecsv1.LabelContentHash] == hash
}

// hashOf is equal for task definitions that run alike.
func hashOf(td ecsv1.TaskDefinitionFields) string { return names.ContentHash(taskdef.Normal(&td)) }

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
			Finalizers: []string{ecsv1.FinalizerTaskDefinitionRevision},
		},
		Spec: ecsv1.TaskDefinitionRevisionSpec{Family: seen.family, Revision: number, TaskDefinition: content(seen)},
	}
}
