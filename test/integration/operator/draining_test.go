// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// instances registers one container instance in each of the zones, and gives their names.
func (w *world) instances(ctx context.Context, zones ...string) []string {
	GinkgoHelper()
	var out []string
	for i, zone := range zones {
		node := testkit.Node(fmt.Sprintf("%s-%d", w.ns, i), w.cluster, zoned(zone))
		create(ctx, node)
		out = append(out, node.Name)
	}
	Eventually(func(g Gomega) {
		for _, name := range out {
			g.Expect(w.instance(ctx, g, name).Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
		}
	}).Should(Succeed())
	return out
}

func zoned(zone string) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Labels[corev1.LabelTopologyZone] = zone }
}

func (w *world) instance(ctx context.Context, g Gomega, name string) *ecsv1.ContainerInstance {
	GinkgoHelper()
	return read(ctx, g, w, name, &ecsv1.ContainerInstance{})
}

// drain makes an instance DRAINING and waits until it is.
func (w *world) drain(ctx context.Context, name string) {
	GinkgoHelper()
	w.wantState(ctx, name, ecsv1.ContainerInstanceDesiredStatusDraining)
	Eventually(func(g Gomega) {
		g.Expect(w.instance(ctx, g, name).Status.Status).To(Equal(ecsv1.ContainerInstanceStateDraining))
	}).Should(Succeed())
}

// wantState sets what is wanted of an instance, and waits for nothing.
func (w *world) wantState(ctx context.Context, name string, status ecsv1.ContainerInstanceDesiredStatus) {
	GinkgoHelper()
	change(ctx, w.instance(ctx, Default, name), func(c *ecsv1.ContainerInstance) { c.Spec.Status = status })
}

// on are the names of the tasks that are to run on an instance.
func (w *world) on(ctx context.Context, g Gomega, instance string) []string {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	out := []string{}
	for _, p := range pods {
		if p.Spec.NodeName == instance && p.DeletionTimestamp == nil {
			out = append(out, p.Name)
		}
	}
	return out
}

// available counts the tasks that are ready and to run.
func (w *world) available(ctx context.Context, g Gomega) int {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	return len(slices.DeleteFunc(pods, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil || !isReady(&p) }))
}

// bind makes the pods that are wanted and binds them, without starting them.
func (w *world) bind(ctx context.Context, g Gomega, nodes ...string) {
	GinkgoHelper()
	w.Nodes = nodes
	g.Expect(w.Converge(ctx)).To(Succeed())
	g.Expect(w.Bind(ctx)).To(Succeed())
}

// settle binds pods to these nodes and brings everything a round further, and sees that as many are available all the while.
func (w *world) settle(ctx context.Context, g Gomega, least int, nodes ...string) {
	GinkgoHelper()
	w.bind(ctx, g, nodes...)
	Expect(w.available(ctx, g)).To(BeNumerically(">=", least), "tasks that are available")
	g.Expect(w.Settle(ctx)).To(Succeed())
	Expect(w.available(ctx, g)).To(BeNumerically(">=", least), "tasks that are available")
}

// runningOn is running with the tasks on these nodes.
func (w *world) runningOn(ctx context.Context, nodes []string, name string, count int32, edits ...func(*ecsv1.Service)) *ecsv1.Service {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, name), testkit.Service(w.ns, name, w.cluster, name, count, edits...))
	return w.steadyOn(ctx, nodes, 0, name)
}

// steadyOn is steady with new tasks on these nodes, and so many available all the while.
func (w *world) steadyOn(ctx context.Context, nodes []string, least int, name string) *ecsv1.Service {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		w.settle(ctx, g, least, nodes...)
		svc := w.service(ctx, g, name)
		g.Expect(svc.Status.ObservedGeneration).To(HaveValue(Equal(svc.Generation)))
		g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		g.Expect(svc.Status.Deployments).To(HaveLen(1))
		g.Expect(svc.Status.PendingCount).To(BeZero())
	}).Should(Succeed())
	w.quiet(ctx)
	return w.service(ctx, Default, name)
}

func withoutRebalancing(s *ecsv1.Service) { s.Spec.AvailabilityZoneRebalancing = "DISABLED" }

