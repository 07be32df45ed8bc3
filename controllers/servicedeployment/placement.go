// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// placement is what tasks of the task definition carry of what the service asks for now.
func (o observed) placement(td *ecsv1.TaskDefinitionFields) *podspec.Placement {
	return service.Carry(service.AskOf(&o.service.Spec), td, o.cluster, o.providers).Pod()
}
