// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// RevisionReconciler keeps the life of a revision: ACTIVE while its TaskDefinition is there; DELETE_IN_PROGRESS once that is
// deleted, for as long as a service uses the revision; then gone. A revision never becomes ACTIVE again.
type RevisionReconciler struct {
	Client client.Client
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitionrevisions,verbs=delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitionrevisions/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicerevisions,verbs=list;watch

// SetupWithManager watches revisions, the task definitions they come from and the service revisions that use them.
func (r *RevisionReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).Named("taskdefinitionrevision").
		For(&ecsv1.TaskDefinitionRevision{}).
		Watches(&ecsv1.TaskDefinition{}, handler.EnqueueRequestsFromMapFunc(r.ofTaskDefinition), builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.ServiceRevision{}, handler.EnqueueRequestsFromMapFunc(r.ofServiceRevision), builder.WithPredicates(kube.OnlyDeletes())).
		Complete(kube.Calm(reconcile.AsReconciler(r.Client, r)))
}

// Reconcile moves one revision along its life.
func (r *RevisionReconciler) Reconcile(ctx context.Context, revision *ecsv1.TaskDefinitionRevision) (ctrl.Result, error) {
	if revision.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	registered, used, err := r.observe(ctx, revision)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing task definition revision: %w", err)
	}
	w := kube.Writer{Client: r.Client, Owner: Owner}
	if !registered && !used {
		return ctrl.Result{}, w.Delete(ctx, revision)
	}
	after := revision.DeepCopy()
	r.setStatus(after, registered)
	_, err = w.PatchStatus(ctx, revision, after)
	return ctrl.Result{}, err
}

// observe tells whether the revision's TaskDefinition is there, and whether a service uses the revision.
func (r *RevisionReconciler) observe(ctx context.Context, revision *ecsv1.TaskDefinitionRevision) (registered, used bool, err error) {
	tds := &ecsv1.TaskDefinitionList{}
	if err := r.Client.List(ctx, tds, client.InNamespace(revision.Namespace)); err != nil {
		return false, false, err
	}
	for i := range tds.Items {
		registered = registered || taskdef.Family(&tds.Items[i]) == revision.Spec.Family && tds.Items[i].DeletionTimestamp == nil
	}
	users := &ecsv1.ServiceRevisionList{}
	if err := r.Client.List(ctx, users, client.InNamespace(revision.Namespace)); err != nil {
		return false, false, err
	}
	for i := range users.Items {
		used = used || users.Items[i].Spec.TaskDefinitionRevisionName == revision.Name
	}
	return registered && !deregistered(revision), used, nil
}

func (r *RevisionReconciler) setStatus(revision *ecsv1.TaskDefinitionRevision, registered bool) {
	s, now := &revision.Status, metav1.NewTime(r.Now())
	s.ObservedGeneration = new(revision.Generation)
	s.TaskDefinitionArn = r.Scope.TaskDefinition(revision.Spec.Family, revision.Spec.Revision)
	s.UnmappedFields = podspec.Unmapped(&revision.Spec.TaskDefinition)
	if s.RegisteredAt == nil {
		s.RegisteredAt = new(revision.CreationTimestamp)
	}
	ready := conditions.Reason{Reason: ecsv1.ReasonReady, Message: "services may use it"}
	s.Status = ecsv1.TaskDefinitionStateActive
	if !registered {
		s.Status = ecsv1.TaskDefinitionStateDeleteInProgress
		if s.DeregisteredAt == nil {
			s.DeregisteredAt, s.DeleteRequestedAt = &now, &now
		}
		ready = conditions.Reason{Reason: ecsv1.ReasonDeleting, Message: "its TaskDefinition was deleted; services that use it go on, new ones can't; it goes when none is left"}
	}
	conditions.Set(&s.Conditions, revision.Generation, now, conditions.Outcome{Ready: ready})
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, unmapped(s.UnmappedFields), revision.Generation, now)
}

func (r *RevisionReconciler) ofTaskDefinition(ctx context.Context, o client.Object) []reconcile.Request {
	td, ok := o.(*ecsv1.TaskDefinition)
	if !ok {
		return nil
	}
	list := &ecsv1.TaskDefinitionRevisionList{}
	if err := r.Client.List(ctx, list, client.InNamespace(td.Namespace), client.MatchingLabels{ecsv1.LabelFamily: names.LabelValue(taskdef.Family(td))}); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	out := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return out
}

func (r *RevisionReconciler) ofServiceRevision(_ context.Context, o client.Object) []reconcile.Request {
	used, ok := o.(*ecsv1.ServiceRevision)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: used.Namespace, Name: used.Spec.TaskDefinitionRevisionName}}}
}
