// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Provider is a capacity provider as one cluster has it.
type Provider struct {
	// Name is its ECS name, as strategies write it.
	Name string
	// Tolerations are given to the tasks that are placed through it.
	Tolerations []corev1.Toleration
	// selector chooses the provider's nodes among the cluster's.
	selector labels.Selector
}

// Has reports whether a node of the cluster belongs to the provider.
func (p Provider) Has(node *corev1.Node) bool { return p.selector.Matches(labels.Set(node.Labels)) }

// Providers are the capacity providers of a cluster, by name: FARGATE and FARGATE_SPOT, which each cluster has, and the objects that it names in
// capacityProviders. Without a cluster it is every object. A provider whose selector can't be read, or that has none, has no nodes.
func Providers(cluster *ecsv1.Cluster, name string, objects []ecsv1.CapacityProvider) []Provider {
	out := []Provider{builtIn(cluster, ecsv1.FargateCapacityProviderNameFargate), builtIn(cluster, ecsv1.FargateCapacityProviderNameFargateSpot)}
	for i := range objects {
		p := &objects[i]
		if !serves(p, cluster, name) {
			continue
		}
		k := p.Spec.Kubernetes
		if k == nil {
			k = &ecsv1.CapacityProviderKubernetes{}
		}
		out = append(out, provider(ProviderName(p), *k))
	}
	slices.SortFunc(out, func(a, b Provider) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b Provider) bool { return a.Name == b.Name })
}

// ProviderNamed finds a provider by what a strategy writes: its name, or an ARN.
func ProviderNamed(all []Provider, ref string) (Provider, bool) {
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == arn.ShortName(ref) })
	if i < 0 {
		return Provider{}, false
	}
	return all[i], true
}

// ProviderName is the ECS name of a capacity provider.
func ProviderName(p *ecsv1.CapacityProvider) string { return cmp.Or(p.Spec.Name, p.Name) }

// serves: a managed instances provider says which cluster it belongs to, and the cluster says which others it uses.
func serves(p *ecsv1.CapacityProvider, cluster *ecsv1.Cluster, name string) bool {
	if p.DeletionTimestamp != nil || p.Spec.Cluster != "" && arn.ShortName(p.Spec.Cluster) != name {
		return false
	}
	return cluster == nil || p.Spec.Cluster != "" ||
		slices.ContainsFunc(cluster.Spec.CapacityProviders, func(ref string) bool { return arn.ShortName(ref) == ProviderName(p) })
}

// builtIn has every node where the cluster doesn't say otherwise.
func builtIn(cluster *ecsv1.Cluster, name ecsv1.FargateCapacityProviderName) Provider {
	if cluster != nil && cluster.Spec.Kubernetes != nil {
		for _, f := range cluster.Spec.Kubernetes.FargateCapacityProviders {
			if f.Name == name {
				return provider(string(name), f.CapacityProviderKubernetes)
			}
		}
	}
	return provider(string(name), ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{}})
}

func provider(name string, k ecsv1.CapacityProviderKubernetes) Provider {
	selector, err := metav1.LabelSelectorAsSelector(k.NodeSelector) // nil is nothing, {} everything
	if err != nil {
		selector = labels.Nothing()
	}
	return Provider{Name: name, Tolerations: k.Tolerations, selector: selector}
}
