// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// setStatus computes the status from what was seen.
func setStatus(instance *ecsv1.ContainerInstance, seen observed, scope arn.Scope) {
	s, now := &instance.Status, metav1.NewTime(seen.now)
	s.ObservedGeneration = new(instance.Generation)
	if s.RegisteredAt == nil {
		s.RegisteredAt = new(instance.CreationTimestamp)
	}
	if seen.node == nil {
		s.Status, s.StatusReason, s.AgentConnected = ecsv1.ContainerInstanceStateDeregistering, "its node is gone", false
		conditions.Set(&s.Conditions, instance.Generation, now, conditions.Outcome{Stalled: &conditions.Reason{
			Reason: ecsv1.ReasonNodeNotFound, Message: "Node " + instance.Spec.NodeName + " does not exist; the instance will be deregistered"}})
		return
	}
	facts := capacity.Instance(seen.node, seen.pods, instance.Spec)
	s.ContainerInstanceArn = scope.ContainerInstance(instance.Spec.Cluster, names.ContainerInstanceID(string(seen.node.UID)))
	s.Ec2InstanceId = facts.Ec2InstanceId
	s.Status, s.StatusReason = facts.Status, facts.StatusReason
	s.AgentConnected = facts.AgentConnected
	s.Attributes = facts.Attributes
	s.RegisteredResources, s.RemainingResources = facts.RegisteredResources, facts.RemainingResources
	s.VersionInfo, s.HealthStatus = &facts.VersionInfo, &facts.HealthStatus
	s.RunningTasksCount, s.PendingTasksCount = tasks(seen)
	outcome := conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "tasks may be placed on it"}}
	switch {
	case !facts.AgentConnected:
		outcome.Reconciling = &conditions.Reason{Reason: ecsv1.ReasonAgentDisconnected, Message: "the kubelet of node " + seen.node.Name + " doesn't report"}
	case facts.Status == ecsv1.ContainerInstanceStateDraining:
		outcome.Ready.Message = "DRAINING: no new tasks are placed on it; those that run stay"
	}
	conditions.Set(&s.Conditions, instance.Generation, now, outcome)
}

// tasks counts the instance's tasks by what they are doing; tasks that are to stop count as neither.
func tasks(seen observed) (running, pending int32) {
	for i := range seen.pods {
		pod := &seen.pods[i]
		if pod.Labels[ecsv1.LabelCluster] == "" {
			continue
		}
		task := taskstate.Of(pod, 0, seen.now)
		switch {
		case task.DesiredStatus != ecsv1.TaskDesiredStatusRunning:
		case task.LastStatus == ecsv1.TaskStateRunning:
			running++
		default:
			pending++
		}
	}
	return running, pending
}
