// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "slices"

// shares are what the target is to have of production and of test traffic at a row.
func (o StagedObservation) shares(row stage) (production, test int32) {
	return o.guard(o.Production, o.value(row.production)), o.guard(o.Test, o.value(row.test))
}

func (o StagedObservation) value(s share) int32 {
	switch s {
	case before:
		return o.step(o.Standing.Step - 1)
	case scheduled:
		return o.step(o.Standing.Step)
	case all:
		return Whole
	case nothing:
	}
	return 0
}

// guard keeps traffic from a revision that can't answer it, whatever the row wants: none goes to one without a healthy task while the other may have it and
// has one, and no more than now goes to one that lacks some of its tasks.
func (o StagedObservation) guard(r Router, want int32) int32 {
	if o.Source == 0 {
		return want // there is nobody else
	}
	target, source := o.target().Healthy, o.source().Healthy
	switch mayHave := want > 0 || r.Target > 0; {
	case target == 0 && source > 0:
		return 0
	case source == 0 && target > 0 && mayHave:
		return Whole
	case want > r.Target && !o.whole():
		return r.Target
	case want < r.Target && o.Standing.Back && !o.serves():
		return r.Target
	}
	return want
}

// crew is what the row wants of a revision.
func (o StagedObservation) crew(row stage, r Revision) crew {
	switch r.Ordinal {
	case o.Target:
		return row.target
	case o.Source:
		return row.source
	}
	return row.others
}

// count turns crews into counts. Each revision replaces its own unhealthy tasks within the service's percentages, as if it were alone: the
// percentages bound no deployment that moves traffic, which has twice the tasks anyway.
func (o StagedObservation) count(plan *Plan, of func(Revision) crew) {
	plan.Wanted = map[int64]int32{}
	for _, r := range o.each() {
		c := of(r)
		n := o.staffed(r, c)
		plan.Wanted[r.Ordinal] = n
		if n == 0 || r.Ordinal == o.Target && c != everyone {
			continue // what goes isn't replaced
		}
		alone := Observation{Desired: n, Bounds: o.Bounds}
		if alone.Bounds.Upper(n) <= n {
			r.Relocating = 0
		}
		for ordinal, more := range replace(alone, plan.Wanted, r, nil) {
			if plan.Replacing == nil {
				plan.Replacing = map[int64]int32{}
			}
			plan.Replacing[ordinal] = more
		}
	}
}

// each is every revision that is to be counted: those observed, and the target and the source, which may have nothing.
func (o StagedObservation) each() []Revision {
	out := slices.Clone(o.Revisions)
	for _, ordinal := range []int64{o.Target, o.Source} {
		if ordinal != 0 && !slices.ContainsFunc(out, func(r Revision) bool { return r.Ordinal == ordinal }) {
			out = append(out, Revision{Ordinal: ordinal})
		}
	}
	return out
}

// staffed is the count of a crew. A place that cools stays empty, unless a healthy task has taken it. Protected tasks stay, but when the service goes.
func (o StagedObservation) staffed(r Revision, c crew) int32 {
	protected := min(r.Wanted, r.Protected)
	switch {
	case o.Deleting:
		return 0
	case c == everyone:
		return max(protected, min(o.Desired, max(o.Desired-r.Cooling, r.Healthy)))
	case c == nobody && o.free(r.Ordinal):
		return protected
	}
	return max(protected, min(r.Wanted, o.Desired))
}

// free reports whether no traffic goes to a revision: it happens that all of it goes to another.
func (o StagedObservation) free(ordinal int64) bool {
	switch {
	case !o.target().there() && ordinal == o.Target:
		return true
	case ordinal == o.Target && o.Source != 0:
		return o.Production.at(0) && o.Test.at(0)
	case ordinal == o.Target:
		return true
	case ordinal == o.Source:
		return o.Production.at(Whole) && o.Test.at(Whole)
	}
	return o.Production.at(o.Production.Target) && !slices.Contains(o.Elsewhere, ordinal)
}
