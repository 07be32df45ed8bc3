// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package service turns a Service into what carries it out: core Services for its target groups, a ServiceRevision for each
// change that starts a deployment, and a ServiceDeployment that brings it. It reports how the service stands.
package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
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
const Owner = client.FieldOwner("ecs-service")

// Reconciler reconciles Services.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
	// Platform is what tasks are translated for.
	Platform service.Platform
	// Images reads registries; nil where none are to be read.
	Images ImageReader
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=services,verbs=list;watch;patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=services/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=services/finalizers,verbs=update
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicerevisions;servicedeployments,verbs=list;watch;create;delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicerevisions/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters;capacityproviders;taskdefinitions;taskdefinitionrevisions,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=services,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=pods;namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=gateway.networking.k8s.io,resources=httproutes,verbs=list;watch
// +kubebuilder:rbac:groups=apps,resources=deployments;daemonsets,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches services, what they own, and what they refer to.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	referred := handler.EnqueueRequestsFromMapFunc(r.ofReferred)
	pace := kube.NewPace(kube.EachObject, r.Now)
	ofOwner := handler.EnqueueRequestForOwner(mgr.GetScheme(), mgr.GetRESTMapper(), &ecsv1.Service{}, handler.OnlyControllerOwner())
	return ctrl.NewControllerManagedBy(mgr).Named("service").
		For(&ecsv1.Service{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&corev1.Service{}).
		Watches(&corev1.Service{}, handler.EnqueueRequestsFromMapFunc(r.ofCoreService), builder.WithPredicates(kube.OnlyDeletes())).
		Owns(&ecsv1.ServiceRevision{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.ServiceDeployment{}, pace.Events(ofOwner)).
		Watches(&corev1.Pod{}, pace.EventsOf(r.ofLabel), builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.TaskDefinitionRevision{}, referred, builder.WithPredicates(meanings)).
		Watches(&ecsv1.TaskDefinition{}, referred, builder.WithPredicates(meanings)).
		Watches(&ecsv1.Cluster{}, referred, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.CapacityProvider{}, referred, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.Alarm{}, handler.EnqueueRequestsFromMapFunc(r.ofAlarm), builder.WithPredicates(comesAndGoes)).
		Watches(&corev1.Namespace{}, referred, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(source.Func(r.answers)).
		Complete(pace.Reconciler(kube.Calm(reconcile.AsReconciler(r.Client, r))))
}

// Reconcile brings one service closer to its spec.
func (r *Reconciler) Reconcile(ctx context.Context, svc *ecsv1.Service) (ctrl.Result, error) {
	if svc.DeletionTimestamp == nil {
		if err := r.writer().AddFinalizer(ctx, svc, ecsv1.FinalizerService); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	}
	seen, err := r.observe(ctx, svc)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing service: %w", err)
	}
	plan := next(seen)
	applyErr := r.apply(ctx, seen, plan)
	if plan.release && applyErr == nil {
		return ctrl.Result{}, r.writer().RemoveFinalizer(ctx, svc, ecsv1.FinalizerService)
	}
	if plan.quiet && applyErr == nil {
		return ctrl.Result{RequeueAfter: plan.again}, nil
	}
	after := svc.DeepCopy()
	setStatus(after, seen, plan, applyErr, r.Scope)
	remind(&svc.Status, &after.Status, metav1.NewTime(seen.now))
	changed, err := r.writer().PatchStatus(ctx, svc, after)
	if changed && err == nil {
		r.announce(svc, after)
	}
	again := plan.again
	if in := service.TellsAgainIn(after.Status.ToldAt, seen.now); in > 0 && (again == 0 || in < again) {
		again = in
	}
	return ctrl.Result{RequeueAfter: again}, errors.Join(applyErr, err)
}

// answers takes up a service again when registries have said what was asked about its images.
func (r *Reconciler) answers(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	if r.Images != nil {
		r.Images.Tell(func(of types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: of}) })
	}
	return nil
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }
