// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"maps"
	"slices"
)

// Move takes a task from one zone to another.
type Move struct{ From, To string }

// NextMove is the move that brings the tasks of a service nearer to balance over its zones: from the fullest to the emptiest, the first by
// name of equals. ok is false where they are balanced, which is when no two zones differ by more than 1. zones has the number of tasks in
// each zone that could have one, zones without any included.
//
// Moves that are made one after the other come to an end, take the least number of tasks that balance takes, and take none from a zone that
// was given one.
func NextMove(zones map[string]int) (from, to string, ok bool) {
	for i, zone := range slices.Sorted(maps.Keys(zones)) {
		if i == 0 || zones[zone] > zones[from] {
			from = zone
		}
		if i == 0 || zones[zone] < zones[to] {
			to = zone
		}
	}
	if zones[from]-zones[to] < 2 {
		return "", "", false
	}
	return from, to, true
}

// Rebalance is all the moves to balance, in their order.
func Rebalance(zones map[string]int) []Move {
	var out []Move
	zones = maps.Clone(zones)
	for {
		from, to, ok := NextMove(zones)
		if !ok {
			return out
		}
		zones[from]--
		zones[to]++
		out = append(out, Move{from, to})
	}
}