var _ = Describe("A container instance that is DRAINING", func() {
	var w *world
	var nodes []string
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		nodes = w.instances(ctx, "us-east-1a", "us-east-1b", "us-east-1c")
	})

	It("has its tasks replaced elsewhere before they stop, and never fewer than the minimum", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 6)
		leaving := w.on(ctx, Default, nodes[0])
		Expect(leaving).To(HaveLen(2))
		w.drain(ctx, nodes[0])
		w.wants(ctx, map[string]int32{"web-1": 8})
		Eventually(func(g Gomega) {
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksLeaving,
				"2 tasks are to leave container instance "+nodes[0]+", which is DRAINING"))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("(service web) 2 tasks are to leave container instance " + nodes[0])))
		}).Should(Succeed())
		w.steadyOn(ctx, nodes[1:], 6, "web")
		Expect(w.on(ctx, Default, nodes[0])).To(BeEmpty())
		Expect(w.Finish(ctx)).To(Succeed())
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "6 ready, 0 starting, 0 stopping"}))
		Expect(read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
	})

	It("by kubectl cordon is the same", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 3)
		change(ctx, read(ctx, Default, w, nodes[2], &corev1.Node{}), func(n *corev1.Node) { n.Spec.Unschedulable = true })
		w.wants(ctx, map[string]int32{"web-1": 4})
		w.steadyOn(ctx, nodes[:2], 3, "web")
		Expect(w.on(ctx, Default, nodes[2])).To(BeEmpty())
	})

	It("loses as many tasks at once as minimumHealthyPercent lets go", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 6, testkit.Percentages(50, 100))
		w.drain(ctx, nodes[0])
		w.wants(ctx, map[string]int32{"web-1": 4})
		Expect(w.on(ctx, Default, nodes[0])).To(BeEmpty(), "what was marked has been stopped, and nothing else")
		w.steadyOn(ctx, nodes[1:], 3, "web")
	})

	It("has its PENDING tasks stopped at once, whatever the percentages, and keeps tasks that someone runs", func(ctx SpecContext) {
		tasks := taskWorld{w}
		create(ctx, testkit.TaskDefinition(w.ns, "job"))
		Eventually(func(g Gomega) { read(ctx, g, w, "job-1", &ecsv1.TaskDefinitionRevision{}) }).Should(Succeed())
		tasks.run(ctx, "job")
		w.quiet(ctx)
		alone := tasks.pod(ctx, "job")
		Expect(w.Schedule(ctx, alone, nodes[0])).To(Succeed())
		Expect(w.MakeReady(ctx, alone)).To(Succeed())
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2, testkit.Percentages(100, 125)))
		Eventually(func(g Gomega) {
			w.bind(ctx, g, nodes[0])
			g.Expect(w.on(ctx, g, nodes[0])).To(HaveLen(3))
		}).Should(Succeed())
		w.quiet(ctx)
		w.drain(ctx, nodes[0])
		Eventually(func(g Gomega) { g.Expect(w.on(ctx, g, nodes[0])).To(ConsistOf(alone.Name)) }).Should(Succeed())
		Expect(w.Finish(ctx)).To(Succeed())
		w.steadyOn(ctx, nodes[1:], 0, "web")
		Expect(w.on(ctx, Default, nodes[0])).To(ConsistOf(alone.Name))
	})

	It("that the percentages keep from being drained is named, and is drained once they leave room", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 3, testkit.Percentages(100, 125))
		w.drain(ctx, nodes[1])
		const told = "was unable to stop or start tasks because of the service deployment configuration: 1 tasks are to leave container instance "
		Eventually(func(g Gomega) {
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentStuck,
				"minimumHealthyPercent 100", nodes[1]+", which is DRAINING"))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring(told + nodes[1])))
		}).Should(Succeed())
		Expect(w.on(ctx, Default, nodes[1])).To(HaveLen(1))
		change(ctx, w.service(ctx, Default, "web"), testkit.Percentages(100, 200))
		w.steadyOn(ctx, []string{nodes[0], nodes[2]}, 3, "web")
		Expect(w.on(ctx, Default, nodes[1])).To(BeEmpty())
	})

	It("is drained during a deployment, too, and both come to their end", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 3)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 3, "web-2": 3})
		w.bind(ctx, Default, nodes...)
		w.drain(ctx, nodes[0])
		w.steadyOn(ctx, nodes[1:], 3, "web")
		Expect(w.on(ctx, Default, nodes[0])).To(BeEmpty())
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
	})

	It("that takes tasks again before they have left keeps them", func(ctx SpecContext) {
		w.runningOn(ctx, nodes, "web", 3)
		w.drain(ctx, nodes[0])
		w.wants(ctx, map[string]int32{"web-1": 4})
		w.wantState(ctx, nodes[0], "")
		w.wants(ctx, map[string]int32{"web-1": 3})
		Expect(w.on(ctx, Default, nodes[0])).To(HaveLen(1))
		w.steadyOn(ctx, nodes, 3, "web")
	})
})

