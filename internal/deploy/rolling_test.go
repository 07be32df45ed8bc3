// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden timelines anew")

func healthy(ordinal int64, n int32) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal, Wanted: n, Running: n, Healthy: n}}
}

func empty(ordinal int64) *simRevision { return &simRevision{Revision: Revision{Ordinal: ordinal}} }

func broken(ordinal int64) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal}, broken: true}
}

func cooling(ordinal int64, pending, n int32) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal, Wanted: pending + n, Pending: pending, Cooling: n}}
}

func sick(ordinal int64, n int32) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal, Wanted: n, Pending: n}, broken: true}
}

func unwell(ordinal int64, n, unhealthy, frail int32) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal, Wanted: n, Running: n, Healthy: n - unhealthy, Unhealthy: unhealthy}, frail: frail}
}

func drained(ordinal int64, n, leaving int32) *simRevision {
	return &simRevision{Revision: Revision{Ordinal: ordinal, Wanted: n, Running: n, Healthy: n, Leaving: leaving, LeavingHealthy: leaving}}
}

func both(ordinal int64, n, unhealthy, leaving int32) *simRevision {
	r := unwell(ordinal, n, unhealthy, 0)
	r.Leaving, r.LeavingHealthy = leaving, leaving
	return r
}

func relocating(ordinal int64, n, tasks int32) *simRevision {
	r := healthy(ordinal, n)
	r.Relocating = tasks
	return r
}

// nowhere is a revision of which no task that is made from now on gets out of PENDING.
func nowhere(r *simRevision) *simRevision {
	r.broken = true
	return r
}

