// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import "maps"

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
