// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// What CANARY and LINEAR do unless they say (API reference, CanaryConfiguration and LinearConfiguration): shares in tenths of a percent.
const (
	defaultCanaryTenths = 50
	defaultCanaryBake   = 10
	defaultLinearTenths = 100
	defaultLinearBake   = 6
)

// Schedule is how a deployment with that configuration moves production traffic.
func Schedule(c *ecsv1.DeploymentConfiguration) deploy.Schedule {
	switch c.Strategy {
	case ecsv1.DeploymentStrategyCanary:
		canary := orElse(c.CanaryConfiguration, ecsv1.CanaryConfiguration{})
		return deploy.Canary(tenths(canary.CanaryPercent, defaultCanaryTenths), minutes(canary.CanaryBakeTimeInMinutes, defaultCanaryBake))
	case ecsv1.DeploymentStrategyLinear:
		linear := orElse(c.LinearConfiguration, ecsv1.LinearConfiguration{})
		return deploy.Linear(tenths(linear.StepPercent, defaultLinearTenths), minutes(linear.StepBakeTimeInMinutes, defaultLinearBake))
	case ecsv1.DeploymentStrategyBlueGreen, ecsv1.DeploymentStrategyRolling:
	}
	return deploy.AllAtOnce()
}

// StagedBakeTime is how long a deployment with that configuration keeps both revisions after it has moved all traffic.
func StagedBakeTime(c *ecsv1.DeploymentConfiguration) time.Duration {
	return minutes(c.BakeTimeInMinutes, 0)
}

func tenths(d *ecsv1.Decimal, otherwise int32) int32 {
	if d == nil {
		return otherwise
	}
	return int32(d.Tenths())
}

func minutes(n *int32, otherwise int32) time.Duration {
	return time.Duration(orElse(n, otherwise)) * time.Minute
}
