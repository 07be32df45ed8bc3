// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"fmt"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

func refuse(reason, format string, args ...any) *conditions.Reason {
	return &conditions.Reason{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// check finds the task definition revision that the task is to run, and what the task makes of it; or the reason that it can't be run;
// neither when the task definition is about to be registered. First match wins.
func check(seen observed) (*ecsv1.TaskDefinitionRevision, *ecsv1.TaskDefinitionFields, *conditions.Reason) {
	t := seen.task
	if problems := task.Validate(t); len(problems) > 0 {
		return nil, nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.%s", problems.Error())
	}
	if problem := seen.CheckCluster(task.Cluster(t), "tasks"); problem != nil {
		return nil, nil, problem
	}
	revision, problem := seen.FindTaskDefinition(t.Spec.TaskDefinition, nil)
	if revision == nil {
		return nil, nil, problem
	}
	if problem := checkPlacement(seen, revision); problem != nil {
		return nil, nil, problem
	}
	translated, fields, problem := translate(seen, revision, nil)
	if problem != nil {
		return nil, nil, problem
	}
	if unread := translated.Needs.ImageConfigs; len(unread) > 0 && !seen.readsImages {
		return nil, nil, refuse(ecsv1.ReasonImageConfigUnknown, "the launcher starts %s and has to know the whole command line, part of which stands in the image alone, and the operator reads no registries "+
			"(--resolve-images=false); set entryPoint, and user where the image sets one, in task definition %s:%d", strings.Join(unread, ", "), revision.Spec.Family, revision.Spec.Revision)
	}
	return revision, fields, nil
}

// checkPlacement says why the task can't be placed as it asks. One that is started on an instance asks for nothing.
func checkPlacement(seen observed, revision *ecsv1.TaskDefinitionRevision) *conditions.Reason {
	if len(seen.task.Spec.ContainerInstances) > 0 {
		return nil
	}
	return service.CheckPlacement(service.AskOfTask(&seen.task.Spec), &revision.Spec.TaskDefinition, seen.clusterSpec(), seen.Providers)
}

// translate makes the pod of the task, with the task definition as the task changes it and with what is known of its images; or says why it
// can't.
func translate(seen observed, revision *ecsv1.TaskDefinitionRevision, known map[string]podspec.Image) (podspec.Result, *ecsv1.TaskDefinitionFields, *conditions.Reason) {
	td, err := task.Override(&revision.Spec.TaskDefinition, seen.task.Spec.Overrides)
	if err != nil {
		return podspec.Result{}, nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: %s", err)
	}
	instance, problem := task.FindInstance(seen.task, seen.instances)
	if problem != nil {
		return podspec.Result{}, nil, problem
	}
	node := ""
	if instance != nil {
		node = instance.Spec.NodeName
	}
	ref := arn.TaskDefinitionRef{Family: revision.Spec.Family, Revision: revision.Spec.Revision}
	in := task.PodInput(seen.task, &revision.Spec, td, node, seen.platform)
	in.Images = known
	if instance == nil {
		in.Placement = service.Carry(service.AskOfTask(&seen.task.Spec), &td, seen.clusterSpec(), seen.Providers).Pod()
	}
	translated, err := podspec.Translate(in)
	if err != nil {
		return podspec.Result{}, nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: %s%s", ofOverrides(seen.task, ref), err)
	}
	level := podsecurity.Enforced(seen.Namespace.Labels)
	if violations := podsecurity.Check(level, &td, &translated.Template); len(violations) > 0 {
		return podspec.Result{}, nil, refuse(ecsv1.ReasonPodSecurity, "AccessDeniedException: %s", violations.Tell(seen.Namespace.Name, level, "tasks of "+ref.String(), ""))
	}
	return translated, &td, nil
}

// ofOverrides begins what is said of a task definition that the task changed: it isn't wrong by itself.
func ofOverrides(t *ecsv1.Task, ref arn.TaskDefinitionRef) string {
	if t.Spec.Overrides == nil {
		return ""
	}
	return "with spec.overrides " + ref.String() + " has "
}
