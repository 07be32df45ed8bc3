// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
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
	drain := t.drain()
	if drain > 0 && t.in.Features.PreStopSleep {
		out.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: drain}}}
	}
	if longest := t.task.LongestStop(); in.StopTimeout < longest {
		t.warn(container(i, "stopTimeout"), Approximated, "a pod has one grace period for all its containers: %s gets the longest stopTimeout, %d s, in place of %d s",
			in.Name, longest, in.StopTimeout)
	}
}

// mapTermination: the grace period covers the sleep and the stop. A deregistration delay of 300 s and stopTimeouts of 30 s and
// 120 s: 420 s.
func mapTermination(t *translation, out *corev1.PodTemplateSpec) {
	drain := t.drain()
	if drain > 0 && !t.in.Features.PreStopSleep {
		t.warn("loadBalancers", Approximated, "Kubernetes older than 1.30 has no preStop sleep: containers get SIGTERM at once, not after the deregistration delay of %d s, "+
			"and have to go on serving by themselves", drain)
	}
	grace := max(1, t.task.LongestStop()) + drain // 0 would mean SIGKILL at once and the pod's name free while it may still run
	out.Spec.TerminationGracePeriodSeconds = &grace
}
