// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("Availability Zone rebalancing", func() {
	const told = "Normal Rebalancing"
	var w *world
	var nodes []string
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		nodes = w.instances(ctx, "us-east-1a", "us-east-1b")
	})

	// spread counts the tasks of each instance.
	spread := func(ctx context.Context, g Gomega) []int {
		GinkgoHelper()
		return []int{len(w.on(ctx, g, nodes[0])), len(w.on(ctx, g, nodes[1]))}
	}
	// remembers is what the Deployment of the only revision remembers.
	remembers := func(ctx context.Context, g Gomega) string {
		GinkgoHelper()
		return w.deployment(ctx, g, "web-1").Annotations[ecsv1.AnnotationRebalancing]
	}
	// crowded has 4 tasks, all in one zone, and an empty instance in the other from then on.
	crowded := func(ctx SpecContext, edits ...func(*ecsv1.Service)) {
		GinkgoHelper()
		w.drain(ctx, nodes[1])
		w.runningOn(ctx, nodes[:1], "web", 4, edits...)
		w.wantState(ctx, nodes[1], "")
		Eventually(func(g Gomega) {
			g.Expect(w.instance(ctx, g, nodes[1]).Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
		}).Should(Succeed())
	}

	It("starts a task in the emptiest zone before one of the fullest stops, until they are even, and rests", func(ctx SpecContext) {
		crowded(ctx)
		w.wants(ctx, map[string]int32{"web-1": 5})
		Expect(w.available(ctx, Default)).To(Equal(4), "nothing stops before the new one is healthy")
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix(told + "Started: (service web) ")))
		}).Should(Succeed())
		Eventually(func(g Gomega) {
			w.settle(ctx, g, 4, nodes...)
			g.Expect(spread(ctx, g)).To(Equal([]int{2, 2}))
			g.Expect(remembers(ctx, g)).To(BeEmpty())
		}).Should(Succeed())
		Eventually(func(g Gomega) { g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix(told + "Completed: "))) }).Should(Succeed())
		w.steadyOn(ctx, nodes, 4, "web")
		at := time.Now()
		w.quiet(ctx)
		Expect(record.Writes(at)).To(BeEmpty())
	})

	It("gives up when new tasks are started in the crowded zone, and doesn't try again for the same cause", func(ctx SpecContext) {
		crowded(ctx)
		w.wants(ctx, map[string]int32{"web-1": 5})
		Eventually(func(g Gomega) {
			w.settle(ctx, g, 4, nodes[0])
			g.Expect(remembers(ctx, g)).To(HaveSuffix("given-up"))
		}).Should(Succeed())
		w.steadyOn(ctx, nodes[:1], 4, "web")
		Expect(spread(ctx, Default)).To(Equal([]int{4, 0}))
		Eventually(func(g Gomega) { g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix(told + "Stopped: "))) }).Should(Succeed())

		By("an instance more in the empty zone is another cause")
		create(ctx, testkit.Node(fmt.Sprintf("%s-more", w.ns), w.cluster, zoned("us-east-1b")))
		w.wants(ctx, map[string]int32{"web-1": 5})
	})

	It("stops when no instance takes the new task", func(ctx SpecContext) {
		crowded(ctx)
		w.wants(ctx, map[string]int32{"web-1": 5})
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			if pods[i].Spec.NodeName == "" {
				Expect(w.NoNodeFor(ctx, &pods[i], "0/2 nodes are available")).To(Succeed())
			}
		}
		w.wants(ctx, map[string]int32{"web-1": 4})
		Expect(spread(ctx, Default)).To(Equal([]int{4, 0}))
		w.steadyOn(ctx, nodes[:1], 4, "web")
	})

	It("leaves a service alone that doesn't want it", func(ctx SpecContext) {
		crowded(ctx, withoutRebalancing)
		at := time.Now()
		w.quiet(ctx)
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-1": 4}))
		for _, q := range record.Writes(at) {
			Expect(q.Namespace).NotTo(Equal(w.ns))
		}
	})

	It("that an operator is killed in goes on to its end", func(ctx SpecContext) {
		done := func(g Gomega) {
			g.Expect(spread(ctx, g)).To(Equal([]int{2, 2}))
			g.Expect(remembers(ctx, g)).To(BeEmpty())
			g.Expect(w.counts(ctx, g)).To(Equal(map[string]string{"1": "4 ready, 0 starting, 0 stopping"}))
		}
		w.drain(ctx, nodes[1])
		w.runningOn(ctx, nodes[:1], "web", 4)
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			manager.KillAtWrite(k)
			w.wantState(ctx, nodes[1], "")
			Eventually(func(g Gomega) {
				w.settle(ctx, g, 4, nodes...)
				if !manager.Killed() {
					done(g)
				}
			}).Should(Succeed())
			finished := !manager.Killed()
			if finished {
				w.quiet(ctx)
				finished = !manager.Killed()
				manager.Spare()
			}
			if !finished {
				stopManager()
				startManager(ctx)
			}
			Eventually(func(g Gomega) {
				w.settle(ctx, g, 4, nodes...)
				done(g)
			}).Should(Succeed(), "after write %d", k)
			if finished {
				AddReportEntry("writes of a rebalancing of 4 tasks, at each of which it was killed", k-1)
				return
			}
			w.drain(ctx, nodes[1])
			w.steadyOn(ctx, nodes[:1], 4, "web")
			Expect(spread(ctx, Default)).To(Equal([]int{4, 0}))
		}
	})
})
