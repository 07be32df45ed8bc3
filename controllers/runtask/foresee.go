// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// notYet are reasons that are no trouble when a task is made: in a folder of manifests, what is missing comes next.
var notYet = map[string]bool{
	ecsv1.ReasonTaskDefinitionNotFound:   true,
	ecsv1.ReasonClusterNotFound:          true,
	ecsv1.ReasonCapacityProviderNotFound: true,
	ecsv1.ReasonInstanceMissing:          true,
}

// Foresee tells what would keep a new task from being run as it is written, "" for nothing: what its conditions would say.
func (r *Reconciler) Foresee(ctx context.Context, t *ecsv1.Task) (string, error) {
	seen, err := r.observe(ctx, t)
	if err != nil {
		return "", err
	}
	if problem := next(seen).problem; problem != nil && !notYet[problem.Reason] {
		return problem.Message, nil
	}
	return "", nil
}
