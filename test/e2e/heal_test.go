// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("A task that ends", func() {
	It("by deletion is replaced, without a failed request", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		before := web.tasks(ctx, Default)
		tasks := record(ctx, web)

		Expect(kube.Delete(ctx, &before[0])).To(Succeed())
		replaced(ctx, web, before, 1)

		noneFailed(ctx, traffic)
		tasks.within(2, 4)
	}, SpecTimeout(2*time.Minute))

	It("by the exit of its essential container, even with code 0, is replaced by another task", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		url := web.url(ctx)
		before := web.tasks(ctx, Default)
		traffic := send(ctx, load.Options{URL: url})
		tasks := record(ctx, web)
		// The place of a task that ends sooner is left empty for a while (internal/taskstate/cooling.go).
		Eventually(ctx, func() time.Duration { return time.Since(tasks.began) }).Should(BeNumerically(">", 10*time.Second))

		_, err := ask(ctx, url+"/exit?code=0")
		Expect(err).NotTo(HaveOccurred())
		replaced(ctx, web, before, 1)

		AddReportEntry("tasks", tasks.timeline())

		By("telling why")
		Eventually(ctx, func(g Gomega) {
			g.Expect(web.events(ctx, g)).To(ContainElement(And(
				HavePrefix("EssentialContainerExited: (service web) has stopped 1 running tasks: (task "),
				MatchRegexp(`app.*\b0\b`))))
		}).Should(Succeed())

		By("answering meanwhile: only what had reached that one container is lost")
		failed := traffic.Snapshot().Failed()
		answers(ctx, traffic, 2*rate)
		report := traffic.Stop()
		AddReportEntry("load", report.String())
		Expect(report.Failed()).To(Equal(failed), "requests fail on after the task is replaced: %v", report.Samples)
		Expect(failed).To(BeNumerically("<", report.Requests/3), "requests to the two other tasks failed: %v", report.Samples)
	}, SpecTimeout(2*time.Minute))
})

// replaced waits until n of the tasks have gone and as many have come, and expects that the others weren't touched.
func replaced(ctx context.Context, web service, before []corev1.Pod, n int) {
	GinkgoHelper()
	was := map[types.UID]bool{}
	for _, p := range before {
		was[p.UID] = true
	}
	Eventually(ctx, func(g Gomega) {
		web.settled(ctx, g, int32(len(before)), "v1")
		kept := 0
		for _, p := range web.tasks(ctx, g) {
			if was[p.UID] {
				kept++
				g.Expect(p.Status.ContainerStatuses[0].RestartCount).To(BeZero(), "a task that had nothing to do with it was restarted")
			}
		}
		g.Expect(kept).To(Equal(len(before)-n), "tasks of before that are still there")
	}).Should(Succeed())
}
