// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"maps"
	"slices"
)

// Rolling plans the next step of a rolling deployment, and keeps a deployed service at its desired count.
//
// A worked step: desired 4, minimum 50 % (2 healthy), maximum 150 % (6 tasks), 4 healthy source tasks, none of the target.
// 6 − 4 leaves room to start 2 target tasks, and 4 − 2 healthy tasks may stop, so the plan is 2 of the target and 2 of the source.
func Rolling(o Observation) Plan {
	if o.Frozen {
		return frozen(o)
	}
	if o.Bounds.Upper(o.Desired) <= o.Desired {
		o = o.atHome()
	}
	target, sources := o.split()
	next := grow(o, target, sources)
	plan := Plan{Wanted: map[int64]int32{target.Ordinal: next}}
	maps.Copy(plan.Wanted, shrink(o, target, next, sources))
	plan.Replacing = replace(o, plan.Wanted, target, sources)
	plan.Deployed = deployed(o, target, sources)
	plan.Progress, plan.Why = progress(o, plan, target, sources)
	return plan
}

// grow is the target's next count: as many more as are missing and as the upper bound leaves room for.
// Stopping tasks count against the bound, so slow drains slow a deployment down. Places that cool are left empty,
// unless a healthy task has taken one already. Protected tasks stay, also where fewer are desired. Tasks that failed to start are gone before others are launched in
// their place, since a stopping one counts.
func grow(o Observation, target Revision, sources []Revision) int32 {
	most := min(o.Desired, max(o.Desired-target.Cooling, target.Healthy))
	has := max(min(most, target.held()-min(target.Retiring, target.held())), min(target.Wanted, target.Protected))
	if target.Retiring > 0 {
		return has
	}
	return has + max(0, min(most-has, room(o, target, sources)))
}

// room is how many tasks may be started, 0 or more. A place that a replacement is to take isn't free.
func room(o Observation, target Revision, sources []Revision) int32 {
	total := target.held() + target.Stopping
	for _, s := range sources {
		total += s.held() + s.Stopping
	}
	return max(0, o.Bounds.Upper(o.Desired)-total)
}

// shrink is what each source keeps: its protected tasks, and what isn't to spare. Tasks that aren't healthy go first, then healthy ones down to the lower bound, the oldest
// revision's before a younger one's.
func shrink(o Observation, target Revision, next int32, sources []Revision) map[int64]int32 {
	spare := max(0, min(target.Healthy, next)+sum(sources, Revision.sound)-o.Bounds.Lower(o.Desired))
	frail := max(spare, replaceable(o, target, sources))
	keep := make(map[int64]int32, len(sources))
	for _, s := range sources {
		if o.KeepSources {
			keep[s.Ordinal] = s.Wanted
			continue
		}
		stopFrail := min(s.frail(), frail, s.loose())
		stopSound := min(s.sound(), spare, s.loose()-stopFrail)
		frail -= stopFrail
		spare -= stopSound
		keep[s.Ordinal] = s.Wanted - stopFrail - stopSound
	}
	return keep
}

// crowd is how many more places are held than the upper bound allows, when no task stops any more that would make them fewer; 0 or more.
func crowd(o Observation, target Revision, sources []Revision) int32 {
	places := target.held() + sum(sources, Revision.held)
	if target.Stopping+sum(sources, func(r Revision) int32 { return r.Stopping }) > 0 {
		return 0
	}
	return max(0, places-o.Bounds.Upper(o.Desired))
}

// replaceable is how many unhealthy source tasks may go without being made up for by healthy ones to spare: those whose place a
// healthy target task has taken, those that keep the target from taking its own places again, or, where the upper bound leaves no room and the target's own tasks are all well, those in
// whose place target tasks will be started. Any other unhealthy task stays and is replaced by its own revision, so a broken
// target never costs a source its tasks.
func replaceable(o Observation, target Revision, sources []Revision) int32 {
	replaced := max(0, sum(sources, wanted)-max(0, o.Desired-target.Healthy))
	if lacks := min(target.held()-target.placed(), crowd(o, target, sources)); lacks > 0 {
		return max(replaced, lacks)
	}
	missing := o.Desired - target.held()
	settled := target.Healthy >= target.held() && target.Cooling == 0
	if missing > 0 && settled && room(o, target, sources) == 0 {
		return max(replaced, missing)
	}
	return replaced
}

func wanted(r Revision) int32 { return r.Wanted }

func sum(revisions []Revision, of func(Revision) int32) int32 {
	var total int32
	for _, r := range revisions {
		total += of(r)
	}
	return total
}

