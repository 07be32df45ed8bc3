// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

// unliked is the number of tasks that an instance without the attribute is taken to have beside it: it is chosen when nothing else is left.
const unliked = int64(1) << 62

// index is what is known of the instances for one request.
type index struct {
	request *Request
	check   check
	order   order
	trie    *trie
	slots   []seen
	// reasons count the verdicts that aren't passed.
	reasons map[string]int
	refused *Refusal
	// last is the number of the last change that is in here.
	last uint64
	used uint64
	key  []int64
}

// seen is what was last found out about a slot.
type seen struct {
	verdict
	// tasks of the group.
	tasks int64
	// made says which instance it was, and fixed that it fails whatever runs there.
	made  uint32
	fixed bool
}

func newIndex(f *Fleet, r *Request) *index {
	n := len(f.slots)
	x := &index{
		request: r, check: newCheck(r), order: newOrder(r.Strategies), slots: make([]seen, n), reasons: map[string]int{},
	}
	x.key = make([]int64, x.order.length())
	levels := x.order.group(f.slots)
	for slot, i := range f.slots {
		s := &x.slots[slot]
		s.verdict = passed
		if i == nil {
			continue
		}
		x.inspect(f, slot)
		s.tasks = int64(i.Tasks[r.Group])
		for _, l := range levels {
			if group := l.groups[slot]; group != missing {
				l.numbers[group] += s.tasks
			}
		}
	}
	for _, l := range levels {
		l.numbers[missing] = unliked
	}
	x.trie = newTrie(n, x.order.length(), levels)
	for slot := range f.slots {
		x.look(f, slot)
	}
	x.trie.begin()
	x.last = f.forgotten + uint64(len(f.changes))
	return x
}

// follow looks at what changed. It reports false where an instance came that doesn't fit into the trie as it is.
func (x *index) follow(f *Fleet) bool {
	if len(x.slots) != len(f.slots) {
		return false
	}
	last := f.forgotten + uint64(len(f.changes))
	if x.last == last {
		return true
	}
	x.refused = nil
	if x.last < f.forgotten {
		for slot := range f.slots {
			if !x.look(f, slot) {
				return false
			}
		}
	} else {
		for _, slot := range f.changes[x.last-f.forgotten:] {
			if !x.look(f, int(slot)) {
				return false
			}
		}
	}
	x.last = last
	return true
}

// inspect asks what stays as it is whatever runs on the instance.
func (x *index) inspect(f *Fleet, slot int) {
	v := x.check.ofInstance(f.slots[slot])
	x.judge(slot, v)
	x.slots[slot].made, x.slots[slot].fixed = f.made[slot], v.reason != ""
}

// look makes true what is known of a slot.
func (x *index) look(f *Fleet, slot int) bool {
	i, s := f.slots[slot], &x.slots[slot]
	if i == nil {
		x.recount(slot, 0)
		x.judge(slot, passed)
		x.trie.set(slot, x.key, 0)
		return true
	}
	if s.made != f.made[slot] {
		if !x.order.same(i, slot) {
			return false
		}
		x.inspect(f, slot)
	}
	tasks := int64(i.Tasks[x.request.Group])
	x.recount(slot, tasks)
	if !s.fixed {
		x.judge(slot, x.check.ofTasks(i))
	}
	if s.reason != "" {
		x.trie.set(slot, x.key, 0)
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
	x.trie.set(slot, x.key, 1)
	return true
}

// recount changes the number of tasks on a slot, and with it those of its groups.
func (x *index) recount(slot int, tasks int64) {
	more := tasks - x.slots[slot].tasks
	if more == 0 {
		return
	}
	x.slots[slot].tasks = tasks
	for _, l := range x.order.levels {
		if group := l.groups[slot]; group != missing {
			x.trie.number(l, group, l.numbers[group]+more)
		}
	}
}

func (x *index) judge(slot int, v verdict) {
	if before := x.slots[slot]; before.reason != v.reason {
		if before.reason != "" {
			if x.reasons[before.reason]--; x.reasons[before.reason] == 0 {
				delete(x.reasons, before.reason)
			}
		}
		if v.reason != "" {
			x.reasons[v.reason]++
		}
	}
	x.slots[slot].verdict = v
}