// Each timeline is a whole rollout that can be read aloud: testdata/timelines/<name>.txt.
func TestTimelines(t *testing.T) {
	for name, w := range map[string]*world{
		"first-deployment":                         {desired: 3, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{empty(1)}},
		"default-bounds-of-3":                      {desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 3), empty(2)}},
		"stop-before-start":                        {desired: 4, bounds: Percentages{50, 100}, target: 2, revisions: []*simRevision{healthy(1, 4), empty(2)}},
		"one-at-a-time":                            {desired: 4, bounds: Percentages{100, 125}, target: 2, revisions: []*simRevision{healthy(1, 4), empty(2)}},
		"all-at-once":                              {desired: 2, bounds: Percentages{0, 100}, target: 2, revisions: []*simRevision{healthy(1, 2), empty(2)}},
		"broken-target-leaves-sources":             {desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 3), broken(2)}},
		"deadlock-100-100":                         {desired: 2, bounds: Percentages{100, 100}, target: 2, revisions: []*simRevision{healthy(1, 2), empty(2)}},
		"deadlock-75-percent-of-2":                 {desired: 2, bounds: Percentages{75, 100}, target: 2, revisions: []*simRevision{healthy(1, 2), empty(2)}},
		"deadlock-125-percent-of-3":                {desired: 3, bounds: Percentages{100, 125}, target: 2, revisions: []*simRevision{healthy(1, 3), empty(2)}},
		"a-fix-on-top-of-a-broken-one":             {desired: 3, bounds: DefaultPercentages, target: 3, revisions: []*simRevision{healthy(1, 3), sick(2, 3), empty(3)}},
		"sick-sources-make-room":                   {desired: 3, bounds: Percentages{0, 100}, target: 2, revisions: []*simRevision{sick(1, 3), empty(2)}},
		"scale-in-during-a-deployment":             {desired: 2, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 5), healthy(2, 3)}},
		"scale-out-during-a-deployment":            {desired: 6, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 2), healthy(2, 1)}},
		"a-task-that-ended-early-cools":            {desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 3), cooling(2, 2, 1)}},
		"unhealthy-starts-first":                   {desired: 3, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{unwell(1, 3, 1, 0)}},
		"unhealthy-stops-first":                    {desired: 4, bounds: Percentages{50, 100}, target: 1, revisions: []*simRevision{unwell(1, 4, 2, 0)}},
		"unhealthy-all-at-125-percent":             {desired: 8, bounds: Percentages{100, 125}, target: 1, revisions: []*simRevision{unwell(1, 8, 8, 0)}},
		"unhealthy-replacement-is-unhealthy-too":   {desired: 3, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{unwell(1, 3, 1, 2)}},
		"unhealthy-source-during-a-deployment":     {desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{unwell(1, 3, 1, 0), sick(2, 3)}},
		"unhealthy-source-with-room":               {desired: 4, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{unwell(1, 2, 1, 0), sick(2, 4)}},
		"unhealthy-target-leaves-sources":          {desired: 2, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 2), unwell(2, 2, 2, 4)}},
		"unhealthy-where-no-deployment-could-move": {desired: 2, bounds: Percentages{75, 100}, target: 1, revisions: []*simRevision{unwell(1, 2, 1, 0)}},
		"drain-starts-first":                       {desired: 4, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{drained(1, 4, 2)}},
		"drain-stops-first":                        {desired: 4, bounds: Percentages{50, 100}, target: 1, revisions: []*simRevision{drained(1, 4, 3)}},
		"drain-stops-down-to-the-minimum":          {desired: 4, bounds: Percentages{50, 200}, target: 1, revisions: []*simRevision{drained(1, 4, 3)}},
		"drain-one-at-a-time":                      {desired: 4, bounds: Percentages{100, 125}, target: 1, revisions: []*simRevision{drained(1, 4, 3)}},
		"drain-deadlock-100-100":                   {desired: 2, bounds: Percentages{100, 100}, target: 1, revisions: []*simRevision{drained(1, 2, 1)}},
		"drain-deadlock-150-percent-of-1":          {desired: 1, bounds: Percentages{100, 150}, target: 1, revisions: []*simRevision{drained(1, 1, 1)}},
		"drain-during-a-deployment":                {desired: 4, bounds: Percentages{100, 150}, target: 2, revisions: []*simRevision{drained(1, 3, 2), drained(2, 1, 1)}},
		"drain-of-a-source-of-a-broken-target":     {desired: 4, bounds: Percentages{50, 200}, target: 2, revisions: []*simRevision{drained(1, 3, 2), sick(2, 4)}},
		"drain-beside-an-unhealthy-task":           {desired: 4, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{both(1, 4, 1, 1)}},
		"drain-and-scale-in":                       {desired: 2, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{drained(1, 4, 3)}},
		"drain-and-scale-out":                      {desired: 6, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{drained(1, 4, 3)}},
		"drain-whose-replacements-find-no-place":   {desired: 4, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{nowhere(drained(1, 4, 2))}},
		"relocation-starts-first":                  {desired: 4, bounds: Percentages{0, 200}, target: 1, revisions: []*simRevision{relocating(1, 4, 1)}},
		"to-zero":                                  {desired: 0, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 2), healthy(2, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for tick := range 30 {
				plan := Rolling(w.observe())
				lines = append(lines, w.line(tick, plan))
				if again := Rolling(w.observe()); !cmp.Equal(plan, again) {
					t.Errorf("planned twice at t+%d:\n%s", tick, cmp.Diff(plan, again))
				}
				w.apply(plan)
				before := w.observe()
				w.tick()
				if plan.Progress != Moving && cmp.Equal(before, w.observe()) {
					break
				}
			}
			golden(t, name, strings.Join(lines, "\n")+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "timelines", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; go test ./internal/deploy -update writes it anew:\n%s", path, diff)
	}
}

func TestBounds(t *testing.T) {
	for name, tc := range map[string]struct {
		bounds          Percentages
		desired         int32
		wantLow, wantUp int32
		wantDeadlock    bool
	}{
		"the defaults keep all and allow double": {DefaultPercentages, 3, 3, 6, false},
		"the minimum is rounded up":              {Percentages{75, 200}, 2, 2, 4, false},
		"the maximum is rounded down":            {Percentages{50, 125}, 3, 2, 3, false},
		"100/100 can't move":                     {Percentages{100, 100}, 5, 5, 5, true},
		"75 % of 2 with no surge can't move":     {Percentages{75, 100}, 2, 2, 2, true},
		"75 % of 4 with no surge can":            {Percentages{75, 100}, 4, 3, 4, false},
		"125 % of 3 with all kept can't move":    {Percentages{100, 125}, 3, 3, 3, true},
		"125 % of 4 with all kept can":           {Percentages{100, 125}, 4, 4, 5, false},
		"nothing desired is never a deadlock":    {Percentages{100, 100}, 0, 0, 0, false},
		"0/100 stops all first":                  {Percentages{0, 100}, 7, 0, 7, false},
		"large counts don't overflow":            {Percentages{200, 1000}, 2_000_000, 4_000_000, 20_000_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			if low, up := tc.bounds.Lower(tc.desired), tc.bounds.Upper(tc.desired); low != tc.wantLow || up != tc.wantUp {
				t.Errorf("bounds %d and %d, want %d and %d", low, up, tc.wantLow, tc.wantUp)
			}
			if got := tc.bounds.Deadlocked(tc.desired); got != tc.wantDeadlock {
				t.Errorf("deadlocked %t, want %t", got, tc.wantDeadlock)
			}
		})
	}
}

