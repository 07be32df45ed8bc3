// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
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

// RevisionReconciler keeps the life of a revision: ACTIVE; INACTIVE once it is deregistered; DELETE_IN_PROGRESS from the moment that
// its deletion is asked for until nothing uses it; then gone. Deleting the TaskDefinition asks for the deletion of its revisions. A
// revision never becomes ACTIVE again.
type RevisionReconciler struct {
	Client client.Client
	// Live reads past the cache.
	Live  client.Reader
	Now   func() time.Time
	Scope arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitionrevisions,verbs=delete;patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=taskdefinitionrevisions/status,verbs=patch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicerevisions,verbs=list;watch

// SetupWithManager watches revisions, the task definitions they come from and what uses them.
func (r *RevisionReconciler) SetupWithManager(mgr ctrl.Manager) error {
	freed := handler.EnqueueRequestsFromMapFunc(r.freed)
	return ctrl.NewControllerManagedBy(mgr).Named("taskdefinitionrevision").
		For(&ecsv1.TaskDefinitionRevision{}).
		Watches(&ecsv1.TaskDefinition{}, handler.EnqueueRequestsFromMapFunc(r.ofTaskDefinition), builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.ServiceRevision{}, freed, builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.ServiceDeployment{}, freed, builder.WithPredicates(mayFree())).
		Watches(&appsv1.Deployment{}, freed, builder.WithPredicates(kube.OnlyDeletes())).
		Watches(&ecsv1.Task{}, handler.EnqueueRequestsFromMapFunc(r.ofTask)).
		Complete(kube.Calm(reconcile.AsReconciler(r.Client, r)))
}

// Reconcile moves one revision along its life.
func (r *RevisionReconciler) Reconcile(ctx context.Context, revision *ecsv1.TaskDefinitionRevision) (ctrl.Result, error) {
	if revision.DeletionTimestamp == nil {
		registered, err := r.registered(ctx, revision)
		if err != nil {
			return ctrl.Result{}, fmt.Errorf("looking for the task definition of a revision: %w", err)
		}
		if !registered {
			return ctrl.Result{}, r.writer().Delete(ctx, revision)
		}
		if err := r.writer().AddFinalizer(ctx, revision, ecsv1.FinalizerTaskDefinitionRevision); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding finalizer: %w", err)
		}
	} else if used, err := r.used(ctx, revision); err != nil {
		return ctrl.Result{}, fmt.Errorf("looking who uses a task definition revision: %w", err)
	} else if !used {
		return ctrl.Result{}, r.writer().RemoveFinalizer(ctx, revision, ecsv1.FinalizerTaskDefinitionRevision)
	}
	after := revision.DeepCopy()
	r.setStatus(after)
	_, err := r.writer().PatchStatus(ctx, revision, after)
	return ctrl.Result{}, err
}

func (r *RevisionReconciler) writer() kube.Writer { return kube.Writer{Client: r.Client, Owner: Owner} }

// registered tells whether the revision's TaskDefinition is there.
func (r *RevisionReconciler) registered(ctx context.Context, revision *ecsv1.TaskDefinitionRevision) (bool, error) {
	tds := &ecsv1.TaskDefinitionList{}
	if err := r.Client.List(ctx, tds, client.InNamespace(revision.Namespace)); err != nil {
		return false, err
	}
	for i := range tds.Items {
		if taskdef.Family(&tds.Items[i]) == revision.Spec.Family && tds.Items[i].DeletionTimestamp == nil {
			return true, nil
		}
	}
	return false, nil
}

// used tells whether something uses the revision. The cache says so first; that nothing does is asked of the apiserver itself, since the
// revision goes for good.
func (r *RevisionReconciler) used(ctx context.Context, revision *ecsv1.TaskDefinitionRevision) (bool, error) {
	for _, reader := range []client.Reader{r.Client, r.Live} {
		users, err := observeUses(ctx, reader, revision.Namespace)
		if err != nil || users.names()[revision.Name] {
			return true, err
		}
	}
	return false, nil
}

// stateOf is where a revision stands in its life, whether or not its status says so yet.
func stateOf(revision *ecsv1.TaskDefinitionRevision) ecsv1.TaskDefinitionState {
	switch {
	case revision.DeletionTimestamp != nil:
		return ecsv1.TaskDefinitionStateDeleteInProgress
	case revision.Spec.DesiredStatus == ecsv1.TaskDefinitionDesiredStatusInactive:
		return ecsv1.TaskDefinitionStateInactive
	}
	return ecsv1.TaskDefinitionStateActive
}

// says is what a revision's condition says in each state.
var says = map[ecsv1.TaskDefinitionState]conditions.Reason{
	ecsv1.TaskDefinitionStateActive:           {Reason: ecsv1.ReasonReady, Message: "services may use it"},
	ecsv1.TaskDefinitionStateInactive:         {Reason: ecsv1.ReasonTaskDefinitionInactive, Message: "deregistered; services that use it go on and may scale, nothing new may use it"},
	ecsv1.TaskDefinitionStateDeleteInProgress: {Reason: ecsv1.ReasonDeleting, Message: "its deletion was asked for; services that use it go on, new ones can't; it goes when none is left"},
}

func (r *RevisionReconciler) setStatus(revision *ecsv1.TaskDefinitionRevision) {
	s, now := &revision.Status, metav1.NewTime(r.Now())
	s.ObservedGeneration = new(revision.Generation)
	s.TaskDefinitionArn = r.Scope.TaskDefinition(revision.Spec.Family, revision.Spec.Revision)
	s.Compatibilities = taskdef.Compatibilities(&revision.Spec.TaskDefinition)
	s.RequiresAttributes = taskdef.Attributes(&revision.Spec.TaskDefinition)
	s.UnmappedFields = podspec.Unmapped(&revision.Spec.TaskDefinition)
	if s.RegisteredAt == nil {
		s.RegisteredAt = new(revision.CreationTimestamp)
	}
	s.Status = stateOf(revision)
	if s.Status != ecsv1.TaskDefinitionStateActive && s.DeregisteredAt == nil {
		s.DeregisteredAt = &now
	}
	s.DeleteRequestedAt = revision.DeletionTimestamp
	conditions.Set(&s.Conditions, revision.Generation, now, conditions.Outcome{Ready: says[s.Status]})
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, unmapped(s.UnmappedFields), revision.Generation, now)
}

// freed are the revisions, of those that are to go, that something may have used until now.
func (r *RevisionReconciler) freed(ctx context.Context, o client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, user := range usedBy(ctx, r.Client, o) {
		revision := &ecsv1.TaskDefinitionRevision{}
		key := client.ObjectKey{Namespace: user.Namespace, Name: user.Spec.TaskDefinitionRevisionName}
		if err := r.Client.Get(ctx, key, revision); err == nil && revision.DeletionTimestamp != nil {
			out = append(out, reconcile.Request{NamespacedName: key})
		}
	}
	return out
}

// ofTask is the revision that a task names.
func (r *RevisionReconciler) ofTask(_ context.Context, o client.Object) []reconcile.Request {
	task, ok := o.(*ecsv1.Task)
	if !ok {
		return nil
	}
	running := task.DeepCopy()
	running.Status.LastStatus = ""
	name := revisionOfTask(running)
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: task.Namespace, Name: name}}}
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
