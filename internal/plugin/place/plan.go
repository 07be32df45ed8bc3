// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// errand is tasks that are to be placed.
type errand struct {
	view.Placement
	// pod is one of them, as the operator would make it.
	pod       *corev1.Pod
	group     string
	carriage  service.Carriage
	providers []instances.Provider
	// placed counts the tasks of a service by capacity provider, before these.
	placed map[string]int
	// only is the instance of StartTask, "" for none.
	only string
	// requests by capacity provider: tasks that are alike share one, and what is found out by it.
	requests map[string]*placement.Request
	// states say of instances that take no tasks what they are.
	states map[string]string
}

// run places the tasks one after the other, each on what the ones before it have left, and says why.
func (e *errand) run(fleet *placement.Fleet) {
	for _, s := range e.carriage.Strategies {
		e.Strategies = append(e.Strategies, spelled(s))
	}
	gets, before := map[string]int{}, counts(fleet, e.group)
	for range e.Count {
		task := e.next(fleet, before)
		before.on[task.Instance]++
		e.Tasks = append(e.Tasks, task)
		gets[task.Instance]++
	}
	slices.SortStableFunc(e.Tasks, func(a, b view.PlacedTask) int { return cmp.Compare(unplaced(a), unplaced(b)) })
	e.passOver(fleet, gets)
}

func unplaced(t view.PlacedTask) int {
	if t.Instance == "" {
		return 1
	}
	return 0
}

func spelled(s placement.Strategy) string {
	if s.Field == "" {
		return string(s.Type)
	}
	return fmt.Sprintf("%s(%s)", s.Type, s.Field)
}

// request asks for a place through a capacity provider, "" for any instance.
func (e *errand) request(provider string) *placement.Request {
	if e.requests == nil {
		e.requests = map[string]*placement.Request{}
	}
	if e.requests[provider] == nil {
		e.requests[provider] = e.newRequest(provider)
	}
	return e.requests[provider]
}

func (e *errand) newRequest(provider string) *placement.Request {
	ask := instances.Ask{Group: e.group, Constraints: e.carriage.Constraints, Strategies: e.carriage.Strategies, Seed: 1}
	if provider != "" {
		p, ok := instances.ProviderNamed(e.providers, provider)
		if !ok {
			p = instances.Provider{Name: provider}
		}
		ask.Provider = &p
	}
	return instances.Request(e.pod, ask)
}

// next places one task. before is what there was on the instances.
func (e *errand) next(fleet *placement.Fleet, before counted) view.PlacedTask {
	provider := ""
	if len(e.carriage.Shares) > 0 {
		provider = placement.NextProvider(e.carriage.Shares, e.placed)
		e.placed[provider]++
	}
	chosen, refusal := fleet.Place(e.request(provider))
	if refusal != nil {
		return view.PlacedTask{Provider: provider, Why: e.sentence(refusal)}
	}
	return view.PlacedTask{
		Instance: chosen.Name, Zone: chosen.Facts.Attributes[zoneAttribute], Provider: provider, Why: e.why(chosen, before),
	}
}

const zoneAttribute = "ecs.availability-zone"

// counted are the tasks of a group on each instance.
type counted struct {
	fleet *placement.Fleet
	on    map[string]int
}

func counts(fleet *placement.Fleet, group string) counted {
	out := counted{fleet, map[string]int{}}
	for _, i := range fleet.Instances() {
		out.on[i.Name] = i.Tasks[group]
	}
	return out
}

// with counts the tasks on all instances whose attribute is that of the chosen one.
func (c counted) with(attribute, value string) int {
	n := 0
	for _, i := range c.fleet.Instances() {
		if v, ok := i.Facts.Attributes[attribute]; ok && v == value {
			n += c.on[i.Name]
		}
	}
	return n
}

// why tells what each strategy found in the chosen instance. The strategies narrow in their order, so that each sentence is about what the
// ones before it have left.
func (e *errand) why(chosen *placement.Instance, before counted) string {
	var out []string
	for _, s := range e.carriage.Strategies {
		attribute, ofAttribute := strings.CutPrefix(s.Field, "attribute:")
		value, has := chosen.Facts.Attributes[attribute]
		switch {
		case s.Type == placement.Random:
			out = append(out, "at random")
		case s.Type == placement.Binpack && s.Field == "cpu":
			out = append(out, fmt.Sprintf("least CPU left (now %d units)", chosen.Free.MilliCPU*1024/1000))
		case s.Type == placement.Binpack:
			out = append(out, fmt.Sprintf("least memory left (now %d MiB)", chosen.Free.Memory>>20))
		case !ofAttribute:
			out = append(out, fmt.Sprintf("fewest tasks on the instance (%d)", before.on[chosen.Name]))
		case !has:
			out = append(out, "no instance that fits has the attribute "+attribute)
		case attribute == zoneAttribute:
			out = append(out, fmt.Sprintf("fewest tasks in %s (%d)", value, before.with(attribute, value)))
		default:
			out = append(out, fmt.Sprintf("fewest tasks with %s %s (%d)", attribute, value, before.with(attribute, value)))
		}
	}
	switch {
	case e.only != "":
		return "named by containerInstances"
	case e.Mechanism == string(ecsv1.PlacementMechanismDaemonSet):
		return "one on each instance"
	case len(out) == 0:
		return "it fits, and no strategy prefers another"
	}
	return strings.Join(out, ", then ")
}