var _ = Describe("A count that is lowered", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// lower sets the desired count and gives the names of the tasks that stop, in whatever order.
	lower := func(ctx SpecContext, count int32) map[string]string {
		GinkgoHelper()
		began := time.Now()
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DesiredCount = &count })
		w.wants(ctx, map[string]int32{"web-1": count})
		left := map[string]bool{}
		after, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		for _, p := range after {
			left[p.Name] = p.DeletionTimestamp == nil
		}
		out := map[string]string{}
		for _, p := range pods {
			if !left[p.Name] {
				out[p.Name] = p.Spec.NodeName
			}
		}
		var writes []string
		for _, q := range record.Writes(began) {
			if q.Namespace == w.ns && (q.Resource == "pods" || q.Resource == "deployments") {
				writes = append(writes, q.Verb+" "+q.Resource)
			}
		}
		marks := len(pods) - int(count)
		Expect(writes).To(Equal(append(slices.Repeat([]string{"patch pods"}, marks), "patch deployments")), "so many marks, and then the count")
		return out
	}

	It("stops the tasks whose going leaves the zones even", func(ctx SpecContext) {
		nodes := w.instances(ctx, "us-east-1a", "us-east-1a", "us-east-1b")
		w.runningOn(ctx, nodes, "web", 6, withoutRebalancing)
		Expect(w.on(ctx, Default, nodes[2])).To(HaveLen(2))
		for _, node := range lower(ctx, 4) {
			Expect(node).NotTo(Equal(nodes[2]), "zone b has the fewest")
		}
		Expect(w.on(ctx, Default, nodes[0])).To(HaveLen(1))
		Expect(w.on(ctx, Default, nodes[1])).To(HaveLen(1))
		w.steadyOn(ctx, nodes, 4, "web")
	})

	It("stops tasks that are starting first, without marks", func(ctx SpecContext) {
		nodes := w.instances(ctx, "us-east-1a", "us-east-1b")
		w.runningOn(ctx, nodes, "web", 2)
		before := append(w.on(ctx, Default, nodes[0]), w.on(ctx, Default, nodes[1])...)
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(4)) })
		w.wants(ctx, map[string]int32{"web-1": 4})
		began := time.Now()
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(2)) })
		w.wants(ctx, map[string]int32{"web-1": 2})
		for _, q := range record.Writes(began) {
			Expect(q.Right().String()).NotTo(Equal("patch pods"))
		}
		Expect(append(w.on(ctx, Default, nodes[0]), w.on(ctx, Default, nodes[1])...)).To(ConsistOf(before))
	})
})

var _ = Describe("An instance of FARGATE_SPOT that is taken away", func() {
	It("has its tasks stopped at once, and they say why", func(ctx SpecContext) {
		w := newWorld(ctx)
		change(ctx, read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = []string{"FARGATE_SPOT"} })
		nodes := w.instances(ctx, "us-east-1a", "us-east-1b")
		w.runningOn(ctx, nodes, "web", 2, func(s *ecsv1.Service) {
			s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE_SPOT", Weight: new(int32(1))}}
		})
		victim := w.on(ctx, Default, nodes[0])[0]
		change(ctx, read(ctx, Default, w, nodes[0], &corev1.Node{}), func(n *corev1.Node) {
			n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "aws-node-termination-handler/spot-itn", Effect: corev1.TaintEffectNoSchedule})
		})
		Eventually(func(g Gomega) {
			p := read(ctx, g, w, victim, &corev1.Pod{})
			g.Expect(p.DeletionTimestamp).NotTo(BeNil())
			g.Expect(p.Annotations).To(HaveKeyWithValue(ecsv1.AnnotationStopCode, string(ecsv1.TaskStopCodeSpotInterruption)))
		}).Should(Succeed())
		Expect(w.Finish(ctx)).To(Succeed())
		w.steadyOn(ctx, nodes[1:], 1, "web")
		Expect(strings.Join(w.on(ctx, Default, nodes[0]), " ")).To(BeEmpty())
	})

	It("has the tasks stopped that someone runs there, and leaves those of other providers", func(ctx SpecContext) {
		w := newTaskWorld(ctx)
		change(ctx, read(ctx, Default, w.world, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = []string{"FARGATE", "FARGATE_SPOT"} })
		node := w.instances(ctx, "us-east-1a")[0]
		pods := map[string]*corev1.Pod{}
		for name, provider := range map[string]string{"cheap": "FARGATE_SPOT", "steady": "FARGATE"} {
			pods[name] = w.run(ctx, name, func(t *ecsv1.Task) {
				t.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: provider, Weight: new(int32(1))}}
			})
			w.Nodes = []string{node}
			Eventually(func(g Gomega) { g.Expect(w.MakeReady(ctx, pods[name])).To(Succeed()) }).Should(Succeed())
			w.reaches(ctx, name, ecsv1.TaskStateRunning)
		}
		change(ctx, read(ctx, Default, w.world, node, &corev1.Node{}), func(n *corev1.Node) {
			n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "aws-node-termination-handler/spot-itn", Effect: corev1.TaintEffectNoSchedule})
		})
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w.world, pods["cheap"].Name, &corev1.Pod{}).DeletionTimestamp).NotTo(BeNil())
			g.Expect(w.task(ctx, g, "cheap").Status).To(SatisfyAll(HaveField("StopCode", ecsv1.TaskStopCodeSpotInterruption),
				HaveField("StoppedReason", "Your Spot Task was interrupted.")))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(w.task(ctx, Default, "steady").Status.DesiredStatus).To(Equal(ecsv1.TaskDesiredStatusRunning))
		Expect(read(ctx, Default, w.world, pods["steady"].Name, &corev1.Pod{}).DeletionTimestamp).To(BeNil())
	})
})
