// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// story is a service whose deployment can end early: the world of its tasks, the state that is stored, and the failed tasks that are remembered.
type story struct {
	*world
	state   State
	tally   Tally
	breaker Breaker
	alarms  Alarms
	stop    StopType
	bake    Bake
	// back is the revision that was completed last, 0 for none; from is the one that is being deployed.
	back, from int64
	now        time.Time
	// failed are the tasks of the goal that failed to start and are still there.
	failed []Failure
	next   int
	why    string
}

func (s *story) goal() *simRevision { return s.revisions[s.target-1] }

func (s *story) plan() Plan {
	o := s.observe()
	o.Frozen = IsFrozen(s.state)
	return Rolling(o)
}

// look is one look of the operator: it plans by what is stored, carries that out, counts, and stores the next state.
func (s *story) look() Plan {
	goal := s.goal()
	for i := len(s.failed); i < int(goal.Pending) && goal.broken; i++ {
		s.failed = append(s.failed, Failure{ID: fmt.Sprint(s.target, "-", s.next), Start: true, CreatedAt: s.now, Why: "CannotPullContainerError"})
		s.next++
	}
	s.failed = s.failed[:min(len(s.failed), int(goal.Pending))]
	goal.Retiring = 0
	if !s.now.Before(s.tally.RetryAt()) {
		for _, f := range s.failed {
			if slices.Contains(s.tally.Counted, f.ID) {
				goal.Retiring++
			}
		}
	}
	plan := s.plan()
	s.apply(plan)
	seen := Sighting{Failed: s.failed, Healthy: goal.Healthy, Running: goal.Running > 0, Newest: s.now, Now: s.now}
	for _, f := range s.failed {
		seen.Present = append(seen.Present, f.ID)
	}
	life := Life{State: s.state, Settled: true, Startable: true, Back: s.back != 0, Done: plan.Deployed}
	if GoesForward(s.state) {
		s.tally = s.tally.After(seen, true)
		watch := Watch{Stop: s.stop, Alarms: s.alarms, Breaker: s.breaker}
		watch.Breaker.Failures, watch.Breaker.Threshold = s.tally.Failures, Threshold(nil, s.desired)
		life.Abort = watch.Abort()
		if plan.Deployed && s.bake.Began.IsZero() {
			s.bake.Began = s.now
		}
		life.Done = plan.Deployed && s.bake.Over(s.now)
	}
	if life.Abort != nil {
		s.why = string(life.Abort.Reason)
	}
	s.state = life.Next()
	if s.state == rollbackInProgress && s.target == s.from {
		s.target, s.tally, s.failed = s.back, Tally{}, nil
	}
	if s.state == rollbackInProgress {
		goal.Retiring = 0
	}
	return plan
}

func (s *story) run(ticks int) []string {
	var lines []string
	for tick := range ticks {
		before := s.state
		plan := s.look()
		lines = append(lines, fmt.Sprintf("%-21s %s", before, s.line(tick, plan)))
		if before != s.state && s.why != "" {
			lines = append(lines, fmt.Sprintf("%-21s because of %s", s.state, s.why))
		}
		s.tick()
		s.now = s.now.Add(10 * time.Second)
		if rests := plan.Progress != Moving && !changesOf(plan, s.world); rests && (Ended(before) || tick > 20) {
			break
		}
	}
	return lines
}

func changesOf(p Plan, w *world) bool {
	target, sources := w.observe().split()
	return changes(p, target, sources)
}

// Each failure point has a timeline, as each way of rolling has.
func TestTimelinesOfFailures(t *testing.T) {
	rollback := Breaker{Enabled: true, Rollback: true}
	for name, s := range map[string]*story{
		"breaker-rollback":                   {world: &world{desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 3), broken(2)}}, breaker: rollback, back: 1},
		"breaker-rollback-with-few-spare":    {world: &world{desired: 4, bounds: Percentages{50, 100}, target: 2, revisions: []*simRevision{healthy(1, 4), broken(2)}}, breaker: rollback, back: 1},
		"breaker-rollback-from-nothing-left": {world: &world{desired: 2, bounds: Percentages{0, 100}, target: 2, revisions: []*simRevision{healthy(1, 2), broken(2)}}, breaker: rollback, back: 1},
		"breaker-without-rollback":           {world: &world{desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 3), broken(2)}}, breaker: Breaker{Enabled: true}, back: 1},
		"breaker-and-nothing-to-go-back-to":  {world: &world{desired: 3, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{broken(1)}}, breaker: rollback},
		"no-breaker":                         {world: &world{desired: 1, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 1), broken(2)}}, back: 1},
		"stop-with-rollback":                 {world: &world{desired: 3, bounds: Percentages{50, 150}, target: 2, revisions: []*simRevision{healthy(1, 2), healthy(2, 1)}}, stop: StopRollback, back: 1},
		"stop-with-abort":                    {world: &world{desired: 3, bounds: Percentages{50, 150}, target: 2, revisions: []*simRevision{healthy(1, 2), healthy(2, 1)}}, stop: StopAbort, back: 1},
		"alarm-during-bake": {world: &world{desired: 2, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{empty(1), healthy(2, 2)}},
			alarms: Alarms{Enabled: true, Rollback: true, Firing: []string{"high-5xx"}}, bake: Bake{Time: time.Minute, Began: began}, back: 1},
		"bake-time": {world: &world{desired: 2, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, 2), empty(2)}}, bake: Bake{Time: time.Minute}, back: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s.from, s.now, s.state = s.target, began, inProgress
			golden(t, "failure-"+name, strings.Join(s.run(40), "\n")+"\n")
		})
	}
}

