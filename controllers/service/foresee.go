// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Foresee tells what would keep a service from being started as it is written, "" for nothing: what its conditions would say. A task
// definition, cluster or capacity provider that isn't there is no trouble yet: in a folder of manifests it comes next.
func (r *Reconciler) Foresee(ctx context.Context, svc *ecsv1.Service) (string, error) {
	seen, err := r.observe(ctx, svc)
	if err != nil {
		return "", err
	}
	if problem := next(seen).problem; problem != nil {
		if problem.Reason == ecsv1.ReasonTaskDefinitionNotFound || problem.Reason == ecsv1.ReasonClusterNotFound || problem.Reason == ecsv1.ReasonCapacityProviderNotFound {
			return "", nil
		}
		return problem.Message, nil
	}
	if why := blocked(svc); why != nil {
		return why.Message, nil
	}
	return "", nil
}
