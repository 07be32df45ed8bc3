// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// statusRules give lastStatus. First match wins.
var statusRules = []struct {
	is   ecsv1.TaskState
	when func(view) bool
}{
	{ecsv1.TaskStateStopped, view.podEnded},
	{ecsv1.TaskStateDeactivating, view.draining}, // the preStop sleep: out of the load balancer, not yet asked to stop
	{ecsv1.TaskStateStopping, func(v view) bool { return v.mustStop() && v.anyRunning() }},
	{ecsv1.TaskStateDeprovisioning, view.mustStop}, // nothing runs any more, the pod is still there
	{ecsv1.TaskStateProvisioning, func(v view) bool { return v.pod.Spec.NodeName == "" }},
	{ecsv1.TaskStatePending, func(v view) bool { return len(v.pod.Status.ContainerStatuses) == 0 }}, // the kubelet has not taken it up
	{ecsv1.TaskStateActivating, func(v view) bool { return !v.allStarted() }},
	{ecsv1.TaskStateRunning, func(view) bool { return true }},
}

func (v view) lastStatus() ecsv1.TaskState {
	for _, rule := range statusRules {
		if rule.when(v) {
			return rule.is
		}
	}
	return ecsv1.TaskStateProvisioning
}

func (v view) podEnded() bool {
	return v.pod.Status.Phase == corev1.PodFailed || v.pod.Status.Phase == corev1.PodSucceeded
}

func (v view) mustStop() bool {
	return v.pod.DeletionTimestamp != nil || v.overBecause() != ""
}

func (v view) anyRunning() bool {
	for _, c := range v.containers {
		if c.status.State.Running != nil {
			return true
		}
	}
	return false
}

// allStarted: essential ones run or ran, others have at least been started.
func (v view) allStarted() bool {
	for _, c := range v.containers {
		if !c.hasStarted() {
			return false
		}
	}
	return true
}

// draining: the pod was deleted and its containers still sleep in preStop while load balancers let go of it.
//
// A pod deleted at 12:00:00 with 330 s of grace has deletionTimestamp 12:05:30. With a preStop sleep of 300 s it drains until
// 12:05:30 - 330 s + 300 s = 12:05:00, and stops (SIGTERM, then SIGKILL) after that.
func (v view) draining() bool {
	if v.pod.DeletionTimestamp == nil || v.pod.DeletionGracePeriodSeconds == nil || !v.anyRunning() {
		return false
	}
	var sleep int64
	for _, c := range v.containers {
		if l := c.spec.Lifecycle; l != nil && l.PreStop != nil && l.PreStop.Sleep != nil {
			sleep = max(sleep, l.PreStop.Sleep.Seconds)
		}
	}
	until := v.pod.DeletionTimestamp.Add(secondsOf(sleep - *v.pod.DeletionGracePeriodSeconds))
	return v.now.Before(until)
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }

// lastStatus of a container is PENDING, RUNNING or STOPPED.
func (c container) lastStatus() string {
	switch {
	case c.status.State.Running != nil:
		return "RUNNING"
	case c.ended() != nil:
		return "STOPPED"
	}
	return "PENDING"
}

// digest of "docker.io/library/nginx@sha256:…" is "sha256:…". An image without a repository digest has an ID that is one already.
func digest(imageID string) string {
	if _, after, found := strings.Cut(imageID, "@"); found {
		return after
	}
	if strings.HasPrefix(imageID, "sha256:") {
		return imageID
	}
	return ""
}

// runtimeID of "containerd://0123abcd" is "0123abcd".
func runtimeID(containerID string) string {
	if _, after, found := strings.Cut(containerID, "://"); found {
		return after
	}
	return containerID
}
