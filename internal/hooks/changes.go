// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Changed are the runs that ECS would tell of (EventBridge, "ECS Hook State Change"): those that wait for a person since, and those that are decided since.
func Changed(before, after []ecsv1.DeploymentLifecycleHookDetail) []ecsv1.DeploymentLifecycleHookDetail {
	var out []ecsv1.DeploymentLifecycleHookDetail
	for i := range after {
		j := indexOf(before, after[i].HookId)
		news := decided(&after[i]) || after[i].Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction
		if news && (j < 0 || before[j].Status != after[i].Status) {
			out = append(out, after[i])
		}
	}
	return out
}

// EventName is what ECS calls the change of a run to its present state: HOOK_AWAITING_ACTION, HOOK_SUCCEEDED, HOOK_FAILED or HOOK_TIMED_OUT.
func EventName(r *ecsv1.DeploymentLifecycleHookDetail) string { return "HOOK_" + string(r.Status) }

// Stops reports whether a run ends its deployment.
func Stops(r *ecsv1.DeploymentLifecycleHookDetail) bool {
	return r.Status == ecsv1.DeploymentLifecycleHookStatusFailed ||
		r.Status == ecsv1.DeploymentLifecycleHookStatusTimedOut && r.TimeoutAction != ecsv1.DeploymentLifecycleHookActionContinue
}
