// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"slices"
)

// unliked is the number of tasks that an instance without the attribute is taken to have beside it: it is chosen when nothing else is left.
const unliked = int64(1) << 62

// index is what is known of the instances for one request.
type index struct {
	request *Request
	check   check
	order   order
	trie    *trie
	// counts are the tasks of the group that were last seen on each slot, made which instance it was, and fixed and verdicts what was found.
	counts   []int64
	made     []uint32
	fixed    []verdict
	verdicts []verdict
	// reasons count the verdicts that aren't passed.
	reasons map[string]int
	refused *Refusal
	// seen is the number of the last change that is in here.
	seen uint64
	used uint64
	key  []int64
}

func newIndex(f *Fleet, r *Request) *index {
	n := len(f.slots)
	x := &index{
		request: r, check: newCheck(r), order: newOrder(r.Strategies), counts: make([]int64, n),
		made: slices.Clone(f.made), fixed: make([]verdict, n), verdicts: make([]verdict, n), reasons: map[string]int{},
	}
	x.key = make([]int64, x.order.length())
	instances := make([]*Instance, n)
	copy(instances, f.slots)
	levels := x.order.group(instances)
	for slot, i := range f.slots {
		x.verdicts[slot] = passed
		if i == nil {
			continue
		}
		x.fixed[slot] = x.check.ofInstance(i)
		x.counts[slot] = int64(i.Tasks[r.Group])
		for _, l := range levels {
			if group := l.groups[slot]; group != missing {
				l.numbers[group] += x.counts[slot]
			}
		}
	}
	for _, l := range levels {
		l.numbers[missing] = unliked
	}
	x.trie = newTrie(n, x.order.length(), levels)
	for slot := range f.slots {
		x.look(f, int32(slot))
	}
	x.seen = f.forgotten + uint64(len(f.changes))
	return x
}

// follow looks at what changed. It reports false where an instance came that doesn't fit into the trie as it is.
func (x *index) follow(f *Fleet) bool {
	if len(x.made) != len(f.slots) {
		return false
	}
	last := f.forgotten + uint64(len(f.changes))
	if x.seen == last {
		return true
	}
	x.refused = nil
	if x.seen < f.forgotten {
		for slot := range f.slots {
			if !x.look(f, int32(slot)) {
				return false
			}
		}
	} else {
		for _, slot := range f.changes[x.seen-f.forgotten:] {
			if !x.look(f, slot) {
				return false
			}
		}
	}
	x.seen = last
	return true
}

// look makes true what is known of a slot.
func (x *index) look(f *Fleet, slot int32) bool {
	i := f.slots[slot]
	if i == nil {
		x.recount(slot, 0)
		x.judge(slot, passed)
		x.trie.set(int(slot), x.key, 0)
		return true
	}
	if x.made[slot] != f.made[slot] {
		if !x.order.same(i, int(slot)) {
			return false
		}
		x.made[slot], x.fixed[slot] = f.made[slot], x.check.ofInstance(i)
	}
	tasks := int64(i.Tasks[x.request.Group])
	x.recount(slot, tasks)
	v := x.fixed[slot]
	if v.reason == "" {
		v = x.check.ofTasks(i)
	}
	x.judge(slot, v)
	if v.reason != "" {
		x.trie.set(int(slot), x.key, 0)
		return true
	}
	for c, by := range x.order.coordinates {
		switch by.kind {
		case byInstance:
			x.key[c] = tasks
		case byCPU:
			x.key[c] = i.Free.MilliCPU
		case byMemory:
			x.key[c] = i.Free.Memory
		case byAttribute:
			x.key[c] = 0
		}
	}
	x.trie.set(int(slot), x.key, 1)
	return true
}

// recount changes the number of tasks on a slot, and with it those of its groups.
func (x *index) recount(slot int32, tasks int64) {
	more := tasks - x.counts[slot]
	if more == 0 {
		return
	}
	x.counts[slot] = tasks
	for _, l := range x.order.levels {
		if group := l.groups[slot]; group != missing {
			x.trie.number(l, group, l.numbers[group]+more)
		}
	}
}

func (x *index) judge(slot int32, v verdict) {
	if before := x.verdicts[slot]; before.reason != v.reason {
		if before.reason != "" {
			if x.reasons[before.reason]--; x.reasons[before.reason] == 0 {
				delete(x.reasons, before.reason)
			}
		}
		if v.reason != "" {
			x.reasons[v.reason]++
		}
	}
	x.verdicts[slot] = v
}
