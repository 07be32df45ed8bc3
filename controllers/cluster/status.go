// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// setStatus computes the status from what was seen and done.
func setStatus(cluster *ecsv1.Cluster, seen observed, plan plan, applyErr error, scope arn.Scope) {
	s, now := &cluster.Status, metav1.NewTime(seen.now)
	s.ObservedGeneration = new(cluster.Generation)
	s.ClusterArn = scope.Cluster(service.ClusterName(cluster))
	s.Status = ecsv1.ClusterStateActive
	s.RegisteredContainerInstancesCount = int32(len(seen.own())) - plan.waiting
	s.RunningTasksCount, s.PendingTasksCount = seen.counts()
	s.ActiveServicesCount = 0
	for i := range seen.services {
		if seen.services[i].DeletionTimestamp == nil {
			s.ActiveServicesCount++
		}
	}
	outcome := conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: fmt.Sprintf(
		"%d container instances are registered", s.RegisteredContainerInstancesCount)}}
	switch {
	case applyErr != nil:
		outcome.Reconciling = &conditions.Reason{Reason: ecsv1.ReasonFailed, Message: "trying again: " + applyErr.Error()}
	case plan.invalid != nil:
		outcome.Stalled = plan.invalid
	case plan.refused != nil:
		s.Status = ecsv1.ClusterStateDeprovisioning
		outcome.Stalled = plan.refused
	case len(plan.register) > 0 || len(plan.deregister) > 0:
		outcome.Reconciling = &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: "registering container instances"}
	}
	conditions.Set(&s.Conditions, cluster.Generation, now, outcome)
	conditions.Flag(&s.Conditions, ecsv1.ConditionNodeConflict, nodeConflict(plan.conflicts), cluster.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionCapacityProvidersNotFound, providersNotFound(seen), cluster.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, withoutEffect(&cluster.Spec), cluster.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionCapacityProvidersInUse, providersInUse(seen), cluster.Generation, now)
}

// withoutEffect names the fields that are set and that nothing acts on.
func withoutEffect(s *ecsv1.ClusterSpec) *conditions.Reason {
	var paths []string
	if s.Configuration != nil {
		paths = append(paths, "spec.configuration")
	}
	if len(s.Settings) > 0 {
		paths = append(paths, "spec.settings")
	}
	if s.ServiceConnectDefaults != nil {
		paths = append(paths, "spec.serviceConnectDefaults")
	}
	if len(paths) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonFieldsWithoutEffect, Message: "accepted, but without effect: " + strings.Join(paths, ", ")}
}

// providersNotFound: the cluster can be used all the same, and tasks that need such a provider wait.
func providersNotFound(seen observed) *conditions.Reason {
	var missing []string
	for _, ref := range seen.cluster.Spec.CapacityProviders {
		name := arn.ShortName(ref)
		if !slices.ContainsFunc(seen.providers, func(p capacity.Provider) bool { return p.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonCapacityProviderNotFound, Message: "spec.capacityProviders: there is no CapacityProvider " +
		strings.Join(missing, ", ") + "; make it, or take it out"}
}

// providersInUse: PutClusterCapacityProviders refuses to take out of the list what services name. A manifest isn't refused for what other objects
// say, which may change next, so it is told (docs/design/0031).
func providersInUse(seen observed) *conditions.Reason {
	return inUse(seen.services, func(provider string) bool { return !lists(seen.cluster, provider) })
}

// inUse tells which services name capacity providers that are taken out of their cluster.
func inUse(services []ecsv1.Service, out func(provider string) bool) *conditions.Reason {
	var uses []string
	for i := range services {
		s := &services[i]
		for _, item := range s.Spec.CapacityProviderStrategy {
			if s.DeletionTimestamp == nil && out(item.CapacityProvider) {
				uses = append(uses, fmt.Sprintf("%s of Service %s/%s", item.CapacityProvider, s.Namespace, s.Name))
			}
		}
	}
	if len(uses) == 0 {
		return nil
	}
	slices.Sort(uses)
	const most = 5
	if len(uses) > most {
		uses = append(uses[:most:most], fmt.Sprintf("and %d more", len(uses)-most))
	}
	return &conditions.Reason{Reason: ecsv1.ReasonResourceInUse, Message: "ResourceInUseException: The specified capacity provider is in use and cannot be removed: " +
		strings.Join(uses, ", ") + ". Put it into spec.capacityProviders, or take it out of the services' capacityProviderStrategy"}
}

func lists(cluster *ecsv1.Cluster, provider string) bool {
	return slices.ContainsFunc(cluster.Spec.CapacityProviders, func(ref string) bool { return arn.ShortName(ref) == provider })
}

func nodeConflict(conflicts []string) *conditions.Reason {
	if len(conflicts) == 0 {
		return nil
	}
	const most = 5
	shown := conflicts
	if len(shown) > most {
		shown = append(shown[:most:most], fmt.Sprintf("and %d more", len(conflicts)-most))
	}
	return &conditions.Reason{Reason: ecsv1.ReasonNodeConflict, Message: strings.Join(shown, "; ") +
		". A node is in at most one cluster: narrow spec.kubernetes.nodeSelector of one of them"}
}
