// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"testing"

	"pgregory.net/rapid"
)

// drawDrained is a service that no deployment moves and that has all its tasks, some of which have to leave or are to be elsewhere.
func drawDrained(t *rapid.T) *world {
	w := drawSettled(t)
	r := w.revisions[0]
	for range rapid.IntRange(0, int(w.desired)).Draw(t, "leave") {
		r.drain()
	}
	for range rapid.IntRange(0, int(w.desired)).Draw(t, "relocate") {
		r.relocate()
	}
	return w
}

// movable is what has to leave, and what would be relocated where there is room to start first.
func (w *world) movable() int32 {
	r := w.revisions[0]
	if w.bounds.Upper(w.desired) <= w.desired {
		return r.Leaving
	}
	return r.Leaving + r.Relocating
}

func TestADrainKeepsTheBoundsAndEndsUnlessTheyForbidIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawDrained(t)
		r := w.revisions[0]
		least := min(r.Healthy, w.bounds.Lower(w.desired))
		for step := range 400 {
			plan := Rolling(w.observe())
			switch plan.Progress {
			case Complete:
				if w.movable() > 0 {
					t.Fatalf("complete with %d tasks to move: %s", w.movable(), w.line(step, plan))
				}
				rests(t, w)
				return
			case Blocked:
				if !w.bounds.Deadlocked(w.desired) || r.Leaving == 0 {
					t.Fatalf("blocked at step %d: %s", step, w.line(step, plan))
				}
				return
			case Moving, Waiting, Frozen:
			}
			w.apply(plan)
			w.tick()
			if r.Healthy < least {
				t.Fatalf("%d healthy tasks are below the lower bound, %d: %s", r.Healthy, least, w.line(step, plan))
			}
			if limit := max(w.desired, w.bounds.Upper(w.desired)); w.total() > limit {
				t.Fatalf("%d tasks are over the upper bound, %d: %s", w.total(), limit, w.line(step, plan))
			}
		}
		t.Fatalf("after 400 steps: %s", w.line(400, Rolling(w.observe())))
	})
}

// Whatever happened before it, once instances drain no more a service comes to rest.
func TestAfterAnyHistoryAServiceComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.random(t)
			w.apply(Rolling(w.observe()))
		}
		var plan Plan
		for range 300 {
			if plan = Rolling(w.observe()); plan.Progress == Complete {
				rests(t, w)
				return
			}
			w.apply(plan)
			w.tick()
		}
		if plan.Progress != Blocked || !w.bounds.Deadlocked(w.desired) {
			t.Fatalf("after 300 steps: %s", w.line(300, plan))
		}
	})
}

// No task stops for the sake of balance alone before as many as are wanted are healthy elsewhere, however low the minimum.
func TestRelocatingStartsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.target, w.revisions = 1, w.revisions[:1]
		r := w.revisions[0]
		*r = simRevision{Revision: Revision{Ordinal: 1, Wanted: w.desired, Running: w.desired, Healthy: w.desired}}
		for range rapid.IntRange(0, int(w.desired)).Draw(t, "relocate") {
			r.relocate()
		}
		for step := range 100 {
			plan := Rolling(w.observe())
			w.apply(plan)
			w.tick()
			if r.Healthy < w.desired {
				t.Fatalf("%d of %d tasks are healthy: %s", r.Healthy, w.desired, w.line(step, plan))
			}
		}
		if w.movable() > 0 {
			t.Fatalf("%d are where they were: %s", w.movable(), w.line(100, Rolling(w.observe())))
		}
	})
}

// Where replacements find no instance, tasks leave all the same as far as minimumHealthyPercent lets them, and no further.
func TestTasksLeaveDownToTheMinimumWhereNothingTakesTheirPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		n := rapid.Int32Range(0, w.desired).Draw(t, "leave")
		w.target, w.revisions = 1, []*simRevision{nowhere(drained(1, w.desired, n))}
		r := w.revisions[0]
		for range 100 {
			w.apply(Rolling(w.observe()))
			w.tick()
		}
		want := max(w.bounds.Lower(w.desired), w.desired-n)
		if r.Healthy != want {
			t.Fatalf("%d tasks are healthy, want %d: %s", r.Healthy, want, w.line(100, Rolling(w.observe())))
		}
	})
}
