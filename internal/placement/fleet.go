// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"maps"
	"slices"
)

// Fleet is the instances of a cluster. What is found out about them for a [Request] is kept, and made true again for instances that have
// changed: so an Instance of a Fleet is changed by the Fleet's methods only, or else [Fleet.Update] is told.
type Fleet struct {
	instances []*Instance // by name
	byName    map[string]*Instance
	// slots have the instances in no order; nil is free for the next. Indexes know instances by their slot.
	slots []*Instance
	// made counts, for each slot, how often it got an instance or one that Update was told of.
	made []uint32
	// changes are the slots of instances that changed, from change number forgotten on.
	changes   []int32
	forgotten uint64
	indexes   map[*Request]*index
	uses      uint64
	drawn     uint64
}

// NewFleet takes instances of different names, which are the Fleet's from then on.
func NewFleet(instances []*Instance) *Fleet {
	f := &Fleet{
		instances: slices.Clone(instances), byName: make(map[string]*Instance, len(instances)),
		made: make([]uint32, len(instances)), indexes: map[*Request]*index{},
	}
	slices.SortFunc(f.instances, byName)
	f.slots = slices.Clone(f.instances)
	for slot, i := range f.slots {
		f.byName[i.Name], i.slot = i, int32(slot)
		i.count()
	}
	return f
}

func byName(a, b *Instance) int { return cmp.Compare(a.Name, b.Name) }

// Instances are all, by name. They are only to be read.
func (f *Fleet) Instances() []*Instance { return f.instances }

// Instance is the one of that name, nil where there is none.
func (f *Fleet) Instance(name string) *Instance { return f.byName[name] }

// Add takes an instance, in place of the one of that name if there is one.
func (f *Fleet) Add(i *Instance) {
	f.Remove(i.Name)
	slot := slices.Index(f.slots, nil)
	if slot < 0 {
		slot = len(f.slots)
		f.slots, f.made = append(f.slots, nil), append(f.made, 0)
	}
	at, _ := slices.BinarySearchFunc(f.instances, i, byName)
	f.instances = slices.Insert(f.instances, at, i)
	f.slots[slot], f.byName[i.Name], i.slot = i, i, int32(slot)
	f.Update(i)
}

// Remove forgets the instance of that name, and the tasks on it.
func (f *Fleet) Remove(name string) {
	i := f.byName[name]
	if i == nil {
		return
	}
	f.changed(i)
	f.instances = slices.DeleteFunc(f.instances, func(other *Instance) bool { return other == i })
	f.slots[i.slot] = nil
	delete(f.byName, name)
}

// Update is told when the caller changed an instance.
func (f *Fleet) Update(i *Instance) {
	i.count()
	f.changed(i)
	if f.has(i) {
		f.made[i.slot]++
	}
}

// Place chooses an instance and takes the room on it. What an instance may lack is looked for in the order of the reasons.
func (f *Fleet) Place(r *Request) (*Instance, *Refusal) {
	x := f.index(r)
	best := x.trie.best()
	if best == 0 {
		return nil, x.refusal(f)
	}
	f.drawn++
	slot := x.trie.pick(int32(mix(mix(r.Seed)+f.drawn) % uint64(best)))
	chosen := f.slots[slot]
	chosen.add(r, 1)
	f.note(int32(slot))
	return chosen, nil
}

// Take counts a task as one that is to run on the instance.
func (f *Fleet) Take(i *Instance, r *Request) {
	i.add(r, 1)
	f.changed(i)
}

// Release takes back what Take did.
func (f *Fleet) Release(i *Instance, r *Request) {
	i.add(r, -1)
	f.changed(i)
}

func (i *Instance) add(r *Request, n int) {
	i.Free.add(r.Needs, int64(-n))
	for _, p := range r.Ports {
		if n < 0 {
			delete(i.Ports, p)
			continue
		}
		if i.Ports == nil {
			i.Ports = map[Port]bool{}
		}
		i.Ports[p] = true
	}
	if i.Tasks == nil {
		i.Tasks = map[string]int{}
	}
	before := i.Tasks[r.Group]
	i.Tasks[r.Group] = before + n
	i.Facts.RunningTasksCount += n
	if (before > 0) != (before+n > 0) {
		i.count()
	}
}

// count fills in the facts that follow from the tasks.
func (i *Instance) count() {
	i.Facts.RunningTasksCount, i.Facts.TaskGroups = 0, i.Facts.TaskGroups[:0]
	maps.DeleteFunc(i.Tasks, func(_ string, n int) bool { return n == 0 })
	for group, n := range i.Tasks {
		i.Facts.RunningTasksCount += n
		if n > 0 {
			i.Facts.TaskGroups = append(i.Facts.TaskGroups, group)
		}
	}
	slices.Sort(i.Facts.TaskGroups)
}

func (f *Fleet) changed(i *Instance) {
	if f.has(i) {
		f.note(i.slot)
	}
}

// has reports whether the instance is one of the fleet: one that was removed, or a copy, still has a slot, but isn't what is there.
func (f *Fleet) has(i *Instance) bool { return int(i.slot) < len(f.slots) && f.slots[i.slot] == i }

// note is for the indexes. One that hasn't looked for so long that a note is forgotten looks at all instances.
func (f *Fleet) note(slot int32) {
	if len(f.changes) > 2*len(f.slots)+1024 {
		f.forgotten += uint64(len(f.changes))
		f.changes = f.changes[:0]
	}
	f.changes = append(f.changes, slot)
}

// keptEntries bounds what indexes take: so many instances in all of them together, some 100 bytes each.
const keptEntries = 1 << 19

// index is the request's, as things are now.
func (f *Fleet) index(r *Request) *index {
	x := f.indexes[r]
	if x == nil || !x.follow(f) {
		if x == nil && len(f.indexes) >= max(8, keptEntries/(len(f.slots)+1)) {
			f.dropOldest()
		}
		x = newIndex(f, r)
		f.indexes[r] = x
	}
	f.uses++
	x.used = f.uses
	return x
}

// dropOldest forgets the index that wasn't used for longest.
func (f *Fleet) dropOldest() {
	var oldest *index
	for _, x := range f.indexes {
		if oldest == nil || x.used < oldest.used {
			oldest = x
		}
	}
	delete(f.indexes, oldest.request)
}

// spreadValue is the instance's value of the field to spread over; ok is false where it hasn't the attribute.
func spreadValue(i *Instance, field string) (value string, ok bool) {
	name, is := spreadAttribute(field)
	if !is {
		return i.Name, true
	}
	value, ok = i.Facts.Attributes[name]
	return value, ok
}

// mix makes an even number of any number (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
