// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package capacityprovider reports what belongs to a capacity provider, and holds one that is deleted while something names it.
package capacityprovider

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
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
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-capacityprovider")

// Reconciler reports CapacityProviders.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=capacityproviders,verbs=list;watch;patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=capacityproviders/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters;containerinstances;services,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=nodes;pods,verbs=list;watch

// SetupWithManager watches providers and what they count. Providers are few: what may be about several looks at all.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	all, changed := handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(predicate.GenerationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).Named("capacityprovider").
		For(&ecsv1.CapacityProvider{}, changed).
		Watches(&ecsv1.CapacityProvider{}, all, changed).
		Watches(&ecsv1.Cluster{}, all, changed).
		Watches(&ecsv1.Service{}, all, changed).
		Watches(&corev1.Node{}, all, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		Watches(&ecsv1.ContainerInstance{}, all, builder.WithPredicates(stateChanged())).
		Watches(&corev1.Pod{}, soon(r.ofPod), builder.WithPredicates(taskChanged())).
		Complete(kube.Calm(reconcile.AsReconciler(r.Client, r)))
}

// Reconcile reports one provider, and lets it go.
func (r *Reconciler) Reconcile(ctx context.Context, provider *ecsv1.CapacityProvider) (ctrl.Result, error) {
	if provider.DeletionTimestamp == nil {
		if err := r.writer().AddFinalizer(ctx, provider, ecsv1.FinalizerCapacityProvider); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	}
	seen, err := r.observe(ctx, provider)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing capacity provider: %w", err)
	}
	if provider.DeletionTimestamp != nil && len(seen.users()) == 0 {
		return ctrl.Result{}, r.writer().RemoveFinalizer(ctx, provider, ecsv1.FinalizerCapacityProvider)
	}
	after := provider.DeepCopy()
	setStatus(after, seen, r.Scope)
	changed, err := r.writer().PatchStatus(ctx, provider, after)
	if changed && err == nil {
		r.announce(provider, after)
	}
	return ctrl.Result{}, err
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }
