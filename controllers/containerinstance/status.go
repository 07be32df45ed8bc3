// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// setStatus computes the status from what was seen.
func setStatus(instance *ecsv1.ContainerInstance, seen observed, plan plan, scope arn.Scope) {
	s, now := &instance.Status, metav1.NewTime(seen.now)
	s.ObservedGeneration = new(instance.Generation)
	if seen.node == nil {
		s.Status, s.StatusReason, s.AgentConnected = ecsv1.ContainerInstanceStateDeregistering, "its node is gone", false
		conditions.Set(&s.Conditions, instance.Generation, now, conditions.Outcome{Stalled: &conditions.Reason{
			Reason: ecsv1.ReasonNodeNotFound, Message: "Node " + instance.Spec.NodeName + " does not exist; the instance will be deregistered"}})
		return
	}
	if s.RegisteredAt == nil {
		s.RegisteredAt = &now
	}
	facts := capacity.Instance(seen.node, seen.pods, instance, seen.providers)
	s.ContainerInstanceArn = scope.ContainerInstance(instance.Spec.Cluster, names.ContainerInstanceID(string(seen.node.UID)))
	s.Ec2InstanceId = facts.Ec2InstanceId
	s.Status, s.StatusReason = facts.Status, facts.StatusReason
	s.AgentConnected = facts.AgentConnected
	s.Attributes = facts.Attributes
	s.CapacityProviderName = facts.CapacityProviderName
	s.RegisteredResources, s.RemainingResources = facts.RegisteredResources, facts.RemainingResources
	s.VersionInfo, s.HealthStatus = &facts.VersionInfo, &facts.HealthStatus
	s.RunningTasksCount, s.PendingTasksCount = seen.tasks.running, seen.tasks.pending
	conditions.Set(&s.Conditions, instance.Generation, now, outcome(instance, seen, plan, facts))
	conditions.Flag(&s.Conditions, ecsv1.ConditionInterrupted, interrupted(seen), instance.Generation, now)
}

func interrupted(seen observed) *conditions.Reason {
	if why := capacity.Interrupted(seen.node, seen.providers); why != "" {
		return &conditions.Reason{Reason: ecsv1.ReasonInterrupted, Message: why}
	}
	return nil
}

// outcome says how the instance stands. First match wins.
func outcome(instance *ecsv1.ContainerInstance, seen observed, plan plan, facts capacity.Facts) conditions.Outcome {
	working := func(reason, message string) conditions.Outcome {
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}}
	}
	draining := facts.Status == ecsv1.ContainerInstanceStateDraining
	switch {
	case plan.refused != nil && !draining:
		return conditions.Outcome{Stalled: plan.refused}
	case instance.DeletionTimestamp != nil:
		return working(ecsv1.ReasonDeleting, "it is deregistered when its tasks are gone: "+left(seen.tasks))
	case !facts.AgentConnected:
		return working(ecsv1.ReasonAgentDisconnected, "the kubelet of node "+seen.node.Name+" doesn't report")
	case facts.Status == ecsv1.ContainerInstanceStateRegistering:
		return working(ecsv1.ReasonProgressing, "REGISTERING: other tasks are placed on it once the tasks of its DAEMON services run, or after 30 seconds")
	case draining && seen.tasks.left() == 0:
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonDrained, Message: "drained: no tasks are left"}}
	case draining:
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonDraining, Message: "DRAINING: no new tasks are placed on it; " + left(seen.tasks)}}
	}
	return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "tasks may be placed on it"}}
}

// left says which tasks an instance still has.
func left(t tasks) string {
	var out []string
	for _, kind := range []struct {
		n  int32
		of string
	}{
		{t.replicas, "of services, which are replaced elsewhere"},
		{t.daemons, "of DAEMON services, which stop last"},
		{t.alone, "run by themselves, which end by themselves"},
	} {
		if kind.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", kind.n, kind.of))
		}
	}
	if len(out) == 0 {
		return "no tasks are left"
	}
	return "left are " + strings.Join(out, ", ")
}
