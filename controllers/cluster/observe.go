// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/daemons"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// observed is everything that a cluster is planned from.
type observed struct {
	cluster *ecsv1.Cluster
	// clusters are all of them, the oldest first.
	clusters []ecsv1.Cluster
	// nodes by name.
	nodes []corev1.Node
	// instances of every cluster, by name.
	instances []ecsv1.ContainerInstance
	// services of this cluster.
	services []ecsv1.Service
	// tasks that someone ran by themselves, of every cluster.
	tasks []ecsv1.Task
	// providers that strategies in the cluster can name.
	providers []capacity.Provider
	// daemons of the cluster, the oldest first.
	daemons []daemons.Daemon
	// podsOn are the pods on a node, or on their way there.
	podsOn func(node string) []corev1.Pod
	now    time.Time
}

func (r *Reconciler) observe(ctx context.Context, cluster *ecsv1.Cluster) (observed, error) {
	o := observed{cluster: cluster, now: r.Now()}
	clusters, nodes, instances := &ecsv1.ClusterList{}, &corev1.NodeList{}, &ecsv1.ContainerInstanceList{}
	services, tasks, providers := &ecsv1.ServiceList{}, &ecsv1.TaskList{}, &ecsv1.CapacityProviderList{}
	for _, list := range []client.ObjectList{clusters, nodes, instances, services, tasks, providers} {
		if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil { // thousands of nodes, and they are only read
			return o, err
		}
	}
	o.clusters, o.nodes, o.instances, o.tasks = clusters.Items, nodes.Items, instances.Items, tasks.Items
	slices.SortFunc(o.clusters, func(a, b ecsv1.Cluster) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(o.nodes, func(a, b corev1.Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(o.instances, func(a, b ecsv1.ContainerInstance) int { return cmp.Compare(a.Name, b.Name) })
	name := service.ClusterName(cluster)
	for i := range services.Items {
		if service.Cluster(&services.Items[i]) == name {
			o.services = append(o.services, services.Items[i])
		}
	}
	o.providers = capacity.Providers(cluster, providers.Items)
	o.daemons = daemons.All(o.services, func(s *ecsv1.Service) *ecsv1.TaskDefinitionRevision { return r.revisionOf(ctx, s) })
	o.podsOn = func(node string) []corev1.Pod {
		pods := &corev1.PodList{}
		if err := r.Client.List(ctx, pods, client.MatchingFields{references.NodeIndex: node}, client.UnsafeDisableDeepCopy); err != nil {
			return nil // the cache answers, and it does so once it is filled
		}
		return pods.Items
	}
	return o, nil
}

// revisionOf is the task definition revision that the service runs, nil where it isn't there.
func (r *Reconciler) revisionOf(ctx context.Context, s *ecsv1.Service) *ecsv1.TaskDefinitionRevision {
	ref, err := arn.ParseTaskDefinition(s.Status.TaskDefinition)
	if err != nil {
		return nil
	}
	out := &ecsv1.TaskDefinitionRevision{}
	key := client.ObjectKey{Namespace: s.Namespace, Name: names.TaskDefinitionRevision(ref.Family, ref.Revision)}
	if err := r.Client.Get(ctx, key, out); err != nil {
		return nil
	}
	return out
}

// own are the instances of this cluster.
func (o observed) own() []ecsv1.ContainerInstance {
	var out []ecsv1.ContainerInstance
	for _, i := range o.instances {
		if i.Spec.Cluster == service.ClusterName(o.cluster) {
			out = append(out, i)
		}
	}
	return out
}

// active counts the tasks on the cluster's instances, whoever started them, and those that wait for one.
func (o observed) active() int32 {
	n := task.Unplaced(service.ClusterName(o.cluster), o.tasks)
	for _, i := range o.own() {
		n += tasksOn(&i)
	}
	return n
}

func tasksOn(i *ecsv1.ContainerInstance) int32 {
	return i.Status.RunningTasksCount + i.Status.PendingTasksCount
}

// counts the tasks in the cluster, as its services and those that run by themselves tell.
func (o observed) counts() (running, pending int32) {
	running, pending = task.Active(service.ClusterName(o.cluster), o.tasks)
	for i := range o.services {
		running += o.services[i].Status.RunningCount
		pending += o.services[i].Status.PendingCount
	}
	return running, pending
}

// holder is the ECS name of the cluster that the node is registered in, or "".
func (o observed) holder(node string) string {
	for i := range o.instances {
		if o.instances[i].Spec.NodeName == node {
			return o.instances[i].Spec.Cluster
		}
	}
	return ""
}

func (o observed) label() string { return label(o.cluster) }

// namesake is an older cluster with the same ECS name, which has the right to it.
func (o observed) namesake() string {
	for i := range o.clusters {
		other := &o.clusters[i]
		if other.Name == o.cluster.Name {
			return ""
		}
		if service.ClusterName(other) == service.ClusterName(o.cluster) {
			return other.Name
		}
	}
	return ""
}
