// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacityprovider

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// gather is how long events of pods are gathered before they are counted: tasks come and go by the hundred.
const gather = time.Second

// soon enqueues what find finds after a while, once for all events in it.
func soon(find func(context.Context, client.Object) []reconcile.Request) handler.EventHandler {
	add := func(ctx context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request], objects ...client.Object) {
		for _, o := range objects {
			for _, request := range find(ctx, o) {
				q.AddAfter(request, gather)
			}
		}
	}
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		CreateFunc:  func(ctx context.Context, e event.CreateEvent, q queue) { add(ctx, q, e.Object) },
		UpdateFunc:  func(ctx context.Context, e event.UpdateEvent, q queue) { add(ctx, q, e.ObjectOld, e.ObjectNew) },
		DeleteFunc:  func(ctx context.Context, e event.DeleteEvent, q queue) { add(ctx, q, e.Object) },
		GenericFunc: func(ctx context.Context, e event.GenericEvent, q queue) { add(ctx, q, e.Object) },
	}
}

// stateChanged lets through instances that begin or cease to count.
func stateChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*ecsv1.ContainerInstance)
		after, same := e.ObjectNew.(*ecsv1.ContainerInstance)
		return ok && same && before.Status.Status != after.Status.Status
	}}
}

// taskChanged lets through tasks of providers that begin or cease to run.
func taskChanged() predicate.Predicate {
	of := func(o client.Object) string { return o.GetLabels()[ecsv1.LabelCapacityProvider] }
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return of(e.Object) != "" },
		DeleteFunc: func(e event.DeleteEvent) bool { return of(e.Object) != "" },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*corev1.Pod)
			after, same := e.ObjectNew.(*corev1.Pod)
			return ok && same && (of(before) != of(after) || of(after) != "" && (before.Status.Phase != after.Status.Phase ||
				(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) || taskstate.RunningContainers(before) != taskstate.RunningContainers(after)))
		},
	}
}

// all is every provider.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.providers(ctx, func(*ecsv1.CapacityProvider) bool { return true })
}

func (r *Reconciler) ofPod(ctx context.Context, o client.Object) []reconcile.Request {
	label := o.GetLabels()[ecsv1.LabelCapacityProvider]
	return r.providers(ctx, func(p *ecsv1.CapacityProvider) bool { return names.LabelValue(service.ProviderName(p)) == label })
}

func (r *Reconciler) providers(ctx context.Context, which func(*ecsv1.CapacityProvider) bool) []reconcile.Request {
	list := &ecsv1.CapacityProviderList{}
	if err := r.Client.List(ctx, list); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		if which(&list.Items[i]) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return out
}
