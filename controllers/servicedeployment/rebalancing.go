// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Availability Zone rebalancing: a task of a crowded zone gets an annotation with the state of the zones that it is relocated for. The same is
// written to the Deployment, and then the planner starts another task first and lets this one go when that is healthy. Each step is made when the one before it
// is seen. What the Deployment remembers afterwards keeps a task from being relocated twice for one cause ([deploy.Rebalance]).

// zonesOwner owns what the Deployment remembers of that.
const zonesOwner = client.FieldOwner("ecs-servicedeployment-zones")

// rebalancing is what to write for it.
type rebalancing struct {
	// memory is to be remembered, where it isn't nil.
	memory *string
	// relocate are the tasks that get the annotation, with its value; forget those that lose it.
	relocate []*corev1.Pod
	value    string
	forget   []*corev1.Pod
	// reason and note are the event.
	reason, note string
	// uneven says why the zones of a service at rest stay uneven, "" where they are even, about to be, or nobody wants them even.
	uneven string
	// again: what keeps them uneven may end without anyone being told.
	again bool
}

// lookForRoomAgainIn is when a zone without room is looked at again: what its instances have left changes all the time, and wakes nobody.
const lookForRoomAgainIn = time.Minute

// staysUneven begins what is said of that. A service is told of it when it begins to be said.
const staysUneven = "Availability Zones stay uneven "

// remember sets what is remembered, if it isn't so already, and what is told then.
func (b *rebalancing) remember(memory, before, reason, note string) {
	if memory != before {
		b.memory, b.reason, b.note = &memory, reason, note
	}
}

// rebalance plans the next step to even zones.
func (r *Reconciler) rebalance(ctx context.Context, seen observed, p plan) (plan, error) {
	target := seen.goal()
	if !seen.drives() || target == nil || target.deployment == nil || seen.service.DeletionTimestamp != nil {
		return p, nil
	}
	memory := target.moves()
	td := seen.carriedDefinition()
	fixed := service.FixedInZones(seen.service, td)
	why := fixed
	if why == "" && target.tasks.stuck > 0 {
		why = "no container instance takes a task in another Availability Zone"
	}
	if target.tasks.relocating > 0 {
		if why != "" {
			p.rebalancing.remember(deploy.GiveUp(memory), memory, "RebalancingStopped", "Availability Zone rebalancing has stopped: "+why+".")
		}
		return p, nil
	}
	if fixed != "" && seen.service.Spec.AvailabilityZoneRebalancing != ecsv1.ToggleEnabled || !seen.steady(p, *target) {
		return p, nil
	}
	zones, err := r.observeZones(ctx, seen, *target)
	if err != nil || !zones.known {
		return p, err
	}
	if fixed != "" { // it was asked for by name, so that it is told why there is none
		p.rebalancing.uneven = zones.uneven(fixed)
		return p, nil
	}
	zones.Memory = memory
	p.rebalancing = zones.next(seen, *target)
	return p, nil
}

// steady reports whether a service is in a steady state: deployed, all tasks healthy, and nothing is about to change.
func (o observed) steady(p plan, target revision) bool {
	return settled(o.sd) && !o.frozen() && p.rolling.Progress == deploy.Complete &&
		len(p.scale)+len(p.marks)+len(p.stop)+len(p.remove) == 0 && target.tasks.stopping == 0 &&
		len(target.tasks.members) == int(o.desired()) && len(target.tasks.members) > 1
}

// zones are the Availability Zones of a service with what is needed to choose tasks there.
type zones struct {
	deploy.Zones
	// known: each task is on an instance with a zone.
	known bool
	// room is whether one more task fits into the zone.
	room  map[string]bool
	hosts map[string]*placement.Instance
}

// observeZones looks at the instances of the cluster that the service could use.
func (r *Reconciler) observeZones(ctx context.Context, seen observed, target revision) (zones, error) {
	z := zones{
		Zones: deploy.Zones{Tasks: map[string]int{}, Instances: map[string]int{}, Desired: seen.desired()},
		known: true, room: map[string]bool{}, hosts: map[string]*placement.Instance{},
	}
	list := &ecsv1.ContainerInstanceList{}
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil { // there may be thousands, and they are only read
		return z, err
	}
	carriage, cluster := seen.carriage(), service.Cluster(seen.service)
	needs := instances.Request(target.tasks.members[0].pod, instances.Ask{}).Needs
	taken := map[string]bool{}
	for _, m := range target.tasks.members {
		taken[m.pod.Spec.NodeName] = true
	}
	for i := range list.Items {
		c := &list.Items[i]
		at := zone(c)
		if c.Spec.Cluster != cluster || at == "" {
			continue
		}
		h := host(c.Spec.NodeName, c)
		z.hosts[c.Spec.NodeName] = h
		if !usable(c, h, carriage) {
			continue
		}
		z.Instances[at]++
		z.Tasks[at] += 0
		fits := needs.MilliCPU <= h.Free.MilliCPU && needs.Memory <= h.Free.Memory && needs.GPU <= h.Free.GPU
		z.room[at] = z.room[at] || fits && (!carriage.Distinct || !taken[c.Spec.NodeName])
	}
	for _, m := range target.tasks.members {
		h := z.hosts[m.pod.Spec.NodeName]
		if h == nil {
			z.known = false
			return z, nil
		}
		if at := h.Facts.Attributes[service.ZoneAttribute]; z.Instances[at] > 0 {
			z.Tasks[at]++
		}
	}
	return z, nil
}

