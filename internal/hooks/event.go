// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"bytes"
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Deployment is what hooks are told of the deployment.
type Deployment struct {
	UID string
	// ResourceARN is the service deployment's own.
	ResourceARN              string
	ServiceARN               string
	TargetServiceRevisionARN string
	// TestWeights and ProductionWeights are where the traffic is to go at the moment, by the ARN of the revision. On the way back they are
	// reversed, and the target stays the same.
	TestWeights, ProductionWeights Weights
}

// Weights are in tenths of a percent, 0 to 1000.
type Weights map[string]int32

// event is what a Lambda function is invoked with (developer guide, "Lambda hooks for Amazon ECS service deployments").
type event struct {
	ExecutionID      string                             `json:"executionId"`
	LifecycleStage   ecsv1.DeploymentLifecycleHookStage `json:"lifecycleStage"`
	ResourceARN      string                             `json:"resourceArn"`
	ExecutionDetails executionDetails                   `json:"executionDetails"`
	HookDetails      json.RawMessage                    `json:"hookDetails,omitempty"`
}

type executionDetails struct {
	ServiceARN               string             `json:"serviceArn"`
	TargetServiceRevisionARN string             `json:"targetServiceRevisionArn"`
	TestTrafficWeights       map[string]float64 `json:"testTrafficWeights"`
	ProductionTrafficWeights map[string]float64 `json:"productionTrafficWeights"`
}

// body tells the weights that the stage is about, and none at the others.
func (in *Input) body(execution string, details *runtime.RawExtension) []byte {
	d, stage := in.Deployment, in.Moment.Stage
	e := event{
		ExecutionID: execution, LifecycleStage: stage, ResourceARN: d.ResourceARN,
		ExecutionDetails: executionDetails{
			ServiceARN: d.ServiceARN, TargetServiceRevisionARN: d.TargetServiceRevisionARN,
			TestTrafficWeights: map[string]float64{}, ProductionTrafficWeights: map[string]float64{},
		},
	}
	if stage == ecsv1.DeploymentLifecycleHookStageTestTrafficShift {
		e.ExecutionDetails.TestTrafficWeights = d.TestWeights.percent()
	}
	if stage == ecsv1.DeploymentLifecycleHookStagePreProductionTrafficShift || stage == ecsv1.DeploymentLifecycleHookStageProductionTrafficShift {
		e.ExecutionDetails.ProductionTrafficWeights = d.ProductionWeights.percent()
	}
	if details != nil && json.Valid(details.Raw) {
		e.HookDetails = details.Raw
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil // every field is one that JSON has
	}
	return bytes.TrimSpace(out.Bytes())
}

func (w Weights) percent() map[string]float64 {
	out := make(map[string]float64, len(w))
	for revision, tenths := range w {
		out[revision] = float64(tenths) / 10
	}
	return out
}
