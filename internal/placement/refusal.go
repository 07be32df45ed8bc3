// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Refusal says why a task has no place.
type Refusal struct {
	// Instances is how many were looked at.
	Instances int
	// Reasons count the instances by the first thing that each lacked: AGENT, RESOURCE:MEMORY, ...
	Reasons map[string]int
	// Closest is the instance that passed most checks, and of those without room the one where least is missing, the first by name of equals;
	// "" where there are no instances. Reason is what it lacked.
	Closest string
	Reason  string
	// Detail says more, for people.
	Detail string
}

// refusal says why no instance is left. It is made once, until something changes.
func (x *index) refusal(f *Fleet) *Refusal {
	if x.refused == nil {
		x.refused = &Refusal{Instances: len(f.instances), Reasons: x.reasons}
		var closest *Instance
		var best verdict
		for slot, i := range f.slots {
			if i == nil {
				continue
			}
			v := x.slots[slot].verdict
			c := cmp.Or(cmp.Compare(best.step, v.step), cmp.Compare(v.missing, best.missing))
			if closest == nil || c < 0 || c == 0 && i.Name < closest.Name {
				closest, best = i, v
			}
		}
		if closest != nil {
			x.refused.Closest, x.refused.Reason, x.refused.Detail = closest.Name, best.reason, x.check.detail(closest, best)
		}
	}
	out := *x.refused
	out.Reasons = maps.Clone(x.reasons)
	return &out
}

// detail says which of several things of that kind the instance lacks.
func (c *check) detail(i *Instance, v verdict) string {
	switch v.step {
	case stepProvider:
		return c.Provider
	case stepFilters:
		for _, filter := range c.Filters {
			if !filter.Keep(i) {
				return filter.Detail
			}
		}
	case stepMember:
		for _, constraint := range c.Constraints {
			if constraint.Member != nil && !constraint.Member.Matches(&i.Facts) {
				return constraint.Member.String()
			}
		}
	case stepResources:
		return c.shortage(i, v.reason)
	case stepActive, stepAgent, stepDistinct, stepDone:
	}
	return ""
}

// shortage says how much is needed, and how much there is.
func (c *check) shortage(i *Instance, reason string) string {
	switch reason {
	case ReasonCPU:
		return fmt.Sprintf("needs %d CPU units, %d are left", c.Needs.MilliCPU*1024/1000, i.Free.MilliCPU*1024/1000)
	case ReasonMemory:
		return fmt.Sprintf("needs %d MiB, %d are left", c.Needs.Memory>>20, i.Free.Memory>>20)
	case ReasonGPU:
		return fmt.Sprintf("needs %d, %d are left", c.Needs.GPU, i.Free.GPU)
	case ReasonPods:
		return "runs as many pods as it may"
	case ReasonPorts:
		return c.portsTaken(i)
	}
	for _, name := range c.others {
		if needed, free := c.Needs.Other[name], i.Free.Other[name]; needed > free {
			return fmt.Sprintf("%s: needs %d, %d are left", name, needed, free)
		}
	}
	return ""
}

func (c *check) portsTaken(i *Instance) string {
	var taken []string
	for _, p := range c.Ports {
		if !i.Ports[p] {
			continue
		}
		protocol := "tcp"
		if p.UDP {
			protocol = "udp"
		}
		taken = append(taken, fmt.Sprintf("%d/%s", p.Number, protocol))
	}
	return strings.Join(taken, ", ")
}

// sentences are what ECS's events say of the closest instance (DG/service-event-messages-list). Of a reason that isn't here ECS gives no word,
// and neither do we.
var sentences = map[string]string{
	ReasonCPU:       "has insufficient CPU units available",
	ReasonMemory:    "has insufficient memory available",
	ReasonPorts:     "is already using a port required by your task",
	ReasonAttribute: "is missing an attribute required by your task",
	ReasonAgent:     `encountered error "AGENT"`,
}

// Event is ECS's sentence for the events of a service, without the service's name in front.
func (r *Refusal) Event() string {
	const sentence = "was unable to place a task because no container instance met all of its requirements."
	if r.Instances == 0 {
		return sentence + " Reason: No Container Instances were found in your cluster."
	}
	why, known := sentences[r.Reason]
	if !known {
		why = fmt.Sprintf("encountered error %q", r.Reason)
	}
	return fmt.Sprintf("%s The closest matching (container-instance %s) %s.", sentence, r.Closest, why)
}

// Counts says what the instances lacked, for people: 3 instances: 2 RESOURCE:CPU, 1 AGENT.
func (r *Refusal) Counts() string {
	reasons := slices.SortedFunc(maps.Keys(r.Reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Reasons[b], r.Reasons[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, reason := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", r.Reasons[reason], strings.TrimSuffix(reason, ".")))
	}
	instances := "instances"
	if r.Instances == 1 {
		instances = "instance"
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%d %s", r.Instances, instances)
	}
	return fmt.Sprintf("%d %s: %s", r.Instances, instances, strings.Join(parts, ", "))
}

// Message is the event with the counts behind it, and what exactly the closest instance lacked.
func (r *Refusal) Message() string {
	if r.Instances == 0 {
		return r.Event()
	}
	out := r.Event() + " " + r.Counts()
	if r.Detail != "" {
		out += fmt.Sprintf("; %s: %s", r.Closest, r.Detail)
	}
	return out + "."
}

// Failure is why a task can't run on an instance, in the words of RunTask and StartTask (DG/api_failures_messages).
type Failure struct{ Instance, Reason, Detail string }

// Failures are those of the instances on which a task of the request can't run now, by name.
func (f *Fleet) Failures(r *Request) []Failure {
	x := f.index(r)
	var out []Failure
	for _, i := range f.instances {
		if v := x.slots[i.slot].verdict; v.reason != "" {
			out = append(out, Failure{i.Name, v.reason, x.check.detail(i, v)})
		}
	}
	return out
}
