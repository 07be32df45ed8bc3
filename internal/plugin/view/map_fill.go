// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	podresources "k8s.io/component-helpers/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// fill puts instances and tasks into a cluster.
func (m *Map) fill(c *ClusterPart, w World) {
	onNode := map[string][]*corev1.Pod{}
	for i := range w.Pods {
		p := &w.Pods[i]
		if ended(p) {
			continue
		}
		if on := p.Spec.NodeName; on != "" {
			onNode[on] = append(onNode[on], p)
		}
		if p.Labels[ecsv1.LabelCluster] == names.LabelValue(c.Name) {
			m.count(c, p, w)
		}
	}
	zones := map[string][]Machine{}
	for n := range w.Instances {
		i := &w.Instances[n]
		if i.Spec.Cluster != c.Name || i.Status.Status == ecsv1.ContainerInstanceStateInactive {
			continue
		}
		machine := Machine{
			Name: i.Name, Status: StatusOf(i), Agent: i.Status.AgentConnected,
			CPU: AmountOf(i, ecsv1.ResourceNameCPU), Memory: AmountOf(i, ecsv1.ResourceNameMemory),
		}
		machine.Blocks = m.blocks(machine, onNode[i.Spec.NodeName], w)
		zones[zoneOf(i)] = append(zones[zoneOf(i)], machine)
		c.Instances++
		if machine.Status == ecsv1.ContainerInstanceStateDraining {
			c.Draining++
		}
		c.CPU, c.Memory = c.CPU.plus(machine.CPU), c.Memory.plus(machine.Memory)
	}
	for name, machines := range zones {
		slices.SortFunc(machines, func(a, b Machine) int { return Natural(a.Name, b.Name) })
		c.Zones = append(c.Zones, Zone{name, machines})
	}
	slices.SortFunc(c.Zones, func(a, b Zone) int { return Natural(a.Name, b.Name) })
	slices.SortFunc(c.Waiting, func(a, b Waiting) int { return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Reason, b.Reason)) })
}

func (a Amount) plus(b Amount) Amount { return Amount{a.Taken + b.Taken, a.All + b.All} }

// count counts a task for its cluster and its owner.
func (m *Map) count(c *ClusterPart, p *corev1.Pod, w World) {
	owner, state := m.owner(p), stateOf(p, w.Now)
	nobody := Owner{}
	of := &nobody
	if owner != others {
		of = &m.Owners[owner]
	}
	switch {
	case p.Spec.NodeName == "" && state != Stopping:
		of.Waiting++
		if owner != others {
			c.wait(owner, whyWaiting(p))
		}
	case state == Running:
		c.Running++
		of.Running++
	case state == Pending:
		c.Pending++
		of.Pending++
	case state == Stopping:
		of.Stopping++
	}
}

func (c *ClusterPart) wait(owner int, reason string) {
	for i := range c.Waiting {
		if c.Waiting[i].Owner == owner && c.Waiting[i].Reason == reason {
			c.Waiting[i].Tasks++
			return
		}
	}
	c.Waiting = append(c.Waiting, Waiting{owner, 1, reason})
}

// whyWaiting is what the scheduler or the operator says about a pod without a node.
func whyWaiting(p *corev1.Pod) string {
	for _, condition := range p.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse && condition.Reason != corev1.PodReasonSchedulingGated {
			return cmp.Or(condition.Message, condition.Reason)
		}
	}
	if slices.ContainsFunc(p.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == ecsv1.GatePlacement }) {
		return "the operator is choosing an instance"
	}
	return "the scheduler is choosing a node"
}

// blocks are what takes room on an instance: its tasks, owner by owner, then all else.
func (m *Map) blocks(on Machine, pods []*corev1.Pod, w World) []Block {
	var out []Block
	rest := int64(0)
	for _, p := range pods {
		amount := m.amount(p)
		owner := m.owner(p)
		if owner == others {
			rest += amount
			continue
		}
		out = append(out, Block{owner, stateOf(p, w.Now), amount, 1})
	}
	slices.SortStableFunc(out, func(a, b Block) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.State, b.State), cmp.Compare(b.Amount, a.Amount))
	})
	if !w.AllPods { // what nobody may see takes room, too
		rest = m.by(on).Taken
		for _, b := range out {
			rest -= b.Amount
		}
	}
	if rest > 0 {
		out = append(out, Block{Owner: others, Amount: rest})
	}
	return out
}

// by is the amount that the width of blocks stands for.
func (m *Map) by(on Machine) Amount {
	if m.By == ecsv1.ResourceNameCPU {
		return on.CPU
	}
	return on.Memory
}

// amount is what a pod asks for, in ECS's measures.
func (m *Map) amount(p *corev1.Pod) int64 {
	requests := podresources.PodRequests(p, podresources.PodResourcesOptions{})
	if m.By == ecsv1.ResourceNameCPU {
		return requests.Cpu().MilliValue() * 1024 / 1000
	}
	return requests.Memory().Value() >> 20
}
