// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacityprovider

import (
	"context"
	"fmt"
	"slices"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// ForeseeDeletion tells what a provider waits for that is about to be deleted, "" for nothing. What is being deleted itself is no trouble: in a
// folder of manifests all goes at once.
func (r *Reconciler) ForeseeDeletion(ctx context.Context, provider *ecsv1.CapacityProvider) (string, error) {
	seen, err := r.observeUsers(ctx, provider)
	if err != nil {
		return "", err
	}
	seen.clusters = slices.DeleteFunc(seen.clusters, func(c ecsv1.Cluster) bool { return c.DeletionTimestamp != nil })
	seen.services = slices.DeleteFunc(seen.services, func(s ecsv1.Service) bool { return s.DeletionTimestamp != nil })
	users := seen.users()
	if len(users) == 0 {
		return "", nil
	}
	return fmt.Sprintf("ResourceInUseException: The capacity provider cannot be deleted while it is in use. %s. "+
		"It is DEPROVISIONING and serves them until none does, and then it is gone: a deletion can't be taken back; take it out there, or make it again afterwards", few(users)), nil
}