// sentence is what ECS says where no place is found, with how much the closest instance lacks.
func (e *errand) sentence(r *placement.Refusal) string {
	text := r.Event()
	if r.Detail != "" {
		text = strings.TrimSuffix(text, ".") + ": " + r.Detail + "."
	}
	if e.Kind == "Service" {
		return "(service " + e.Name + ") " + text
	}
	return text
}

// passOver lists the instances that get none of the tasks, and, where some have no place, those that take no more.
func (e *errand) passOver(fleet *placement.Fleet, gets map[string]int) {
	provider := ""
	if only := e.carriage.Only(); only != nil {
		provider = only.Name
	}
	failures := failuresOf(fleet, e.request(provider))
	for _, i := range fleet.Instances() {
		over := view.PassedOver{Instance: i.Name, Zone: i.Facts.Attributes[zoneAttribute], Tasks: gets[i.Name]}
		failure, fails := failures[i.Name]
		if fails {
			over.Lacks, over.Detail = e.lack(i, failure)
		}
		if gets[i.Name] == 0 || fails && e.Unplaced() > 0 {
			e.PassedOver = append(e.PassedOver, over)
		}
	}
	slices.SortFunc(e.PassedOver, func(a, b view.PassedOver) int { return view.Natural(a.Instance, b.Instance) })
}

func failuresOf(fleet *placement.Fleet, r *placement.Request) map[string]placement.Failure {
	out := map[string]placement.Failure{}
	for _, f := range fleet.Failures(r) {
		out[f.Instance] = f
	}
	return out
}

// lack is what an instance lacks, in the words of the manifest: the constraint rather than the node affinity that carries it, and the state rather
// than that it isn't ACTIVE.
func (e *errand) lack(i *placement.Instance, f placement.Failure) (lacks, detail string) {
	switch f.Reason {
	case placement.ReasonInactive:
		return f.Reason, e.states[i.Name]
	case placement.ReasonAttribute:
		for _, c := range e.carriage.Constraints {
			if c.Member != nil && !c.Member.Matches(&i.Facts) {
				return placement.ReasonMemberOf, c.Member.String()
			}
		}
	}
	return f.Reason, f.Detail
}

// runDaemon puts one task on each instance that is to have one and has none.
func (e *errand) runDaemon(fleet *placement.Fleet) {
	request := e.request("")
	failures := failuresOf(fleet, request)
	wanting := map[string]bool{placement.ReasonCPU: true, placement.ReasonMemory: true, placement.ReasonGPU: true, placement.ReasonPorts: true, placement.ReasonPods: true, placement.ReasonOther: true}
	all := slices.Clone(fleet.Instances())
	slices.SortFunc(all, func(a, b *placement.Instance) int { return view.Natural(a.Name, b.Name) })
	for _, i := range all {
		over := view.PassedOver{Instance: i.Name, Zone: i.Facts.Attributes[zoneAttribute]}
		if i.Tasks[e.group] > 0 {
			over.Lacks = "has its task already"
			e.PassedOver = append(e.PassedOver, over)
			continue
		}
		failure, fails := failures[i.Name]
		if !fails {
			fleet.Take(i, request)
			e.Tasks = append(e.Tasks, view.PlacedTask{Instance: i.Name, Zone: over.Zone, Why: e.why(i, counted{})})
			continue
		}
		over.Lacks, over.Detail = e.lack(i, failure)
		e.PassedOver = append(e.PassedOver, over)
		if wanting[failure.Reason] { // it is to have one as soon as there is room
			e.Tasks = append(e.Tasks, view.PlacedTask{Why: e.sentence(&placement.Refusal{
				Instances: 1, Closest: i.Name, Reason: failure.Reason, Detail: failure.Detail,
			})})
		}
	}
	e.Count = len(e.Tasks)
	slices.SortStableFunc(e.Tasks, func(a, b view.PlacedTask) int { return cmp.Compare(unplaced(a), unplaced(b)) })
}