func drawWorld(t *rapid.T) *world {
	w := &world{
		desired: rapid.Int32Range(0, 12).Draw(t, "desired"),
		bounds: Percentages{
			MinimumHealthy: rapid.Int32Range(0, 100).Draw(t, "minimumHealthyPercent"),
			Maximum:        rapid.Int32Range(100, 300).Draw(t, "maximumPercent"),
		},
	}
	n := rapid.IntRange(1, 4).Draw(t, "revisions")
	w.target = int64(n)
	for i := range n {
		r := empty(int64(i + 1))
		r.Wanted = rapid.Int32Range(0, 6).Draw(t, "wanted")
		r.Running = rapid.Int32Range(0, r.Wanted).Draw(t, "running")
		r.Healthy = rapid.Int32Range(0, r.Running).Draw(t, "healthy")
		r.Unhealthy = rapid.Int32Range(0, r.Running-r.Healthy).Draw(t, "unhealthy")
		r.Replacing = rapid.Int32Range(max(-1, -r.Wanted), 2).Draw(t, "replacing")
		r.Pending = rapid.Int32Range(0, r.Wanted-r.Running).Draw(t, "pending")
		r.LeavingHealthy = rapid.Int32Range(0, r.Healthy).Draw(t, "healthy ones that leave")
		r.Leaving = r.LeavingHealthy + rapid.Int32Range(0, r.Running-r.Healthy-r.Unhealthy).Draw(t, "others that leave")
		r.Relocating = rapid.Int32Range(0, r.Healthy-r.LeavingHealthy).Draw(t, "relocating")
		r.Stopping = rapid.Int32Range(0, 3).Draw(t, "stopping")
		w.revisions = append(w.revisions, r)
	}
	return w
}

func (w *world) sound() int32 {
	var n int32
	for _, r := range w.revisions {
		n += min(r.Healthy, r.asked())
	}
	return n
}

func (w *world) total() int32 {
	var n int32
	for _, r := range w.revisions {
		n += r.placed() + r.Stopping
	}
	return n
}

func (w *world) random(t *rapid.T) {
	r := w.revisions[rapid.IntRange(0, len(w.revisions)-1).Draw(t, "which")]
	moves := []func() bool{r.start, r.heal, r.hurt, r.fail, r.recover, r.reap, r.crash, r.chill,
		r.drain, r.undrain, r.relocate, r.stay, func() bool { r.converge(); return true }}
	moves[rapid.IntRange(0, len(moves)-1).Draw(t, "move")]()
}

func TestInAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.random(t)
			plan := Rolling(w.observe())
			if again := Rolling(w.observe()); !cmp.Equal(plan, again) {
				t.Fatalf("the same facts gave two plans:\n%s", cmp.Diff(plan, again))
			}
			before := w.line(0, plan)
			total, sound, target := w.total(), w.sound(), w.revisions[w.target-1].Wanted
			w.apply(plan)
			if limit := max(w.bounds.Upper(w.desired), total); w.total() > limit {
				t.Fatalf("the plan goes to %d tasks over the upper bound, %d", w.total(), limit)
			}
			scaledIn := target > w.desired
			if least := min(w.bounds.Lower(w.desired), sound); w.sound() < least && !scaledIn {
				t.Fatalf("the plan leaves %d healthy tasks, fewer than the lower bound, %d:\n%s\n%s", w.sound(), least, before, w.line(1, plan))
			}
			for _, r := range w.revisions {
				if r.Wanted < 0 || r.asked() < 0 || r.Ordinal == w.target && r.Wanted > w.desired {
					t.Fatalf("revision %d is to have %d of %d tasks", r.Ordinal, r.Wanted, w.desired)
				}
			}
		}
	})
}

func TestAGoodDeploymentAlwaysCompletesUnlessItsBoundsForbidIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		var plan Plan
		for range 200 {
			plan = Rolling(w.observe())
			if plan.Progress == Complete {
				return
			}
			w.apply(plan)
			w.tick()
		}
		if plan.Progress != Blocked || !w.bounds.Deadlocked(w.desired) {
			t.Fatalf("after 200 steps: %s", w.line(200, plan))
		}
	})
}

