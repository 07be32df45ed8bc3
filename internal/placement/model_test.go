// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// model is a cluster as ECS's documentation tells of it: instances with tasks on them, and nothing that is remembered beside. It is slow, and the
// engine is compared with it.
type model struct{ instances []*modelInstance }

type modelInstance struct {
	name      string
	attrs     map[string]string
	active    bool
	connected bool
	providers []string
	has       Resources
	tasks     []*Request
}

func (m *model) find(name string) *modelInstance {
	for _, i := range m.instances {
		if i.name == name {
			return i
		}
	}
	return nil
}

// free is what is registered without what tasks take.
func (i *modelInstance) free(what func(Resources) int64) int64 {
	left := what(i.has)
	for _, t := range i.tasks {
		left -= what(t.Needs)
	}
	return left
}

func (i *modelInstance) tasksOf(group string) int {
	n := 0
	for _, t := range i.tasks {
		if t.Group == group {
			n++
		}
	}
	return n
}

func (i *modelInstance) facts() *query.Instance {
	out := &query.Instance{AgentConnected: i.connected, RunningTasksCount: len(i.tasks), Attributes: i.attrs}
	for _, t := range i.tasks {
		out.TaskGroups = append(out.TaskGroups, t.Group)
	}
	return out
}

// measures are the resources, in the order in which they are looked at.
var measures = []struct {
	reason string
	of     func(Resources) int64
}{
	{ReasonCPU, func(r Resources) int64 { return r.MilliCPU }},
	{ReasonMemory, func(r Resources) int64 { return r.Memory }},
	{ReasonGPU, func(r Resources) int64 { return r.GPU }},
	{ReasonPods, func(r Resources) int64 { return r.Pods }},
	{ReasonOther, func(r Resources) int64 { return r.Other["disk"] }},
}

// lacks are all things that keep r from the instance, in their order, each with the check that found it and how much is missing, in thousandths.
func (i *modelInstance) lacks(r *Request) (out []lack) {
	no := func(check int, reason string, missing int64) { out = append(out, lack{check, reason, missing}) }
	if !i.active {
		no(0, ReasonInactive, 0)
	}
	if !i.connected {
		no(1, ReasonAgent, 0)
	}
	if r.Provider != "" && !slices.Contains(i.providers, r.Provider) {
		no(2, ReasonProvider, 0)
	}
	for _, f := range r.Filters {
		if !f.Keep(&Instance{Name: i.name, Facts: *i.facts()}) {
			no(3, f.Reason, 0)
		}
	}
	for _, c := range r.Constraints {
		if c.Member != nil && !c.Member.Matches(i.facts()) {
			no(4, ReasonMemberOf, 0)
		}
	}
	for _, c := range r.Constraints {
		if c.Distinct && i.tasksOf(r.Group) > 0 {
			no(5, ReasonDistinct, 0)
		}
	}
	for _, m := range measures {
		if needed, free := m.of(r.Needs), i.free(m.of); needed > 0 && free < needed {
			no(6, m.reason, int64(float64(needed-free)/float64(needed)*1000+1e-9))
		}
	}
	for _, p := range r.Ports {
		if slices.ContainsFunc(i.tasks, func(t *Request) bool { return slices.Contains(t.Ports, p) }) {
			no(6, ReasonPorts, 1000)
		}
	}
	return out
}

type lack struct {
	check   int
	reason  string
	missing int64
}

// answer is what the documentation leaves to choose from: the survivors, by name; or if there are none, the reasons and the closest instances.
type answer struct {
	survivors []string
	reasons   map[string]int
	closest   string
}

func (m *model) ask(r *Request) answer {
	out := answer{reasons: map[string]int{}}
	var left []*modelInstance
	type ranked struct {
		name    string
		check   int
		missing int64
	}
	var away []ranked
	for _, i := range m.instances {
		lacks := i.lacks(r)
		if len(lacks) == 0 {
			left = append(left, i)
			continue
		}
		out.reasons[lacks[0].reason]++
		missing := int64(0)
		for _, l := range lacks {
			if l.check == lacks[0].check {
				missing += l.missing
			}
		}
		away = append(away, ranked{i.name, lacks[0].check, missing})
	}
	if len(left) == 0 && len(away) > 0 {
		out.closest = slices.MinFunc(away, func(a, b ranked) int {
			return cmp.Or(cmp.Compare(b.check, a.check), cmp.Compare(a.missing, b.missing), cmp.Compare(a.name, b.name))
		}).name
	}
	for _, s := range r.Strategies {
		if s.Type == Random {
			break // any of them
		}
		left = m.narrow(left, s, r)
	}
	for _, i := range left {
		out.survivors = append(out.survivors, i.name)
	}
	slices.Sort(out.survivors)
	return out
}

// narrow keeps those that the strategy likes best.
func (m *model) narrow(left []*modelInstance, s Strategy, r *Request) []*modelInstance {
	badness := func(i *modelInstance) int64 {
		attribute, over := strings.CutPrefix(s.Field, "attribute:")
		switch {
		case s.Type == Binpack && s.Field == "cpu":
			return i.free(measures[0].of)
		case s.Type == Binpack:
			return i.free(measures[1].of)
		case !over:
			return int64(i.tasksOf(r.Group))
		}
		value, there := i.attrs[attribute]
		if !there {
			return 1e15
		}
		n := 0
		for _, other := range m.instances {
			if v, ok := other.attrs[attribute]; ok && v == value {
				n += other.tasksOf(r.Group)
			}
		}
		return int64(n)
	}
	var out []*modelInstance
	for _, i := range left {
		if !slices.ContainsFunc(left, func(other *modelInstance) bool { return badness(other) < badness(i) }) {
			out = append(out, i)
		}
	}
	return out
}
