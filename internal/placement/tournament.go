// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import "slices"

// tournament finds the entries with the least key among many. Each match is a node of a binary tree that keeps the lesser key of its two
// sides, and how many entries have it: so a key changes in a logarithm of steps, and an even choice among all the best costs as many.
//
// Keys are lists of numbers, all of one length, compared one after the other.
type tournament struct {
	length int // of keys
	// entries is how many there are. Node 1 is the root, i has 2i and 2i+1 under it, and entries are the nodes from here on.
	entries int
	// nodes have, one after the other, how many entries under the node have its key, 0 where none takes part; and the key.
	nodes []int64
}

func newTournament(entries, length int) tournament {
	return tournament{length: length, entries: entries, nodes: make([]int64, 2*entries*(length+1))}
}

func (t *tournament) best(node int) int32 { return int32(t.nodes[node*(t.length+1)]) }

func (t *tournament) key(node int) []int64 {
	from := node*(t.length+1) + 1
	return t.nodes[from : from+t.length]
}

// winner is the least key, and how many have it.
func (t *tournament) winner() (key []int64, best int32) {
	if t.entries == 0 {
		return nil, 0
	}
	return t.key(1), t.best(1)
}

// set gives an entry a key, which counts as that many; 0 takes it out. It reports whether the winner changed.
func (t *tournament) set(entry int, key []int64, best int32) bool {
	node := t.entries + entry
	changed := t.put(node, key, best)
	for node >>= 1; changed && node >= 1; node >>= 1 {
		changed = t.play(node)
	}
	return changed
}

// enter gives an entry a key before any match is played.
func (t *tournament) enter(entry int, key []int64, best int32) { t.put(t.entries+entry, key, best) }

// playAll finds the winner when all have entered.
func (t *tournament) playAll() {
	for node := t.entries - 1; node >= 1; node-- {
		t.play(node)
	}
}

// play decides one match.
func (t *tournament) play(node int) (changed bool) {
	left, right := 2*node, 2*node+1
	switch c := t.compare(left, right); {
	case c < 0:
		return t.put(node, t.key(left), t.best(left))
	case c > 0:
		return t.put(node, t.key(right), t.best(right))
	}
	return t.put(node, t.key(left), t.best(left)+t.best(right))
}

func (t *tournament) put(node int, key []int64, best int32) (changed bool) {
	if t.best(node) == best && (best == 0 || slices.Equal(t.key(node), key)) {
		return false
	}
	copy(t.key(node), key)
	t.nodes[node*(t.length+1)] = int64(best)
	return true
}

// compare orders two nodes; one without entries comes last.
func (t *tournament) compare(a, b int) int {
	switch {
	case t.best(a) == 0 && t.best(b) == 0:
		return 0
	case t.best(b) == 0:
		return -1
	case t.best(a) == 0:
		return 1
	}
	return slices.Compare(t.key(a), t.key(b))
}

// pick is the entry that has the number-th of the best, counted from 0, and which of those that it counts as.
func (t *tournament) pick(number int32) (entry int, rest int32) {
	node := 1
	for node < t.entries {
		node *= 2
		if t.compare(node, node+1) > 0 {
			node++
			continue
		}
		if t.compare(node, node+1) == 0 && number >= t.best(node) {
			number -= t.best(node)
			node++
		}
	}
	return node - t.entries, number
}
