// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// The suite's clock is hours ahead of the apiserver's anyway: whatever compares the two has shown by now.
var _ = Describe("Clocks that differ by minutes", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("make a bake time longer, not shorter, when the next operator's is behind, and move no traffic", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(5))
		w.ship(ctx, "web", "web:v2")
		w.halts(ctx, "web-2", ecsv1.ServiceDeploymentLifecycleStageBakeTime)
		clock.Advance(-10 * time.Minute)
		DeferCleanup(clock.Advance, 10*time.Minute)
		for range 20 { // half a minute each: the five minutes of the stage are over, those that the clock lost are not
			Expect(w.pass(ctx)).To(Succeed())
		}
		w.quiet(ctx)
		sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.LifecycleStage).To(Equal(ecsv1.ServiceDeploymentLifecycleStageBakeTime))
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("2"))
		w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateSuccessful)
	})

	It("keep tasks of a kubelet that is ahead from counting as healthy too early, and nothing fails of it", func(ctx SpecContext) {
		w.staged(ctx, 2, testkit.WithoutLoadBalancer)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		pods, err := w.Pods(ctx, "2")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			Expect(w.MakeReadySince(ctx, &pods[i], clock.Now().Add(5*time.Minute))).To(Succeed())
		}
		w.quiet(ctx)
		sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
		Expect(sd.Status.StatusReason).To(ContainSubstring("0 of 2 tasks of the new revision are healthy"))
		clock.Advance(6 * time.Minute)
		Eventually(func(g Gomega) {
			g.Expect(w.wake(ctx)).To(Succeed())
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		}).Should(Succeed())
	})
})
