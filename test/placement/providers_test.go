// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	engine "github.com/ecs-operator/ecs-operator/internal/placement"
)

// newProvider makes a capacity provider of the nodes with the label capacity=NAME.
func newProvider(ctx context.Context, name string) {
	GinkgoHelper()
	provider := &ecsv1.CapacityProvider{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: ecsv1.CapacityProviderSpec{Kubernetes: &ecsv1.CapacityProviderKubernetes{
			NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"capacity": name}}}},
	}
	Expect(kube.Create(ctx, provider)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) { Expect(kube.Delete(ctx, provider)).To(Succeed()) })
}

var _ = Describe("base and weight", func() {
	It("are exact to the task as the service grows and shrinks", func(ctx SpecContext) {
		capacity := []string{"steady", "spot", "spare"}
		f := newFleet(ctx, "shares", 0, medium, func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = capacity })
		for _, name := range capacity {
			newProvider(ctx, name)
		}
		f.joinWith(ctx, func(n int, node *corev1.Node) { node.Labels["capacity"] = capacity[(n-1)/3] }, numbers(9)...)
		f.registered(ctx, 9)
		ns := newNamespace(ctx)
		shares := []engine.Share{{Provider: "steady", Base: 3, Weight: 1}, {Provider: "spot", Weight: 4}, {Provider: "spare", Weight: 0}}
		web := create(ctx, ns, "web", f.name, tiny, 1, func(s *ecsv1.Service) {
			for _, share := range shares {
				s.Spec.CapacityProviderStrategy = append(s.Spec.CapacityProviderStrategy, ecsv1.CapacityProviderStrategyItem{
					CapacityProvider: share.Provider, Base: new(int32(share.Base)), Weight: new(int32(share.Weight))})
			}
		})
		for _, count := range []int{1, 2, 3, 4, 5, 8, 13, 33, 28, 14, 9, 5, 4, 2, 20} {
			web.scale(ctx, count)
			got := map[string]int{}
			for node, n := range f.count(ctx, ns, web.name).byNode {
				if n > 0 {
					got[f.label(ctx, node, "capacity")] += n
				}
			}
			Expect(got).To(Equal(sharesOf(shares, count)), "%d tasks", count)
		}
	}, SpecTimeout(5*time.Minute))
})

// sharesOf is how count tasks fall to the providers, by the contract's rule for each next task.
func sharesOf(shares []engine.Share, count int) map[string]int {
	placed := map[string]int{}
	for range count {
		placed[engine.NextProvider(shares, placed)]++
	}
	return placed
}

func (f *fleet) label(ctx context.Context, node, key string) string {
	GinkgoHelper()
	n := &corev1.Node{}
	Expect(kube.Get(ctx, keyOf(node), n)).To(Succeed())
	return n.Labels[key]
}