// drawStory is a deployment that may be broken in any way, on top of anything.
func drawStory(t *rapid.T) *story {
	s := &story{world: drawWorld(t), now: began, state: inProgress}
	for _, r := range s.revisions {
		r.Replacing = max(0, r.Replacing)
	}
	s.from = s.target
	s.back = rapid.Int64Range(0, s.target-1).Draw(t, "completed")
	s.goal().broken = rapid.Bool().Draw(t, "broken")
	s.goal().frail = rapid.Int32Range(0, 5).Draw(t, "frail")
	s.breaker = Breaker{Enabled: rapid.Bool().Draw(t, "breaker"), Rollback: rapid.Bool().Draw(t, "rollback")}
	s.bake.Time = time.Duration(rapid.IntRange(0, 3).Draw(t, "bake")) * 10 * time.Second
	return s
}

// disturb lets somebody do something to the service.
func (s *story) disturb(t *rapid.T) {
	switch rapid.IntRange(0, 12).Draw(t, "disturbance") {
	case 0:
		s.stop = rapid.SampledFrom([]StopType{"", StopRollback, StopAbort}).Draw(t, "stop")
	case 1:
		s.alarms = Alarms{Enabled: true, Rollback: rapid.Bool().Draw(t, "alarm rollback"), Firing: []string{"slow"}}
	case 2:
		s.desired = rapid.Int32Range(0, 12).Draw(t, "desired")
	case 3:
		s.alarms = Alarms{}
	default:
		s.random(t)
	}
}

func TestInAnyStory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			s.disturb(t)
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "seconds")) * time.Second)
			before, desired := s.state, s.desired
			if first, again := s.plan(), s.plan(); !cmp.Equal(first, again) {
				t.Fatalf("the same facts gave two plans:\n%s", cmp.Diff(first, again))
			}
			total, asked, wanted := s.total(), s.goal().asked(), map[int64]int32{}
			for _, r := range s.revisions {
				wanted[r.Ordinal] = r.Wanted
			}
			goal := s.target
			plan := s.look()
			if limit := max(s.bounds.Upper(desired), total); s.total() > limit {
				t.Fatalf("the plan goes to %d tasks over the upper bound, %d: %s", s.total(), limit, s.line(0, plan))
			}
			if IsFrozen(before) {
				if s.goal().asked() > max(asked, wanted[goal]) {
					t.Fatalf("a deployment that failed asks for %d tasks of its revision, %d before: %s", s.goal().asked(), asked, s.line(0, plan))
				}
				for _, r := range s.revisions {
					if r.Wanted > wanted[r.Ordinal] {
						t.Fatalf("a deployment that failed wants %d tasks of revision %d, %d before: %s", r.Wanted, r.Ordinal, wanted[r.Ordinal], s.line(0, plan))
					}
				}
			}
			if Ended(before) && s.state != before {
				t.Fatalf("%s goes on as %s", before, s.state)
			}
			if !GoesForward(before) && GoesForward(s.state) {
				t.Fatalf("%s turned to %s", before, s.state)
			}
		}
	})
}

// Whatever happened to it, left alone a deployment that goes back ends with the old revision only, all of it.
func TestAStoryOfARollbackEndsWithTheOldRevisionOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t)
		s.back = rapid.Int64Range(0, s.target-1).Draw(t, "completed")
		if s.bounds.Deadlocked(s.desired) || s.back == 0 {
			return
		}
		for _, r := range s.revisions[:s.target-1] {
			r.broken, r.frail = false, 0
		}
		for range rapid.IntRange(0, 20).Draw(t, "steps before") {
			s.random(t)
			s.look()
		}
		if !GoesForward(s.state) {
			return
		}
		s.stop = StopRollback
		for range 400 {
			s.look()
			s.tick()
			s.now = s.now.Add(10 * time.Second)
			if s.state == rollbackSuccessful {
				break
			}
		}
		if s.state != rollbackSuccessful {
			t.Fatalf("after 400 looks it is %s: %s", s.state, s.line(400, s.plan()))
		}
		for _, r := range s.revisions {
			switch {
			case r.Ordinal == s.back && r.Wanted != s.desired: // some may be on their way to another instance
				t.Fatalf("revision %d is to have %d tasks, want %d: %s", r.Ordinal, r.Wanted, s.desired, s.line(400, s.plan()))
			case r.Ordinal != s.back && r.placed()+r.Stopping > 0:
				t.Fatalf("revision %d has tasks: %s", r.Ordinal, s.line(400, s.plan()))
			}
		}
	})
}

// A broken target of a service with a breaker ends, and never takes healthy tasks below what the lower bound asked for.
func TestABreakerEndsABrokenDeployment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t)
		s.desired = rapid.Int32Range(1, 12).Draw(t, "at least one")
		if s.bounds.Deadlocked(s.desired) {
			return
		}
		*s.goal() = simRevision{Revision: Revision{Ordinal: s.target}, broken: true}
		s.breaker.Enabled = true
		for range 200 {
			s.look()
			s.tick()
			s.now = s.now.Add(30 * time.Second)
		}
		if !Ended(s.state) || s.state == successful {
			t.Fatalf("after 200 looks it is %s with %d failures: %s", s.state, s.tally.Failures, s.line(200, s.plan()))
		}
	})
}
