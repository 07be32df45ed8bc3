// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package runtask carries out Tasks: RunTask, StartTask and StopTask. A Task has one pod in its life.
//
// Each step goes by what the status says already, and writes the status for the next one: first the task definition revision, which is
// kept; then the pod is made. A task that is to stop has that in its status before its pod is deleted, and one that has stopped before its
// pod is let go. The pod carries a finalizer until then, so that none goes unseen, and none is made twice.
package runtask

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-runtask")

// afterRefusal is when a pod that Kubernetes refused is tried again: nothing tells of a quota that has room.
const afterRefusal = 30 * time.Second

// Reconciler reconciles Tasks.
type Reconciler struct {
	Client client.Client
	// Live reads past the cache.
	Live client.Reader
	// Cache reads what may not be there as a kind.
	Cache  client.Reader
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
	// Platform is what tasks are translated for.
	Platform service.Platform
	// Images reads registries; nil where none are to be read.
	Images *images.Reader
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=tasks,verbs=get;list;watch;patch;delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=tasks/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=tasks/finalizers,verbs=update
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=capacityproviders;clusters;containerinstances;taskdefinitions;taskdefinitionrevisions,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=list;watch;create;patch
// +kubebuilder:rbac:groups=external-secrets.io,resources=externalsecrets,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches tasks, their pods and what they refer to.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	changed := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	referred := handler.EnqueueRequestsFromMapFunc(r.ofReferred)
	ofRoles := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[ecsv1.LabelTaskRole] != "" })
	return ctrl.NewControllerManagedBy(mgr).Named("runtask").
		For(&ecsv1.Task{}).
		Owns(&corev1.Pod{}).
		Owns(&networkingv1.NetworkPolicy{}).
		Watches(&ecsv1.TaskDefinitionRevision{}, referred).
		Watches(&ecsv1.TaskDefinition{}, referred).
		Watches(&ecsv1.Cluster{}, referred, changed).
		Watches(&ecsv1.CapacityProvider{}, referred, changed).
		Watches(&ecsv1.ContainerInstance{}, handler.EnqueueRequestsFromMapFunc(r.ofInstance), builder.WithPredicates(availabilityChanged())).
		Watches(&corev1.Namespace{}, referred, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		Watches(&corev1.ServiceAccount{}, handler.EnqueueRequestsFromMapFunc(r.ofNeed), builder.WithPredicates(ofRoles)).
		WatchesRawSource(source.Func(r.answers)).
		Complete(kube.Calm(r))
}

// Reconcile brings one task a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	t := &ecsv1.Task{}
	if err := r.Client.Get(ctx, req.NamespacedName, t); err != nil {
		if apierrors.IsNotFound(err) {
			return ctrl.Result{}, r.letGoStrays(ctx, req.NamespacedName, "")
		}
		return ctrl.Result{}, err
	}
	if t.DeletionTimestamp == nil && !task.Stopped(t) {
		if err := r.writer().AddFinalizer(ctx, t, ecsv1.FinalizerTask); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	}
	seen, err := r.observe(ctx, t)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing task: %w", err)
	}
	plan, applyErr := r.provide(ctx, seen, next(seen))
	applyErr = errors.Join(applyErr, r.apply(ctx, t, plan))
	r.ask(seen, plan)
	if refused(applyErr) {
		plan.lookAgainIn = afterRefusal
	}
	if plan.end() {
		return ctrl.Result{}, applyErr
	}
	after := t.DeepCopy()
	setStatus(after, seen, plan, applyErr)
	changed, err := r.writer().PatchStatus(ctx, t, after)
	if err == nil && changed {
		r.announce(t, after)
	}
	return ctrl.Result{RequeueAfter: plan.lookAgainIn}, errors.Join(unexpected(applyErr), err)
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }
