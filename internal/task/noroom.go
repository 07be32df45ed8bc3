// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// ofScheduler are the reasons of RunTask's failures (DG/api_failures_messages) for what the scheduler says of a task that it finds no node for. The
// first that is in its message is the reason: of several nodes, each lacks something else.
var ofScheduler = []struct{ says, reason string }{
	{"no nodes available", "NO ACTIVE INSTANCES"},
	{"Insufficient memory", "RESOURCE:MEMORY"},
	{"Insufficient cpu", "RESOURCE:CPU"},
	{"Insufficient nvidia.com/gpu", "RESOURCE:GPU"},
	{"free ports", "RESOURCE:PORTS"},
	{"Insufficient ", "RESOURCE"},
	{"Too many pods", "RESOURCE:PODS"},
}

// NotPlaced is the reason of RunTask's failure for a task that has no place, "" for one that has, or that may wait for one: tasks of a capacity
// provider do, in PROVISIONING, and RunTask queues no others. One that was sent to an instance which then had no room for it has failed all the same:
// a task has one pod in its life.
func NotPlaced(pod *corev1.Pod) string {
	if refused := taskstate.RefusedByScheduler(pod); refused != "" && pod.Annotations[ecsv1.AnnotationContainerInstance] != "" {
		return failureOf(refused)
	}
	why := taskstate.Unplaced(pod)
	switch {
	case why == "" || pod.Labels[ecsv1.LabelCapacityProvider] != "":
		return ""
	case taskstate.FromOperator(why):
		return instances.FailureReason(why)
	}
	return failureOf(why)
}

func failureOf(message string) string {
	for _, s := range ofScheduler {
		if strings.Contains(message, s.says) {
			return s.reason + ": " + message
		}
	}
	return "ATTRIBUTE: " + message
}

// NotQueuedAfter is when a task that has no place is ended, counted from when that was first said of it: instances may be just about to be registered. One
// that was sent to an instance may have waited before, so of that one it is counted from then: the scheduler may see the node, or the room on it, a little later.
func NotQueuedAfter(pod *corev1.Pod) time.Time {
	since := pod.CreationTimestamp.Time
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled {
			since = c.LastTransitionTime.Time
		}
	}
	if at, err := time.Parse(time.RFC3339, pod.Annotations[ecsv1.AnnotationPlacedAt]); err == nil && at.After(since) {
		since = at
	}
	return since.Add(patience)
}
