// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// setStatus computes the status that td should have from what was seen and done.
func setStatus(td *ecsv1.TaskDefinition, seen observed, plan plan, applyErr error, scope arn.Scope) {
	s := &td.Status
	s.ObservedGeneration = new(td.Generation)
	s.Family = seen.family
	s.UnmappedFields = podspec.Unmapped(&td.Spec.TaskDefinitionFields)
	now := metav1.NewTime(seen.now)
	outcome := conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady}}
	switch {
	case applyErr != nil:
		outcome.Reconciling = &conditions.Reason{Reason: ecsv1.ReasonFailed, Message: "trying again: " + applyErr.Error()}
	case plan.refused != nil:
		outcome.Stalled = plan.refused
	}
	switch {
	case applyErr != nil || seen.rival != "":
	case plan.current == nil && plan.refused == nil:
		s.Status, s.LatestRevisionName = "", ""
		outcome.Ready.Message = fmt.Sprintf("%s:%d was deleted and isn't registered again by itself; change the spec to register another", seen.family, seen.last())
	case plan.current != nil:
		s.LatestRevision = new(plan.current.Spec.Revision)
		s.LatestRevisionName = plan.current.Name
		s.TaskDefinitionArn = scope.TaskDefinition(seen.family, plan.current.Spec.Revision)
		s.Status = stateOf(plan.current)
		outcome.Ready.Message = fmt.Sprintf("registered as %s:%d", seen.family, plan.current.Spec.Revision)
		if s.Status != ecsv1.TaskDefinitionStateActive {
			outcome.Ready.Message += fmt.Sprintf(", which is %s since: nothing new may use it. Change the spec to register another", s.Status)
		}
	}
	conditions.Set(&s.Conditions, td.Generation, now, outcome)
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, unmapped(s.UnmappedFields), td.Generation, now)
}

// unmapped is a condition's reason when fields are set that have no effect yet.
func unmapped(paths []string) *conditions.Reason {
	if len(paths) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonFieldsWithoutEffect, Message: kubeMessage(
		"accepted, but without effect yet: " + strings.Join(paths, ", ") + ". docs/fields.md says what becomes of each field")}
}
