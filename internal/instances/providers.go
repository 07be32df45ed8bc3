// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
)

// Provider is a capacity provider as one cluster has it.
type Provider struct {
	// Name is its ECS name, as strategies write it.
	Name string
	// Tolerations are given to the tasks that are placed through it.
	Tolerations []corev1.Toleration
	// of says which nodes are its own.
	of capacity.Provider
}

// Has reports whether a node of the cluster belongs to the provider.
func (p Provider) Has(node *corev1.Node) bool { return p.of.Chooses(node) }

// Providers are the capacity providers that a cluster uses, by name. Without a cluster it is every one that there is.
func Providers(cluster *ecsv1.Cluster, name string, objects []ecsv1.CapacityProvider) []Provider {
	of := ecsv1.Cluster{}
	if cluster != nil {
		of.Spec = cluster.Spec
	}
	of.Spec.ClusterName = name
	var out []Provider
	for _, p := range capacity.Providers(&of, objects) {
		if p.Used || cluster == nil {
			out = append(out, Provider{Name: p.Name, Tolerations: p.Tolerations, of: p})
		}
	}
	slices.SortFunc(out, func(a, b Provider) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// ProviderNamed finds a provider by what a strategy writes: its name, or an ARN.
func ProviderNamed(all []Provider, ref string) (Provider, bool) {
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == arn.ShortName(ref) })
	if i < 0 {
		return Provider{}, false
	}
	return all[i], true
}
