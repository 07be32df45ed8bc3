// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// ofReferred are the tasks without a pod that refer to an object, or are in a namespace.
func (r *Reconciler) ofReferred(ctx context.Context, o client.Object) []reconcile.Request {
	choose, ok := references.To(o)
	if !ok {
		return nil
	}
	return r.list(ctx, unstarted, choose...)
}

// ofInstance are the tasks that run on a container instance, and those of its cluster that may want it.
func (r *Reconciler) ofInstance(ctx context.Context, o client.Object) []reconcile.Request {
	instance, ok := o.(*ecsv1.ContainerInstance)
	if !ok {
		return nil
	}
	concerned := func(t *ecsv1.Task) bool {
		return unstarted(t) || t.Status.ContainerInstanceArn == "" || t.Status.ContainerInstanceArn == instance.Status.ContainerInstanceArn
	}
	return r.list(ctx, concerned, client.MatchingFields{references.ClusterIndex: instance.Spec.Cluster})
}

// ofNeed leads from an object that tasks of a revision share to those of them that may need it.
func (r *Reconciler) ofNeed(ctx context.Context, o client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, ref := range o.GetOwnerReferences() {
		revision := &ecsv1.TaskDefinitionRevision{}
		if ref.Kind != "TaskDefinitionRevision" || r.Client.Get(ctx, client.ObjectKey{Namespace: o.GetNamespace(), Name: ref.Name}, revision) != nil {
			continue // the revision is gone, and needs nothing
		}
		out = append(out, r.list(ctx, func(*ecsv1.Task) bool { return true },
			client.InNamespace(revision.Namespace), client.MatchingFields{references.FamilyIndex: revision.Spec.Family})...)
	}
	return out
}

// unstarted tasks depend on what they refer to; those that have a pod don't any more.
func unstarted(t *ecsv1.Task) bool { return t.Status.PodName == "" }

func (r *Reconciler) list(ctx context.Context, which func(*ecsv1.Task) bool, options ...client.ListOption) []reconcile.Request {
	list := &ecsv1.TaskList{}
	if err := r.Client.List(ctx, list, append(options, client.UnsafeDisableDeepCopy)...); err != nil { // thousands, and they are only read
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		if t := &list.Items[i]; !task.Stopped(t) && which(t) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(t)})
		}
	}
	return out
}

// availabilityChanged lets through instances that tasks see a change of: whether they may be placed there, whether it is about to be taken away, and whether it
// reports. Those that are there when the operator starts are no news: each task is looked at then anyway, and thousands of instances would each look at
// thousands of tasks before the first is.
func availabilityChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return !e.IsInInitialList },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*ecsv1.ContainerInstance)
			after, also := e.ObjectNew.(*ecsv1.ContainerInstance)
			return ok && also && (before.Generation != after.Generation || before.Status.Status != after.Status.Status ||
				interrupted(before) != interrupted(after) || before.Status.AgentConnected != after.Status.AgentConnected || before.Status.ContainerInstanceArn != after.Status.ContainerInstanceArn)
		},
	}
}

func interrupted(c *ecsv1.ContainerInstance) bool {
	return meta.IsStatusConditionTrue(c.Status.Conditions, ecsv1.ConditionInterrupted)
}
