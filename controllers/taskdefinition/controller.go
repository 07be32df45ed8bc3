// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package taskdefinition registers task definitions: each change of a TaskDefinition becomes an immutable revision of its family.
package taskdefinition

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
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
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// Owner is the field owner of what this package writes.
const Owner = client.FieldOwner("ecs-taskdefinition")

// Reconciler registers the revisions of a TaskDefinition.
type Reconciler struct {
	Client client.Client
	// Live reads past the cache.
	Live   client.Reader
	Events events.EventRecorder
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitions,verbs=list;watch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitions/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitionrevisions,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=tasks;servicerevisions;servicedeployments,verbs=list;watch
// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=list;watch;create;patch
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=list;watch

// SetupWithManager watches task definitions, and with each all others of its family.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	// A thousand services that go to a new revision at once free the one before it a thousand times.
	pace := kube.NewPace(kube.EachObject, r.Now)
	freed := pace.EventsOf(r.freed)
	return ctrl.NewControllerManagedBy(mgr).Named("taskdefinition").
		For(&ecsv1.TaskDefinition{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&ecsv1.TaskDefinition{}, handler.EnqueueRequestsFromMapFunc(r.rivals), builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.TaskDefinitionRevision{}, handler.EnqueueRequestsFromMapFunc(r.ofRevision)).
		Watches(&ecsv1.ServiceDeployment{}, freed, builder.WithPredicates(mayFree())).
		Watches(&ecsv1.ServiceRevision{}, freed, builder.WithPredicates(kube.OnlyDeletes())).
		Complete(pace.Reconciler(kube.Calm(reconcile.AsReconciler(r.Client, r))))
}

// Reconcile brings the family up to the task definition.
func (r *Reconciler) Reconcile(ctx context.Context, td *ecsv1.TaskDefinition) (ctrl.Result, error) {
	if td.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // revisions see to themselves: RevisionReconciler
	}
	seen, err := r.observe(ctx, td)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing task definition: %w", err)
	}
	plan := next(seen)
	applyErr := r.apply(ctx, seen, plan)
	after := td.DeepCopy()
	setStatus(after, seen, plan, applyErr, r.Scope)
	changed, err := r.writer().PatchStatus(ctx, td, after)
	if changed && err == nil {
		r.announce(td, after)
	}
	if applyErr == nil {
		r.announceExpired(td, plan)
	}
	return ctrl.Result{}, errors.Join(applyErr, err)
}

func (r *Reconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }

// apply raises the family's counter before it makes the revision: a crash in between skips a number, and never uses one twice.
func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
	for _, old := range plan.expired {
		if err := r.writer().Delete(ctx, old); err != nil {
			return fmt.Errorf("deleting %s:%d, which is older than revisionHistoryLimit keeps: %w", seen.family, old.Spec.Revision, err)
		}
	}
	if plan.register == nil {
		return nil
	}
	if err := r.raise(ctx, seen, plan.register.Spec.Revision, plan.content); err != nil {
		return fmt.Errorf("counting revisions of family %s: %w", seen.family, err)
	}
	if err := r.Client.Create(ctx, plan.register, Owner); err != nil {
		return fmt.Errorf("registering %s:%d: %w", seen.family, plan.register.Spec.Revision, err)
	}
	return nil
}

// raise writes down the number and what it is given to: later it tells a revision that was deleted from one that was never made.
func (r *Reconciler) raise(ctx context.Context, seen observed, to int64, hash string) error {
	if seen.counter == nil {
		counter := &appsv1.ControllerRevision{Revision: to, Data: runtime.RawExtension{Raw: []byte(`{}`)}}
		counter.Namespace, counter.Name = seen.td.Namespace, names.FamilyCounter(seen.family)
		counter.Labels = map[string]string{ecsv1.LabelFamily: names.LabelValue(seen.family), ecsv1.LabelContentHash: hash}
		counter.Annotations = map[string]string{"ecs.pods.dev/about": "The last revision number given to the task definition family " + seen.family + ". Deleting it lets numbers be used again."}
		return r.Client.Create(ctx, counter, Owner)
	}
	after := seen.counter.DeepCopy()
	after.Revision = to
	if after.Labels == nil {
		after.Labels = map[string]string{}
	}
	after.Labels[ecsv1.LabelContentHash] = hash
	return r.Client.Patch(ctx, after, client.MergeFromWithOptions(seen.counter, client.MergeFromWithOptimisticLock{}), Owner)
}
