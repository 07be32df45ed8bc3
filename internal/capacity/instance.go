// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package capacity describes a Node as the container instance it is registered as.
//
// A container instance has attributes, by which placement chooses, and resources, from which tasks take: CPU in units of 1/1024
// vCPU, MEMORY in MiB, PORTS and PORTS_UDP as the sets of host ports that are taken, GPU as a count (API_ContainerInstance). What is
// registered is what the Node can give to pods at all; what remains is that less what its pods have taken, no matter whose they are:
// the scheduler makes no difference either.
package capacity

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// Facts are what DescribeContainerInstances says about an instance, as far as the Node and its pods know it.
type Facts struct {
	Status         ecsv1.ContainerInstanceState
	StatusReason   string
	Ec2InstanceId  string
	AgentConnected bool
	Attributes     []ecsv1.Attribute
	// CapacityProviderName is the provider that it counts to.
	CapacityProviderName string
	RegisteredResources  []ecsv1.Resource
	RemainingResources   []ecsv1.Resource
	HealthStatus         ecsv1.ContainerInstanceHealthStatus
	VersionInfo          ecsv1.VersionInfo
}

// Instance describes node with the pods that are on it or on their way there. pods may have any order and may include pods that ended or that
// are bound to other nodes; these take nothing. providers are those of the instance's cluster.
func Instance(node *corev1.Node, pods []corev1.Pod, instance *ecsv1.ContainerInstance, providers []Provider) Facts {
	f := Facts{
		Ec2InstanceId:        instanceID(node),
		AgentConnected:       connected(node),
		Attributes:           attributes(node, instance.Spec.Attributes),
		CapacityProviderName: Owner(node, providers),
		RegisteredResources:  registered(node),
		RemainingResources:   remaining(node, pods),
		HealthStatus:         health(node),
		VersionInfo: ecsv1.VersionInfo{
			AgentVersion:  agentVersion(node),
			DockerVersion: node.Status.NodeInfo.ContainerRuntimeVersion,
		},
	}
	f.Status, f.StatusReason = State(node, instance, providers)
	return f
}

// Query is what constraints may ask about the instance, but for its tasks.
func Query(node *corev1.Node, instance *ecsv1.ContainerInstance) query.Instance {
	out := query.Instance{
		AgentConnected: connected(node),
		AgentVersion:   agentVersion(node),
		Ec2InstanceID:  instanceID(node),
		RegisteredAt:   instance.CreationTimestamp.Time,
		Attributes:     values(node, instance.Spec.Attributes),
	}
	if at := instance.Status.RegisteredAt; at != nil {
		out.RegisteredAt = at.Time
	}
	return out
}

func agentVersion(node *corev1.Node) string {
	return strings.TrimPrefix(node.Status.NodeInfo.KubeletVersion, "v")
}

// State is where the instance is in its life, and why. DRAINING, which means no new tasks here, when the spec asks for it, when someone cordoned the
// Node, and when the Node is about to be taken away; also while a deletion waits for tasks, so that it gets to its end. REGISTERING before the Node has the
// cluster's label, by which tasks are placed.
func State(node *corev1.Node, instance *ecsv1.ContainerInstance, providers []Provider) (ecsv1.ContainerInstanceState, string) {
	interrupted := Interrupted(node, providers)
	switch {
	case instance.Spec.Status == ecsv1.ContainerInstanceDesiredStatusDraining:
		return ecsv1.ContainerInstanceStateDraining, ""
	case interrupted != "":
		return ecsv1.ContainerInstanceStateDraining, interrupted
	case node.Spec.Unschedulable:
		return ecsv1.ContainerInstanceStateDraining, "Node " + node.Name + " is cordoned; kubectl uncordon it to place tasks on it again"
	case instance.DeletionTimestamp != nil:
		return ecsv1.ContainerInstanceStateDeregistering, ""
	case node.Labels[ecsv1.LabelCluster] != names.LabelValue(instance.Spec.Cluster):
		return ecsv1.ContainerInstanceStateRegistering, ""
	}
	return ecsv1.ContainerInstanceStateActive, ""
}

// Interrupted says by which taint the Node is about to be taken away; "" where it isn't.
func Interrupted(node *corev1.Node, providers []Provider) string {
	taint, says := Interruption(node, interruptionTaints(node, providers))
	if taint == "" {
		return ""
	}
	return "Node " + node.Name + " has the taint " + taint + ": " + says
}

// instanceID is the last part of an EC2 provider ID: aws:///eu-west-1a/i-0123 gives i-0123. A machine from elsewhere gets an
// ID of the same form from what never changes about the Node object, as ECS gives machines of its own (mi-) to EXTERNAL instances.
func instanceID(node *corev1.Node) string {
	last := node.Spec.ProviderID[strings.LastIndexByte(node.Spec.ProviderID, '/')+1:]
	if strings.HasPrefix(last, "i-") || strings.HasPrefix(last, "mi-") {
		return last
	}
	return derivedID(cmp.Or(string(node.UID), node.Name))
}

// connected: the kubelet reports, which is what ECS asks of its agent. Kubernetes turns Ready to Unknown when it doesn't.
func connected(node *corev1.Node) bool {
	ready := condition(node, corev1.NodeReady)
	return ready != nil && ready.Status != corev1.ConditionUnknown
}

func condition(node *corev1.Node, kind corev1.NodeConditionType) *corev1.NodeCondition {
	i := slices.IndexFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &node.Status.Conditions[i]
}
