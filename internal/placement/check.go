// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"maps"
	"slices"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// step is a check, in the order in which they are made. The further an instance came, the closer it is to what was asked for.
type step int8

const (
	stepActive step = iota
	stepAgent
	stepProvider
	stepFilters
	stepMember
	stepDistinct
	stepResources
	stepDone
)

// verdict is what an instance lacks.
type verdict struct {
	step step
	// reason is "" where it lacks nothing.
	reason string
	// missing is how much of what is needed isn't there, in thousandths, added up over the resources.
	missing int64
}

// check is a request, made ready to ask many instances.
type check struct {
	*Request
	// fixed parts of the constraints ask what stays as it is when tasks come and go; changing ones don't.
	fixed, changing []query.Expr
	distinct        bool
	// others are the names of further resources that are needed.
	others []string
}

func newCheck(r *Request) check {
	c := check{Request: r}
	for _, constraint := range r.Constraints {
		c.distinct = c.distinct || constraint.Distinct
		if constraint.Member == nil {
			continue
		}
		for _, part := range query.Conjuncts(constraint.Member) {
			if query.AsksAboutTasks(part) {
				c.changing = append(c.changing, part)
			} else {
				c.fixed = append(c.fixed, part)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Needs.Other)) {
		if r.Needs.Other[name] > 0 {
			c.others = append(c.others, name)
		}
	}
	return c
}

var passed = verdict{step: stepDone}

// ofInstance looks for what is lacking whatever runs there.
func (c *check) ofInstance(i *Instance) verdict {
	switch {
	case !i.Active:
		return verdict{step: stepActive, reason: ReasonInactive}
	case !i.Facts.AgentConnected:
		return verdict{step: stepAgent, reason: ReasonAgent}
	case c.Provider != "" && !slices.Contains(i.Providers, c.Provider):
		return verdict{step: stepProvider, reason: ReasonProvider}
	}
	for _, filter := range c.Filters {
		if !filter.Keep(i) {
			return verdict{step: stepFilters, reason: filter.Reason}
		}
	}
	return c.members(i, c.fixed)
}

func (c *check) members(i *Instance, parts []query.Expr) verdict {
	for _, e := range parts {
		if !e.Matches(&i.Facts) {
			return verdict{step: stepMember, reason: ReasonMemberOf}
		}
	}
	return passed
}

// ofTasks looks for what is lacking because of what runs there.
func (c *check) ofTasks(i *Instance) verdict {
	if v := c.members(i, c.changing); v != passed {
		return v
	}
	if c.distinct && i.Tasks[c.Group] > 0 {
		return verdict{step: stepDistinct, reason: ReasonDistinct}
	}
	v := passed
	n := &c.Needs
	v.short(ReasonCPU, n.MilliCPU, i.Free.MilliCPU)
	v.short(ReasonMemory, n.Memory, i.Free.Memory)
	v.short(ReasonGPU, n.GPU, i.Free.GPU)
	v.short(ReasonPods, n.Pods, i.Free.Pods)
	for _, name := range c.others {
		v.short(ReasonOther, n.Other[name], i.Free.Other[name])
	}
	for _, p := range c.Ports {
		if i.Ports[p] {
			v.short(ReasonPorts, 1, 0)
		}
	}
	return v
}

// short notes where there is less than what is needed, as the reason if it is the first. What needs nothing fits on an overcommitted
// instance, too.
func (v *verdict) short(reason string, needed, free int64) {
	if needed <= 0 || needed <= free {
		return
	}
	if v.reason == "" {
		v.step, v.reason = stepResources, reason
	}
	v.missing += int64(1000 * (float64(needed) - float64(free)) / float64(needed))
}

// spreadAttribute is the attribute to spread over; ok is false for instances themselves.
func spreadAttribute(field string) (name string, ok bool) {
	const prefix = "attribute:"
	if len(field) > len(prefix) && field[:len(prefix)] == prefix {
		return field[len(prefix):], true
	}
	return "", false
}
