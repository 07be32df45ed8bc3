// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// checkTranslation finds what a service, its task definition and its namespace get wrong together, before there is a revision of it.
func checkTranslation(spec ecsv1.ServiceRevisionSpec, td *ecsv1.TaskDefinitionRevision, seen observed) (podspec.Result, *conditions.Reason) {
	on := seen.platform
	on.Placement = seen.carriage(td).Pod()
	translated, err := service.Translate(&spec, &td.Spec, on)
	if err != nil {
		return translated, &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: "InvalidParameterException: " + err.Error()}
	}
	if why := forbidden(td, &translated.Template, seen); why != "" {
		return translated, refuse(ecsv1.ReasonPodSecurity, "AccessDeniedException: %s", why)
	}
	return translated, nil
}

// forbidden tells what of a pod template the namespace's Pod Security level forbids, "" for nothing.
func forbidden(td *ecsv1.TaskDefinitionRevision, template *corev1.PodTemplateSpec, seen observed) string {
	level := podsecurity.Enforced(seen.Namespace.Labels)
	violations := podsecurity.Check(level, &td.Spec.TaskDefinition, template)
	if len(violations) == 0 {
		return ""
	}
	return violations.Tell(seen.Namespace.Name, level, "tasks of "+arn.TaskDefinitionRef{Family: td.Spec.Family, Revision: td.Spec.Revision}.String(), "")
}

// outgrown tells of tasks that run and that their namespace, having become stricter, wouldn't let start today.
func outgrown(seen observed) *conditions.Reason {
	newest := seen.newest()
	if newest == nil || seen.template == nil {
		return nil
	}
	for i := range seen.Family {
		if r := &seen.Family[i]; r.Name == newest.Spec.TaskDefinitionRevisionName {
			if why := forbidden(r, seen.template, seen); why != "" {
				return refuse(ecsv1.ReasonPodSecurity, "tasks that run go on, and none can be started in their place: %s. "+
					"If it is the level that came later, a new deployment (spec.kubernetes.forceNewDeployment) makes tasks that keep to it as far as they can", why)
			}
		}
	}
	return nil
}
