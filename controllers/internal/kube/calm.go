// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// afterConflict is how long the cache is given to catch up with the apiserver.
const afterConflict = 200 * time.Millisecond

// Calm wraps a reconciler so that what is no failure isn't returned, logged and counted as one: a write from a cache that was
// behind, which is made again soon; and a child that can't be made since its namespace is going, which never will be.
func Calm(inner reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
		result, err := inner.Reconcile(ctx, req)
		switch {
		case apierrors.IsConflict(err):
			log.FromContext(ctx).V(1).Info("Saw an old object, trying again", "conflict", err.Error())
			return reconcile.Result{RequeueAfter: afterConflict}, nil
		case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
			log.FromContext(ctx).V(1).Info("Left the object alone, its namespace is being deleted")
			return reconcile.Result{}, nil
		}
		return result, err
	})
}
