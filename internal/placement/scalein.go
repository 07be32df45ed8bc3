// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"slices"
)

// scaleIn stops one task after the other. Tasks of one rank and provider that take the same room on one instance are alike but for their
// lots: they are a batch, and batches are the entries of a trie whose least key is what the strategies like least. What a stop changes are
// the batches on that instance, and the groups that it is in.
type scaleIn struct {
	tasks  []Task
	lots   []int64
	order  order
	byRank [ranks][]int
	// shared: providers matter; else all tasks are taken together.
	shared bool
	// placed counts the tasks that remain, by provider; there are the providers that have tasks of the rank to stop.
	placed map[string]int
	there  map[string]bool
	rank   map[string]*batches
	// counts are the tasks that remain, for each number of a key that belongs to an attribute, by the attribute's value.
	counts  []map[string]int64
	hosts   map[string]*host
	nowhere *host
}

// host is an instance, with what has come free of it.
type host struct {
	instance *Instance
	tasks    int64
	freed    Resources
	// batches are those of the rank that are there.
	batches []*batch
}

// batches are those of one rank and provider.
type batches struct {
	all   []*batch
	tasks int
	order order
	trie  *trie
	key   []int64
}

type batch struct {
	of    *batches
	entry int
	on    *host
	needs Resources
	tasks []int // in the order of their lots
}

func newScaleIn(tasks []Task, strategies []Strategy, shared bool, seed uint64) *scaleIn {
	if len(strategies) == 0 {
		strategies = DefaultOfServices
	}
	s := &scaleIn{
		tasks: tasks, lots: make([]int64, len(tasks)), order: newOrder(strategies), shared: shared,
		placed: map[string]int{}, hosts: map[string]*host{}, nowhere: &host{},
	}
	s.counts = make([]map[string]int64, s.order.length())
	for c := range s.counts {
		s.counts[c] = map[string]int64{}
	}
	for n, t := range tasks {
		s.lots[n] = lot(t, seed)
		s.placed[t.Provider]++
		on := s.host(t)
		on.tasks++
		s.count(on.instance, 1)
		if !t.Protected {
			rank := t.rank()
			s.byRank[rank] = append(s.byRank[rank], n)
		}
	}
	return s
}

func (s *scaleIn) host(t Task) *host {
	if t.Instance == nil {
		return s.nowhere
	}
	h := s.hosts[t.Instance.Name]
	if h == nil {
		h = &host{instance: t.Instance}
		s.hosts[t.Instance.Name] = h
	}
	return h
}

// count changes the counts of the groups that the instance is in.
func (s *scaleIn) count(i *Instance, more int64) {
	for c, by := range s.order.coordinates {
		if by.kind != byAttribute || i == nil {
			continue
		}
		value, ok := i.Facts.Attributes[by.attribute]
		if !ok {
			continue
		}
		s.counts[c][value] += more
		for _, b := range s.rank {
			b.number(c, value, s.counts[c][value])
		}
	}
}

// begin makes batches of the tasks of a rank.
func (s *scaleIn) begin(rank int) {
	s.there, s.rank = map[string]bool{}, map[string]*batches{}
	s.nowhere.batches = nil
	for _, h := range s.hosts {
		h.batches = nil
	}
	type alike struct {
		on          *host
		provider    string
		cpu, memory int64
	}
	found := map[alike]*batch{}
	slices.SortFunc(s.byRank[rank], func(a, b int) int { return cmp.Or(cmp.Compare(s.lots[a], s.lots[b]), cmp.Compare(a, b)) })
	for _, n := range s.byRank[rank] {
		t := s.tasks[n]
		key := alike{s.host(t), s.provider(t), t.Needs.MilliCPU, t.Needs.Memory}
		b := found[key]
		if b == nil {
			of := s.rank[key.provider]
			if of == nil {
				of = &batches{order: order{coordinates: s.order.coordinates}}
				s.rank[key.provider], s.there[key.provider] = of, true
			}
			b = &batch{of: of, entry: len(of.all), on: key.on, needs: t.Needs}
			found[key] = b
			of.all = append(of.all, b)
			key.on.batches = append(key.on.batches, b)
		}
		b.tasks = append(b.tasks, n)
		b.of.tasks++
	}
	for _, of := range s.rank {
		of.compete(s)
	}
}

// provider is what tasks are kept apart by.
func (s *scaleIn) provider(t Task) string {
	if !s.shared {
		return ""
	}
	return t.Provider
}

// compete makes the trie.
func (of *batches) compete(s *scaleIn) {
	instances := make([]*Instance, len(of.all))
	for e, b := range of.all {
		instances[e] = b.on.instance
	}
	levels := of.order.group(instances)
	for n, l := range levels {
		l.numbers[missing] = -unliked
		for value, group := range of.order.values[n] {
			l.numbers[group] = -s.counts[l.coordinate][value]
		}
	}
	of.key = make([]int64, of.order.length()+1) // the lot comes last
	of.trie = newTrie(len(of.all), len(of.key), levels)
	for _, b := range of.all {
		b.update(s.lots)
	}
	of.trie.begin()
}

// number changes that of a group, if there are batches of it.
func (of *batches) number(coordinate int, value string, count int64) {
	for n, l := range of.order.levels {
		if l.coordinate != coordinate {
			continue
		}
		if group, there := of.order.values[n][value]; there {
			of.trie.number(l, group, -count)
		}
	}
}

// update gives the batch the key of its next task.
func (b *batch) update(lots []int64) {
	key := b.of.key
	if len(b.tasks) == 0 {
		b.of.trie.set(b.entry, key, 0)
		return
	}
	for c, by := range b.of.order.coordinates {
		switch {
		case by.kind == byAttribute:
			key[c] = 0
		case b.on.instance == nil:
			key[c] = -unliked
		case by.kind == byInstance:
			key[c] = -b.on.tasks
		case by.kind == byCPU:
			key[c] = -(b.on.instance.Free.MilliCPU + b.on.freed.MilliCPU + b.needs.MilliCPU)
		case by.kind == byMemory:
			key[c] = -(b.on.instance.Free.Memory + b.on.freed.Memory + b.needs.Memory)
		}
	}
	key[len(key)-1] = lots[b.tasks[0]]
	b.of.trie.set(b.entry, key, 1)
}

// stop takes the task of the provider that is liked least.
func (s *scaleIn) stop(provider string) int {
	of := s.rank[provider]
	b := of.all[of.trie.pick(0)]
	victim := b.tasks[0]
	b.tasks = b.tasks[1:]
	if of.tasks--; of.tasks == 0 {
		delete(s.there, provider)
	}
	s.placed[s.tasks[victim].Provider]--
	b.on.tasks--
	b.on.freed.add(s.tasks[victim].Needs, 1)
	s.count(b.on.instance, -1)
	for _, other := range b.on.batches {
		other.update(s.lots)
	}
	return victim
}
