// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// health: the kubelet stands for agent and container runtime at once. Ready Unknown means it is out of reach, Ready False that it
// reports and can't run containers (API_ContainerInstanceHealthStatus).
func health(node *corev1.Node) ecsv1.ContainerInstanceHealthStatus {
	agent := ecsv1.InstanceHealthCheckResult{Type: ecsv1.InstanceHealthCheckTypeAgentConnectivity, Status: ecsv1.InstanceHealthCheckStateOK}
	runtime := ecsv1.InstanceHealthCheckResult{Type: ecsv1.InstanceHealthCheckTypeContainerRuntime, Status: ecsv1.InstanceHealthCheckStateOK}
	switch ready := condition(node, corev1.NodeReady); {
	case ready == nil:
		agent.Status, runtime.Status = ecsv1.InstanceHealthCheckStateInitializing, ecsv1.InstanceHealthCheckStateInitializing
	case ready.Status == corev1.ConditionUnknown:
		agent.Status, agent.StatusReason = ecsv1.InstanceHealthCheckStateImpaired, clip(ready.Message)
		runtime.Status = ecsv1.InstanceHealthCheckStateInsufficientData
		agent.LastStatusChange = since(ready)
	case ready.Status == corev1.ConditionFalse:
		runtime.Status, runtime.StatusReason = ecsv1.InstanceHealthCheckStateImpaired, clip(ready.Message)
		runtime.LastStatusChange = since(ready)
	default:
		agent.LastStatusChange, runtime.LastStatusChange = since(ready), since(ready)
	}
	details := []ecsv1.InstanceHealthCheckResult{agent, runtime}
	return ecsv1.ContainerInstanceHealthStatus{OverallStatus: worst(details), Details: details}
}

// worstFirst is the order in which one detail outranks another.
var worstFirst = []ecsv1.InstanceHealthCheckState{
	ecsv1.InstanceHealthCheckStateImpaired,
	ecsv1.InstanceHealthCheckStateInsufficientData,
	ecsv1.InstanceHealthCheckStateInitializing,
}

func worst(details []ecsv1.InstanceHealthCheckResult) ecsv1.InstanceHealthCheckState {
	for _, state := range worstFirst {
		if slices.ContainsFunc(details, func(d ecsv1.InstanceHealthCheckResult) bool { return d.Status == state }) {
			return state
		}
	}
	return ecsv1.InstanceHealthCheckStateOK
}

// clip keeps a reason within what the status field takes.
func clip(text string) string {
	const most = 1024
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// since is when the condition became so; nil where the node doesn't say, since a zero time isn't stored and would be written again and again.
func since(c *corev1.NodeCondition) *metav1.Time {
	if c.LastTransitionTime.IsZero() {
		return nil
	}
	return c.LastTransitionTime.DeepCopy()
}