// progress tells what the plan means for the deployment.
func progress(o Observation, plan Plan, target Revision, sources []Revision) (Progress, string) {
	switch {
	case !recounts(plan, target, sources) && changes(plan, target, sources):
		return Moving, replacing(target, sources)
	case changes(plan, target, sources) && target.Cooling == 0:
		return Moving, fmt.Sprintf("%d of %d tasks wanted of the new revision, %d of older ones", plan.Wanted[target.Ordinal], o.Desired, sumKept(plan, sources))
	case deployed(o, target, sources) && target.Replacing == 0 && target.Leaving+target.Relocating == 0:
		return Complete, fmt.Sprintf("%d of %d tasks are healthy and no older task is left", target.Healthy, o.Desired)
	case o.KeepSources && settledBeside(o, target, sources):
		return Complete, fmt.Sprintf("%d of %d tasks are healthy; %d older tasks couldn't be stopped in time, and stay until the next deployment",
			target.Healthy, o.Desired, sum(sources, Revision.live))
	case target.Cooling > 0:
		return Waiting, fmt.Sprintf("%d tasks of the new revision ended soon after their start, and others will be started in their place", target.Cooling)
	case unhealthy(target, sources) > 0:
		return Waiting, replacing(target, sources)
	}
	is, why := waits(o, target, sources)
	if is != Blocked && leaving(target, sources) > 0 {
		why = replacing(target, sources)
	}
	return is, why
}

// deployed reports whether the target has its tasks, all healthy, and no older one is left.
func deployed(o Observation, target Revision, sources []Revision) bool {
	left := sum(sources, func(r Revision) int32 { return r.placed() + r.Stopping })
	return target.Wanted == o.Desired && target.sound() == o.Desired && left == 0
}

// settledBeside reports whether the target has its tasks, all healthy, and nothing happens to those of older revisions.
func settledBeside(o Observation, target Revision, sources []Revision) bool {
	moves := func(r Revision) bool { return r.Stopping+r.Unhealthy+r.Leaving > 0 || r.live() != r.asked() }
	return target.Wanted == o.Desired && target.sound() == o.Desired && target.Leaving+target.Relocating == 0 && !slices.ContainsFunc(sources, moves)
}

// waits tells what a deployment waits for of which no count moves, or that it waits for nothing and can't go on.
func waits(o Observation, target Revision, sources []Revision) (Progress, string) {
	switch {
	case target.placed() > target.Healthy:
		return Waiting, fmt.Sprintf("%d of %d tasks of the new revision are healthy", target.Healthy, target.placed())
	case target.Stopping > 0 || sum(sources, func(r Revision) int32 { return r.Stopping }) > 0:
		return Waiting, "waiting for stopping tasks to stop"
	case sum(sources, Revision.live) != sum(sources, Revision.asked):
		return Waiting, "waiting for older tasks to reach their count"
	case target.asked() != target.live():
		return Waiting, "waiting for tasks to be created"
	default:
		return Blocked, o.Bounds.Explain(o.Desired)
	}
}

func changes(plan Plan, target Revision, sources []Revision) bool {
	for _, r := range append([]Revision{target}, sources...) {
		if plan.Replacing[r.Ordinal] != r.Replacing {
			return true
		}
	}
	return recounts(plan, target, sources)
}

// recounts reports whether a revision is to have another number of tasks than before.
func recounts(plan Plan, target Revision, sources []Revision) bool {
	for _, r := range append([]Revision{target}, sources...) {
		if plan.Wanted[r.Ordinal] != r.Wanted {
			return true
		}
	}
	return false
}

func unhealthy(target Revision, sources []Revision) int32 {
	return target.Unhealthy + sum(sources, func(r Revision) int32 { return r.Unhealthy })
}

func leaving(target Revision, sources []Revision) int32 {
	of := func(r Revision) int32 { return r.Leaving + r.Relocating }
	return of(target) + sum(sources, of)
}

func replacing(target Revision, sources []Revision) string {
	sick, leave, all := unhealthy(target, sources), leaving(target, sources), target.live()+sum(sources, Revision.live)
	switch {
	case sick == 0 && leave == 0:
		return "tasks were stopped, and others are started in their place"
	case sick == 0:
		return fmt.Sprintf("%d of %d tasks are to leave their container instances and are replaced by tasks of their own revision", leave, all)
	case leave == 0:
		return fmt.Sprintf("%d of %d tasks are unhealthy and are replaced by tasks of their own revision", sick, all)
	}
	return fmt.Sprintf("of %d tasks %d are unhealthy and %d are to leave their container instances: they are replaced by tasks of their own revision", all, sick, leave)
}

func sumKept(plan Plan, sources []Revision) int32 {
	return sum(sources, func(r Revision) int32 { return plan.Wanted[r.Ordinal] })
}
