// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// drain is how long a task keeps serving after it was taken out of its load balancers: the longest deregistration delay.
func (t *translation) drain() int64 {
	var longest int64
	for _, lb := range t.loadBalancers() {
		longest = max(longest, lb.DeregistrationDelaySeconds)
	}
	return longest
}

// mapStop makes a container that is being stopped go on for the deregistration delay before it gets SIGTERM. ECS deregisters a
// task from its target groups, waits, and stops it then; Kubernetes takes a deleted pod out of its EndpointSlices and sends
// SIGTERM at the same moment. Every container sleeps, also those without a load balancer: what serves may need them to the
// last.
func mapStop(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	out.Lifecycle = t.whileDraining()
	t.mapStopTimeout(i, in)
}

func (t *translation) whileDraining() *corev1.Lifecycle {
	drain := t.drain()
	if drain == 0 || !t.in.Features.PreStopSleep {
		return nil
	}
	return &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: drain}}}
}

// mapStopTimeout: the kubelet kills what is left of a pod at the end of its grace period, and the launcher its container's before that.
// A default of 30 s beside a longer stopTimeout isn't worth reading an image's config; one that is written down is.
func (t *translation) mapStopTimeout(i int, in taskdef.Container) {
	longest := t.longestStop()
	if in.StopTimeout >= longest || t.order.isInit(i) {
		return
	}
	if in.StopTimeoutGiven || len(t.stopsAfter(i)) > 0 {
		t.launcher(i, "stopTimeout").StopTimeoutSeconds = max(1, in.StopTimeout)
		return
	}
	t.launcherIfKnown(i, "stopTimeout", fmt.Sprintf("a pod has one grace period for all its containers: %s has %d s to stop, not the default of %d s",
		in.Name, longest, in.StopTimeout)).StopTimeoutSeconds = in.StopTimeout
}

// longestStop is how long the task's containers may take to stop: each after those that depend on it.
//
// app (30 s) depends on db (60 s), and cron (80 s) on nothing: 90 s.
func (t *translation) longestStop() int64 {
	var longest int64
	for i := range t.task.Containers {
		if !t.order.isInit(i) {
			longest = max(longest, t.stopBy(i))
		}
	}
	return longest
}

// stopBy is when, after the task was asked to stop, the i-th container is killed at the latest.
func (t *translation) stopBy(i int) int64 {
	var before int64
	for _, k := range t.stopsAfter(i) {
		before = max(before, t.stopBy(k))
	}
	return before + t.task.Containers[i].StopTimeout
}

// stopsAfter are the containers whose ends the i-th waits for: those that depend on its being there. One that waited for its COMPLETE or
// SUCCESS never runs beside it. Without a launcher all stop at once.
func (t *translation) stopsAfter(i int) []int {
	var out []int
	for k, c := range t.task.Containers {
		if t.canLaunch() && slices.ContainsFunc(c.DependsOn, func(d taskdef.Dependency) bool { return d.Container == i && !ends(d) }) {
			out = append(out, k)
		}
	}
	return out
}

// mapTermination: the grace period covers the sleep and the stops. A deregistration delay of 300 s and stopTimeouts of 30 s and 120 s: 420 s;
// 450 s if one of the two containers depends on the other.
func mapTermination(t *translation, out *corev1.PodTemplateSpec) {
	drain := t.drain()
	if drain > 0 && !t.in.Features.PreStopSleep {
		t.warn("loadBalancers", Approximated, "Kubernetes older than 1.30 has no preStop sleep: containers get SIGTERM at once, not after the deregistration delay of %d s, "+
			"and have to go on serving by themselves", drain)
	}
	grace := max(1, t.longestStop()) + drain // 0 would mean SIGKILL at once and the pod's name free while it may still run
	out.Spec.TerminationGracePeriodSeconds = &grace
}
