// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// Provider is a capacity provider, as tasks need to know it.
type Provider struct {
	Name string
	// Nodes are the node labels that its instances have, beside the cluster's; nil for any.
	Nodes []corev1.NodeSelectorRequirement
	// Tolerations that its tasks get.
	Tolerations []corev1.Toleration
}

// ProviderName is the name of a capacity provider that strategies refer to.
func ProviderName(p *ecsv1.CapacityProvider) string { return capacity.ProviderName(p) }

// IsFargate reports whether it is one of the two capacity providers that are built in.
func IsFargate(provider string) bool { return capacity.IsFargate(provider) }

// FindProvider finds a capacity provider by its name; not known is one that has no object, and chooses no node. FARGATE and FARGATE_SPOT are what
// the cluster says, else all of its instances.
func FindProvider(name string, cluster *ecsv1.ClusterSpec, all []ecsv1.CapacityProvider) (provider Provider, known bool) {
	if IsFargate(name) {
		if k := capacity.Mapping(cluster, name); k != nil {
			return provided(name, k), true
		}
		return Provider{Name: name}, true
	}
	for _, object := range capacity.Objects(cluster.ClusterName, all) {
		if capacity.ProviderName(object) == name {
			return provided(name, object.Spec.Kubernetes), true
		}
	}
	return Provider{Name: name, Nodes: podspec.NoNode()}, false
}

// provided reads what a capacity provider says about nodes. Without a selector it has none.
func provided(name string, k *ecsv1.CapacityProviderKubernetes) Provider {
	if k == nil || k.NodeSelector == nil {
		return Provider{Name: name, Nodes: podspec.NoNode()}
	}
	return Provider{Name: name, Nodes: requirements(k.NodeSelector), Tolerations: k.Tolerations}
}

// requirements say what a label selector says, in the words of node affinity.
func requirements(s *metav1.LabelSelector) []corev1.NodeSelectorRequirement {
	var out []corev1.NodeSelectorRequirement
	for key, value := range s.MatchLabels {
		out = append(out, corev1.NodeSelectorRequirement{Key: key, Operator: corev1.NodeSelectorOpIn, Values: []string{value}})
	}
	slices.SortFunc(out, func(a, b corev1.NodeSelectorRequirement) int { return cmp.Compare(a.Key, b.Key) })
	for _, e := range s.MatchExpressions {
		out = append(out, corev1.NodeSelectorRequirement{Key: e.Key, Operator: corev1.NodeSelectorOperator(e.Operator), Values: e.Values})
	}
	return out
}

// strategyOf is the capacity provider strategy in effect, with the field that says so (CreateService: explicit strategy, launch type, the
// cluster's default, EC2, which is any instance).
func strategyOf(ask PlacementAsk, cluster *ecsv1.ClusterSpec) (items []ecsv1.CapacityProviderStrategyItem, field string) {
	switch {
	case len(ask.Strategy) > 0:
		return ask.Strategy, "capacityProviderStrategy"
	case ask.LaunchType == ecsv1.LaunchTypeFargate:
		return []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: string(ecsv1.FargateCapacityProviderNameFargate)}}, "launchType"
	case ask.LaunchType != "" || ask.Daemon:
		return nil, ""
	}
	return cluster.DefaultCapacityProviderStrategy, "defaultCapacityProviderStrategy of the cluster"
}

// shares leaves out the items that never get a task. A single item gets all, whatever its weight.
func shares(items []ecsv1.CapacityProviderStrategyItem) []placement.Share {
	var out []placement.Share
	for _, i := range items {
		s := placement.Share{Provider: i.CapacityProvider, Base: int(orElse(i.Base, 0)), Weight: int(orElse(i.Weight, 0))}
		if len(items) == 1 || s.Base > 0 || s.Weight > 0 {
			out = append(out, s)
		}
	}
	return out
}
