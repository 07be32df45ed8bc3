// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNextMove(t *testing.T) {
	for name, tc := range map[string]struct {
		zones map[string]int
		want  []Move
	}{
		"no zones":                            {nil, nil},
		"one zone":                            {map[string]int{"a": 9}, nil},
		"a difference of 1 is balance":        {map[string]int{"a": 2, "b": 1, "c": 1}, nil},
		"an empty zone gets its share":        {map[string]int{"a": 2, "b": 2, "c": 0}, []Move{{"a", "c"}}},
		"fewer tasks than zones":              {map[string]int{"a": 2, "b": 0, "c": 0}, []Move{{"a", "b"}}},
		"from the fullest to the emptiest":    {map[string]int{"a": 3, "b": 6, "c": 0}, []Move{{"b", "c"}, {"b", "c"}, {"b", "c"}}},
		"the first by name of equals":         {map[string]int{"a": 4, "b": 4, "c": 1, "d": 1}, []Move{{"a", "c"}, {"b", "d"}}},
		"a zone that has its share has peace": {map[string]int{"a": 3, "b": 3, "c": 3, "d": 1}, []Move{{"a", "d"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Rebalance(tc.zones)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// fewest is how many tasks have to move: the largest zones keep the remainder, and what each has above that is too much.
func fewest(zones map[string]int) int {
	counts := slices.Sorted(maps.Values(zones))
	slices.Reverse(counts)
	all, out := 0, 0
	for _, n := range counts {
		all += n
	}
	for i, n := range counts {
		share := all / len(counts)
		if i < all%len(counts) {
			share++
		}
		out += max(0, n-share)
	}
	return out
}

func TestMovesEndTakeTheFewestAndMoveNothingTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones := rapid.MapOf(rapid.StringMatching("[a-f]"), rapid.IntRange(0, 40)).Draw(t, "zones")
		before := maps.Clone(zones)
		gave, got := map[string]bool{}, map[string]bool{}
		moves := 0
		for {
			from, to, ok := NextMove(zones)
			if !ok {
				break
			}
			if moves++; moves > fewest(before) {
				t.Fatalf("more than %d moves", fewest(before))
			}
			zones[from]--
			zones[to]++
			gave[from], got[to] = true, true
			if gave[to] || got[from] {
				t.Fatalf("%s or %s both gave and got", from, to)
			}
		}
		if moves != fewest(before) {
			t.Fatalf("%d moves, want %d", moves, fewest(before))
		}
		counts := slices.Collect(maps.Values(zones))
		if len(counts) > 0 && slices.Max(counts)-slices.Min(counts) > 1 {
			t.Fatalf("not balanced: %v", zones)
		}
	})
}
