// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func (r *Reconciler) apply(ctx context.Context, t *ecsv1.Task, p plan) error {
	if err := r.letGoStrays(ctx, types.NamespacedName{Namespace: t.Namespace, Name: t.Name}, t.UID); err != nil {
		return fmt.Errorf("letting the pod of an earlier task go: %w", err)
	}
	if p.create != nil {
		if err := r.Client.Create(ctx, p.create, Owner); err != nil {
			return fmt.Errorf("making pod %s: %w", p.create.Name, err)
		}
	}
	if p.stop != nil {
		if err := r.writer().Delete(ctx, p.stop); err != nil {
			return fmt.Errorf("stopping pod %s: %w", p.stop.Name, err)
		}
	}
	if p.letGo != nil {
		if err := r.writer().RemoveFinalizer(ctx, p.letGo, ecsv1.FinalizerTask); err != nil {
			return fmt.Errorf("letting pod %s go: %w", p.letGo.Name, err)
		}
	}
	switch {
	case p.release:
		if err := r.writer().RemoveFinalizer(ctx, t, ecsv1.FinalizerTask); err != nil {
			return fmt.Errorf("letting the task go: %w", err)
		}
	case p.forget:
		if err := r.writer().Delete(ctx, t); err != nil {
			return fmt.Errorf("forgetting a task that stopped an hour ago: %w", err)
		}
	}
	return nil
}

// refused: the apiserver takes no pod of the task now: a quota, a policy, a Pod Security level that holds for the whole cluster.
func refused(err error) bool {
	return apierrors.IsForbidden(err) && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

// unexpected leaves out what the status tells and nobody else needs to hear.
func unexpected(err error) error {
	if refused(err) || apierrors.IsInvalid(err) {
		return nil
	}
	return err
}
