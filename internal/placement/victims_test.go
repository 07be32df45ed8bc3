// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

const zoneAttribute = "ecs.availability-zone"

// in is an instance of a zone; "" is none.
func in(zone, name string) *Instance {
	i := &Instance{Name: name, Active: true, Facts: query.Instance{AgentConnected: true, Attributes: map[string]string{}}}
	if zone != "" {
		i.Facts.Attributes[zoneAttribute] = zone
	}
	return i
}

// healthy is a task that nothing is wrong with.
func healthy(name string, i *Instance, changes ...func(*Task)) Task {
	t := Task{Name: name, Instance: i, Running: true, Healthy: true, Needs: Resources{MilliCPU: 100, Memory: 100, Pods: 1}}
	for _, change := range changes {
		change(&t)
	}
	return t
}

func protected(t *Task) { t.Protected = true }
func leaving(t *Task)   { t.Leaving = true }
func starting(t *Task)  { t.Running, t.Healthy = false, false }
func unhealthy(t *Task) { t.Healthy = false }
func through(provider string) func(*Task) {
	return func(t *Task) { t.Provider = provider }
}

func named(tasks []Task, victims []int) string {
	var out []string
	for _, v := range victims {
		out = append(out, tasks[v].Name)
	}
	return strings.Join(out, " ")
}

func TestVictims(t *testing.T) {
	a1, a2, b1, b2, none := in("a", "a1"), in("a", "a2"), in("b", "b1"), in("b", "b2"), in("", "none")
	a1.Free, a2.Free, b1.Free = Resources{Memory: 500, MilliCPU: 10}, Resources{Memory: 450, MilliCPU: 20}, Resources{Memory: 300, MilliCPU: 30}
	zones := []Strategy{{Spread, "attribute:" + zoneAttribute}}
	for name, tc := range map[string]struct {
		tasks      []Task
		n          int
		strategies []Strategy
		shares     []Share
		want       string
	}{
		"those that leave, then have no place, don't run, aren't healthy, are well": {
			tasks: []Task{healthy("well", a1), healthy("ill", a1, unhealthy), healthy("starts", a1, starting), healthy("gated", nil, starting), healthy("leaves", a1, leaving)},
			n:     5, want: "leaves gated starts ill well",
		},
		"protected tasks never, even if all else is gone": {
			tasks: []Task{healthy("x", a1, protected, unhealthy), healthy("y", a1), healthy("z", nil, protected, starting, leaving)},
			n:     3, want: "y",
		},
		"without strategy, the zone with most and there the instance with most": {
			tasks: []Task{healthy("a1", a1), healthy("a2", a2), healthy("a1", a1), healthy("b1", b1), healthy("b1", b1, protected)},
			n:     1, want: "a1",
		},
		"protected and healthier tasks count for balance": {
			tasks: []Task{healthy("1", a1, unhealthy), healthy("2", b1, unhealthy), healthy("3", b1), healthy("4", b2, protected)},
			n:     2, strategies: zones, want: "2 1",
		},
		"each stop counts for the next": {
			tasks: []Task{healthy("a2", a2), healthy("b1", b1), healthy("b1", b1), healthy("b1", b1), healthy("b2", b2), healthy("b2", b2)},
			n:     2, want: "b1 b?", // of b, which has two more than a; then b1 and b2 have two each
		},
		"instances without the attribute are emptied first": {
			tasks: []Task{healthy("1", a1), healthy("2", a1), healthy("3", none)},
			n:     1, strategies: zones, want: "3",
		},
		"binpack takes from the instance that has the most left afterwards": {
			tasks: []Task{healthy("a1", a1), healthy("a2", a2), healthy("b1", b1), healthy("a2", a2)},
			n:     4, strategies: []Strategy{{Binpack, "memory"}}, want: "a1 a2 a2 b1",
		},
		"by cpu it is another": {
			tasks: []Task{healthy("1", a1), healthy("2", a2), healthy("3", b1)},
			n:     3, strategies: []Strategy{{Binpack, "cpu"}}, want: "3 2 1",
		},
		"a large task leaves more than a small one": {
			tasks: []Task{healthy("small", a1), healthy("large", a2, func(t *Task) { t.Needs.Memory = 200 })},
			n:     1, strategies: []Strategy{{Binpack, "memory"}}, want: "large",
		},
		"in the fullest zone binpack decides": {
			tasks: []Task{healthy("1", a1), healthy("2", a2), healthy("3", b1)},
			n:     1, strategies: append(slices.Clone(zones), Strategy{Binpack, "memory"}), want: "1",
		},
		"the provider that is most above its share": {
			tasks: []Task{healthy("spot", a1, through("spot")), healthy("spot", a1, through("spot")), healthy("base", a1, through("base")), healthy("base", a1, through("base"))},
			n:     3, shares: []Share{{Provider: "base", Base: 1, Weight: 1}, {Provider: "spot", Weight: 1}}, want: "spot spot base",
		},
		"never below the base while another has tasks": {
			tasks: []Task{healthy("base", a1, through("base")), healthy("base", a1, through("base")), healthy("spot", b1, through("spot"))},
			n:     3, shares: []Share{{Provider: "base", Base: 2}, {Provider: "spot", Weight: 1}}, want: "spot base base",
		},
		"a provider that the strategy has no more": {
			tasks: []Task{healthy("1", a1, through("old")), healthy("2", a1, through("new")), healthy("3", b1, through("new"))},
			n:     1, shares: []Share{{Provider: "new", Weight: 1}}, want: "1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := named(tc.tasks, Victims(tc.tasks, tc.n, tc.strategies, tc.shares, 1))
			if one, either := strings.CutSuffix(tc.want, "?"); either && strings.HasPrefix(got, one) {
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
