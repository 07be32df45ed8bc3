// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacityprovider

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

// mostNamed is how many of a kind a condition names.
const mostNamed = 5

// setStatus computes the status from what was seen.
func setStatus(provider *ecsv1.CapacityProvider, seen observed, scope arn.Scope) {
	s, now := &provider.Status, metav1.NewTime(seen.now)
	s.ObservedGeneration = new(provider.Generation)
	s.CapacityProviderArn = scope.CapacityProvider(seen.name)
	s.Status = ecsv1.CapacityProviderStateActive
	var shared []string
	s.RegisteredContainerInstancesCount, shared = seen.registered()
	s.RunningTasksCount, s.PendingTasksCount = seen.runningTasks, seen.pendingTasks
	if provider.DeletionTimestamp != nil {
		s.Status = ecsv1.CapacityProviderStateDeprovisioning
	}
	conditions.Set(&s.Conditions, provider.Generation, now, outcome(provider, seen))
	conditions.Flag(&s.Conditions, ecsv1.ConditionNodeConflict, nodeConflict(shared), provider.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, withoutEffect(&provider.Spec), provider.Generation, now)
}

// outcome says how the provider stands. First match wins.
func outcome(provider *ecsv1.CapacityProvider, seen observed) conditions.Outcome {
	stalled := func(reason, format string, args ...any) conditions.Outcome {
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: reason, Message: fmt.Sprintf(format, args...)}}
	}
	k := provider.Spec.Kubernetes
	switch other := seen.namesake(); {
	case provider.DeletionTimestamp != nil:
		return stalled(ecsv1.ReasonResourceInUse, "ResourceInUseException: The capacity provider cannot be deleted while it is in use. %s: take it out there first", few(seen.users()))
	case other != "":
		return stalled(ecsv1.ReasonInvalid, "spec.name: CapacityProvider %s is named %s already; choose another name", other, seen.name)
	case k == nil || k.NodeSelector == nil:
		return stalled(ecsv1.ReasonInvalid, "spec.kubernetes.nodeSelector: it is unset, so that no node belongs to the provider; set it to labels that its nodes have")
	}
	if _, err := metav1.LabelSelectorAsSelector(k.NodeSelector); err != nil {
		return stalled(ecsv1.ReasonInvalid, "spec.kubernetes.nodeSelector: %s; operators are In and NotIn with values, Exists and DoesNotExist without", err)
	}
	return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: fmt.Sprintf(
		"%d container instances belong to it", provider.Status.RegisteredContainerInstancesCount)}}
}

// conflict says of an instance that several providers of its cluster choose, the oldest first, which of them it shows.
func conflict(instance, self string, claimants []string) string {
	others := slices.DeleteFunc(slices.Clone(claimants), func(name string) bool { return name == self })
	return fmt.Sprintf("ContainerInstance %s is chosen by capacity provider %s too, and shows %s as its own", instance, strings.Join(others, ", "), claimants[0])
}

func nodeConflict(shared []string) *conditions.Reason {
	if len(shared) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonNodeConflict, Message: few(shared) +
		". Tasks of each of them may be placed there; narrow spec.kubernetes.nodeSelector of one of them if that isn't meant"}
}

func few(all []string) string {
	if len(all) > mostNamed {
		all = append(all[:mostNamed:mostNamed], fmt.Sprintf("and %d more", len(all)-mostNamed))
	}
	return strings.Join(all, "; ")
}

// withoutEffect: groups of machines are made, sized and removed by an autoscaler, to which the operator shows the tasks that wait.
func withoutEffect(s *ecsv1.CapacityProviderSpec) *conditions.Reason {
	var paths []string
	if a := s.AutoScalingGroupProvider; a != nil {
		paths = append(paths, "spec.autoScalingGroupProvider")
	}
	if s.ManagedInstancesProvider != nil {
		paths = append(paths, "spec.managedInstancesProvider")
	}
	if len(paths) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonFieldsWithoutEffect, Message: "accepted, but without effect: " + strings.Join(paths, ", ") +
		". Nodes are made and removed by an autoscaler, such as Cluster Autoscaler or Karpenter"}
}
