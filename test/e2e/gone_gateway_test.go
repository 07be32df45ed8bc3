// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// route is the HTTPRoute of a service.
func (s service) route(ctx context.Context, g Gomega) *gatewayv1.HTTPRoute {
	GinkgoHelper()
	out := &gatewayv1.HTTPRoute{}
	g.Expect(kube.Get(ctx, s.key(), out)).To(Succeed())
	return out
}

// weights are those of the production rule of its route.
func (s service) weights(ctx context.Context, g Gomega) []int32 {
	GinkgoHelper()
	route := s.route(ctx, g)
	var out []int32
	for _, ref := range route.Spec.Rules[1].BackendRefs {
		out = append(out, *ref.Weight)
	}
	return out
}

var _ = Describe("A Gateway that is killed in the middle of a shift", Label("gateway"), func() {
	It("holds the deployment, which says so, and completes once it is back", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		door := openGateway(ctx, namespace)
		door.route(ctx, namespace, "web")
		web := createTurns(ctx, namespace, "web", linear())
		answering(ctx, door.url, "v1")
		before := sendCrowd(ctx, door.url)
		web.ship(ctx, "v2")
		Eventually(ctx, func(g Gomega) { g.Expect(web.weights(ctx, g)).To(HaveEach(BeNumerically(">", 0))) }).WithPolling(pollFast).Should(Succeed())
		Expect(before.failed()).To(BeZero())

		door.kill()
		killed := time.Now()
		var stands []int32
		Eventually(ctx, func(g Gomega) {
			// What it had taken up when it was killed counts as moved. The next weights have nobody to take them up.
			route, sd := web.route(ctx, g), web.deployment(ctx, g, "web-2")
			g.Expect(route.Status.Parents[0].Conditions[0].ObservedGeneration).To(BeNumerically("<", route.Generation))
			g.Expect(sd.Status.LifecycleStage).To(Equal(ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift))
			g.Expect(sd.Status.StatusReason).To(ContainSubstring(fmt.Sprintf("Gateway %s has not taken up generation %d", gatewayName, route.Generation)))
			stands = web.weights(ctx, g)
		}).Should(Succeed())
		AddReportEntry("until it says so", time.Since(killed).Round(100*time.Millisecond).String())
		Consistently(ctx, func(g Gomega) {
			g.Expect(web.weights(ctx, g)).To(Equal(stands))
			g.Expect(web.deployment(ctx, g, "web-2").Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
			g.Expect(web.tasks(ctx, g)).To(HaveLen(6))
		}).WithTimeout(10 * time.Second).Should(Succeed())

		door.run()
		Eventually(ctx, func(g Gomega) {
			for range 10 {
				_, err := ask(ctx, door.url)
				g.Expect(err).NotTo(HaveOccurred())
			}
		}).WithPolling(pollFast).Should(Succeed())
		after := sendCrowd(ctx, door.url)
		gone := time.Since(killed)
		before.stop()
		AddReportEntry("without a Gateway", fmt.Sprintf("%d requests failed in %s", before.failed(), gone.Round(100*time.Millisecond)))
		web.deployed(ctx, 3, "v2")
		answering(ctx, door.url, "v2")
		after.noneFailed()
	}, SpecTimeout(4*time.Minute))
})
