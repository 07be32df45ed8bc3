// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// request is for the cluster with that value of the label; none for "".
func request(label string) []reconcile.Request {
	if label == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: label}}}
}

// pods asks for a look when a task begins to wait, when the scheduler refuses one that was sent to it, and when room becomes free while others wait.
func (r *Reconciler) pods() handler.EventHandler {
	add := func(q queue, all []reconcile.Request) {
		for _, req := range all {
			q.Add(req)
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) {
			if pod, ok := e.Object.(*corev1.Pod); ok && (instances.Gated(pod) || instances.InFlight(pod)) {
				add(q, request(pod.Labels[ecsv1.LabelCluster]))
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			before, ok := e.ObjectOld.(*corev1.Pod)
			after, also := e.ObjectNew.(*corev1.Pod)
			switch {
			case !ok || !also:
			case news(before, after):
				add(q, request(after.Labels[ecsv1.LabelCluster]))
			case frees(before, after):
				add(q, r.whereFree(ctx, after))
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) {
			if pod, ok := e.Object.(*corev1.Pod); ok {
				r.memory.forget(pod.UID)
				add(q, r.whereFree(ctx, pod))
			}
		},
	}
}

// news: the pod waits now as it didn't before, or is in flight and something has been said of it.
func news(before, after *corev1.Pod) bool {
	if instances.Gated(after) {
		return !equality.Semantic.DeepEqual(before.Spec, after.Spec)
	}
	return instances.InFlight(after) && (!instances.InFlight(before) || !equality.Semantic.DeepEqual(before.Status.Conditions, after.Status.Conditions))
}

// frees: the pod has ended, or is to stop and so no longer counts for distinctInstance, or has been made smaller.
func frees(before, after *corev1.Pod) bool {
	return !capacity.Ended(before) && capacity.Ended(after) || before.DeletionTimestamp == nil && after.DeletionTimestamp != nil ||
		!equality.Semantic.DeepEqual(capacity.Requests(before), capacity.Requests(after))
}

// whereFree is the cluster whose tasks wait for the room of a pod.
func (r *Reconciler) whereFree(ctx context.Context, pod *corev1.Pod) []reconcile.Request {
	cluster := pod.Labels[ecsv1.LabelCluster]
	if node := (&corev1.Node{}); cluster == "" && pod.Spec.NodeName != "" && r.Client.Get(ctx, client.ObjectKey{Name: pod.Spec.NodeName}, node) == nil {
		cluster = node.Labels[ecsv1.LabelCluster]
	}
	if cluster == "" || !r.memory.watches(cluster) {
		return nil
	}
	return request(cluster)
}

// nodes asks for a look when something changes that placement goes by, while tasks wait or are on their way.
func (r *Reconciler) nodes() handler.EventHandler {
	add := func(q queue, nodes ...client.Object) {
		for _, n := range nodes {
			if cluster := n.GetLabels()[ecsv1.LabelCluster]; r.memory.watches(cluster) {
				for _, req := range request(cluster) {
					q.Add(req)
				}
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { add(q, e.Object) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) {
			r.memory.readmit(e.Object.GetName())
			add(q, e.Object)
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) {
			before, ok := e.ObjectOld.(*corev1.Node)
			after, also := e.ObjectNew.(*corev1.Node)
			if ok && also && differ(before, after) {
				add(q, before, after)
			}
		},
	}
}

func differ(a, b *corev1.Node) bool {
	return !equality.Semantic.DeepEqual(a.Labels, b.Labels) || !equality.Semantic.DeepEqual(a.Spec, b.Spec) ||
		!equality.Semantic.DeepEqual(a.Status.Allocatable, b.Status.Allocatable) ||
		readiness(a) != readiness(b)
}

// readiness is what the agent's connection is read from.
func readiness(n *corev1.Node) corev1.ConditionStatus {
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status
		}
	}
	return ""
}

func ofInstance(_ context.Context, o client.Object) []reconcile.Request {
	if c, ok := o.(*ecsv1.ContainerInstance); ok {
		return request(names.LabelValue(c.Spec.Cluster))
	}
	return nil
}

func ofService(_ context.Context, o client.Object) []reconcile.Request {
	if s, ok := o.(*ecsv1.Service); ok {
		return request(names.LabelValue(service.Cluster(s)))
	}
	return nil
}

func ofTask(_ context.Context, o client.Object) []reconcile.Request {
	if t, ok := o.(*ecsv1.Task); ok {
		return request(names.LabelValue(task.Cluster(t)))
	}
	return nil
}

func ofCluster(_ context.Context, o client.Object) []reconcile.Request {
	if c, ok := o.(*ecsv1.Cluster); ok {
		return request(names.LabelValue(service.ClusterName(c)))
	}
	return nil
}

// everyCluster is for what any cluster with waiting tasks may be concerned by.
func (r *Reconciler) everyCluster(context.Context, client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, cluster := range r.memory.clusters() {
		out = append(out, request(cluster)...)
	}
	return out
}

func onlyCreated() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc:  func(event.UpdateEvent) bool { return false },
		DeleteFunc:  func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}
