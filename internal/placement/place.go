// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Fleet is the instances of a cluster.
type Fleet struct {
	instances []*Instance
	byName    map[string]*Instance
	drawn     uint64
}

// NewFleet takes instances of different names, which are the Fleet's from then on.
func NewFleet(instances []*Instance) *Fleet {
	f := &Fleet{instances: slices.Clone(instances), byName: make(map[string]*Instance, len(instances))}
	slices.SortFunc(f.instances, func(a, b *Instance) int { return cmp.Compare(a.Name, b.Name) })
	for _, i := range f.instances {
		f.byName[i.Name] = i
	}
	return f
}

// Instances are all, by name. They are only to be read.
func (f *Fleet) Instances() []*Instance { return f.instances }

// Instance is the one of that name, nil where there is none.
func (f *Fleet) Instance(name string) *Instance { return f.byName[name] }

// Place chooses an instance and takes the room on it.
func (f *Fleet) Place(r *Request) (*Instance, *Refusal) {
	left := make([]*Instance, 0, len(f.instances))
	refusal := &Refusal{Instances: len(f.instances), Reasons: map[string]int{}}
	best := -1
	for _, i := range f.instances {
		step, reason, detail := f.lacks(i, r)
		if reason == "" {
			left = append(left, i)
			continue
		}
		refusal.Reasons[reason]++
		if step > best {
			best, refusal.Closest, refusal.Reason, refusal.Detail = step, i.Name, reason, detail
		}
	}
	if len(left) == 0 {
		return nil, refusal
	}
	for _, s := range r.Strategies {
		left = f.narrow(left, s, r)
	}
	f.drawn++
	chosen := left[mix(r.Seed+f.drawn)%uint64(len(left))]
	f.Take(chosen, r)
	return chosen, nil
}

// Take counts a task as one that is to run on the instance.
func (f *Fleet) Take(i *Instance, r *Request) { i.add(r, 1) }

// Release takes back what Take did.
func (f *Fleet) Release(i *Instance, r *Request) { i.add(r, -1) }

func (i *Instance) add(r *Request, n int) {
	i.Free.add(r.Needs, int64(-n))
	for _, p := range r.Ports {
		if i.Ports == nil {
			i.Ports = map[Port]bool{}
		}
		i.Ports[p] = n > 0
	}
	if i.Tasks == nil {
		i.Tasks = map[string]int{}
	}
	i.Tasks[r.Group] += n
	i.count()
}

// count fills in the facts that follow from the tasks.
func (i *Instance) count() {
	i.Facts.RunningTasksCount, i.Facts.TaskGroups = 0, i.Facts.TaskGroups[:0]
	for group, n := range i.Tasks {
		i.Facts.RunningTasksCount += n
		if n > 0 {
			i.Facts.TaskGroups = append(i.Facts.TaskGroups, group)
		}
	}
}

func (r *Resources) add(what Resources, times int64) {
	r.MilliCPU += times * what.MilliCPU
	r.Memory += times * what.Memory
	r.GPU += times * what.GPU
	r.Pods += times * what.Pods
	for name, n := range what.Other {
		if r.Other == nil {
			r.Other = map[string]int64{}
		}
		r.Other[name] += times * n
	}
}

// of is the amount that binpack packs by.
func (r Resources) of(field string) int64 {
	if field == "cpu" {
		return r.MilliCPU
	}
	return r.Memory
}

// clone shares nothing.
func (r Resources) clone() Resources {
	r.Other = maps.Clone(r.Other)
	return r
}

// lacks is the first thing that the instance lacks, and how many steps it came before; "" where the task may be placed on it.
func (f *Fleet) lacks(i *Instance, r *Request) (step int, reason, detail string) {
	switch {
	case !i.Active:
		return 0, ReasonInactive, ""
	case !i.Facts.AgentConnected:
		return 1, ReasonAgent, ""
	case r.Provider != "" && !slices.Contains(i.Providers, r.Provider):
		return 2, ReasonProvider, r.Provider
	}
	for _, filter := range r.Filters {
		if !filter.Keep(i) {
			return 3, filter.Reason, filter.Detail
		}
	}
	for _, c := range r.Constraints {
		if c.Member != nil && !c.Member.Matches(&i.Facts) {
			return 4, ReasonMemberOf, c.Member.String()
		}
		if c.Distinct && i.Tasks[r.Group] > 0 {
			return 5, ReasonDistinct, ""
		}
	}
	reason = i.short(r)
	return 6, reason, ""
}

// short is the resource that isn't enough, "" where all are.
func (i *Instance) short(r *Request) string {
	switch n := r.Needs; {
	case n.MilliCPU > 0 && n.MilliCPU > i.Free.MilliCPU:
		return ReasonCPU
	case n.Memory > 0 && n.Memory > i.Free.Memory:
		return ReasonMemory
	case n.GPU > 0 && n.GPU > i.Free.GPU:
		return ReasonGPU
	case n.Pods > 0 && n.Pods > i.Free.Pods:
		return ReasonPods
	}
	for name, n := range r.Needs.Other {
		if n > 0 && n > i.Free.Other[name] {
			return ReasonOther
		}
	}
	if slices.ContainsFunc(r.Ports, func(p Port) bool { return i.Ports[p] }) {
		return ReasonPorts
	}
	return ""
}

// narrow keeps the instances that the strategy likes best.
func (f *Fleet) narrow(left []*Instance, s Strategy, r *Request) []*Instance {
	switch s.Type {
	case Random:
		f.drawn++
		return []*Instance{left[mix(r.Seed+f.drawn)%uint64(len(left))]}
	case Binpack:
		return least(left, func(i *Instance) int64 {
			return i.Free.of(s.Field)
		})
	case Spread:
		counts := map[string]int64{}
		for _, i := range f.instances {
			if v, ok := spreadValue(i, s.Field); ok {
				counts[v] += int64(i.Tasks[r.Group])
			}
		}
		const never = int64(1) << 62 // an instance without the attribute is liked least
		return least(left, func(i *Instance) int64 {
			v, ok := spreadValue(i, s.Field)
			if !ok {
				return never
			}
			return counts[v]
		})
	}
	return left
}

// spreadValue is the instance's value of the field to spread over; ok is false where it hasn't the attribute.
func spreadValue(i *Instance, field string) (value string, ok bool) {
	if name, is := strings.CutPrefix(field, "attribute:"); is {
		value, ok = i.Facts.Attributes[name]
		return value, ok
	}
	return i.Name, true
}

func least[T any](of []T, by func(T) int64) []T {
	var out []T
	for _, i := range of {
		switch {
		case len(out) == 0 || by(i) < by(out[0]):
			out = append(out[:0:0], i)
		case by(i) == by(out[0]):
			out = append(out, i)
		}
	}
	return out
}

// mix makes an even number of any number (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
