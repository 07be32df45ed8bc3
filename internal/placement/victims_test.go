// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

func drawTasks(t *rapid.T) []Task {
	var instances []*Instance
	for n := range rapid.IntRange(1, 8).Draw(t, "instances") {
		i := in(rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "zone"), fmt.Sprint("i", n))
		i.Facts.Attributes["rack"] = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "rack")
		i.Free = Resources{MilliCPU: int64(rapid.IntRange(0, 5).Draw(t, "cpu")), Memory: int64(rapid.IntRange(-1, 5).Draw(t, "memory"))}
		instances = append(instances, i)
	}
	var tasks []Task
	for n := range rapid.IntRange(0, 30).Draw(t, "tasks") {
		task := Task{
			Name: fmt.Sprint("t", n), Provider: rapid.SampledFrom([]string{"p", "q", "r", ""}).Draw(t, "provider"),
			Needs:     Resources{MilliCPU: 1, Memory: int64(rapid.IntRange(1, 2).Draw(t, "needs")), Pods: 1},
			Protected: rapid.IntRange(0, 7).Draw(t, "protected") == 7, Leaving: rapid.IntRange(0, 7).Draw(t, "leaving") == 7,
			Running: rapid.IntRange(0, 3).Draw(t, "running") > 0, Healthy: rapid.IntRange(0, 3).Draw(t, "healthy") > 0,
		}
		if rapid.IntRange(0, 9).Draw(t, "there") > 0 {
			task.Instance = rapid.SampledFrom(instances).Draw(t, "instance")
		}
		tasks = append(tasks, task)
	}
	return tasks
}

var sharesToDraw = [][]Share{nil, nil, {{Provider: "p", Weight: 1}}, {{Provider: "p", Base: 3, Weight: 1}, {Provider: "q", Weight: 2}}, {{Provider: "p", Base: 5}, {Provider: "q", Weight: 1}, {Provider: "r", Weight: 1}}}

func drawStrategies(t *rapid.T) []Strategy {
	return rapid.SliceOfN(rapid.SampledFrom([]Strategy{overZones, {Spread, "attribute:rack"}, overInstances, packMemory, {Binpack, "cpu"}, {Type: Random}}), 0, 4).Draw(t, "strategies")
}

func TestVictimsAreThoseFoundByLookingAtAllTasksForEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks, n := drawTasks(t), rapid.IntRange(0, 32).Draw(t, "n")
		strategies, shares, seed := drawStrategies(t), rapid.SampledFrom(sharesToDraw).Draw(t, "shares"), rapid.Uint64().Draw(t, "seed")
		want := obviousVictims(tasks, n, strategies, shares, seed)
		if diff := cmp.Diff(named(tasks, want), named(tasks, Victims(tasks, n, strategies, shares, seed))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestVictimsAreTheSameInWhateverOrderTasksComeAndTheFirstOfMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks := drawTasks(t)
		strategies, shares, seed := drawStrategies(t), rapid.SampledFrom(sharesToDraw).Draw(t, "shares"), rapid.Uint64().Draw(t, "seed")
		all := Victims(tasks, len(tasks), strategies, shares, seed)
		shuffled := rapid.Permutation(tasks).Draw(t, "order")
		if diff := cmp.Diff(named(tasks, all), named(shuffled, Victims(shuffled, len(tasks), strategies, shares, seed))); diff != "" {
			t.Fatal(diff)
		}
		n := rapid.IntRange(0, len(all)).Draw(t, "n")
		if diff := cmp.Diff(named(tasks, all[:n]), named(tasks, Victims(tasks, n, strategies, shares, seed))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What remains of healthy tasks is as balanced as it was, or within 1.
func TestScaleInKeepsTheBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tasks []Task
		for n := range rapid.IntRange(1, 60).Draw(t, "tasks") {
			zone := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "zone")
			tasks = append(tasks, healthy(strconv.Itoa(n), in(zone, zone+strconv.Itoa(rapid.IntRange(0, 4).Draw(t, "instance")))))
		}
		n := rapid.IntRange(0, len(tasks)).Draw(t, "n")
		gone := Victims(tasks, n, nil, nil, 1)
		if len(gone) != n {
			t.Fatalf("%d of %d went", len(gone), n)
		}
		before, after := map[string]int{}, map[string]int{}
		for i, task := range tasks {
			before[task.Instance.Facts.Attributes[zoneAttribute]]++
			if !slices.Contains(gone, i) {
				after[task.Instance.Facts.Attributes[zoneAttribute]]++
			}
		}
		for zone, n := range after {
			if n > 0 && before[zone] != n && slices.Max(slices.Collect(maps.Values(after)))-n > 1 {
				t.Fatalf("zone %s gave up to %d of %v, from %v", zone, n, after, before)
			}
		}
	})
}
