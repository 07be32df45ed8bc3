// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// interruptions are the taints by which others announce that a Node goes away soon, each with where it is from. A CapacityProvider adds
// its own. Left out: DeletionCandidateOfClusterAutoscaler, by which the autoscaler considers a Node and decides nothing yet.
var interruptions = []struct{ key, says string }{
	// Karpenter, pkg/apis/v1/taints.go: on a Node that is disrupted, Spot interruption among the causes; the second is that of its v1beta1.
	{"karpenter.sh/disrupted", "Karpenter is removing it"},
	{"karpenter.sh/disruption", "Karpenter is removing it"},
	// Cluster Autoscaler, utils/taints/taints.go: right before it drains and deletes the Node.
	{"ToBeDeletedByClusterAutoscaler", "Cluster Autoscaler is removing it"},
	// AWS Node Termination Handler with taintNode, pkg/node/node.go.
	{"aws-node-termination-handler/spot-itn", "its Spot instance is being interrupted"},
	{"aws-node-termination-handler/rebalance-recommendation", "its Spot instance is at elevated risk of interruption"},
	{"aws-node-termination-handler/asg-lifecycle-termination", "its Auto Scaling group is terminating it"},
	{"aws-node-termination-handler/scheduled-maintenance", "maintenance of its machine is scheduled"},
	// GKE, and GoogleCloudPlatform/k8s-node-termination-handler before it: preemption and host maintenance.
	{"cloud.google.com/impending-node-termination", "its machine is about to be terminated"},
	// AKS node auto-drain: Preempt and Redeploy among Azure's scheduled events.
	{"remediator.kubernetes.azure.com/unschedulable", "Azure is about to take its machine away"},
	// Kubernetes, well-known taints: the cloud says that the machine is shut down; a person says that it won't come back.
	{"node.cloudprovider.kubernetes.io/shutdown", "its machine is shut down"},
	{"node.kubernetes.io/out-of-service", "its machine is out of service"},
}

// Interruption is the taint that announces the end of the Node, and what it says; "" for none. Of several taints the first
// known one tells, then those of more, in their order.
func Interruption(node *corev1.Node, more []string) (taint, says string) {
	for _, i := range interruptions {
		if hasTaint(node, i.key) {
			return i.key, i.says
		}
	}
	for _, key := range more {
		if hasTaint(node, key) {
			return key, "its capacity provider takes this taint for an interruption"
		}
	}
	return "", ""
}

func hasTaint(node *corev1.Node, key string) bool {
	return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.Key == key })
}
