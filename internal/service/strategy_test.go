// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

func TestSchedule(t *testing.T) {
	percent := func(tenths int64) *ecsv1.Decimal { return new(ecsv1.DecimalFromTenths(tenths)) }
	for name, tc := range map[string]struct {
		config ecsv1.DeploymentConfiguration
		want   deploy.Schedule
	}{
		"BLUE_GREEN moves all at once":           {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen}, deploy.AllAtOnce()},
		"CANARY that says nothing":               {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary}, deploy.Canary(50, 10*time.Minute)},
		"LINEAR that says nothing":               {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear}, deploy.Linear(100, 6*time.Minute)},
		"CANARY of a tenth of a percent":         {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary, CanaryConfiguration: &ecsv1.CanaryConfiguration{CanaryPercent: percent(1), CanaryBakeTimeInMinutes: new(int32)}}, deploy.Canary(1, 0)},
		"LINEAR of 12.5 %":                       {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear, LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: percent(125)}}, deploy.Linear(125, 6*time.Minute)},
		"what isn't the strategy's says nothing": {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, CanaryConfiguration: &ecsv1.CanaryConfiguration{CanaryPercent: percent(1)}}, deploy.AllAtOnce()},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Schedule(&tc.config); got != tc.want {
				t.Errorf("%+v, want %+v", got, tc.want)
			}
		})
	}
	if got := StagedBakeTime(&ecsv1.DeploymentConfiguration{}); got != 0 {
		t.Errorf("the bake time that nobody gave is %s", got)
	}
}
