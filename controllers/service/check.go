// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

func refuse(reason, format string, args ...any) *conditions.Reason {
	return &conditions.Reason{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// check finds the task definition that the service runs, or the reason that it can't be started; neither when the task definition is
// about to be registered. First match wins.
func check(seen observed) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	if problems := service.Validate(seen.service); len(problems) > 0 {
		return nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.%s", problems.Error())
	}
	if text := service.Unsupported(seen.service); text != "" {
		return nil, refuse(ecsv1.ReasonUnsupported, "%s", text)
	}
	if problem := seen.CheckCluster(service.Cluster(seen.service), "services"); problem != nil {
		return nil, problem
	}
	if problem := service.CheckHooks(seen.service, seen.cluster()); problem != nil {
		return nil, problem
	}
	td, problem := findTaskDefinition(seen)
	if problem != nil || td == nil {
		return td, problem
	}
	if problems := service.CheckListeners(seen.service, &td.Spec.TaskDefinition); len(problems) > 0 {
		return nil, refuse(ecsv1.ReasonInvalid, "spec.%s", problems.Error())
	}
	if problem := service.CheckPlacement(service.AskOf(&seen.service.Spec), &td.Spec.TaskDefinition, seen.cluster(), seen.Providers); problem != nil {
		return nil, problem
	}
	return td, nil
}

// findTaskDefinition resolves the task definition. The service may go on with the revision that it runs for as long as it isn't changed.
func findTaskDefinition(seen observed) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	newest := seen.newest()
	return seen.FindTaskDefinition(seen.service.Spec.TaskDefinition, func(r *ecsv1.TaskDefinitionRevision) bool {
		return newest != nil && newest.Spec.TaskDefinitionRevisionName == r.Name && unchanged(seen, r)
	})
}

// unchanged reports whether the service with that task definition is what it is now, so that nothing new is asked of the revision.
func unchanged(seen observed, td *ecsv1.TaskDefinitionRevision) bool {
	return seen.newest().Labels[ecsv1.LabelServiceRevisionHash] == service.RevisionHash(service.Revision(seen.service, td))
}
