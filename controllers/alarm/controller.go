// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alarm evaluates Alarms on time: it asks the Prometheus of their Cluster beside the reconciler, and writes a status when the state has
// become another.
package alarm

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-alarm")

// Reconciler evaluates Alarms.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
	Asker  *Asker
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=alarms,verbs=list;watch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=alarms/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=clusters;capacityproviders,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches alarms and what they refer to, and is told of answers.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	referred := handler.EnqueueRequestsFromMapFunc(r.ofReferred)
	return ctrl.NewControllerManagedBy(mgr).Named("alarm").
		For(&ecsv1.Alarm{}).
		Watches(&ecsv1.Alarm{}, handler.EnqueueRequestsFromMapFunc(r.namesakes), builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.Cluster{}, referred, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&corev1.Namespace{}, referred, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(source.Func(r.answers)).
		Complete(kube.Calm(r))
}

// Reconcile evaluates one alarm, and has its query asked when that is due.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (ctrl.Result, error) {
	alarm := &ecsv1.Alarm{}
	err := r.Client.Get(ctx, req.NamespacedName, alarm)
	if apierrors.IsNotFound(err) || err == nil && alarm.DeletionTimestamp != nil {
		r.Asker.Forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	seen, err := r.observe(ctx, alarm)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing alarm: %w", err)
	}
	plan := next(alarm, seen)
	r.apply(req.NamespacedName, plan)
	if plan.quiet {
		return ctrl.Result{RequeueAfter: plan.again}, nil
	}
	after := alarm.DeepCopy()
	setStatus(after, seen, r.Scope)
	changed, err := r.writer().PatchStatus(ctx, alarm, after)
	if changed && err == nil {
		r.announce(alarm, after)
	}
	return ctrl.Result{RequeueAfter: plan.again}, err
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }

// apply asks, or gives up asking. Nothing waits for the answer.
func (r *Reconciler) apply(alarm types.NamespacedName, p plan) {
	switch {
	case p.forget:
		r.Asker.Forget(alarm)
	case p.ask != nil:
		r.Asker.Ask(*p.ask)
	}
}

// answers takes up an alarm again when its query has been answered, or couldn't be.
func (r *Reconciler) answers(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Asker.Tell(func(of types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: of}) })
	return nil
}

// ofReferred are the alarms that a cluster or a namespace matters to.
func (r *Reconciler) ofReferred(ctx context.Context, o client.Object) []reconcile.Request {
	choose, ok := references.To(o)
	if !ok {
		return nil
	}
	return r.list(ctx, choose...)
}

// namesakes are the alarms that have the name of one that goes.
func (r *Reconciler) namesakes(ctx context.Context, o client.Object) []reconcile.Request {
	alarm, ok := o.(*ecsv1.Alarm)
	if !ok {
		return nil
	}
	return r.list(ctx, references.Watching(alarm)...)
}

func (r *Reconciler) list(ctx context.Context, choose ...client.ListOption) []reconcile.Request {
	list := &ecsv1.AlarmList{}
	if err := r.Client.List(ctx, list, choose...); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return out
}
