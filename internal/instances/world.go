// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package instances makes of nodes and pods what internal/placement chooses among: the instances of a cluster with what is left of them, and
// the request of a pod for a place.
//
// What an instance has is what the scheduler will find there: its node's allocatable, less the requests and host ports of every pod that hasn't
// ended, whoever owns it. Pods in flight count where they are sent to: those that the operator has placed and the scheduler hasn't bound
// yet, and those that a DaemonSet or StartTask has for one node ([Destination]). So the instances can be made anew from what the apiserver has at any time.
//
// A pod that is being deleted takes room as long as it is there, and is no task that is to run: spread and distinctInstance don't count it
// (by desired status, DG/task-placement-constraints).
package instances

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// World is what the instances of a cluster are made from. The lists may have any order, and may have more than concerns the cluster.
type World struct {
	// Cluster is the object, nil where there is none: then capacity providers are those of the name alone.
	Cluster *ecsv1.Cluster
	// Name is the cluster's ECS name.
	Name      string
	Instances []ecsv1.ContainerInstance
	Nodes     []corev1.Node
	// Pods are all pods of all namespaces.
	Pods      []corev1.Pod
	Providers []ecsv1.CapacityProvider
	Now       time.Time
	// Ledger is kept from one look to the next; nil to work everything out.
	Ledger *Ledger
}

// Fleet is the instances of the cluster. Each one's Handle is its *corev1.Node, nil where that is gone. The nodes are not copied, and not to be
// changed as long as the Fleet is used.
func Fleet(w World) *placement.Fleet {
	nodes := make(map[string]*corev1.Node, len(w.Nodes))
	for i := range w.Nodes {
		nodes[w.Nodes[i].Name] = &w.Nodes[i]
	}
	providers := Providers(w.Cluster, w.Name, w.Providers)
	cluster := w.Cluster
	if cluster == nil {
		cluster = &ecsv1.Cluster{Spec: ecsv1.ClusterSpec{ClusterName: w.Name}}
	}
	announce := capacity.Providers(cluster, w.Providers)
	var all []*placement.Instance
	byNode := map[string]*placement.Instance{}
	for i := range w.Instances {
		c := &w.Instances[i]
		if c.Spec.Cluster != w.Name {
			continue
		}
		instance := describe(c, nodes[c.Spec.NodeName], providers, announce)
		all = append(all, instance)
		byNode[c.Spec.NodeName] = instance
	}
	for i := range w.Pods {
		pod := &w.Pods[i]
		if instance := byNode[Destination(pod)]; instance != nil && !capacity.Ended(pod) {
			occupy(instance, w.Ledger.takes(pod, w.Now))
		}
	}
	w.Ledger.sweep(len(w.Pods))
	return placement.NewFleet(all)
}

// describe makes an instance that has no pods yet. Where the node is gone, nothing is placed. announce are the capacity providers whose taints
// announce interruptions.
func describe(c *ecsv1.ContainerInstance, node *corev1.Node, providers []Provider, announce []capacity.Provider) *placement.Instance {
	out := &placement.Instance{Name: c.Name, Tasks: map[string]int{}, Ports: map[placement.Port]bool{}}
	if node == nil {
		return out
	}
	facts := capacity.Instance(node, nil, c, announce)
	out.Handle = node
	out.Active = facts.Status == ecsv1.ContainerInstanceStateActive && c.DeletionTimestamp == nil && node.DeletionTimestamp == nil
	out.Facts = query.Instance{
		AgentConnected: facts.AgentConnected,
		AgentVersion:   facts.VersionInfo.AgentVersion,
		Ec2InstanceID:  facts.Ec2InstanceId,
		RegisteredAt:   c.CreationTimestamp.Time,
		Attributes:     make(map[string]string, len(facts.Attributes)),
	}
	if c.Status.RegisteredAt != nil {
		out.Facts.RegisteredAt = c.Status.RegisteredAt.Time
	}
	for _, a := range facts.Attributes {
		out.Facts.Attributes[a.Name] = a.Value
	}
	out.Free = amounts(node.Status.Allocatable)
	for _, p := range capacity.ReservedPorts() {
		out.Ports[placement.Port{Number: p}] = true
	}
	for _, p := range providers {
		if p.Has(node) {
			out.Providers = append(out.Providers, p.Name)
		}
	}
	return out
}

// occupy takes what a pod takes, and counts it among the tasks if it is one that is to run.
func occupy(instance *placement.Instance, what taken) {
	subtract(&instance.Free, what.needs)
	for _, p := range what.ports {
		instance.Ports[p] = true
	}
	if what.group != "" {
		instance.Tasks[what.group]++
	}
}

// TaskGroup is the task group of a pod: service:NAME for a service's, family:FAMILY or the group that RunTask was given for another.
func TaskGroup(pod *corev1.Pod) string {
	if group := pod.Annotations[ecsv1.AnnotationTaskGroup]; group != "" {
		return group
	}
	if name := pod.Labels[ecsv1.LabelService]; name != "" { // made before the annotation was
		return "service:" + name
	}
	return "family:" + pod.Labels[ecsv1.LabelFamily]
}

// InCluster reports whether a pod is a task of the cluster.
func InCluster(pod *corev1.Pod, cluster string) bool {
	return pod.Labels[ecsv1.LabelCluster] == names.LabelValue(cluster)
}
