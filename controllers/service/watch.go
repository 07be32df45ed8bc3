// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// ofReferred are the services that refer to an object, or are in a namespace.
func (r *Reconciler) ofReferred(ctx context.Context, o client.Object) []reconcile.Request {
	choose, ok := references.To(o)
	if !ok {
		return nil
	}
	return r.list(ctx, choose...)
}

// meanings are the changes of task definitions that a reference can mean another thing after. A thousand services may refer to one, and its revisions bring
// news of their own: of a task definition that has any, only its end and its family count.
var meanings = predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		switch before := e.ObjectOld.(type) {
		case *ecsv1.TaskDefinitionRevision:
			after, ok := e.ObjectNew.(*ecsv1.TaskDefinitionRevision)
			return !ok || before.Generation != after.Generation || taskdef.Active(before) != taskdef.Active(after) || !maps.Equal(before.Labels, after.Labels)
		case *ecsv1.TaskDefinition:
			after, ok := e.ObjectNew.(*ecsv1.TaskDefinition)
			return !ok || before.Status.LatestRevision == nil || after.Status.LatestRevision == nil ||
				before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() || taskdef.Family(before) != taskdef.Family(after)
		}
		return true
	},
}

// ofCoreService are the services that want a core Service of that name, whoever it belonged to: its going may make room.
func (r *Reconciler) ofCoreService(ctx context.Context, o client.Object) []reconcile.Request {
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, client.InNamespace(o.GetNamespace())); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		svc := &list.Items[i]
		for _, p := range traffic.Pairs(svc.Spec.LoadBalancers) {
			if names := p.Services(); slices.Contains(names[:], o.GetName()) {
				out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(svc)})
			}
		}
	}
	return out
}

func (r *Reconciler) list(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, options...); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	out := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return out
}

// ofLabel is the service that a task belongs to.
func (r *Reconciler) ofLabel(ctx context.Context, o client.Object) []reconcile.Request {
	if o.GetLabels()[ecsv1.LabelService] == "" {
		return nil
	}
	name, err := references.ServiceOf(ctx, r.Client, o)
	if err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: o.GetNamespace(), Name: name}}}
}
