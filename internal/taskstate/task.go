// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package taskstate reads an ECS task out of a pod's status.
//
// One pod is one task. ECS describes a task by two words: lastStatus, what was last seen of it, and desiredStatus, what is
// wanted (only RUNNING or STOPPED). lastStatus moves through PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING,
// STOPPING, DEPROVISIONING and STOPPED, and may jump from any state before RUNNING to STOPPED (DG/task-lifecycle-explanation).
//
// The heart of ECS is the essential container: when one exits, with whatever code, the task is over and all its other containers
// stop. Kubernetes has no such word; the pod template names the essential ones in an annotation, and a task whose essential
// container ended, or was restarted in place, is [Task.Over]. The owner of the pod then deletes it.
//
// Everything is a table of rules, first match wins. Nothing is remembered: the same pod and the same time give the same answer.
package taskstate

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Task is what a pod's status says about the task that it carries.
type Task struct {
	LastStatus    ecsv1.TaskState
	DesiredStatus ecsv1.TaskDesiredStatus
	// HealthStatus is over the essential containers that have, or lack, a container health check; target groups have no say in it.
	HealthStatus ecsv1.HealthStatus

	// StopCode and StoppedReason are set when the task is over, is stopping, or can't start. A task that can't pull its image has
	// them while Kubernetes still tries again.
	StopCode      ecsv1.TaskStopCode
	StoppedReason string

	// Over: an essential container ended or was restarted in place, or the pod itself ended, and not because the pod was deleted. The
	// pod must go.
	Over bool
	// OverBecause is a sentence for events and logs: which container, which exit code.
	OverBecause string
	// CoolsUntil is when the place of a task that was over soon after its start may be given to another; zero for one that lived
	// long enough. The pod stays until then, as the memory of it.
	CoolsUntil time.Time
	// FailedToStart: a container can't be started for a reason that waiting alone doesn't cure (image, configuration).
	FailedToStart bool
	// EndedBy is the container whose end is the end of the task, the first of several, by its ECS name; "" while none has ended.
	EndedBy string
	// NeverRan: no essential container of the task has been started, or not all of them.
	NeverRan bool
	// Stopping: someone deleted the pod.
	Stopping bool
	// Failing is the health check that the task doesn't pass, of a container or of a target group; nil for one that passes all it has, has
	// none, or is over or stopping. [Task.UnhealthyAt] tells when its service replaces it.
	Failing *Failure
	// Ready is the pod's Ready condition, for a task that is neither over nor stopping.
	Ready bool
	// Healthy counts for a deployment: Ready for at least minReadySeconds.
	Healthy bool
	// HealthyAt is when a Ready task becomes, or became, Healthy; zero for one that isn't Ready.
	HealthyAt time.Time

	CreatedAt time.Time
	// StartedAt is when the last container of a running task was started; zero for one that never ran.
	StartedAt time.Time
	// ExecutionStoppedAt is when the first essential container ended; zero while none has.
	ExecutionStoppedAt time.Time

	NodeName   string
	Containers []Container
}

// FailedStart reports whether the task never was RUNNING and won't be: a container can't be pulled, created or started, or an essential one ended before. These are the tasks that
// a deployment's circuit breaker counts first, and that are launched anew after longer and longer pauses.
func (t Task) FailedStart() bool {
	return !t.Stopping && (t.FailedToStart && t.LastStatus != ecsv1.TaskStateRunning || t.Over && t.NeverRan)
}

// Container is one container of a task (API_Container).
type Container struct {
	// Name is the ECS name, PodName the name inside the pod where that differs by case, underscores or length.
	Name         string
	PodName      string
	Essential    bool
	LastStatus   string // PENDING, RUNNING or STOPPED
	HealthStatus ecsv1.HealthStatus
	ExitCode     *int32
	// Reason is ECS's text for an end or a failed start, at most 1024 characters.
	Reason       string
	RestartCount int32
	ImageDigest  string
	RuntimeID    string
}

// Of reads the task out of pod at the time now. minReadySeconds is how long the pod must have been Ready to count as healthy in
// a deployment: the 40 seconds of a task without health check and load balancer, else 0.
func Of(pod *corev1.Pod, minReadySeconds int32, now time.Time) Task {
	v := look(pod, now)
	t := Task{
		LastStatus:         v.lastStatus(),
		HealthStatus:       v.health(),
		FailedToStart:      v.cantStart() != nil,
		EndedBy:            v.endedBy(),
		NeverRan:           !v.hasRun(),
		Stopping:           pod.DeletionTimestamp != nil,
		CreatedAt:          pod.CreationTimestamp.Time,
		StartedAt:          v.startedAt(),
		ExecutionStoppedAt: v.executionStoppedAt(),
		NodeName:           pod.Spec.NodeName,
		Containers:         v.report(),
	}
	if !t.Stopping || v.endedBeforeDeletion() {
		t.OverBecause = v.overBecause()
	}
	t.Over = t.OverBecause != ""
	t.CoolsUntil = v.coolsUntil()
	t.DesiredStatus = ecsv1.TaskDesiredStatusRunning
	if t.Over || t.Stopping {
		t.DesiredStatus = ecsv1.TaskDesiredStatusStopped
	}
	if t.DesiredStatus == ecsv1.TaskDesiredStatusRunning {
		t.Failing = v.failing()
	}
	t.StopCode, t.StoppedReason = v.stop()
	if since, ready := readySince(pod); ready && t.DesiredStatus == ecsv1.TaskDesiredStatusRunning {
		t.Ready = true
		t.HealthyAt = since.Add(time.Duration(minReadySeconds) * time.Second)
		t.Healthy = !now.Before(t.HealthyAt)
	}
	return t
}

func readySince(pod *corev1.Pod) (time.Time, bool) {
	c := condition(pod, corev1.PodReady)
	if c == nil || c.Status != corev1.ConditionTrue {
		return time.Time{}, false
	}
	return c.LastTransitionTime.Time, true
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
