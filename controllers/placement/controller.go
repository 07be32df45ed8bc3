// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package placement places the tasks that wait for the operator to choose their instance: pods with the scheduling gate ecs.pods.dev/placement.
//
// The tasks of a cluster are placed together, the oldest first, by internal/placement. One patch then lifts a task's gate, narrows its node
// affinity to the instance and records the choice; the scheduler has the last word. So whatever has been decided stands in the pods, and is found
// there by the next look, or by the next operator. What the cache hasn't shown yet is kept in memory until it has ([memory]).
//
// A task that has no place says so in its condition PodScheduled, in ECS's words and with the reason by which autoscalers find pods that
// need a node. A task of a service that can't get where it was sent is deleted, and its ReplicaSet makes another.
package placement

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-placement")

// Reconciler places the tasks of clusters. A request's name is the value of the cluster's label.
type Reconciler struct {
	Client client.Client
	Now    func() time.Time

	once   sync.Once
	memory *memory
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters;containerinstances;capacityproviders;services;servicerevisions;tasks;taskdefinitionrevisions,verbs=list;watch
// +kubebuilder:rbac:groups=apps,resources=replicasets,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;patch;delete
// +kubebuilder:rbac:groups="",resources=pods/status,verbs=patch

// SetupWithManager watches tasks that wait, and what may make room for them.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	r.remember()
	changed, pace := builder.WithPredicates(predicate.GenerationChangedPredicate{}), kube.NewPace(kube.Gathering, r.Now)
	return ctrl.NewControllerManagedBy(mgr).Named("placement").
		Watches(&corev1.Pod{}, pace.Events(r.pods())).
		Watches(&corev1.Node{}, pace.Events(r.nodes())).
		Watches(&ecsv1.ContainerInstance{}, handler.EnqueueRequestsFromMapFunc(ofInstance), changed).
		Watches(&ecsv1.Service{}, pace.EventsOf(ofService), changed).
		Watches(&ecsv1.Cluster{}, handler.EnqueueRequestsFromMapFunc(ofCluster), changed).
		Watches(&ecsv1.CapacityProvider{}, handler.EnqueueRequestsFromMapFunc(r.everyCluster), changed).
		Watches(&ecsv1.Task{}, pace.EventsOf(ofTask), builder.WithPredicates(onlyCreated())).
		Watches(&ecsv1.ServiceRevision{}, handler.EnqueueRequestsFromMapFunc(r.everyCluster), builder.WithPredicates(onlyCreated())).
		Complete(pace.Reconciler(kube.Calm(r)))
}

// remember makes the memory, which a Reconciler has from its first use on.
func (r *Reconciler) remember() {
	r.once.Do(func() { r.memory = newMemory() })
}

// Reconcile places the tasks of one cluster that wait.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	r.memory.watch(req.Name, true) // whatever happens from here on may be news
	seen, err := r.observe(ctx, req.Name)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing the tasks of cluster %s: %w", req.Name, err)
	}
	plan := next(seen)
	r.memory.watch(req.Name, len(seen.waiting)+len(seen.inFlight) > 0)
	again, err := r.apply(ctx, seen, plan)
	report(req.Name, plan)
	if again {
		plan.lookAgainIn = afterConflict
	}
	return ctrl.Result{RequeueAfter: plan.lookAgainIn}, err
}
