// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import "slices"

// scan is placement without an index, over the same instances: what the engine is measured beside. It looks at each of them for each task.
func scan(f *Fleet, r *Request, seed uint64) *Instance {
	left := make([]*Instance, 0, len(f.instances))
	for _, i := range f.instances {
		if fits(i, r) {
			left = append(left, i)
		}
	}
	for _, s := range r.Strategies {
		if s.Type == Random {
			break
		}
		left = scanNarrow(f, left, s, r)
	}
	if len(left) == 0 {
		return nil
	}
	return left[mix(seed)%uint64(len(left))]
}

func fits(i *Instance, r *Request) bool {
	if !i.Active || !i.Facts.AgentConnected || r.Provider != "" && !slices.Contains(i.Providers, r.Provider) {
		return false
	}
	for _, c := range r.Constraints {
		if c.Member != nil && !c.Member.Matches(&i.Facts) || c.Distinct && i.Tasks[r.Group] > 0 {
			return false
		}
	}
	n := r.Needs
	return n.MilliCPU <= i.Free.MilliCPU && n.Memory <= i.Free.Memory && n.GPU <= i.Free.GPU && n.Pods <= i.Free.Pods &&
		!slices.ContainsFunc(r.Ports, func(p Port) bool { return i.Ports[p] })
}

func scanNarrow(f *Fleet, left []*Instance, s Strategy, r *Request) []*Instance {
	name, over := spreadAttribute(s.Field)
	counts := map[string]int64{}
	if over {
		for _, i := range f.instances {
			if n := i.Tasks[r.Group]; n > 0 {
				counts[i.Facts.Attributes[name]] += int64(n)
			}
		}
	}
	return least(left, func(i *Instance) int64 {
		switch {
		case s.Type == Binpack:
			return i.Free.of(s.Field)
		case over:
			return counts[i.Facts.Attributes[name]]
		}
		return int64(i.Tasks[r.Group])
	})
}
