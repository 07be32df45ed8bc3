// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

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

	It("says once why the zones stay uneven where no instance has room, and goes on when one has", func(ctx SpecContext) {
		w.drain(ctx, nodes[1])
		filler := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "filler-" + w.ns},
			Spec: corev1.PodSpec{NodeName: nodes[1], Containers: []corev1.Container{{Name: "app", Image: "big:v1",
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4")}}}}},
		}
		create(ctx, filler)
		gone := func(ctx SpecContext) {
			Expect(client.IgnoreNotFound(admin.Delete(ctx, filler, client.GracePeriodSeconds(0)))).To(Succeed())
		}
		DeferCleanup(gone)
		left := func(g Gomega) int64 {
			for _, r := range w.instance(ctx, g, nodes[1]).Status.RemainingResources {
				if r.Name == ecsv1.ResourceNameCPU && r.IntegerValue != nil {
					return *r.IntegerValue
				}
			}
			return -1
		}
		w.runningOn(ctx, nodes[:1], "web", 4)
		Eventually(left).Should(BeZero())
		w.wantState(ctx, nodes[1], "")

		const why = "Availability Zones stay uneven (us-east-1a: 4, us-east-1b: 0), and no task is moved: no container instance of us-east-1b has room for one"
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{}).Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "4 of 4 tasks are healthy", why))
			g.Expect(w.events(ctx, g)).To(ContainElement(told + "Stopped: (service web) " + why + "."))
		}).Should(Succeed())
		w.quiet(ctx)
		at := time.Now()
		wake := func() {
			GinkgoHelper()
			pods, err := w.Pods(ctx, "1")
			Expect(err).NotTo(HaveOccurred())
			change(ctx, &pods[0], func(p *corev1.Pod) { metav1.SetMetaDataAnnotation(&p.ObjectMeta, "look", fmt.Sprint(time.Now())) })
			w.quiet(ctx)
		}
		wake()
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-1": 4}))
		for _, q := range record.Writes(at) {
			Expect(q.Resource).NotTo(BeElementOf("events", "servicedeployments", "deployments"), "it has been told, and nothing has changed")
		}

		By("making room")
		gone(ctx)
		Eventually(left).Should(BeNumerically(">", 0))
		wake()
		w.wants(ctx, map[string]int32{"web-1": 5})
		Expect(read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{}).Status.StatusReason).NotTo(ContainSubstring("uneven"))
	})

	It("that was asked for by name says why it can't be", func(ctx SpecContext) {
		crowded(ctx, func(s *ecsv1.Service) {
			s.Spec.AvailabilityZoneRebalancing = ecsv1.ToggleEnabled
			s.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]"}}
		})
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{}).Status.StatusReason).To(HaveSuffix(
				"; Availability Zones stay uneven (us-east-1a: 4, us-east-1b: 0), and no task is moved: placementConstraints: one of the service's is about ecs.availability-zone"))
			g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix(told + "Stopped: (service web) Availability Zones stay uneven")))
		}).Should(Succeed())
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
