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
)

// Facts are what DescribeContainerInstances says about an instance, as far as the Node and its pods know it.
type Facts struct {
	Status              ecsv1.ContainerInstanceState
	StatusReason        string
	Ec2InstanceId       string
	AgentConnected      bool
	Attributes          []ecsv1.Attribute
	RegisteredResources []ecsv1.Resource
	RemainingResources  []ecsv1.Resource
	HealthStatus        ecsv1.ContainerInstanceHealthStatus
	VersionInfo         ecsv1.VersionInfo
}

// Instance describes node with the pods that are on it. pods may have any order and may include pods that ended or that are on other
// nodes; these take nothing.
func Instance(node *corev1.Node, pods []corev1.Pod, spec ecsv1.ContainerInstanceSpec) Facts {
	f := Facts{
		Ec2InstanceId:       instanceID(node),
		AgentConnected:      connected(node),
		Attributes:          attributes(node, spec.Attributes),
		RegisteredResources: registered(node),
		RemainingResources:  remaining(node, pods),
		HealthStatus:        health(node),
		VersionInfo: ecsv1.VersionInfo{
			AgentVersion:  strings.TrimPrefix(node.Status.NodeInfo.KubeletVersion, "v"),
			DockerVersion: node.Status.NodeInfo.ContainerRuntimeVersion,
		},
	}
	f.Status, f.StatusReason = status(node, spec)
	return f
}

// status: DRAINING when the spec asks for it, and when someone cordoned the Node: both mean no new tasks here.
func status(node *corev1.Node, spec ecsv1.ContainerInstanceSpec) (ecsv1.ContainerInstanceState, string) {
	switch {
	case spec.Status == ecsv1.ContainerInstanceDesiredStatusDraining:
		return ecsv1.ContainerInstanceStateDraining, ""
	case node.Spec.Unschedulable:
		return ecsv1.ContainerInstanceStateDraining, "Node " + node.Name + " is cordoned; kubectl uncordon it to place tasks on it again"
	}
	return ecsv1.ContainerInstanceStateActive, ""
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
