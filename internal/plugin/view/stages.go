// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// How far a stage is.
const (
	stageDone    = "done"
	stagePresent = "present"
	stageToCome  = "to come"
	stageStopped = "stopped" // where the deployment ended early
)

// Stage is a stage of a deployment.
type Stage struct {
	Stage ecsv1.ServiceDeploymentLifecycleStage `json:"stage"`
	State string                                `json:"state"`
	// Step of Steps of the traffic shift.
	Step  int32 `json:"step,omitempty"`
	Steps int32 `json:"steps,omitempty"`
	// Since when it is the present one, or its step is.
	Since *metav1.Time `json:"since,omitempty"`
}

// forwards are the stages in ECS's order; backwards those that a rollback goes through, the first of them only where the source has no tasks any more.
var (
	forwards = []ecsv1.ServiceDeploymentLifecycleStage{
		ecsv1.ServiceDeploymentLifecycleStageReconcileService,
		ecsv1.ServiceDeploymentLifecycleStagePreScaleUp,
		ecsv1.ServiceDeploymentLifecycleStageScaleUp,
		ecsv1.ServiceDeploymentLifecycleStagePostScaleUp,
		ecsv1.ServiceDeploymentLifecycleStageTestTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStagePostTestTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStagePostProductionTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStageBakeTime,
		ecsv1.ServiceDeploymentLifecycleStageCleanUp,
	}
	backwards = []ecsv1.ServiceDeploymentLifecycleStage{
		ecsv1.ServiceDeploymentLifecycleStageScaleUp,
		ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStageTestTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStageCleanUp,
	}
	// shifting are the stages that steps of traffic belong to.
	shifting = []ecsv1.ServiceDeploymentLifecycleStage{
		ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift,
		ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift,
	}
)

// wayOf a deployment: the stages forwards, or those back. A rolling one has only those that it reports.
func wayOf(sd *ecsv1.ServiceDeployment) []ecsv1.ServiceDeploymentLifecycleStage {
	switch at, goesBack := sd.Status.LifecycleStage, sd.Status.Rollback != nil; {
	case !staged(sd) && (goesBack || at == ""):
		return nil
	case !staged(sd):
		return forwards[len(forwards)-2:]
	case goesBack && at == backwards[0]:
		return backwards
	case goesBack:
		return backwards[1:]
	case len(sd.Spec.SourceServiceRevisions) < 2 && at != forwards[0]:
		return forwards[1:]
	}
	return forwards
}

// stagesOf a deployment, with how far each is.
func stagesOf(sd *ecsv1.ServiceDeployment) []Stage {
	s, way := &sd.Status, wayOf(sd)
	present := slices.Index(way, s.LifecycleStage)
	var out []Stage
	for i, stage := range way {
		to := Stage{Stage: stage, State: stageToCome}
		switch {
		case over(s.Status) || i < present:
			to.State = stageDone
		case i == present && cutShort(s.Status):
			to.State = stageStopped
		case i == present:
			to.State, to.Step, to.Steps = stagePresent, stepOf(sd, stage), stepsOf(sd, stage)
			if s.Kubernetes != nil {
				to.Since = s.Kubernetes.LifecycleStageStartedAt
			}
		}
		out = append(out, to)
	}
	return out
}

// cutShort: it stopped on its way.
func cutShort(s ecsv1.ServiceDeploymentState) bool {
	return s == ecsv1.ServiceDeploymentStateStopped || s == ecsv1.ServiceDeploymentStateRollbackFailed
}

// over: it went the whole way.
func over(s ecsv1.ServiceDeploymentState) bool {
	return s == ecsv1.ServiceDeploymentStateSuccessful || s == ecsv1.ServiceDeploymentStateRollbackSuccessful
}

func staged(sd *ecsv1.ServiceDeployment) bool {
	c := sd.Spec.DeploymentConfiguration
	return c != nil && c.Strategy != "" && c.Strategy != ecsv1.DeploymentStrategyRolling
}

func stepOf(sd *ecsv1.ServiceDeployment, stage ecsv1.ServiceDeploymentLifecycleStage) int32 {
	if k := sd.Status.Kubernetes; k != nil && k.TrafficStep != nil && stepsOf(sd, stage) > 0 {
		return *k.TrafficStep
	}
	return 0
}

// stepsOf is how many steps the traffic takes, 0 where that isn't said: it moves all at once, or back.
func stepsOf(sd *ecsv1.ServiceDeployment, stage ecsv1.ServiceDeploymentLifecycleStage) int32 {
	c := sd.Spec.DeploymentConfiguration
	if c == nil || sd.Status.Rollback != nil || !slices.Contains(shifting, stage) {
		return 0
	}
	switch c.Strategy {
	case ecsv1.DeploymentStrategyCanary:
		share := ecsv1.DecimalFromTenths(defaultCanary)
		if k := c.CanaryConfiguration; k != nil && k.CanaryPercent != nil {
			share = *k.CanaryPercent
		}
		return deploy.Canary(int32(share.Tenths()), 0).Steps()
	case ecsv1.DeploymentStrategyLinear:
		share := ecsv1.DecimalFromTenths(defaultLinear)
		if l := c.LinearConfiguration; l != nil && l.StepPercent != nil {
			share = *l.StepPercent
		}
		return deploy.Linear(int32(share.Tenths()), 0).Steps()
	case ecsv1.DeploymentStrategyRolling, ecsv1.DeploymentStrategyBlueGreen:
	}
	return 0
}

// The shares that steps have where the service doesn't say, in tenths of a percent.
const defaultCanary, defaultLinear = 50, 100
