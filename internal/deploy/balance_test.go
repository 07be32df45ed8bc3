// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRebalance(t *testing.T) {
	zones := func(a, b int) Zones {
		return Zones{Tasks: map[string]int{"a": a, "b": b}, Instances: map[string]int{"a": 1, "b": 1}, Desired: int32(a + b)}
	}
	first := Rebalance(zones(3, 1), 1)
	if len(first.Moves) != 1 || first.Moves[0].From != "a" || first.Moves[0].To != "b" || first.GivenUp {
		t.Fatalf("one task goes from a to b: %+v", first)
	}
	for name, tc := range map[string]struct {
		zones       Zones
		memory      string
		moves       int
		even, given bool
	}{
		"even zones":                                {zones(2, 2), "", 0, true, false},
		"zones that differ by one":                  {zones(3, 2), "", 0, true, false},
		"as uneven as before: it was tried":         {zones(3, 1), first.Memory, 0, false, true},
		"given up":                                  {zones(3, 1), GiveUp(first.Memory), 0, false, true},
		"more uneven than before, for other causes": {zones(4, 0), first.Memory, 0, false, true},
		"another count":                             {zones(4, 1), first.Memory, 1, false, false},
		"even again, what was remembered is gone":   {zones(2, 2), first.Memory, 0, true, false},
		"a memory that a person wrote":              {zones(3, 1), "never", 1, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			z := tc.zones
			z.Memory = tc.memory
			if name == "more uneven than before, for other causes" {
				z.Desired = 4
			}
			got := Rebalance(z, 1)
			if len(got.Moves) != tc.moves || got.Even != tc.even || got.GivenUp != tc.given {
				t.Errorf("%+v", got)
			}
		})
	}
	more := zones(3, 1)
	more.Memory, more.Instances["b"] = GiveUp(first.Memory), 2
	if got := Rebalance(more, 1); len(got.Moves) != 1 {
		t.Errorf("an instance more is another cause: %+v", got)
	}
}

func drawZones(t *rapid.T) Zones {
	z := Zones{Tasks: map[string]int{}, Instances: map[string]int{}}
	for i := range rapid.IntRange(1, 5).Draw(t, "zones") {
		zone := string(rune('a' + i))
		z.Tasks[zone] = rapid.IntRange(0, 15).Draw(t, "tasks")
		z.Instances[zone] = rapid.IntRange(1, 3).Draw(t, "instances")
		z.Desired += int32(z.Tasks[zone])
	}
	return z
}

// Wherever new tasks land, moving comes to an end, and then nothing moves.
func TestRebalancingComesToRestWhereverTasksLand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := drawZones(t)
		obedient := rapid.Bool().Draw(t, "tasks land where they should")
		most := rapid.IntRange(1, 3).Draw(t, "at a time")
		names := slices.Sorted(maps.Keys(z.Tasks))
		limit, moved := z.uneven()+2, 0
		for range limit {
			b := Rebalance(z, most)
			if len(b.Moves) == 0 {
				z.Memory = b.Memory
				if again := Rebalance(z, most); len(again.Moves) > 0 || again.Memory != b.Memory {
					t.Fatalf("it doesn't rest: %+v", again)
				}
				if obedient && !b.Even {
					t.Fatalf("tasks land where they should, and the zones aren't even: %v", z.Tasks)
				}
				return
			}
			z.Memory = b.Memory
			for _, m := range b.Moves {
				to := m.To
				if !obedient {
					to = rapid.SampledFrom(names).Draw(t, "lands in")
				}
				z.Tasks[m.From]--
				z.Tasks[to]++
				moved++
			}
		}
		t.Fatalf("%d tasks were moved, and it goes on: %v", moved, z.Tasks)
	})
}

func TestMostRelocated(t *testing.T) {
	for name, tc := range map[string]struct {
		bounds  Percentages
		desired int32
		want    int
	}{
		"one of few":                     {DefaultPercentages, 4, 1},
		"a tenth of many":                {DefaultPercentages, 50, 5},
		"no more than there is room for": {Percentages{100, 104}, 50, 2},
		"none without room":              {Percentages{100, 125}, 3, 0},
		"none of none":                   {DefaultPercentages, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.bounds.MostRelocated(tc.desired); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestGivingUpIsRememberedOnce(t *testing.T) {
	memory := GiveUp("12ab.10")
	if GiveUp(memory) != memory || strings.Count(memory, GivenUp) != 1 || GiveUp("") != "" {
		t.Error(memory)
	}
}
