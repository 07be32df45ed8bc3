// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// Breaker is the service's circuit breaker with its threshold for so many desired tasks, as it is now.
func Breaker(s *ecsv1.Service, desired int32) deploy.Breaker {
	b := breakerOf(s)
	return deploy.Breaker{Enabled: b.Enable, Rollback: b.Rollback, Threshold: deploy.Threshold(b.ThresholdConfiguration, desired)}
}

// ResetsOnHealthyTask reports whether the breaker's count begins anew with each task that becomes healthy.
func ResetsOnHealthyTask(s *ecsv1.Service) bool { return orElse(breakerOf(s).ResetOnHealthyTask, true) }

func breakerOf(s *ecsv1.Service) ecsv1.DeploymentCircuitBreaker {
	if c := s.Spec.DeploymentConfiguration; c != nil && c.DeploymentCircuitBreaker != nil {
		return *c.DeploymentCircuitBreaker
	}
	return ecsv1.DeploymentCircuitBreaker{}
}

// Alarms are those that the service's deployments watch, as it says now; the zero value where it watches none.
func Alarms(s *ecsv1.Service) ecsv1.DeploymentAlarms {
	if c := s.Spec.DeploymentConfiguration; c != nil && c.Alarms != nil && c.Alarms.Enable {
		return *c.Alarms
	}
	return ecsv1.DeploymentAlarms{}
}

// EarlySuccess are the service's early success criteria.
func EarlySuccess(s *ecsv1.Service) deploy.EarlySuccess {
	if c := s.Spec.DeploymentConfiguration; c != nil && c.EarlySuccessCriteria != nil {
		e := c.EarlySuccessCriteria
		return deploy.EarlySuccess{
			Enabled: e.Enable, HealthyPercent: orElse(e.HealthyPercent, 100),
			Deferred: e.SourceServiceRevisionCleanup == ecsv1.ServiceRevisionCleanupDeferred,
		}
	}
	return deploy.EarlySuccess{}
}

// defaultBakeTime is that of a rolling deployment that watches alarms and doesn't say. ECS computes its own, of less than 5 minutes.
const defaultBakeTime = 3 * time.Minute

// BakeTime is how long a rolling deployment waits when it has all its tasks.
func BakeTime(s *ecsv1.Service) time.Duration {
	c := s.Spec.DeploymentConfiguration
	switch {
	case c == nil:
		return 0
	case c.BakeTimeInMinutes != nil:
		return time.Duration(*c.BakeTimeInMinutes) * time.Minute
	case len(Alarms(s).AlarmNames) > 0:
		return defaultBakeTime
	}
	return 0
}

// StopType is what the annotation of a ServiceDeployment asks for, "" where it has none; known is false for a value that isn't one.
func StopType(d *ecsv1.ServiceDeployment) (kind deploy.StopType, known bool) {
	kind = deploy.StopType(d.Annotations[ecsv1.AnnotationStopDeployment])
	switch kind {
	case deploy.StopRollback, deploy.StopAbort, "":
		return kind, true
	}
	return "", false
}
