// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=patch

// A Deployment is given a count, and not the names of the tasks to stop. Its ReplicaSet stops what isn't bound, not running or not ready first,
// and among ready ones those of the lowest deletion cost. So before a count is lowered, the tasks that ECS would stop are marked with such a
// cost, and it is lowered once the marks are seen: whoever set the count, a person or an autoscaler, and whenever the operator is killed.

// highestMark is the deletion cost of the last victim; the first ones have less. Nobody else's costs are as low.
const highestMark = -1_000_000_000

// mark of a pod, 0 for one that has none of ours.
func mark(pod *corev1.Pod) int {
	cost, err := strconv.Atoi(pod.Annotations[corev1.PodDeletionCost])
	if err != nil || cost > highestMark {
		return 0
	}
	return cost
}

// marking is a pod that is to have another mark, 0 for none.
type marking struct {
	pod *corev1.Pod
	to  int
}

// choice is what victims are chosen by.
type choice struct {
	strategies []placement.Strategy
	shares     []placement.Share
	seed       uint64
	// hosts are the instances of the tasks, by Node.
	hosts map[string]*placement.Instance
}

// group is what a ReplicaSet looks at before the cost: lower ones go first.
func (m member) group() int {
	switch {
	case m.pod.Spec.NodeName == "":
		return 0
	case m.pod.Status.Phase == corev1.PodPending:
		return 1
	case !m.task.Ready:
		return 2
	}
	return 3
}

// choosing are the tasks among which n are to be stopped by cost: those of the group that only some of have to go. The groups before it go as a
// whole, and need no marks. needed is how many of the group go.
func choosing(members []member, n int) (group []member, needed int) {
	for g := range 4 {
		group = nil
		for _, m := range members {
			if m.group() == g {
				group = append(group, m)
			}
		}
		if n < len(group) {
			return group, n
		}
		n -= len(group)
	}
	return nil, 0
}

// victims gives the marks of the tasks to stop when n of these have to go, and so many of each capacity provider are beside them.
func (c choice) victims(members []member, n int, beside map[string]int) map[*corev1.Pod]int {
	group, needed := choosing(members, n)
	if needed <= 0 {
		return nil
	}
	if marks := marked(group, needed); marks != nil {
		return marks
	}
	tasks := make([]placement.Task, 0, len(members))
	for _, m := range members {
		t := c.task(m, needed, group)
		if m.group() >= group[0].group() {
			tasks = append(tasks, t)
		}
	}
	remaining := slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m.group() < group[0].group() })
	out := map[*corev1.Pod]int{}
	for i, v := range placement.VictimsBeside(beside, tasks, needed, c.strategies, c.shares, c.seed) {
		out[remaining[v].pod] = highestMark - needed + i
	}
	return out
}

// task is a member as placement knows it. Those of later groups count, and can't be stopped before the group.
func (c choice) task(m member, needed int, group []member) placement.Task {
	leave := 0
	for _, g := range group {
		if g.leaves {
			leave++
		}
	}
	return placement.Task{
		Name:      m.pod.Name,
		Instance:  c.hosts[m.pod.Spec.NodeName],
		Provider:  m.pod.Labels[ecsv1.LabelCapacityProvider],
		Needs:     instances.Request(m.pod, instances.Ask{}).Needs,
		Protected: m.protected || m.group() > group[0].group(),
		Leaving:   m.leaves || m.retires || m.relocates && needed > leave,
		Running:   !m.pending, Healthy: m.task.Healthy,
	}
}

// stoppable is how many of the tasks a ReplicaSet can be told to stop without one of them being protected.
func stoppable(members []member) int {
	n := 0
	for g := range 4 {
		protected := false
		for _, m := range members {
			switch {
			case m.group() != g:
			case m.protected:
				protected = true
			default:
				n++
			}
		}
		if protected {
			break
		}
	}
	return n
}

// marked are the marks of a group that has as many as are needed already, tasks that leave among them, nil otherwise: what was chosen isn't chosen
// again while the world moves on.
func marked(group []member, needed int) map[*corev1.Pod]int {
	out := map[*corev1.Pod]int{}
	leave, leaveMarked := 0, 0
	for _, m := range group {
		if m.leaves {
			leave++
		}
		if at := mark(m.pod); at != 0 {
			out[m.pod] = at
			if m.leaves {
				leaveMarked++
			}
		}
	}
	if len(out) != needed || leaveMarked < min(leave, needed) {
		return nil
	}
	return out
}

// remark is what has to be written so that of these tasks exactly the victims are marked.
func remark(members []member, victims map[*corev1.Pod]int) []marking {
	var out []marking
	for _, m := range members {
		if to := victims[m.pod]; mark(m.pod) != to {
			out = append(out, marking{m.pod, to})
		}
	}
	return out
}