func TestABrokenTargetNeverCostsASourceAHealthyTaskBelowTheLowerBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		target := w.revisions[w.target-1]
		*target = simRevision{Revision: Revision{Ordinal: w.target}, broken: true}
		before := min(w.sound(), w.bounds.Lower(w.desired))
		for range 100 {
			w.apply(Rolling(w.observe()))
			w.tick()
		}
		if w.sound() < before {
			t.Fatalf("%d healthy tasks are left of %d", w.sound(), before)
		}
	})
}

// drawSettled is a service that no deployment moves: one revision, all of its tasks there, some of them unhealthy.
func drawSettled(t *rapid.T) *world {
	w := drawWorld(t)
	w.target = 1
	n := w.desired
	unhealthy := rapid.Int32Range(0, n).Draw(t, "unhealthy ones")
	w.revisions = []*simRevision{unwell(1, n, unhealthy, rapid.Int32Range(0, 5).Draw(t, "replacements that are unhealthy too"))}
	return w
}

func TestUnhealthyTasksAreReplacedWithinTheBoundsAndThenNothingMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawSettled(t)
		r, healthy := w.revisions[0], w.revisions[0].Healthy
		for step := range 400 {
			plan := Rolling(w.observe())
			if plan.Progress == Complete {
				rests(t, w)
				return
			}
			if plan.Progress == Blocked {
				t.Fatalf("blocked at step %d: %s", step, w.line(step, plan))
			}
			w.apply(plan)
			w.tick()
			if r.Healthy < healthy {
				t.Fatalf("%d tasks were healthy, and %d are: %s", healthy, r.Healthy, w.line(step, plan))
			}
			healthy = r.Healthy
			if limit := max(w.desired, w.bounds.Upper(w.desired)); w.total() > limit {
				t.Fatalf("%d tasks are over the upper bound, %d: %s", w.total(), limit, w.line(step, plan))
			}
		}
		t.Fatalf("after 400 steps: %s", w.line(400, Rolling(w.observe())))
	})
}

func rests(t *rapid.T, w *world) {
	t.Helper()
	for range 5 {
		w.tick()
		plan := Rolling(w.observe())
		if target, sources := w.observe().split(); plan.Progress != Complete || changes(plan, target, sources) {
			t.Fatalf("it doesn't rest: %s", w.line(0, plan))
		}
	}
}

func TestWithRoomAReplacementIsStartedBeforeAnyTaskStops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawSettled(t)
		r := w.revisions[0]
		if r.Unhealthy == 0 || w.bounds.Upper(w.desired) == w.desired {
			return
		}
		plan := Rolling(w.observe())
		if more := plan.Replacing[1]; more < 1 || more > r.Unhealthy {
			t.Fatalf("%d are unhealthy and %d more are started: %s", r.Unhealthy, more, w.line(0, plan))
		}
	})
}

// A source of which tasks turn unhealthy while the target is broken ends with as many as it had, all healthy.
func TestABrokenTargetCostsASourceNoneOfItsTasks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawSettled(t)
		source := w.revisions[0]
		w.target = 2
		w.revisions = append(w.revisions, broken(2))
		if w.bounds.Lower(w.desired) < w.desired || w.bounds.Upper(w.desired) == w.desired {
			return // there is a deployment, and it may stop tasks of the source
		}
		for range 400 {
			w.apply(Rolling(w.observe()))
			w.tick()
		}
		if source.Healthy != w.desired || source.Wanted != w.desired || source.Replacing != 0 {
			t.Fatalf("the source is to have %d healthy tasks: %s", w.desired, w.line(400, Rolling(w.observe())))
		}
	})
}

// In any history, also one where tasks recover while they are replaced, no plan to replace stops a healthy task that may stay where it is.
func TestReplacingStopsNoHealthyTaskThatMayStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.random(t)
			plan := Rolling(w.observe())
			for _, r := range w.revisions {
				if asked := plan.Asked(r.Ordinal); asked < min(r.Healthy-r.LeavingHealthy, plan.Wanted[r.Ordinal], r.placed()) {
					t.Fatalf("revision %d is to run %d tasks, and has %d healthy ones: %s", r.Ordinal, asked, r.Healthy, w.line(0, plan))
				}
			}
			w.apply(plan)
		}
	})
}
