// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package servicedeployment carries deployments out: it makes one Deployment per service revision and moves their counts.
//
// The newest ServiceDeployment of a service drives all the service's Deployments, during the rollout and after it; older ones are
// history. Nothing but this package writes those Deployments.
package servicedeployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-servicedeployment")

// Reconciler drives service deployments.
type Reconciler struct {
	Client client.Client
	// Cache reads what may not be there as a kind.
	Cache client.Reader
	// Live reads what is watched by nobody.
	Live client.Reader
	// Hooks calls the URLs of lifecycle hooks.
	Hooks  HookCaller
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
	// Platform is what tasks are translated for.
	Platform service.Platform

	routes   routeWatch
	contests contests
	settling settling
	holding  holding
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters;capacityproviders;servicedeployments;servicerevisions;services;taskdefinitionrevisions,verbs=list;watch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicedeployments/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=services/finalizers;servicerevisions/finalizers,verbs=update
// +kubebuilder:rbac:groups=apps,resources=deployments;daemonsets,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=apps,resources=replicasets,verbs=list;watch;patch
// +kubebuilder:rbac:groups="",resources=pods;namespaces,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches deployments of services and all that they move: the Service, its Deployments and its tasks.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	byLabel, pace := handler.EnqueueRequestsFromMapFunc(r.ofLabel), kube.NewPace(kube.EachObject, r.Now)
	often, placement := pace.Events(byLabel), handler.EnqueueRequestsFromMapFunc(r.ofPlacement)
	ofServices := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[ecsv1.LabelService] != "" })
	ours, carriers := builder.WithPredicates(ofServices), builder.WithPredicates(ofServices, carrierChanges)
	ofRoles := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[ecsv1.LabelTaskRole] != "" })
	c, err := ctrl.NewControllerManagedBy(mgr).Named("servicedeployment").
		For(&ecsv1.ServiceDeployment{}, builder.WithPredicates(turns)).
		Watches(&ecsv1.Service{}, handler.EnqueueRequestsFromMapFunc(r.ofService), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.ServiceDeployment{}, byLabel, builder.WithPredicates(turns)).
		Watches(&ecsv1.Alarm{}, handler.EnqueueRequestsFromMapFunc(r.ofAlarm), builder.WithPredicates(alarmChanges)).
		Watches(&appsv1.Deployment{}, often, carriers).
		Watches(&appsv1.DaemonSet{}, often, ours).
		Watches(&appsv1.ReplicaSet{}, often, carriers).
		Watches(&ecsv1.Cluster{}, placement, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.CapacityProvider{}, placement, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&corev1.Pod{}, often, ours).
		Watches(&ecsv1.ContainerInstance{}, handler.EnqueueRequestsFromMapFunc(r.ofInstance), builder.WithPredicates(stateChanges)).
		Watches(&networkingv1.NetworkPolicy{}, byLabel, ours).
		Watches(&batchv1.Job{}, often, ours).
		Watches(&ecsv1.ServiceDeployment{}, r.forget()).
		WatchesRawSource(source.Func(r.hookAnswers)).
		Watches(&corev1.ServiceAccount{}, handler.EnqueueRequestsFromMapFunc(r.ofNeed), builder.WithPredicates(ofRoles)).
		Watches(&discoveryv1.EndpointSlice{}, often, ours).
		Watches(&ecsv1.ServiceRevision{}, byLabel, builder.WithPredicates(resolves)).
		Build(pace.Reconciler(kube.Calm(reconcile.AsReconciler(r.Client, r))))
	r.routes = routeWatch{controller: c, cache: mgr.GetCache(), of: r.ofRoute}
	return err
}

// Reconcile drives one service deployment one step closer.
func (r *Reconciler) Reconcile(ctx context.Context, stored *ecsv1.ServiceDeployment) (ctrl.Result, error) {
	if stored.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	sd := r.holding.resume(stored)
	seen, err := r.observe(ctx, sd)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing service deployment: %w", err)
	}
	if seen.service == nil {
		shown.show(sd, false)
		return ctrl.Result{}, nil // the service is gone, and garbage collection is on its way here
	}
	plan, applyErr := r.provide(ctx, seen, next(seen))
	plan, chooseErr := r.choose(ctx, seen, plan)
	plan, zonesErr := r.rebalance(ctx, seen, plan)
	applyErr = errors.Join(applyErr, chooseErr, zonesErr)
	applyErr = errors.Join(applyErr, r.apply(ctx, seen, plan))
	after := sd.DeepCopy()
	abort := setStatus(after, seen, plan, applyErr, r.Scope)
	remind(sd, after, metav1.NewTime(seen.now))
	held, changed := r.holding.hold(stored, after, seen.now), false
	if held == 0 {
		changed, err = r.writer().PatchStatus(ctx, stored, after)
	}
	if err == nil && applyErr == nil {
		r.announceCounts(seen, plan)
	}
	if err == nil && changed {
		r.announce(seen, sd, after)
		r.announceLife(seen, sd, after, abort)
		r.announceHooks(seen, sd, after, seen.hooks.Ignored)
	}
	if err == nil {
		err = r.applyHooks(ctx, &seen, seen.hooks)
	}
	if err == nil {
		measure(sd, after, seen.service, seen.drives())
		r.unshow(ctx, sd)
	}
	if applyErr == nil && len(plan.scale) == 0 {
		applyErr = r.applyPlacement(ctx, seen.retemplating)
	}
	again := sooner(seen.lookAgainIn(plan), service.TellsAgainIn(toldAt(after), seen.now))
	return ctrl.Result{RequeueAfter: sooner(again, held)}, errors.Join(applyErr, err)
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }

// forget ends the calls of the hooks of a deployment that is gone, and takes its gauges away. Its Jobs go with it.
func (r *Reconciler) forget() handler.EventHandler {
	return handler.Funcs{DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		r.Hooks.Forget(e.Object.GetUID())
		if sd, ok := e.Object.(*ecsv1.ServiceDeployment); ok {
			shown.show(sd, false)
		}
	}}
}
