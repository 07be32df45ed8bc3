// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"slices"
)

// trie orders entries by keys in which some numbers belong to a group of entries, such as the tasks in a zone, and change for all of it.
//
// Narrowing by one strategy after the other is choosing the least key, when the numbers of the key are what the strategies look at, in their
// order. An entry's place in the trie says what groups it is in, the ones with the fewest groups above; at the leaves is a tournament of
// entries, and at each node above one of the groups below it. Within a node the numbers of the groups above are the same for all, so its
// best entries are known without them; they are filled in on the way up. So a group's number changes at as many nodes as it has been
// split over by coarser groups: one, for most.
type trie struct {
	length int // of keys
	levels []*level
	root   *node
	leaves []*node // by entry
	places []int32 // of the entry in its leaf
	buffer []int64
	// ready: all entries have been set once. Until then nothing rises.
	ready bool
}

// level is a way to group entries.
type level struct {
	// coordinate is the number in the keys that belongs to the group.
	coordinate int
	// groups is the group of each entry.
	groups []int32
	// numbers and nodes are by group.
	numbers []int64
	nodes   [][]*node
}

type node struct {
	tournament
	parent   *node
	place    int   // in the parent
	group    int32 // of the parent's level
	level    *level
	children []*node
	entries  []int32 // of a leaf
}

// newTrie makes a trie in which no entry takes part so far. Each may be set once before begin.
func newTrie(entries, length int, levels []*level) *trie {
	t := &trie{length: length, levels: slices.Clone(levels), leaves: make([]*node, entries), places: make([]int32, entries), buffer: make([]int64, length)}
	slices.SortStableFunc(t.levels, func(a, b *level) int { return cmp.Compare(len(a.numbers), len(b.numbers)) })
	for _, l := range levels {
		l.nodes = make([][]*node, len(l.numbers))
	}
	all := make([]int32, entries)
	for e := range all {
		all[e] = int32(e)
	}
	t.root = t.build(all, t.levels)
	return t
}

func (t *trie) build(entries []int32, levels []*level) *node {
	if len(levels) == 0 {
		leaf := &node{tournament: newTournament(len(entries), t.length), entries: entries}
		for place, e := range entries {
			t.leaves[e], t.places[e] = leaf, int32(place)
		}
		return leaf
	}
	l := levels[0]
	n := &node{level: l}
	slices.SortStableFunc(entries, func(a, b int32) int { return cmp.Compare(l.groups[a], l.groups[b]) })
	for len(entries) > 0 {
		group, end := l.groups[entries[0]], 1
		for end < len(entries) && l.groups[entries[end]] == group {
			end++
		}
		child := t.build(entries[:end:end], levels[1:])
		child.parent, child.place, child.group = n, len(n.children), group
		n.children = append(n.children, child)
		l.nodes[group] = append(l.nodes[group], child)
		entries = entries[end:]
	}
	n.tournament = newTournament(len(n.children), t.length)
	return n
}

// set gives the entry a key, in which the numbers of groups are left 0; it counts as that many, and 0 takes it out.
func (t *trie) set(entry int, key []int64, count int32) {
	leaf, place := t.leaves[entry], int(t.places[entry])
	if !t.ready {
		leaf.enter(place, key, count)
		return
	}
	if leaf.set(place, key, count) {
		t.rise(leaf)
	}
}

// begin lets the entries compete.
func (t *trie) begin() {
	t.ready = true
	t.settle(t.root)
}

// settle finds what is best in n.
func (t *trie) settle(n *node) {
	for place, child := range n.children {
		t.settle(child)
		key, best := child.winner()
		copy(t.buffer, key)
		t.buffer[n.level.coordinate] = n.level.numbers[child.group]
		n.enter(place, t.buffer, best)
	}
	n.playAll()
}

// number changes the number of a group.
func (t *trie) number(l *level, group int32, number int64) {
	if l.numbers[group] == number {
		return
	}
	l.numbers[group] = number
	if !t.ready {
		return
	}
	for _, n := range l.nodes[group] {
		t.rise(n)
	}
}

// rise tells the nodes above what is best in n now.
func (t *trie) rise(n *node) {
	for p := n.parent; p != nil; n, p = p, p.parent {
		key, best := n.winner()
		copy(t.buffer, key)
		t.buffer[p.level.coordinate] = p.level.numbers[n.group]
		if !p.set(n.place, t.buffer, best) {
			return
		}
	}
}

// best is how many there are to choose from.
func (t *trie) best() int32 {
	_, best := t.root.winner()
	return best
}

// pick is the entry with the number-th of the best.
func (t *trie) pick(number int32) (entry int) {
	n := t.root
	for n.level != nil {
		var place int
		place, number = n.pick(number)
		n = n.children[place]
	}
	place, _ := n.pick(number)
	return int(n.entries[place])
}
