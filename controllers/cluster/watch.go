// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"maps"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/daemons"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// nodeChanged lets through what decides about instances and daemons: labels, taints, cordoning, and whether the kubelet reports. Kubelets report
// several times a minute, and most of what they say is of no interest.
func nodeChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*corev1.Node)
		after, same := e.ObjectNew.(*corev1.Node)
		return ok && same && (!maps.Equal(before.Labels, after.Labels) || before.Spec.Unschedulable != after.Spec.Unschedulable ||
			!equality.Semantic.DeepEqual(before.Spec.Taints, after.Spec.Taints) ||
			!reflect.DeepEqual(capacity.Query(before, &ecsv1.ContainerInstance{}), capacity.Query(after, &ecsv1.ContainerInstance{})))
	}}
}

// tasksChanged lets through instances with more or fewer tasks than before.
func tasksChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*ecsv1.ContainerInstance)
		after, same := e.ObjectNew.(*ecsv1.ContainerInstance)
		return ok && same && tasksOn(before) != tasksOn(after)
	}}
}

// stateChanged lets through tasks that begin or end to count.
func stateChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*ecsv1.Task)
		after, same := e.ObjectNew.(*ecsv1.Task)
		return ok && same && (before.Status.LastStatus != after.Status.LastStatus || before.Status.DesiredStatus != after.Status.DesiredStatus)
	}}
}

// podMoved lets through pods that come to a node, begin or cease to run there, or are about to go.
func podMoved() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*corev1.Pod)
		after, same := e.ObjectNew.(*corev1.Pod)
		return ok && same && (instances.Destination(before) != instances.Destination(after) || before.Status.Phase != after.Status.Phase || taskstate.RunningContainers(before) != taskstate.RunningContainers(after) ||
			(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) || !maps.Equal(before.Labels, after.Labels))
	}}
}

// all is every cluster.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.clusters(ctx, func(*ecsv1.Cluster) bool { return true })
}

// leaving are the clusters that are being deleted, which go when they have no tasks.
func (r *Reconciler) leaving(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.clusters(ctx, func(c *ecsv1.Cluster) bool { return c.DeletionTimestamp != nil })
}

// ofPod is the cluster of a task, where it matters to the labels of a node: on an instance that isn't ACTIVE, as it comes or goes, and where daemons
// ask about the tasks beside them.
func (r *Reconciler) ofPod(ctx context.Context, o client.Object) []reconcile.Request {
	pod, ok := o.(*corev1.Pod)
	if !ok || instances.Destination(pod) == "" {
		return nil
	}
	key := client.ObjectKey{Name: instances.Destination(pod)}
	instance, node, providers := &ecsv1.ContainerInstance{}, &corev1.Node{}, &ecsv1.CapacityProviderList{}
	// Events of pods come by the thousand: nothing is copied for them, and nothing of it may be changed.
	asItIs := &client.GetOptions{UnsafeDisableDeepCopy: new(true)}
	if err := errors.Join(r.Client.Get(ctx, key, instance, asItIs), r.Client.Get(ctx, key, node, asItIs), r.Client.List(ctx, providers, client.UnsafeDisableDeepCopy)); err != nil {
		return nil // a pod on a node that is no instance yet; its registration looks at all pods
	}
	return r.clusters(ctx, func(c *ecsv1.Cluster) bool {
		if service.ClusterName(c) != instance.Spec.Cluster {
			return false
		}
		// Not by the status: it may be written later than the task goes.
		state, _ := capacity.State(node, instance, capacity.Providers(c, providers.Items))
		return state != ecsv1.ContainerInstanceStateActive || r.askAboutTasks(ctx, instance.Spec.Cluster)
	})
}

func (r *Reconciler) askAboutTasks(ctx context.Context, cluster string) bool {
	services := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, services, client.MatchingFields{references.DaemonIndex: cluster}, client.UnsafeDisableDeepCopy); err != nil {
		return false // the cache answers, and it does so once it is filled
	}
	return daemons.AskAboutTasks(daemons.All(services.Items, func(s *ecsv1.Service) *ecsv1.TaskDefinitionRevision { return r.revisionOf(ctx, s) }))
}

func (r *Reconciler) clusters(ctx context.Context, which func(*ecsv1.Cluster) bool) []reconcile.Request {
	list := &ecsv1.ClusterList{}
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		if which(&list.Items[i]) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return out
}
