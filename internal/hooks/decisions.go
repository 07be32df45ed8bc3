// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// Decisions reads the annotation by which people answer: hook IDs, each alone or with =CONTINUE or =ROLLBACK, separated by commas. An ID
// with another word decides nothing; that is told in a sentence for each.
func Decisions(annotation string) (map[string]ecsv1.DeploymentLifecycleHookAction, []string) {
	out := map[string]ecsv1.DeploymentLifecycleHookAction{}
	var problems []string
	for item := range strings.SplitSeq(annotation, ",") {
		id, word, given := strings.Cut(strings.TrimSpace(item), "=")
		id, action := strings.TrimSpace(id), ecsv1.DeploymentLifecycleHookAction(strings.TrimSpace(word))
		switch {
		case id == "" && !given:
		case !given:
			out[id] = ecsv1.DeploymentLifecycleHookActionContinue
		case action == ecsv1.DeploymentLifecycleHookActionContinue || action == ecsv1.DeploymentLifecycleHookActionRollback:
			out[id] = action
		default:
			id = clipTo(id, 100)
			problems = append(problems, fmt.Sprintf("annotation %s: %s is no action; write %s, %s=CONTINUE or %s=ROLLBACK",
				ecsv1.AnnotationContinueDeployment, shown(word), id, id, id))
		}
	}
	return out, problems
}

// ignored tells of decisions that are for nothing. One that was taken stays in the annotation, and isn't told of, also where its run had to make room for later ones.
func ignored(decisions map[string]ecsv1.DeploymentLifecycleHookAction, runs []ecsv1.DeploymentLifecycleHookDetail) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(decisions)) {
		switch i := indexOf(runs, id); {
		case i < 0 && len(runs) >= mostRuns && slices.ContainsFunc(runs, func(r ecsv1.DeploymentLifecycleHookDetail) bool { return names.SameHook(r.HookId, id) }):
		case i < 0:
			out = append(out, fmt.Sprintf("annotation %s: no lifecycle hook of this deployment has the hookId %s; status.lifecycleHookDetails lists those that there are",
				ecsv1.AnnotationContinueDeployment, shown(id)))
		case runs[i].TargetType != ecsv1.DeploymentLifecycleHookTargetTypePause:
			out = append(out, fmt.Sprintf("annotation %s: hookId %s is of %s, which answers for itself; %s stops the deployment",
				ecsv1.AnnotationContinueDeployment, shown(id), runs[i].TargetType, ecsv1.AnnotationStopDeployment))
		}
	}
	return out
}
