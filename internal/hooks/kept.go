// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"slices"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// mostRuns are stored; the status refuses more.
const mostRuns = 100

// bounded drops the oldest runs of earlier moments that the status has no room for. The latest run of a hook stays: it has the hook's
// details, and is the only one that has them.
func bounded(runs []ecsv1.DeploymentLifecycleHookDetail, current map[string]bool) []ecsv1.DeploymentLifecycleHookDetail {
	latest := map[string]bool{}
	for i := len(runs) - 1; i >= 0; i-- {
		if slices.ContainsFunc(runs[i+1:], func(later ecsv1.DeploymentLifecycleHookDetail) bool {
			return names.SameHook(later.HookId, runs[i].HookId)
		}) {
			runs[i].HookDetails = nil
			continue
		}
		latest[runs[i].HookId] = true
	}
	surplus := len(runs) - mostRuns
	return slices.DeleteFunc(runs, func(r ecsv1.DeploymentLifecycleHookDetail) bool {
		if surplus <= 0 || current[r.HookId] || latest[r.HookId] {
			return false
		}
		surplus--
		return true
	})
}

// End closes the runs of a deployment at whose stage no hook runs, or that has ended.
func End(runs []ecsv1.DeploymentLifecycleHookDetail, now time.Time) []ecsv1.DeploymentLifecycleHookDetail {
	out := slices.Clone(runs)
	for i := range out {
		end(&out[i], now.Truncate(time.Second), leftBehind)
	}
	return out
}
