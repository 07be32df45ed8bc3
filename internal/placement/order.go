// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import "slices"

// kind says what a number in a key is.
type kind int8

const (
	// byAttribute: tasks of the group on all instances with that value of an attribute.
	byAttribute kind = iota
	// byInstance: tasks of the group on the instance.
	byInstance
	byCPU
	byMemory
)

type coordinate struct {
	kind      kind
	attribute string
}

// missing is the group of those that haven't the attribute.
const missing = 0

// order is strategies as the numbers of a key. A strategy that comes twice says nothing new, and nothing comes after random: what is best up
// to there is all alike.
type order struct {
	coordinates []coordinate
	// levels are the coordinates of attributes as levels of a trie; values are the groups of each by the attribute's value.
	levels []*level
	values []map[string]int32
}

func newOrder(strategies []Strategy) order {
	var o order
	for _, s := range strategies {
		var c coordinate
		switch {
		case s.Type == Random:
			return o
		case s.Type == Binpack && s.Field == "cpu":
			c.kind = byCPU
		case s.Type == Binpack:
			c.kind = byMemory
		default:
			name, is := spreadAttribute(s.Field)
			if c.attribute = name; !is {
				c.kind = byInstance
			}
		}
		if !slices.Contains(o.coordinates, c) {
			o.coordinates = append(o.coordinates, c)
		}
	}
	return o
}

func (o *order) length() int { return len(o.coordinates) }

// group finds the groups of instances, nil ones among them.
func (o *order) group(instances []*Instance) []*level {
	o.levels, o.values = nil, nil
	for c, by := range o.coordinates {
		if by.kind != byAttribute {
			continue
		}
		l, values := &level{coordinate: c, groups: make([]int32, len(instances)), numbers: make([]int64, 1)}, map[string]int32{}
		for e, i := range instances {
			if i == nil {
				continue
			}
			value, ok := i.Facts.Attributes[by.attribute]
			if !ok {
				continue
			}
			group, known := values[value]
			if !known {
				group = int32(len(l.numbers))
				values[value], l.numbers = group, append(l.numbers, 0)
			}
			l.groups[e] = group
		}
		o.levels, o.values = append(o.levels, l), append(o.values, values)
	}
	return o.levels
}

// same reports whether the instance, in the place of an entry, belongs to the same groups.
func (o *order) same(i *Instance, entry int) bool {
	for n, l := range o.levels {
		group := int32(missing)
		if value, ok := i.Facts.Attributes[o.coordinates[l.coordinate].attribute]; ok {
			known := false
			if group, known = o.values[n][value]; !known {
				return false
			}
		}
		if l.groups[entry] != group {
			return false
		}
	}
	return true
}
