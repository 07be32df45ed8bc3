// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cluster registers a Cluster's nodes as container instances, counts what is in it, and lets it go when it is empty.
package cluster

import (
	"context"
	"errors"
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
const Owner = client.FieldOwner("ecs-cluster")

// Reconciler reconciles Clusters.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters,verbs=list;watch;patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters/finalizers,verbs=update
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=capacityproviders;services;tasks;taskdefinitionrevisions,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list;watch;patch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch

// SetupWithManager watches clusters and what they count. Nodes, instances, services and tasks of any cluster may matter to every
// cluster (two may choose one node), and clusters are few, so a change of one of these looks at all of them. Pods are many: of them, only those count
// on which labels of nodes depend.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	all, pace := handler.EnqueueRequestsFromMapFunc(r.all), kube.NewPace(kube.Summary, r.Now)
	often := pace.Events(all)
	return ctrl.NewControllerManagedBy(mgr).Named("cluster").
		For(&ecsv1.Cluster{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.Cluster{}, all, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&corev1.Node{}, all, builder.WithPredicates(nodeChanged())).
		Watches(&ecsv1.ContainerInstance{}, all, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.ContainerInstance{}, pace.EventsOf(r.leaving), builder.WithPredicates(tasksChanged())).
		Watches(&ecsv1.CapacityProvider{}, all, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.Service{}, often).
		Watches(&ecsv1.Task{}, often, builder.WithPredicates(stateChanged())).
		Watches(&corev1.Pod{}, pace.EventsOf(r.ofPod), builder.WithPredicates(podMoved())).
		Complete(pace.Reconciler(kube.Calm(reconcile.AsReconciler(r.Client, r))))
}

// Reconcile brings one cluster's instances, labels and counts up to date.
func (r *Reconciler) Reconcile(ctx context.Context, cluster *ecsv1.Cluster) (ctrl.Result, error) {
	if cluster.DeletionTimestamp == nil {
		if err := r.writer().AddFinalizer(ctx, cluster, ecsv1.FinalizerCluster); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	}
	seen, err := r.observe(ctx, cluster)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing cluster: %w", err)
	}
	plan := next(seen)
	applyErr := r.apply(ctx, seen, plan)
	if plan.release && applyErr == nil {
		return ctrl.Result{}, r.writer().RemoveFinalizer(ctx, cluster, ecsv1.FinalizerCluster)
	}
	after := cluster.DeepCopy()
	setStatus(after, seen, plan, applyErr, r.Scope)
	changed, err := r.writer().PatchStatus(ctx, cluster, after)
	if changed && err == nil {
		r.announce(cluster, after)
	}
	return ctrl.Result{RequeueAfter: plan.again}, errors.Join(applyErr, err)
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }
