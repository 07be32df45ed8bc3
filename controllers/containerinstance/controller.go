// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package containerinstance reports what a container instance has: attributes, resources, tasks and health of its node. It holds one that is
// deregistered until no task is to run there, or gives the tasks up where that is asked for.
package containerinstance

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/instances"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-containerinstance")

// Reconciler reports ContainerInstances.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=capacityproviders;clusters,verbs=list;watch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances,verbs=list;watch;patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;patch

// SetupWithManager watches instances, their nodes and the pods there. An instance has its node's name.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	every, changed := handler.EnqueueRequestsFromMapFunc(r.every), builder.WithPredicates(predicate.GenerationChangedPredicate{})
	pace := kube.NewPace(kube.AllTogether, r.Now)
	return ctrl.NewControllerManagedBy(mgr).Named("containerinstance").
		For(&ecsv1.ContainerInstance{}).
		Watches(&corev1.Node{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(moreThanHeartbeats())).
		Watches(&corev1.Pod{}, pace.EventsOf(ofPod)).
		Watches(&ecsv1.Cluster{}, every, changed).
		Watches(&ecsv1.CapacityProvider{}, every, changed).
		Complete(pace.Reconciler(kube.Calm(reconcile.AsReconciler(r.Client, r))))
}

// Reconcile reports one instance, and lets it go. Everything else the cluster does: it registers, deregisters and labels.
func (r *Reconciler) Reconcile(ctx context.Context, instance *ecsv1.ContainerInstance) (ctrl.Result, error) {
	if instance.DeletionTimestamp == nil {
		if err := r.writer().AddFinalizer(ctx, instance, ecsv1.FinalizerContainerInstance); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	}
	seen, err := r.observe(ctx, instance)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing container instance: %w", err)
	}
	plan := next(instance, seen)
	applyErr := r.apply(ctx, instance, plan)
	if plan.release && applyErr == nil {
		return ctrl.Result{}, nil
	}
	after := instance.DeepCopy()
	setStatus(after, seen, plan, r.Scope)
	changed, err := r.writer().PatchStatus(ctx, instance, after)
	if changed && err == nil {
		r.announce(instance, after)
	}
	return ctrl.Result{}, errors.Join(applyErr, err)
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }

// every is all instances: what a cluster or a capacity provider says may be about any.
func (r *Reconciler) every(ctx context.Context, _ client.Object) []reconcile.Request {
	list := &ecsv1.ContainerInstanceList{}
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	out := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return out
}

func ofPod(_ context.Context, o client.Object) []reconcile.Request {
	pod, ok := o.(*corev1.Pod)
	if !ok || instances.Destination(pod) == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: instances.Destination(pod)}}}
}
