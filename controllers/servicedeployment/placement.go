// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// carriage is what the service asks for now about its tasks' places.
func (o observed) carriage() service.Carriage {
	return service.Carry(service.AskOf(&o.service.Spec), o.carriedDefinition(), o.cluster, o.providers)
}

// carriedDefinition is the target's task definition, an empty one where it is gone.
func (o observed) carriedDefinition() *ecsv1.TaskDefinitionFields {
	if o.taskDefinition == nil {
		return &ecsv1.TaskDefinitionFields{}
	}
	return &o.taskDefinition.Spec.TaskDefinition
}

// placement is what tasks of the task definition carry of what the service asks for now.
func (o observed) placement(td *ecsv1.TaskDefinitionFields) *podspec.Placement {
	return service.Carry(service.AskOf(&o.service.Spec), td, o.cluster, o.providers).Pod()
}

// canBePlaced reports whether what the service asks for now is taken; the Service's condition says why not.
func (o observed) canBePlaced(td *ecsv1.TaskDefinitionFields) bool {
	ask := service.AskOf(&o.service.Spec)
	return len(service.CheckAsk(ask)) == 0 && service.CheckPlacement(ask, td, o.cluster, o.providers) == nil
}

// ofPlacement leads from a cluster or a capacity provider to the deployments that drive services which are placed by it.
func (r *Reconciler) ofPlacement(ctx context.Context, o client.Object) []reconcile.Request {
	choose, ok := references.To(o)
	if !ok {
		return nil
	}
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, choose...); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		out = append(out, r.ofService(ctx, &list.Items[i])...)
	}
	return out
}
