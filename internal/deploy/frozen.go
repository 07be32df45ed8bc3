// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "fmt"

// frozen plans a service whose deployment failed and doesn't go back: nothing is launched until the service changes. The target keeps those of its tasks that run
// and aren't unhealthy, and gets no others; the sources keep theirs, and replace them when they fail. Only where desiredCount comes down so far that
// the upper bound doesn't hold any more some of them stop, the target's first and then the oldest.
func frozen(o Observation) Plan {
	target, sources := o.atHome().split()
	keep := min(target.Wanted, max(0, target.Running-target.Unhealthy))
	surplus := max(0, keep+sum(sources, wanted)-o.Bounds.Upper(o.Desired))
	plan := Plan{Wanted: map[int64]int32{}, Progress: Frozen}
	for _, r := range append([]Revision{{Ordinal: target.Ordinal, Wanted: keep, Protected: target.Protected}}, sources...) {
		stop := min(surplus, r.loose())
		plan.Wanted[r.Ordinal] = r.Wanted - stop
		surplus -= stop
	}
	still := target
	still.Wanted, still.Replacing, still.Unhealthy, still.Leaving, still.LeavingHealthy = plan.Wanted[target.Ordinal], 0, 0, 0, 0
	plan.Replacing = replace(o, plan.Wanted, still, sources)
	delete(plan.Replacing, target.Ordinal)
	plan.Why = fmt.Sprintf("no task is launched until the service changes; %d of the new revision and %d of older ones stay", plan.Wanted[target.Ordinal], sumKept(plan, sources))
	return plan
}
