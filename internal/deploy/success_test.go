// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAnEarlySuccess(t *testing.T) {
	early := func(percent int32, deferred bool) EarlySuccess {
		return EarlySuccess{Enabled: true, HealthyPercent: percent, Deferred: deferred}
	}
	for name, tc := range map[string]struct {
		early   EarlySuccess
		desired int32
		target  int32 // healthy tasks
		old     Revision
		want    bool
	}{
		"50 % of 3 are 2, rounded up":        {early(50, false), 3, 2, Revision{}, true},
		"and 1 isn't enough":                 {early(50, false), 3, 1, Revision{}, false},
		"of 0 % one has to be healthy":       {early(0, true), 3, 0, Revision{}, false},
		"and one is enough":                  {early(0, true), 3, 1, Revision{}, true},
		"of no tasks one would have to be":   {early(100, true), 0, 0, Revision{}, false},
		"old tasks block":                    {early(50, false), 4, 3, Revision{Ordinal: 1, Wanted: 1, Running: 1, Healthy: 1}, false},
		"also those that stop":               {early(50, false), 4, 3, Revision{Ordinal: 1, Stopping: 1}, false},
		"unless they may go later":           {early(50, true), 4, 3, Revision{Ordinal: 1, Wanted: 1, Running: 1, Healthy: 1}, true},
		"where it isn't enabled, never":      {EarlySuccess{HealthyPercent: 50, Deferred: true}, 4, 4, Revision{}, false},
		"100 % is all, and is when no other": {early(100, false), 4, 4, Revision{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := Observation{Desired: tc.desired, Bounds: DefaultPercentages, Target: 2, Revisions: []Revision{
				{Ordinal: 2, Wanted: tc.desired, Running: tc.target, Healthy: tc.target},
			}}
			if tc.old.Ordinal > 0 {
				o.Revisions = append([]Revision{tc.old}, o.Revisions...)
			}
			if got := tc.early.Met(o); got != tc.want {
				t.Errorf("with %d of %d healthy: %t", tc.target, tc.desired, got)
			}
		})
	}
}

// The timeline of a deployment that is successful before three older tasks are gone, two of which are protected: until day 13, and until day 15.
func TestTheTimelineOfADeferredCleanup(t *testing.T) {
	early := EarlySuccess{Enabled: true, HealthyPercent: 50, Deferred: true}
	w := &world{desired: 3, bounds: Percentages{25, 200}, target: 2, revisions: []*simRevision{healthy(1, 3), empty(2)}}
	var lines []string
	state, succeeded, day := inProgress, time.Time{}, 24*time.Hour
	for tick, after := range []time.Duration{0, 0, 0, 0, 0, day, 13 * day, 13 * day, 13 * day, CleanupTime, CleanupTime + time.Second, 15 * day, 15 * day, 16 * day} {
		w.revisions[0].Protected = 0
		for _, until := range []time.Duration{13 * day, 15 * day} {
			if after < until {
				w.revisions[0].Protected++
			}
		}
		o, now := w.observe(), began.Add(after)
		o.KeepSources = state == successful && early.CleanupOver(succeeded, now)
		plan := Rolling(o)
		w.apply(plan)
		lines = append(lines, fmt.Sprintf("day %-2d %-11s %s", after/day, state, w.line(tick, plan)))
		if state == inProgress && early.Met(o) {
			state, succeeded = successful, now
		}
		w.tick()
	}
	golden(t, "early-success-deferred-cleanup", strings.Join(lines, "\n")+"\n")
}

func TestWhenADeferredCleanupIsOver(t *testing.T) {
	for name, tc := range map[string]struct {
		early EarlySuccess
		after time.Duration
		want  bool
	}{
		"not after two weeks to the second":  {EarlySuccess{Enabled: true, Deferred: true}, 14 * 24 * time.Hour, false},
		"but after that":                     {EarlySuccess{Enabled: true, Deferred: true}, 14*24*time.Hour + time.Second, true},
		"never where no success comes early": {EarlySuccess{}, 365 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.early.CleanupOver(began, began.Add(tc.after)); got != tc.want {
				t.Errorf("over: %t", got)
			}
		})
	}
}

func TestBakeTime(t *testing.T) {
	now := began.Add(time.Hour)
	for name, tc := range map[string]struct {
		bake Bake
		want bool
	}{
		"none":                 {Bake{}, true},
		"that begins":          {Bake{Time: time.Minute}, false},
		"that goes on":         {Bake{Time: time.Hour, Began: began.Add(time.Second)}, false},
		"that is over":         {Bake{Time: time.Hour, Began: began}, true},
		"that was made longer": {Bake{Time: 2 * time.Hour, Began: began}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.bake.Over(now); got != tc.want {
				t.Errorf("over: %t", got)
			}
		})
	}
}

func TestProtectedTasksStay(t *testing.T) {
	protected := func(r *simRevision, n int32) *simRevision {
		r.Protected = n
		return r
	}
	for name, tc := range map[string]struct {
		world *world
		want  map[int64]int32
	}{
		"of a source":                          {&world{desired: 3, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{protected(healthy(1, 3), 2), healthy(2, 3)}}, map[int64]int32{1: 2, 2: 3}},
		"while others of its kind go":          {&world{desired: 3, bounds: DefaultPercentages, target: 3, revisions: []*simRevision{protected(healthy(1, 1), 1), healthy(2, 1), healthy(3, 3)}}, map[int64]int32{1: 1, 2: 0, 3: 3}},
		"when fewer are desired":               {&world{desired: 1, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{protected(healthy(1, 4), 3)}}, map[int64]int32{1: 3}},
		"when fewer are desired, but not more": {&world{desired: 3, bounds: DefaultPercentages, target: 1, revisions: []*simRevision{protected(healthy(1, 4), 1)}}, map[int64]int32{1: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := Rolling(tc.world.observe())
			for ordinal, want := range tc.want {
				if plan.Wanted[ordinal] != want {
					t.Errorf("revision %d is to have %d tasks, want %d", ordinal, plan.Wanted[ordinal], want)
				}
			}
		})
	}
}
