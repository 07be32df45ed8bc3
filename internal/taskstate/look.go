// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// view is a pod with what belongs together put together: a container's spec, its status and what ECS says about it.
type view struct {
	pod *corev1.Pod
	now time.Time
	// containers are the task's: first those that run side by side, then those that run before them.
	containers []container
	// helpers are what the operator adds to the pod.
	helpers []container
}

type container struct {
	spec        *corev1.Container
	status      *corev1.ContainerStatus // zero while the kubelet has not reported
	name        string
	essential   bool
	startPeriod int32
	// first: it runs to its end before the others start, which wait for its success.
	first bool
}

func look(pod *corev1.Pod, now time.Time) view {
	essential, names, periods := essentialOf(pod), namesOf(pod), startPeriodsOf(pod)
	v := view{pod: pod, now: now}
	add := func(all []corev1.Container, statuses []corev1.ContainerStatus, init bool) {
		for i := range all {
			spec := &all[i]
			c := container{
				spec: spec, status: statusOf(spec.Name, statuses), name: spec.Name, essential: essential[spec.Name], startPeriod: periods[spec.Name],
				first: init && (spec.RestartPolicy == nil || *spec.RestartPolicy != corev1.ContainerRestartPolicyAlways),
			}
			if ecs, differs := names[spec.Name]; differs {
				c.name = ecs
			}
			if Ours(spec.Name) {
				v.helpers = append(v.helpers, c)
				continue
			}
			v.containers = append(v.containers, c)
		}
	}
	add(pod.Spec.Containers, pod.Status.ContainerStatuses, false)
	add(pod.Spec.InitContainers, pod.Status.InitContainerStatuses, true)
	return v
}

func statusOf(name string, all []corev1.ContainerStatus) *corev1.ContainerStatus {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return &corev1.ContainerStatus{}
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
// code 128 and no start time. A launcher that waits for other containers has a startup probe, which fails until it starts its command.
func (c container) hasStarted() bool {
	if c.status.RestartCount > 0 {
		return true
	}
	if c.status.State.Running != nil {
		return !c.waits() || c.status.Started != nil && *c.status.Started
	}
	end := c.ended()
	return end != nil && !refusedStart(end)
}

// fatal is the end of the container that is the end of the task: any end of an essential one, the failure of one whose success the
// others wait for, and that of a launcher that could not start its command.
func (c container) fatal() *corev1.ContainerStateTerminated {
	end := c.ended()
	if end != nil && (c.essential || c.first && end.ExitCode != 0 || launcherFailed(end)) {
		return end
	}
	return nil
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

// executionStoppedAt is when the first essential container ended.
func (v view) executionStoppedAt() time.Time {
	var first time.Time
	for _, c := range v.containers {
		if end := c.ended(); c.essential && end != nil && (first.IsZero() || end.FinishedAt.Time.Before(first)) {
			first = end.FinishedAt.Time
		}
	}
	return first
}

// endedBy is the container whose end came first of those that end the task.
func (v view) endedBy() string {
	name, first := "", time.Time{}
	for _, c := range v.containers {
		if end := c.fatal(); end != nil && (name == "" || end.FinishedAt.Time.Before(first)) {
			name, first = c.name, end.FinishedAt.Time
		}
	}
	return name
}

// overBecause says why the task is over, or nothing if it isn't.
func (v view) overBecause() string {
	for _, c := range v.containers {
		end := c.fatal()
		switch {
		case end == nil && c.essential && c.status.RestartCount > 0:
			return fmt.Sprintf("essential container %s was restarted in place", c.name)
		case end != nil && launcherFailed(end):
			return fmt.Sprintf("container %s could not be started (%s)", c.name, endReason(end))
		case end != nil:
			return c.described() + howEnded(end)
		}
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

// described names the container as reasons do.
func (c container) described() string {
	if c.essential {
		return "essential container " + c.name
	}
	return fmt.Sprintf("container %s, whose success others wait for,", c.name)
}

// howEnded: " exited with code 137 (OutOfMemoryError: Container killed due to memory usage)".
func howEnded(end *corev1.ContainerStateTerminated) string {
	text := fmt.Sprintf(" exited with code %d", end.ExitCode)
	if reason := endReason(end); reason != "" {
		text += " (" + reason + ")"
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

// NotPlaced begins what the operator says of a task that has no place.
const NotPlaced = "was unable to place"

// Unplaced is why a task has no node: what the operator says of one that it places itself, or the scheduler of one that it finds no node for. "" for
// one that has a node, that nobody has looked at, or that has just been given a place.
func Unplaced(pod *corev1.Pod) string {
	c := condition(pod, corev1.PodScheduled)
	switch {
	case c == nil || c.Status != corev1.ConditionFalse || c.Reason != corev1.PodReasonUnschedulable && fromScheduler(c):
		return ""
	case len(pod.Spec.SchedulingGates) == 0 && pod.Annotations[ecsv1.AnnotationContainerInstance] != "" && !fromScheduler(c):
		return ""
	}
	return c.Message
}

// RefusedByScheduler is what the scheduler says of a task that was sent to a node which it doesn't take it to, "" where it says nothing. The scheduler
// doesn't look at a task before that.
func RefusedByScheduler(pod *corev1.Pod) string {
	c := condition(pod, corev1.PodScheduled)
	if len(pod.Spec.SchedulingGates) > 0 || c == nil || c.Status != corev1.ConditionFalse || c.Reason != corev1.PodReasonUnschedulable || !fromScheduler(c) {
		return ""
	}
	return c.Message
}

// fromScheduler: its messages count nodes, "0/5 nodes are available: ...", or name what it waits for. The operator's have one beginning.
func fromScheduler(c *corev1.PodCondition) bool { return !FromOperator(c.Message) }

// FromOperator reports whether the operator wrote a message of the condition PodScheduled.
func FromOperator(message string) bool { return strings.HasPrefix(message, NotPlaced) }
