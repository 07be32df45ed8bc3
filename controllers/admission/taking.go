// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// ECS refuses to take away what is in use. A set of manifests that is applied or deleted as one takes away the use as well, in an order that
// nobody chose, so that here it is warned of, and waits or stands in a condition (docs/design/0031).

// changes judges what is changed, and nothing else.
type changes[T runtime.Object] func(ctx context.Context, before, after T) admission.Warnings

// ValidateCreate lets everything in.
func (c changes[T]) ValidateCreate(context.Context, T) (admission.Warnings, error) { return nil, nil }

// ValidateUpdate judges a changed object.
func (c changes[T]) ValidateUpdate(ctx context.Context, before, after T) (admission.Warnings, error) {
	return c(ctx, before, after), nil
}

// ValidateDelete lets everything go.
func (c changes[T]) ValidateDelete(context.Context, T) (admission.Warnings, error) { return nil, nil }

// deletions judges what is deleted, and nothing else.
type deletions[T runtime.Object] func(context.Context, T) admission.Warnings

// ValidateCreate lets everything in.
func (d deletions[T]) ValidateCreate(context.Context, T) (admission.Warnings, error) { return nil, nil }

// ValidateUpdate lets every change in.
func (d deletions[T]) ValidateUpdate(context.Context, T, T) (admission.Warnings, error) {
	return nil, nil
}

// ValidateDelete judges an object that is to go.
func (d deletions[T]) ValidateDelete(ctx context.Context, o T) (admission.Warnings, error) {
	return d(ctx, o), nil
}

func (w *Webhooks) cluster(ctx context.Context, before, after *ecsv1.Cluster) admission.Warnings {
	return told(ctx)(w.ForeseeCluster(ctx, before, after))
}

func (w *Webhooks) capacityProvider(ctx context.Context, p *ecsv1.CapacityProvider) admission.Warnings {
	return told(ctx)(w.ForeseeDeletion(ctx, p))
}

// told is a warning of what is foreseen, if that is anything.
func told(ctx context.Context) func(string, error) admission.Warnings {
	return func(trouble string, err error) admission.Warnings {
		if err != nil {
			log.FromContext(ctx).V(1).Info("Couldn't foresee what uses it", "why", err.Error())
		}
		if trouble == "" {
			return nil
		}
		return few([]string{trouble}, "")
	}
}
