// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// order says which containers run to their end before the others are started.
type order struct {
	// inits by index, in the order in which they run.
	inits []int
}

func (o order) isInit(i int) bool { return slices.Contains(o.inits, i) }

// planOrder finds the containers that are init containers to the letter: all others wait, directly or by way of others, for
// their SUCCESS. Everything else takes the launcher.
//
// migrate <-SUCCESS- seed <-SUCCESS- app <-START- proxy: migrate, then seed, run as init containers; app and proxy are launched.
func (t *translation) planOrder() order {
	var o order
	for {
		next := slices.IndexFunc(t.indexes(), func(i int) bool { return !o.isInit(i) && t.canBeInit(o, i) })
		if next < 0 {
			return o
		}
		o.inits = append(o.inits, next)
	}
}

func (t *translation) indexes() []int {
	out := make([]int, len(t.task.Containers))
	for i := range out {
		out[i] = i
	}
	return out
}

// canBeInit: all containers that aren't init containers so far wait for the success of i, and i for none of them. An init
// container has neither startTimeout nor health, and the kubelet counts what it takes only where the pod as a whole says what it takes.
func (t *translation) canBeInit(o order, i int) bool {
	c := t.task.Containers[i]
	if c.Essential || c.Restart != nil || t.canLaunch() && (c.StartTimeout > 0 || t.takes(c) && !t.podLevel()) {
		return false
	}
	if slices.ContainsFunc(c.DependsOn, func(d taskdef.Dependency) bool { return !o.isInit(d.Container) }) {
		return false
	}
	if slices.ContainsFunc(t.loadBalancers(), func(lb LoadBalancer) bool { return lb.ContainerName == c.Name }) {
		return false
	}
	waiting := 0
	for j, other := range t.task.Containers {
		if j == i || o.isInit(j) {
			continue
		}
		if !t.needsSuccess(j, i) || slices.ContainsFunc(other.DependsOn, func(d taskdef.Dependency) bool {
			return d.Container == i && d.Condition == string(launchspec.Healthy)
		}) {
			return false
		}
		waiting++
	}
	return waiting > 0
}

// takes: placement takes something for the container alone.
func (t *translation) takes(c taskdef.Container) bool { return c.CPU > 0 || c.ReservedMemory() > 0 }

// needsSuccess: container i never starts unless container target has succeeded.
func (t *translation) needsSuccess(i, target int) bool {
	return slices.ContainsFunc(t.task.Containers[i].DependsOn, func(d taskdef.Dependency) bool {
		return d.Container == target && d.Condition == string(launchspec.Success) || t.needsSuccess(d.Container, target)
	})
}

// ends: the condition is the end of the container that is waited for.
func ends(d taskdef.Dependency) bool {
	return d.Condition == string(launchspec.Complete) || d.Condition == string(launchspec.Success)
}

// mapDependsOn gives both sides of each dependency their orders: who waits tells when it is gone, who is waited for tells how it is
// and, if it is still there, is stopped after those that wait.
func mapDependsOn(t *translation, i int, in taskdef.Container, _ *corev1.Container) {
	for _, d := range in.DependsOn {
		if t.order.isInit(d.Container) {
			continue
		}
		target := t.task.Containers[d.Container]
		condition := launchspec.Condition(d.Condition)
		dependency := launchspec.Dependency{Container: target.Name, Condition: condition}
		if condition != launchspec.Start { // START is met at once
			dependency.TimeoutSeconds = target.StartTimeout
		}
		spec := t.launcher(i, "dependsOn")
		spec.Report = true
		spec.DependsOn = append(spec.DependsOn, dependency)
		before := t.launcher(d.Container, "dependsOn")
		before.Report = true
		if !ends(d) && !slices.Contains(before.StopAfter, in.Name) {
			before.StopAfter = append(before.StopAfter, in.Name)
		}
	}
}

// waitedFor: some container starts once the i-th has come to the condition.
func (t *translation) waitedFor(i int, condition launchspec.Condition) bool {
	for _, c := range t.task.Containers {
		if slices.Contains(c.DependsOn, taskdef.Dependency{Container: i, Condition: string(condition)}) {
			return true
		}
	}
	return false
}

// mapInitContainers moves the containers that run first to where the kubelet runs them first. One that fails ends the pod, as its
// restartPolicy is Never. An init container has no probes and nothing to drain. What came after
// the task's own containers stays behind them.
func mapInitContainers(t *translation, out *corev1.PodTemplateSpec) {
	for _, i := range t.order.inits {
		c := out.Spec.Containers[i]
		c.Lifecycle, c.ReadinessProbe, c.StartupProbe = nil, nil, nil
		out.Spec.InitContainers = append(out.Spec.InitContainers, c)
	}
	var rest []corev1.Container
	for i, c := range out.Spec.Containers {
		if !t.order.isInit(i) {
			rest = append(rest, c)
		}
	}
	out.Spec.Containers = append(rest, t.helpers...)
}
