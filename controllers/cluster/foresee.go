// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Foresee tells which services name a capacity provider that a change takes out of the cluster, "" for none.
func (r *Reconciler) Foresee(ctx context.Context, before, after *ecsv1.Cluster) (string, error) {
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, client.MatchingFields{references.ClusterIndex: service.ClusterName(after)}); err != nil {
		return "", err
	}
	why := inUse(list.Items, func(provider string) bool { return lists(before, provider) && !lists(after, provider) })
	if why == nil {
		return "", nil
	}
	return why.Message, nil
}
