// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func unstarted(id string) Failure   { return Failure{ID: id, Start: true, CreatedAt: began} }
func failsChecks(id string) Failure { return Failure{ID: id, CreatedAt: began} }

func sight(healthy int32, failed ...Failure) Sighting {
	s := Sighting{Healthy: healthy, Running: healthy > 0, Failed: failed, Newest: began, Now: began}
	for _, f := range failed {
		s.Present = append(s.Present, f.ID)
	}
	return s
}

func TestWhichFailedTasksCount(t *testing.T) {
	running := Sighting{Running: true, Now: began}
	for name, tc := range map[string]struct {
		reset bool
		looks []Sighting
		// want are failedTasks and the breaker's failureCount.
		want [2]int32
	}{
		"none":                                       {true, []Sighting{sight(0)}, [2]int32{0, 0}},
		"tasks that can't start":                     {true, []Sighting{sight(0, unstarted("a"), unstarted("b"))}, [2]int32{2, 2}},
		"each once, as long as its pod is there":     {true, []Sighting{sight(0, unstarted("a")), sight(0, unstarted("a")), sight(0, unstarted("a"), unstarted("b"))}, [2]int32{2, 2}},
		"once one runs, those before don't count":    {true, []Sighting{sight(0, unstarted("a")), running}, [2]int32{1, 0}},
		"once one runs, those that can't start":      {true, []Sighting{running, sight(0, unstarted("a"))}, [2]int32{1, 0}},
		"before one runs, health can't fail":         {true, []Sighting{sight(0, failsChecks("a"))}, [2]int32{1, 0}},
		"once one runs, those that fail checks":      {true, []Sighting{running, sight(0, failsChecks("a")), sight(0, failsChecks("b"))}, [2]int32{2, 2}},
		"a healthy task resets the count":            {true, []Sighting{running, sight(0, failsChecks("a")), sight(1)}, [2]int32{1, 0}},
		"and one that stays healthy doesn't":         {true, []Sighting{sight(1), sight(1, failsChecks("a")), sight(1, failsChecks("b"))}, [2]int32{2, 2}},
		"a second one that becomes so does":          {true, []Sighting{sight(1), sight(1, failsChecks("a")), sight(2, failsChecks("b"))}, [2]int32{2, 1}},
		"nothing is reset where it isn't to be":      {false, []Sighting{sight(1), sight(1, failsChecks("a")), sight(2), sight(2, failsChecks("b"))}, [2]int32{2, 2}},
		"the first that runs starts over, even then": {false, []Sighting{sight(0, unstarted("a")), sight(1)}, [2]int32{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			var tally Tally
			for _, s := range tc.looks {
				tally = tally.After(s, tc.reset)
			}
			if got := [2]int32{tally.Failed, tally.Failures}; got != tc.want {
				t.Errorf("%d failed and %d of them count, want %v", got[0], got[1], tc.want)
			}
		})
	}
}

func TestATaskThatRecoversAndFailsAgainFailedOnce(t *testing.T) {
	there := Sighting{Running: true, Present: []string{"a"}, Now: began}
	tally := Tally{}.After(there, false).After(sight(1, failsChecks("a")), false).After(there, false).After(sight(1, failsChecks("a")), false)
	if tally.Failed != 1 {
		t.Errorf("%d tasks failed, want 1", tally.Failed)
	}
}

// The operator's clock is an hour behind that of the apiserver here: only launches are compared with launches.
func TestPausesBetweenLaunchesGrow(t *testing.T) {
	var tally Tally
	var pauses []time.Duration
	now := began
	for i := range 11 {
		launched := now
		now = now.Add(2 * time.Second)
		tally = tally.After(Sighting{Now: now.Add(-time.Hour), Newest: launched, Present: []string{strconv.Itoa(i)}, Failed: []Failure{{ID: strconv.Itoa(i), Start: true, CreatedAt: launched}}}, true)
		pauses = append(pauses, tally.RetryAt().Sub(now.Add(-time.Hour)))
		now = tally.RetryAt().Add(time.Hour + time.Second)
	}
	want := []time.Duration{0, 20, 40, 80, 160, 320, 640, 1280, 27 * 60, 27 * 60, 27 * 60}
	for i := range want {
		want[i] *= time.Second
	}
	if diff := cmp.Diff(want, pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	tally = tally.After(Sighting{Now: now, Running: true, NewestRan: now}, true)
	if tally.Tries != 0 {
		t.Errorf("after a task that runs there are %d tries in a row", tally.Tries)
	}
}

func TestTasksOfOneRoundAreOneTry(t *testing.T) {
	var failed []Failure
	for i := range 100 {
		failed = append(failed, unstarted(strconv.Itoa(i)))
	}
	first := sight(0, failed[:50]...)
	first.Now = began.Add(time.Second)
	second := sight(0, failed...)
	second.Now = began.Add(15 * time.Second)
	tally := Tally{}.After(first, true).After(second, true)
	if tally.Failed != 100 || tally.Tries != 1 || !tally.TriedAt.Equal(first.Now) {
		t.Errorf("%d failed in %d tries, the last at %s", tally.Failed, tally.Tries, tally.TriedAt)
	}
}

// Looks may be missed and repeated as they please: a task that was ever seen as failed has been counted exactly once.
func TestEachFailedTaskIsCountedOnce(t *testing.T) {
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 1))
		var tally Tally
		seen, next, there := map[string]bool{}, 0, []Failure(nil)
		for range 60 {
			switch dice.IntN(3) {
			case 0:
				there = append(there, Failure{ID: strconv.Itoa(next), Start: dice.IntN(2) == 0, CreatedAt: began})
				next++
			case 1:
				if len(there) > 0 {
					there = slices.Delete(there, 0, 1)
				}
			case 2:
				s := sight(int32(dice.IntN(3)), there...)
				for _, f := range there {
					seen[f.ID] = true
				}
				tally = tally.After(s, dice.IntN(2) == 0)
				if again := tally.After(s, true); again.Failed != tally.Failed {
					t.Fatalf("seed %d: a second look at the same counts %d, the first %d", seed, again.Failed, tally.Failed)
				}
			}
		}
		if int(tally.Failed) != len(seen) {
			t.Fatalf("seed %d: %d counted of %d", seed, tally.Failed, len(seen))
		}
		if tally.Failures > tally.Failed {
			t.Fatalf("seed %d: the breaker counts %d of %d", seed, tally.Failures, tally.Failed)
		}
	}
}
