// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"cmp"
	"fmt"
	"time"
)

// condition is when a stage is done, as far as hooks don't keep it.
type condition struct {
	// says is the condition in words, for the table that is printed.
	says  string
	holds func(StagedObservation) bool
	// waits is what is waited for while it doesn't hold, in a sentence without its beginning "waiting for".
	waits func(StagedObservation) string
	// at is when it holds by the passing of time alone, zero where time does nothing.
	at func(StagedObservation) time.Time
}

var (
	atOnce = condition{says: "at once", holds: func(StagedObservation) bool { return true }}

	oneSource = condition{
		says: "one source has tasks, and all traffic goes to it",
		holds: func(o StagedObservation) bool {
			return len(o.sources()) < 2 && (o.Source == 0 || o.alone())
		},
		waits: func(o StagedObservation) string {
			if !o.alone() {
				return o.Production.waits("production traffic to go to one revision")
			}
			return fmt.Sprintf("tasks of %d older revisions to stop", len(o.sources())-1)
		},
	}

	targetHealthy = condition{
		says:  "all tasks of the target are healthy",
		holds: StagedObservation.whole,
		waits: func(o StagedObservation) string {
			t := o.target()
			if t.Cooling > 0 {
				return fmt.Sprintf("tasks of the new revision: %d of %d are healthy, %d ended soon after their start, and others will be started in their place", t.Healthy, o.Desired, t.Cooling)
			}
			return fmt.Sprintf("tasks of the new revision: %d of %d are healthy", t.Healthy, o.Desired)
		},
	}

	testRouted = condition{
		says:  "test traffic goes to the target",
		holds: func(o StagedObservation) bool { return o.Test.at(Whole) },
		waits: func(o StagedObservation) string { return o.Test.waits("test traffic to go to the new revision") },
	}

	stepRouted = condition{
		says:  "the step's share of production traffic goes to the target, and the step's bake time is over",
		holds: func(o StagedObservation) bool { return o.atStep() && !o.Now.Before(o.stepEnds()) },
		waits: func(o StagedObservation) string {
			if o.atStep() {
				return fmt.Sprintf("the bake time of step %d of %d, until %s", o.Standing.Step, o.steps(), o.stepEnds().UTC().Format(time.RFC3339))
			}
			return o.Production.waits(fmt.Sprintf("%s of production traffic to go to the new revision", percent(o.step(o.Standing.Step))))
		},
		at: func(o StagedObservation) time.Time {
			if o.Standing.Shifted.IsZero() && !o.atStep() {
				return time.Time{}
			}
			return o.stepEnds()
		},
	}

	baked = condition{
		says: "the bake time is over, and all production traffic goes to the target",
		holds: func(o StagedObservation) bool {
			return !o.Now.Before(o.bakeEnds()) && o.Production.at(Whole)
		},
		waits: func(o StagedObservation) string {
			if !o.Production.at(Whole) {
				return o.Production.waits("all production traffic to go to the new revision")
			}
			return "the end of the bake time, " + o.bakeEnds().UTC().Format(time.RFC3339)
		},
		at: StagedObservation.bakeEnds,
	}

	sourceGone = condition{
		says:  "no task of a source is left",
		holds: func(o StagedObservation) bool { return len(o.sources()) == 0 },
		waits: func(o StagedObservation) string {
			if !o.free(o.Source) {
				return o.Production.waits("traffic to leave the older revision")
			}
			return "tasks of the older revision to stop"
		},
	}

	sourceServes = condition{
		says:  "tasks of the source are healthy: all of them, or as many as of the target",
		holds: StagedObservation.serves,
		waits: func(o StagedObservation) string {
			return fmt.Sprintf("tasks of the older revision: %d of %d are healthy", o.source().Healthy, o.Desired)
		},
	}

	productionBack = condition{
		says:  "production traffic goes to the source",
		holds: func(o StagedObservation) bool { return o.Production.at(0) },
		waits: func(o StagedObservation) string {
			if !o.serves() {
				return sourceServes.waits(o)
			}
			return o.Production.waits("production traffic to go back")
		},
	}

	testBack = condition{
		says:  "test traffic goes to the source",
		holds: func(o StagedObservation) bool { return o.Test.at(0) },
		waits: func(o StagedObservation) string { return o.Test.waits("test traffic to go back") },
	}

	targetGone = condition{
		says:  "no task of the target is left",
		holds: func(o StagedObservation) bool { return !o.target().there() },
		waits: func(o StagedObservation) string {
			if !o.free(o.Target) {
				return o.Production.waits("traffic to leave the new revision")
			}
			return "tasks of the new revision to stop"
		},
	}
)

// waits is what a shift waits for: what the router says, or else what is to happen.
func (r Router) waits(otherwise string) string {
	if r.Settled {
		return otherwise
	}
	return cmp.Or(r.Why, otherwise)
}

// alone reports whether all production traffic goes to the source.
func (o StagedObservation) alone() bool { return o.Production.at(0) && len(o.Elsewhere) == 0 }

// whole reports whether the target has all of its tasks, healthy.
func (o StagedObservation) whole() bool { return o.target().Healthy >= o.Desired }

// serves reports whether the source can take all traffic: it has all of its tasks healthy, or no fewer than the target.
func (o StagedObservation) serves() bool {
	source := o.source().Healthy
	return source >= o.Desired || source > 0 && source >= o.target().Healthy
}

// steps is how many steps the shift has: one where there is no traffic, or no source that the rest of it could go to.
func (o StagedObservation) steps() int32 {
	if o.Source == 0 || !o.Production.Exists {
		return 1
	}
	return o.Schedule.Steps()
}

// step is the share after a step.
func (o StagedObservation) step(n int32) int32 {
	if n >= o.steps() {
		return Whole
	}
	return o.Schedule.Share(n)
}

// atStep reports whether the present step's share is what happens.
func (o StagedObservation) atStep() bool { return o.Production.at(o.step(o.Standing.Step)) }

// stepEnds and bakeEnds are when the waits are over. A step is waited for from the look on that saw it shifted, the bake time from the beginning of its stage.
// A service's first deployment has nothing to go back to meanwhile, and doesn't bake.
func (o StagedObservation) stepEnds() time.Time {
	shifted := o.Standing.Shifted
	if shifted.IsZero() {
		shifted = o.Now
	}
	if o.Standing.Step >= o.steps() {
		return shifted
	}
	return o.Schedule.Next(o.Standing.Step, shifted)
}

func (o StagedObservation) bakeEnds() time.Time {
	if o.Source == 0 {
		return o.Standing.Since
	}
	return o.Standing.Since.Add(o.Bake)
}

// percent writes tenths of a percent: 25 is "2.5 %".
func percent(tenths int32) string {
	if tenths%10 == 0 {
		return fmt.Sprintf("%d %%", tenths/10)
	}
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}
