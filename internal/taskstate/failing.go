// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Failure is a health check that a task doesn't pass.
type Failure struct {
	// Since is when the check failed, or, for one that has never been passed, when it is due: that may be yet to come.
	Since time.Time
	// Container is the ECS name of the container whose health check it is, "" for a check of a target group.
	Container string
	// TargetGroup is the name that the service gives the target group, "" for a container's health check, and for a task that was made
	// without the annotation.
	TargetGroup string
	// StoppedReason is ECS's text for the end of a task that is replaced for it.
	StoppedReason string
}

// settles is how long a failure has to last before a task is replaced for it. A kubelet that was restarted says of all its containers that
// they aren't ready, until it has asked them again.
const settles = 3 * time.Second

// UnhealthyAt is when the task is, or becomes, one that its service replaces, if its health doesn't change; zero for never. Failures within
// grace after the start of the task don't count (healthCheckGracePeriodSeconds).
func (t Task) UnhealthyAt(grace time.Duration) time.Time {
	if t.Failing == nil || t.StartedAt.IsZero() {
		return time.Time{}
	}
	at := t.Failing.Since.Add(settles)
	if ends := t.StartedAt.Add(grace); ends.After(at) {
		return ends
	}
	return at
}

// failing is the check that fails first. A container's has a say only if the container is essential; a target group's always, at whichever
// container of the pod it stands.
func (v view) failing() *Failure {
	var first *Failure
	groups := targetGroupsOf(v.pod)
	for _, all := range [][]container{v.containers, v.helpers} {
		for _, c := range all {
			since := v.failsSince(c)
			if since.IsZero() || first != nil && !since.Before(first.Since) {
				continue
			}
			switch {
			case c.spec.ReadinessProbe.Exec == nil:
				first = &Failure{Since: since, TargetGroup: groups[c.spec.Name], StoppedReason: failedTargetGroup(groups[c.spec.Name])}
			case c.essential:
				first = &Failure{Since: since, Container: c.name, StoppedReason: "Task failed container health checks"}
			}
		}
	}
	return first
}

func failedTargetGroup(name string) string {
	if name == "" {
		return "Task failed ELB health checks"
	}
	return fmt.Sprintf("Task failed ELB health checks in (target-group %s)", name)
}

// failsSince is when the container's check failed: since it isn't passed any more, or, where it never was, since it had to be. Zero for
// one that is passed, that isn't made, or of which that can't be said. Once the task is being stopped, it is what was so before.
func (v view) failsSince(c container) time.Time {
	stopped := v.pod.DeletionTimestamp != nil && v.stoppedBy(c)
	switch {
	case c.spec.ReadinessProbe == nil || c.status.Ready || !c.hasStarted() || c.status.State.Running == nil && !stopped:
		return time.Time{}
	case v.wasReady(c):
		return condition(v.pod, corev1.ContainersReady).LastTransitionTime.Add(patience(c.spec.ReadinessProbe))
	case c.spec.ReadinessProbe.Exec != nil && !c.waits():
		return v.verdictDue(c)
	case c.spec.ReadinessProbe.Exec == nil && v.hasRun() && !v.anyWaits():
		return v.targetDue(c)
	}
	return time.Time{}
}

// anyWaits: since when there is something to be checked by network isn't known where an essential container waited for others.
func (v view) anyWaits() bool {
	for _, c := range v.containers {
		if c.essential && c.waits() {
			return true
		}
	}
	return false
}

// targetDue is when a target group's check that was never passed has failed. It counts from the start of the task, which is when ECS
// registers the target, or of the container that carries it.
func (v view) targetDue(c container) time.Time {
	began := v.startedAt()
	if c.startedAt().After(began) {
		began = c.startedAt()
	}
	check := c.spec.ReadinessProbe
	return began.Add(secondsOf(int64(orElse(check.FailureThreshold, 3))*int64(orElse(check.PeriodSeconds, 10))) + patience(check))
}

// The check of a target group whose service says nothing of it: a connection every 5 s, so that a task has traffic soon after it listens and
// none soon after it doesn't. ELB's own would ask twice in 30 s before it calls a target unhealthy, and so long a task is given.
const (
	ConnectInterval  = 5
	ConnectTimeout   = 2
	ConnectThreshold = 3

	connectPatience = 2*30 - ConnectThreshold*ConnectInterval
)

// patience is how long after a check has failed the task counts as unhealthy.
func patience(check *corev1.Probe) time.Duration {
	if check.TCPSocket != nil && check.PeriodSeconds == ConnectInterval && check.TimeoutSeconds == ConnectTimeout && check.FailureThreshold == ConnectThreshold {
		return connectPatience * time.Second
	}
	return 0
}

// failedBeforeDeletion: the task of a service was unhealthy when it was asked to stop, which is what its service stopped it for. It
// tells nothing of a standalone task: that isn't stopped for its health.
func (v view) failedBeforeDeletion() (code ecsv1.TaskStopCode, reason string, applies bool) {
	if v.pod.DeletionTimestamp == nil || v.pod.Labels[ecsv1.LabelService] == "" {
		return "", "", false
	}
	failing := v.failing()
	if failing == nil || failing.Since.After(v.asked()) {
		return "", "", false
	}
	return ecsv1.TaskStopCodeServiceSchedulerInitiated, failing.StoppedReason, true
}
