// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// carriage is what the service's placement comes to with a task definition.
func (o observed) carriage(td *ecsv1.TaskDefinitionRevision) service.Carriage {
	return service.Carry(service.AskOf(&o.service.Spec), &td.Spec.TaskDefinition, o.cluster(), o.Providers)
}

// cluster of the service, nil where there is none.
func (o observed) cluster() *ecsv1.ClusterSpec {
	return service.FindCluster(service.Cluster(o.service), o.Clusters)
}

// placementStatus says who places new tasks. What can't be told now, since there is no task definition, stays as it was.
func placementStatus(was *ecsv1.ServicePlacement, seen observed) *ecsv1.ServicePlacement {
	if seen.service.DeletionTimestamp != nil {
		return was
	}
	td, _ := findTaskDefinition(seen)
	if td == nil {
		return was
	}
	c := seen.carriage(td)
	return &ecsv1.ServicePlacement{Mechanism: c.Mechanism, Reason: c.Reason}
}