// usable reports whether tasks of the service may be placed on the instance.
func usable(c *ecsv1.ContainerInstance, h *placement.Instance, carriage service.Carriage) bool {
	if !h.Active || !h.Facts.AgentConnected || c.DeletionTimestamp != nil {
		return false
	}
	for _, constraint := range carriage.Constraints {
		if constraint.Member != nil && !constraint.Member.Matches(&h.Facts) {
			return false
		}
	}
	for _, provider := range carriage.Providers {
		if service.IsFargate(provider.Name) || provider.Name == c.Status.CapacityProviderName {
			return true
		}
	}
	return len(carriage.Providers) == 0
}

// next is the next step: choose tasks, remember what they are relocated for, or leave the zones as they are.
func (z zones) next(seen observed, target revision) rebalancing {
	var out rebalancing
	b := deploy.Rebalance(z.Zones, service.Bounds(seen.service).MostRelocated(z.Desired))
	chosen := 0
	for _, m := range target.tasks.members {
		switch value := m.pod.Annotations[ecsv1.AnnotationRebalancing]; {
		case value == "":
		case value == b.Memory && len(b.Moves) > 0:
			chosen++
		default:
			out.forget = append(out.forget, m.pod)
		}
	}
	switch {
	case b.Even && strings.HasSuffix(z.Memory, deploy.GivenUp):
		out.remember("", z.Memory, "", "")
	case b.Even:
		out.remember("", z.Memory, "RebalancingCompleted", "Availability Zone rebalancing has completed: the zones are even.")
	case b.GivenUp:
		out.uneven = z.uneven("tasks were started in other zones than the emptiest, and aren't moved again for the same cause")
		out.remember(b.Memory, z.Memory, "RebalancingStopped", "Availability Zone rebalancing has stopped: tasks were started in other zones than the emptiest.")
	case chosen > 0:
		out.remember(b.Memory, z.Memory, "RebalancingStarted", fmt.Sprintf("Availability Zone rebalancing has started: tasks go from %s to %s.", b.Moves[0].From, b.Moves[0].To))
	default:
		var why string
		out.value = b.Memory
		if out.relocate, why = z.choose(seen, target, b.Moves); len(out.relocate) == 0 {
			out.uneven, out.again = z.uneven(why), true
		}
	}
	return out
}

// uneven says how the tasks stand and why they aren't moved; "" where the zones are even.
func (z zones) uneven(why string) string {
	if len(placement.Rebalance(z.Tasks)) == 0 {
		return ""
	}
	var counts []string
	for _, at := range slices.Sorted(maps.Keys(z.Tasks)) {
		counts = append(counts, fmt.Sprintf("%s: %d", at, z.Tasks[at]))
	}
	const most = 10
	if more := len(counts) - most; more > 0 {
		counts = append(counts[:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s(%s), and no task is moved: %s", staysUneven, strings.Join(counts, ", "), why)
}

// choose takes a task of the zone that each move is from, the one that ECS would stop there. A zone without room is left alone. why is what was in
// the way of the last move that couldn't be made.
func (z zones) choose(seen observed, target revision, moves []placement.Move) (out []*corev1.Pod, why string) {
	carriage, chosen := seen.carriage(), map[int]bool{}
	for _, move := range moves {
		if !z.room[move.To] {
			why = "no container instance of " + move.To + " has room for one"
			continue
		}
		tasks := make([]placement.Task, 0, len(target.tasks.members))
		for i, m := range target.tasks.members {
			h := z.hosts[m.pod.Spec.NodeName]
			tasks = append(tasks, placement.Task{
				Name: m.pod.Name, Instance: h, Provider: m.pod.Labels[ecsv1.LabelCapacityProvider], Needs: instances.Request(m.pod, instances.Ask{}).Needs,
				Protected: chosen[i] || m.protected || h.Facts.Attributes[service.ZoneAttribute] != move.From,
				Running:   true, Healthy: true,
			})
		}
		victims := placement.Victims(tasks, 1, carriage.Strategies, labelled(carriage.Shares), seedOf(seen.service))
		if len(victims) == 0 {
			why = "those of " + move.From + " are protected"
		}
		for _, v := range victims {
			chosen[v] = true
			out = append(out, target.tasks.members[v].pod)
		}
	}
	return out, why
}

func (r *Reconciler) applyRebalancing(ctx context.Context, seen observed, b rebalancing) error {
	for _, pod := range b.forget {
		if err := r.writer().Annotate(ctx, pod, map[string]*string{ecsv1.AnnotationRebalancing: nil}); err != nil {
			return fmt.Errorf("letting pod %s stay in its zone: %w", pod.Name, err)
		}
	}
	for _, pod := range b.relocate {
		if err := r.writer().Annotate(ctx, pod, map[string]*string{ecsv1.AnnotationRebalancing: new(b.value)}); err != nil {
			return fmt.Errorf("choosing pod %s to relocate: %w", pod.Name, err)
		}
	}
	if b.memory == nil {
		return nil
	}
	deployment := seen.goal().deployment
	u := only(deployment, "Deployment")
	if *b.memory != "" {
		u.SetAnnotations(map[string]string{ecsv1.AnnotationRebalancing: *b.memory})
	}
	if err := r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), zonesOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("remembering the state of the zones on deployment %s: %w", deployment.Name, err)
	}
	return nil
}
