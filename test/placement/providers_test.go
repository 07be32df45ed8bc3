// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
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

// sharing is a service whose tasks three capacity providers share, each with three nodes.
type sharing struct {
	service
	f      *fleet
	shares []engine.Share
}

func newSharing(ctx context.Context, name string, count int32, edits ...func(*ecsv1.Service)) sharing {
	GinkgoHelper()
	s := sharing{shares: []engine.Share{
		{Provider: name + "-steady", Base: 3, Weight: 1}, {Provider: name + "-spot", Weight: 4}, {Provider: name + "-spare", Weight: 0}}}
	capacity := make([]string, len(s.shares))
	for i, share := range s.shares {
		capacity[i] = share.Provider
		newProvider(ctx, share.Provider)
		edits = append(edits, func(svc *ecsv1.Service) {
			svc.Spec.CapacityProviderStrategy = append(svc.Spec.CapacityProviderStrategy, ecsv1.CapacityProviderStrategyItem{
				CapacityProvider: share.Provider, Base: new(int32(share.Base)), Weight: new(int32(share.Weight))})
		})
	}
	s.f = newFleet(ctx, name, 0, medium, func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = capacity })
	s.f.joinWith(ctx, func(n int, node *corev1.Node) { node.Labels["capacity"] = capacity[(n-1)/3] }, numbers(9)...)
	s.f.registered(ctx, 9)
	s.service = create(ctx, newNamespace(ctx), "web", s.f.name, tiny, count, edits...)
	return s
}

// exact holds that the service has of each provider what ECS's rule gives it.
func (s sharing) exact(ctx context.Context, count int, moment string) {
	GinkgoHelper()
	got := map[string]int{}
	for node, n := range s.f.count(ctx, s.namespace, s.name).byNode {
		if n > 0 {
			got[s.f.label(ctx, node, "capacity")] += n
		}
	}
	Expect(got).To(Equal(sharesOf(s.shares, count)), "%d tasks after %s", count, moment)
}

var _ = Describe("base and weight", func() {
	It("are exact to the task as the service grows and shrinks", func(ctx SpecContext) {
		web := newSharing(ctx, "shares", 1)
		for _, count := range []int{1, 2, 3, 4, 5, 8, 13, 33, 28, 14, 9, 5, 4, 2, 20} {
			web.scale(ctx, count)
			web.exact(ctx, count, "scaling")
		}
	}, SpecTimeout(5*time.Minute))

	for _, tc := range []struct {
		name             string
		minimum, maximum int32
	}{{"that start tasks first", 100, 200}, {"that stop tasks first", 50, 100}} {
		It("are exact to the task after deployments "+tc.name+", and after instances drained", func(ctx SpecContext) {
			web := newSharing(ctx, fmt.Sprintf("shares-%d", tc.minimum), 9, balanced, bounds(tc.minimum, tc.maximum))
			web.ship(ctx, "v2", 9)
			web.exact(ctx, 9, "a deployment")
			drain(ctx, web.f.node(4), ecsv1.ContainerInstanceDesiredStatusDraining)
			Eventually(ctx, func(g Gomega) {
				g.Expect(web.f.count(ctx, web.namespace, web.name).byNode[web.f.node(4)]).To(BeZero(), "tasks on the instance that drains")
			}).WithTimeout(patience(30)).Should(Succeed())
			web.settles(ctx, 9)
			web.exact(ctx, 9, "an instance drained")
			web.scale(ctx, 14)
			web.exact(ctx, 14, "scaling up")
			web.ship(ctx, "v3", 14)
			web.exact(ctx, 14, "another deployment")
			web.scale(ctx, 6)
			web.exact(ctx, 6, "scaling in")
		}, SpecTimeout(6*time.Minute))
	}
})

// sharesOf is how count tasks fall to the providers, by ECS's rule for each next task.
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
