// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// health of the task is over its essential containers: one UNHEALTHY makes the task UNHEALTHY, else one UNKNOWN makes it UNKNOWN,
// else it is HEALTHY (API_HealthCheck). So an essential container without a health check keeps the task UNKNOWN for ever.
func (v view) health() ecsv1.HealthStatus {
	task, essential := ecsv1.HealthStatusHealthy, false
	for _, c := range v.containers {
		if !c.essential {
			continue
		}
		essential = true
		switch v.containerHealth(c) {
		case ecsv1.HealthStatusUnhealthy:
			return ecsv1.HealthStatusUnhealthy
		case ecsv1.HealthStatusUnknown:
			task = ecsv1.HealthStatusUnknown
		case ecsv1.HealthStatusHealthy:
		}
	}
	if !essential {
		return ecsv1.HealthStatusUnknown
	}
	return task
}

// containerHealth reads the readiness probe that stands for the ECS health check. That is always an exec probe; an httpGet or
// tcpSocket probe is a target group's and says nothing about container health.
func (v view) containerHealth(c container) ecsv1.HealthStatus {
	check := c.spec.ReadinessProbe
	switch {
	case check == nil || check.Exec == nil || c.status.State.Running == nil || !c.hasStarted():
		return ecsv1.HealthStatusUnknown
	case c.status.Ready:
		return ecsv1.HealthStatusHealthy
	}
	if since := v.failsSince(c); !since.IsZero() && !v.now.Before(since) {
		return ecsv1.HealthStatusUnhealthy
	}
	return ecsv1.HealthStatusUnknown
}

// verdictDue is when a container that never passed its check has failed it: startPeriod doesn't count, then each of the retries
// takes an interval. startPeriod 10, retries 3, interval 30: due 10 + 3 x 30 = 100 s after the start.
func (v view) verdictDue(c container) time.Time {
	check := c.spec.ReadinessProbe
	seconds := c.startPeriod + orElse(check.FailureThreshold, 3)*orElse(check.PeriodSeconds, 10)
	return c.startedAt().Add(time.Duration(seconds) * time.Second)
}

// waits: the container's launcher waited for others before it started the command, and only it knows until when. So a container that has
// not passed its check yet can't be said to have failed it.
func (c container) waits() bool { return c.spec.StartupProbe != nil }

// wasReady: this run of the container has passed its check before. The pod's ContainersReady condition turned False after the
// container started, so it was True in between, and for that each container had to be ready.
func (v view) wasReady(c container) bool {
	all := condition(v.pod, corev1.ContainersReady)
	return all != nil && all.Status == corev1.ConditionFalse && all.LastTransitionTime.After(c.startedAt())
}

// orElse is Kubernetes' own default for a probe number that a pod built by hand may lack.
func orElse(n, otherwise int32) int32 {
	if n == 0 {
		return otherwise
	}
	return n
}
