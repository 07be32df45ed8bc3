// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDaemon(t *testing.T) {
	two := Revision{Ordinal: 1, Running: 2, Healthy: 2}
	for name, tc := range map[string]struct {
		o    DaemonObservation
		most int32
		is   Progress
		why  string
	}{
		"nothing made yet":                   {DaemonObservation{Desired: 0, Bounds: DaemonPercentages}, 0, Moving, "on each container instance"},
		"no instance at all":                 {DaemonObservation{Observed: true, Bounds: DaemonPercentages}, 0, Complete, "each of 0"},
		"none yet, of some":                  {DaemonObservation{Observed: true, Choosing: true, Bounds: DaemonPercentages}, 0, Waiting, "has been chosen for the service yet"},
		"all are chosen":                     {DaemonObservation{Observed: true, Choosing: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Running: 2, Healthy: 2}}, 2, Complete, "each of 2"},
		"starting on two":                    {DaemonObservation{Observed: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Pending: 2}}, 2, Waiting, "0 of 2"},
		"on both":                            {DaemonObservation{Observed: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Running: 2, Healthy: 2}}, 2, Complete, "each of 2"},
		"one more, where an instance drains": {DaemonObservation{Observed: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Running: 3, Healthy: 3}}, 2, Complete, "each of 2"},
		"one more that starts":               {DaemonObservation{Observed: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Running: 2, Healthy: 2, Pending: 1}}, 2, Waiting, "2 of 2"},
		"half of the old are left":           {DaemonObservation{Observed: true, Desired: 4, Bounds: Percentages{50, 100}, Target: Revision{Running: 2, Healthy: 2}, Sources: []Revision{two}}, 2, Waiting, "2 have an older one"},
		"the minimum is rounded up":          {DaemonObservation{Observed: true, Desired: 3, Bounds: Percentages{50, 100}, Sources: []Revision{two}}, 1, Waiting, "0 of 3"},
		"50 % of 1 lets nothing move":        {DaemonObservation{Observed: true, Desired: 1, Bounds: Percentages{50, 100}, Sources: []Revision{{Running: 1, Healthy: 1}}}, 0, Blocked, "Lower minimumHealthyPercent"},
		"50 % of 1 lets a first start":       {DaemonObservation{Observed: true, Desired: 1, Bounds: Percentages{50, 100}, Target: Revision{Pending: 1}}, 0, Waiting, "0 of 1"},
		"an old one is still stopping":       {DaemonObservation{Observed: true, Desired: 1, Bounds: DaemonPercentages, Target: Revision{Running: 1, Healthy: 1}, Sources: []Revision{{Stopping: 1}}}, 1, Waiting, "1 have an older one"},
		"unhealthy ones are replaced":        {DaemonObservation{Observed: true, Desired: 2, Bounds: DaemonPercentages, Target: Revision{Ordinal: 1, Running: 2, Healthy: 1, Unhealthy: 1}}, 2, Moving, "1 of 2 tasks are unhealthy"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Daemon(tc.o)
			if got.MaxUnavailable != tc.most || got.Progress != tc.is || !strings.Contains(got.Why, tc.why) {
				t.Errorf("got %+v, want %d unavailable at most, %s, because of %q", got, tc.most, tc.is, tc.why)
			}
		})
	}
}

func TestADaemonReplacesUnhealthyTasksOneAtATime(t *testing.T) {
	unwell := Revision{Ordinal: 2, Running: 4, Healthy: 2, Unhealthy: 2}
	old := Revision{Ordinal: 1, Running: 1, Unhealthy: 1}
	for name, tc := range map[string]struct {
		o    DaemonObservation
		want int64
	}{
		"one of two":                                   {DaemonObservation{Observed: true, Target: unwell}, 2},
		"none while a task starts":                     {DaemonObservation{Observed: true, Target: Revision{Ordinal: 2, Pending: 1, Running: 3, Healthy: 2, Unhealthy: 1}}, 0},
		"none while one that runs isn't known yet":     {DaemonObservation{Observed: true, Target: Revision{Ordinal: 2, Running: 4, Healthy: 2, Unhealthy: 1}}, 0},
		"none while one stops":                         {DaemonObservation{Observed: true, Target: Revision{Ordinal: 2, Running: 3, Healthy: 2, Unhealthy: 1, Stopping: 1}}, 0},
		"none before the last one's place is taken":    {DaemonObservation{Observed: true, Desired: 5, Target: unwell}, 0},
		"none before the counts are those of the plan": {DaemonObservation{Target: unwell}, 0},
		"one of an older revision":                     {DaemonObservation{Observed: true, Target: Revision{Ordinal: 2, Running: 3, Healthy: 3}, Sources: []Revision{old}}, 1},
		"the target's own first":                       {DaemonObservation{Observed: true, Target: unwell, Sources: []Revision{old}}, 2},
		"none where all are well":                      {DaemonObservation{Observed: true, Target: Revision{Ordinal: 2, Running: 3, Healthy: 3}}, 0},
		"also where no healthy one could be spared":    {DaemonObservation{Observed: true, Desired: 4, Bounds: Percentages{100, 100}, Target: unwell}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Daemon(tc.o).Replace; got != tc.want {
				t.Errorf("got revision %d, want %d", got, tc.want)
			}
		})
	}
}

func TestADaemonNeverGoesBelowItsMinimum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := DaemonObservation{
			Desired: rapid.Int32Range(0, 5000).Draw(t, "instances"), Observed: true,
			Bounds: Percentages{MinimumHealthy: rapid.Int32Range(0, 100).Draw(t, "minimumHealthyPercent"), Maximum: 100},
		}
		if left := o.Desired - Daemon(o).MaxUnavailable; int64(left)*100 < int64(o.Desired)*int64(o.Bounds.MinimumHealthy) {
			t.Fatalf("%d of %d may be left", left, o.Desired)
		}
	})
}
