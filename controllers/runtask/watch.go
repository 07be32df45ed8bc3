// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Indexes of Tasks by what they refer to.
const (
	ClusterIndex = "spec.cluster"
	FamilyIndex  = "spec.taskDefinition"
)

// IndexCluster is the value of ClusterIndex: the ECS name of the cluster.
func IndexCluster(o client.Object) []string {
	if t, ok := o.(*ecsv1.Task); ok {
		return []string{task.Cluster(t)}
	}
	return nil
}

// IndexFamily is the value of FamilyIndex: the family without revision.
func IndexFamily(o client.Object) []string {
	t, ok := o.(*ecsv1.Task)
	if !ok {
		return nil
	}
	ref, err := arn.ParseTaskDefinition(t.Spec.TaskDefinition)
	if err != nil {
		return nil
	}
	return []string{ref.Family}
}

func (r *Reconciler) ofRevision(ctx context.Context, o client.Object) []reconcile.Request {
	revision, ok := o.(*ecsv1.TaskDefinitionRevision)
	if !ok {
		return nil
	}
	return r.list(ctx, unstarted, client.InNamespace(revision.Namespace), client.MatchingFields{FamilyIndex: revision.Spec.Family})
}

func (r *Reconciler) ofTaskDefinition(ctx context.Context, o client.Object) []reconcile.Request {
	td, ok := o.(*ecsv1.TaskDefinition)
	if !ok {
		return nil
	}
	return r.list(ctx, unstarted, client.InNamespace(td.Namespace), client.MatchingFields{FamilyIndex: taskdef.Family(td)})
}

func (r *Reconciler) ofCluster(ctx context.Context, o client.Object) []reconcile.Request {
	cluster, ok := o.(*ecsv1.Cluster)
	if !ok {
		return nil
	}
	return r.list(ctx, unstarted, client.MatchingFields{ClusterIndex: service.ClusterName(cluster)})
}

func (r *Reconciler) inNamespace(ctx context.Context, o client.Object) []reconcile.Request {
	return r.list(ctx, unstarted, client.InNamespace(o.GetName()))
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
	return r.list(ctx, concerned, client.MatchingFields{ClusterIndex: instance.Spec.Cluster})
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
			client.InNamespace(revision.Namespace), client.MatchingFields{FamilyIndex: revision.Spec.Family})...)
	}
	return out
}

// unstarted tasks depend on what they refer to; those that have a pod don't any more.
func unstarted(t *ecsv1.Task) bool { return t.Status.PodName == "" }

func (r *Reconciler) list(ctx context.Context, which func(*ecsv1.Task) bool, options ...client.ListOption) []reconcile.Request {
	list := &ecsv1.TaskList{}
	if err := r.Client.List(ctx, list, options...); err != nil {
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

// availabilityChanged lets through instances that tasks see a change of: whether they may be placed there, and whether it reports.
func availabilityChanged() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*ecsv1.ContainerInstance)
			after, also := e.ObjectNew.(*ecsv1.ContainerInstance)
			return ok && also && (before.Generation != after.Generation || before.Status.Status != after.Status.Status ||
				before.Status.AgentConnected != after.Status.AgentConnected || before.Status.ContainerInstanceArn != after.Status.ContainerInstanceArn)
		},
	}
}