// choose holds back each count that is to be lowered until the tasks that are to stop are marked, and takes marks away that nothing waits for.
func (r *Reconciler) choose(ctx context.Context, seen observed, p plan) (plan, error) {
	if !seen.drives() || service.IsDaemon(seen.service) {
		return p, nil
	}
	lowered, scale := p.scaled(), []scaling(nil)
	var choice *choice
	for _, rev := range seen.revisions {
		s, scales := lowered[rev.object.Name]
		members := rev.tasks.members
		var marks []marking
		if scales {
			s, scales = s.sparing(members)
		}
		switch surplus := len(members) - int(s.to); {
		case scales && s.to < s.from && surplus > 0:
			if choice == nil {
				var err error
				if choice, err = r.observeChoice(ctx, seen); err != nil {
					return p, err
				}
			}
			marks = remark(members, choice.victims(members, surplus, choice.beside(seen, p, rev, s.to)))
		case !scales && len(members) > int(rev.asked()):
			continue // they are about to be stopped
		default:
			marks = remark(members, nil)
		}
		p.marks = append(p.marks, marks...)
		if scales && (len(marks) == 0 || s.to >= s.from) {
			scale = append(scale, s)
		}
	}
	p.scale = scale
	return p, nil
}

// scaled are the counts that are to change, by the names of their revisions.
func (p plan) scaled() map[string]scaling {
	out := make(map[string]scaling, len(p.scale))
	for _, s := range p.scale {
		out[s.revision.object.Name] = s
	}
	return out
}

// sparing is a count that isn't lowered so far that a protected task would have to stop, and whether it is lowered, or raised, at all then.
func (s scaling) sparing(members []member) (scaling, bool) {
	least := int32(len(members) - stoppable(members))
	if s.to >= s.from || s.to >= least {
		return s, true
	}
	s.to = min(least, s.from)
	return s, least < s.from
}

// observeChoice reads the instances of the service's tasks.
func (r *Reconciler) observeChoice(ctx context.Context, seen observed) (*choice, error) {
	carriage := seen.carriage()
	c := &choice{strategies: carriage.Strategies, shares: labelled(carriage.Shares), seed: seedOf(seen.service), hosts: map[string]*placement.Instance{}}
	for _, rev := range seen.revisions {
		for _, m := range rev.tasks.members {
			name := m.pod.Spec.NodeName
			if _, known := c.hosts[name]; known || name == "" {
				continue
			}
			instance := &ecsv1.ContainerInstance{}
			if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, instance); client.IgnoreNotFound(err) != nil {
				return nil, err
			}
			c.hosts[name] = host(name, instance)
		}
	}
	return c, nil
}

// seedOf makes chance the same for a service whenever it is asked.
func seedOf(svc *ecsv1.Service) uint64 {
	h := fnv.New64a()
	h.Write([]byte(svc.UID))
	return h.Sum64()
}

// host is an instance as the choice of victims looks at it: its attributes, and what is left of it.
func host(name string, c *ecsv1.ContainerInstance) *placement.Instance {
	out := &placement.Instance{Name: name, Active: c.Status.Status == ecsv1.ContainerInstanceStateActive}
	out.Facts.AgentConnected = c.Status.AgentConnected
	out.Facts.Attributes = make(map[string]string, len(c.Status.Attributes))
	for _, a := range c.Status.Attributes {
		out.Facts.Attributes[a.Name] = a.Value
	}
	const unitsPerVCPU = 1024
	for _, left := range c.Status.RemainingResources {
		if left.IntegerValue == nil {
			continue
		}
		switch n := *left.IntegerValue; left.Name {
		case ecsv1.ResourceNameCPU:
			out.Free.MilliCPU = n * 1000 / unitsPerVCPU
		case ecsv1.ResourceNameMemory:
			out.Free.Memory = n << 20
		case ecsv1.ResourceNameGPU:
			out.Free.GPU = n
		case ecsv1.ResourceNamePorts, ecsv1.ResourceNamePortsUdp: // sets, which have no number
		}
	}
	return out
}

func (r *Reconciler) applyMarks(ctx context.Context, marks []marking) error {
	for _, m := range marks {
		value := new(strconv.Itoa(m.to))
		if m.to == 0 {
			value = nil
		}
		if err := r.writer().Annotate(ctx, m.pod, map[string]*string{corev1.PodDeletionCost: value}); err != nil {
			return fmt.Errorf("marking pod %s as one that stops first: %w", m.pod.Name, err)
		}
	}
	return nil
}
