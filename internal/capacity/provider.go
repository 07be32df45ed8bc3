// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Provider is a capacity provider as one cluster sees it.
type Provider struct {
	Name        string
	Tolerations []corev1.Toleration
	// Listed: the cluster's capacityProviders name it.
	Listed bool
	// Used: the cluster uses it. It names others in its capacityProviders; FARGATE and FARGATE_SPOT each cluster has, and managed instances name the cluster.
	Used bool
	// object: there is a CapacityProvider of it, or a mapping in the Cluster. FARGATE without a mapping is every instance, and no instance's own.
	object   bool
	selector labels.Selector
	taints   []string
}

// Chooses reports whether a Node of the cluster belongs to the provider.
func (p *Provider) Chooses(node *corev1.Node) bool {
	return p.selector.Matches(labels.Set(node.Labels))
}

// ProviderName is the ECS name of a capacity provider, by which strategies refer to it.
func ProviderName(p *ecsv1.CapacityProvider) string { return cmp.Or(p.Spec.Name, p.Name) }

// IsFargate reports whether it is one of the two capacity providers that are built in.
func IsFargate(name string) bool {
	return name == string(ecsv1.FargateCapacityProviderNameFargate) || name == string(ecsv1.FargateCapacityProviderNameFargateSpot)
}

// Objects are the CapacityProvider objects that count in a cluster, the oldest first: of two with one name the older, and of managed instances
// those of this cluster, or all where its name is "". One that is being deleted counts for as long as it is there: its deletion waits while it is used.
func Objects(cluster string, all []ecsv1.CapacityProvider) []*ecsv1.CapacityProvider {
	var out []*ecsv1.CapacityProvider
	for _, p := range oldestFirst(all) {
		switch {
		case IsFargate(ProviderName(p)):
		case cluster != "" && p.Spec.Cluster != "" && arn.ShortName(p.Spec.Cluster) != cluster:
		case slices.ContainsFunc(out, func(older *ecsv1.CapacityProvider) bool { return ProviderName(older) == ProviderName(p) }):
		default:
			out = append(out, p)
		}
	}
	return out
}

// Mapping is what a cluster says about FARGATE or FARGATE_SPOT, nil where that is every instance.
func Mapping(cluster *ecsv1.ClusterSpec, name string) *ecsv1.CapacityProviderKubernetes {
	if cluster.Kubernetes != nil {
		for i := range cluster.Kubernetes.FargateCapacityProviders {
			if f := &cluster.Kubernetes.FargateCapacityProviders[i]; string(f.Name) == name {
				return &f.CapacityProviderKubernetes
			}
		}
	}
	return nil
}

// Providers are the capacity providers that strategies in the cluster can name, used or not: [Objects], then FARGATE and FARGATE_SPOT. One whose
// selector can't be read chooses nothing.
func Providers(cluster *ecsv1.Cluster, all []ecsv1.CapacityProvider) []Provider {
	var out []Provider
	for _, object := range Objects(cmp.Or(cluster.Spec.ClusterName, cluster.Name), all) {
		p := provider(cluster, ProviderName(object), object.Spec.Kubernetes)
		p.Used = p.Listed || object.Spec.Cluster != ""
		out = append(out, p)
	}
	for _, name := range []ecsv1.FargateCapacityProviderName{ecsv1.FargateCapacityProviderNameFargate, ecsv1.FargateCapacityProviderNameFargateSpot} {
		p := fargate(cluster, string(name))
		p.Used = true
		out = append(out, p)
	}
	return out
}

func fargate(cluster *ecsv1.Cluster, name string) Provider {
	if k := Mapping(&cluster.Spec, name); k != nil {
		return provider(cluster, name, k)
	}
	return Provider{Name: name, Listed: listed(cluster, name), selector: labels.Everything()}
}

func provider(cluster *ecsv1.Cluster, name string, k *ecsv1.CapacityProviderKubernetes) Provider {
	p := Provider{Name: name, Listed: listed(cluster, name), object: true, selector: labels.Nothing()}
	if k == nil {
		return p
	}
	if selector, err := metav1.LabelSelectorAsSelector(k.NodeSelector); err == nil {
		p.selector = selector
	}
	p.Tolerations, p.taints = k.Tolerations, k.InterruptionTaints
	return p
}

func listed(cluster *ecsv1.Cluster, name string) bool {
	return slices.ContainsFunc(cluster.Spec.CapacityProviders, func(ref string) bool { return arn.ShortName(ref) == name })
}

func oldestFirst(all []ecsv1.CapacityProvider) []*ecsv1.CapacityProvider {
	out := make([]*ecsv1.CapacityProvider, 0, len(all))
	for i := range all {
		out = append(out, &all[i])
	}
	slices.SortFunc(out, func(a, b *ecsv1.CapacityProvider) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// ProvidersOf are the names of the providers that choose the Node. For placement it belongs to each of them.
func ProvidersOf(node *corev1.Node, all []Provider) []string {
	var out []string
	for i := range all {
		if all[i].Chooses(node) {
			out = append(out, all[i].Name)
		}
	}
	return out
}

// Owner is the one provider that a container instance shows as its own: the oldest that the cluster lists and that chooses the Node, "" for none.
func Owner(node *corev1.Node, all []Provider) string {
	if claimants := Claimants(node, all); len(claimants) > 0 {
		return claimants[0]
	}
	return ""
}

// Claimants are the providers that the cluster lists and that choose the Node, the oldest first. FARGATE and FARGATE_SPOT come last, and not where
// they stand for every instance.
func Claimants(node *corev1.Node, all []Provider) []string {
	var out []string
	for i := range all {
		if p := &all[i]; p.Listed && p.object && p.Chooses(node) {
			out = append(out, p.Name)
		}
	}
	return out
}

// interruptionTaints are those that the providers of the Node add.
func interruptionTaints(node *corev1.Node, all []Provider) []string {
	var out []string
	for i := range all {
		if p := &all[i]; len(p.taints) > 0 && p.Chooses(node) {
			out = append(out, p.taints...)
		}
	}
	return out
}
