// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// view is a pod with what belongs together put together: a container's spec, its status and what ECS says about it.
type view struct {
	pod        *corev1.Pod
	now        time.Time
	containers []container
}

type container struct {
	spec        *corev1.Container
	status      corev1.ContainerStatus // zero while the kubelet has not reported
	name        string
	essential   bool
	startPeriod int32
}

func look(pod *corev1.Pod, now time.Time) view {
	essential, names, periods := essentialOf(pod), namesOf(pod), startPeriodsOf(pod)
	statuses := map[string]corev1.ContainerStatus{}
	for _, s := range pod.Status.ContainerStatuses {
		statuses[s.Name] = s
	}
	v := view{pod: pod, now: now}
	for i := range pod.Spec.Containers {
		spec := &pod.Spec.Containers[i]
		c := container{
			spec: spec, status: statuses[spec.Name], name: spec.Name,
			essential: essential[spec.Name], startPeriod: periods[spec.Name],
		}
		if ecs, differs := names[spec.Name]; differs {
			c.name = ecs
		}
		v.containers = append(v.containers, c)
	}
	return v
}

// ended is the container's end, be it for good or before a restart in place.
func (c container) ended() *corev1.ContainerStateTerminated {
	switch {
	case c.status.State.Terminated != nil:
		return c.status.State.Terminated
	case c.status.LastTerminationState.Terminated != nil:
		return c.status.LastTerminationState.Terminated
	}
	return nil
}

// hasStarted: the container's process has been there once. A start that the runtime refused leaves a terminated state with exit
// code 128 and no start time.
func (c container) hasStarted() bool {
	if c.status.State.Running != nil || c.status.RestartCount > 0 {
		return true
	}
	end := c.ended()
	return end != nil && !refusedStart(end)
}

func (c container) startedAt() time.Time {
	switch {
	case c.status.State.Running != nil:
		return c.status.State.Running.StartedAt.Time
	case c.ended() != nil:
		return c.ended().StartedAt.Time
	}
	return time.Time{}
}

// hasRun: all essential containers have been started once, which is what brings an ECS task to RUNNING.
func (v view) hasRun() bool {
	if len(v.pod.Status.ContainerStatuses) == 0 {
		return false
	}
	for _, c := range v.containers {
		if c.essential && !c.hasStarted() {
			return false
		}
	}
	return true
}

// startedAt is when the last essential container was started.
func (v view) startedAt() time.Time {
	if !v.hasRun() {
		return time.Time{}
	}
	var last time.Time
	for _, c := range v.containers {
		if at := c.startedAt(); c.essential && at.After(last) {
			last = at
		}
	}
	return last
}

// overBecause says why the task is over, or nothing if it isn't.
func (v view) overBecause() string {
	for _, c := range v.containers {
		end := c.ended()
		if !c.essential || end == nil && c.status.RestartCount == 0 {
			continue
		}
		if end == nil {
			return fmt.Sprintf("essential container %s was restarted in place", c.name)
		}
		text := fmt.Sprintf("essential container %s exited with code %d", c.name, end.ExitCode)
		if reason := endReason(end); reason != "" {
			text += " (" + reason + ")"
		}
		return text
	}
	if !v.podEnded() {
		return ""
	}
	text := "pod ended in phase " + string(v.pod.Status.Phase)
	if v.pod.Status.Reason != "" {
		text += " (" + v.pod.Status.Reason + ")"
	}
	return text
}

// report is the task's containers as DescribeTasks lists them.
func (v view) report() []Container {
	var out []Container
	for _, c := range v.containers {
		r := Container{
			Name: c.name, PodName: c.spec.Name, Essential: c.essential,
			LastStatus: c.lastStatus(), HealthStatus: v.containerHealth(c),
			Reason: c.reason(), RestartCount: c.status.RestartCount,
			ImageDigest: digest(c.status.ImageID), RuntimeID: runtimeID(c.status.ContainerID),
		}
		if end := c.ended(); end != nil && c.status.State.Running == nil {
			r.ExitCode = &end.ExitCode
		}
		out = append(out, r)
	}
	return out
}
