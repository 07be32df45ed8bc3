// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// In these nobody schedules but the spec: what the operator chose is read from the pods.

var (
	binpackMemory = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}
	spreadZones   = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"}
)

// gibs gives the task definition's container that much memory; a node has 8.
func gibs(n int32) func(*ecsv1.TaskDefinition) {
	return func(td *ecsv1.TaskDefinition) { td.Spec.ContainerDefinitions[0].Memory = new(n * 1024) }
}

// fleet makes nodes of the world's cluster, by zone, and waits until they are container instances.
func (w *world) fleet(ctx SpecContext, zones map[string]string, edits ...func(*corev1.Node)) {
	GinkgoHelper()
	for name, zone := range zones {
		n := testkit.Node(w.ns+"-"+name, w.cluster, edits...)
		n.Labels[corev1.LabelTopologyZone] = zone
		create(ctx, n)
	}
	Eventually(func(g Gomega) {
		for name := range zones {
			node := read(ctx, g, w, w.ns+"-"+name, &corev1.Node{})
			g.Expect(node.Labels).To(HaveKeyWithValue(ecsv1.LabelCluster, w.cluster))
			g.Expect(read(ctx, g, w, w.ns+"-"+name, &ecsv1.ContainerInstance{}).Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
		}
	}).Should(Succeed())
}

// where counts the tasks of a service by the instance that they were sent to; "" is none.
func (w *world) where(ctx context.Context, g Gomega, service string) map[string]int {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	out := map[string]int{}
	for i := range pods {
		pod := &pods[i]
		if pod.DeletionTimestamp != nil || service != "" && pod.Labels[ecsv1.LabelService] != service {
			continue
		}
		node := instances.Destination(pod)
		if node != "" {
			node = node[len(w.ns)+1:]
			g.Expect(pod.Annotations).To(HaveKeyWithValue(ecsv1.AnnotationContainerInstance, w.ns+"-"+node))
			g.Expect(pod.Spec.SchedulingGates).To(BeEmpty())
		}
		out[node]++
	}
	return out
}

// settled makes the pods that there are to be, binds none, and reads where they are sent.
func (w *world) settled(ctx SpecContext, want map[string]map[string]int) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(w.Converge(ctx)).To(Succeed())
		for service, places := range want {
			g.Expect(w.where(ctx, g, service)).To(Equal(places), service)
		}
	}).Should(Succeed())
}

// waits are what the tasks without an instance say, each once.
func (w *world) waits(ctx context.Context, g Gomega) map[string]int {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	out := map[string]int{}
	for i := range pods {
		for _, c := range pods[i].Status.Conditions {
			if c.Type == corev1.PodScheduled && len(pods[i].Spec.SchedulingGates) > 0 {
				out[c.Reason+": "+c.Message]++
			}
		}
	}
	return out
}

var _ = Describe("The placement engine", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("packs within the zone that has the fewest tasks, as the strategies say in their order", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c", "c2": "c"})
		create(ctx, testkit.TaskDefinition(w.ns, "web", gibs(2)), testkit.Service(w.ns, "web", w.cluster, "web", 9, strategy(spreadZones, binpackMemory)))
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			places := w.where(ctx, g, "web")
			g.Expect(places).To(HaveLen(3), "one instance of each zone: %v", places)
			for _, zone := range []string{"a", "b", "c"} {
				g.Expect(places[zone+"1"]+places[zone+"2"]).To(Equal(3), "zone %s: %v", zone, places)
			}
		}).Should(Succeed())
	})

	It("keeps to constraints that no node label says: custom attributes, patterns, task groups", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "a", "c": "a"})
		change(ctx, &ecsv1.ContainerInstance{ObjectMeta: metav1.ObjectMeta{Name: w.ns + "-b"}}, func(c *ecsv1.ContainerInstance) {
			c.Spec.Attributes = []ecsv1.InstanceAttribute{{Name: "stack", Value: "production"}}
		})
		create(ctx, testkit.TaskDefinition(w.ns, "web", gibs(1)),
			testkit.Service(w.ns, "db", w.cluster, "web", 2, constrained("attribute:stack =~ prod.*")))
		w.settled(ctx, map[string]map[string]int{"db": {"b": 2}})
		create(ctx,
			testkit.Service(w.ns, "near", w.cluster, "web", 3, constrained("task:group == service:db")),
			testkit.Service(w.ns, "far", w.cluster, "web", 2, constrained("not(task:group == service:db)", "runningTasksCount < 1")))
		w.settled(ctx, map[string]map[string]int{"near": {"b": 3}, "far": {"a": 1, "c": 1}})
	})

	It("sends no instance more than it has room for, whoever asks at once, and bound or not", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "b"})
		td := testkit.TaskDefinition(w.ns, "web", gibs(2))
		create(ctx, td, testkit.Service(w.ns, "one", w.cluster, "web", 6, strategy(spreadZones)), testkit.Service(w.ns, "two", w.cluster, "web", 6, strategy(binpackMemory)))
		w.settled(ctx, map[string]map[string]int{"": {"a": 4, "b": 4, "": 4}})
		Consistently(func(g Gomega) { g.Expect(w.where(ctx, g, "")).To(Equal(map[string]int{"a": 4, "b": 4, "": 4})) }).Should(Succeed())

		By("making room")
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			if instances.Destination(&pods[i]) == w.ns+"-a" {
				Expect(w.MakeReady(ctx, &pods[i])).To(Succeed())
			}
		}
		change(ctx, testkit.Service(w.ns, "one", w.cluster, "web", 0), func(s *ecsv1.Service) { s.Spec.DesiredCount = ptr.To[int32](0) })
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(w.Finish(ctx)).To(Succeed())
			g.Expect(w.where(ctx, g, "two")).NotTo(HaveKey(""))
			g.Expect(w.where(ctx, g, "one")).To(BeEmpty())
		}).Should(Succeed())
	})

	It("shares tasks out among capacity providers exactly, at every count", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		tier := func(name string) func(*corev1.Node) {
			return func(n *corev1.Node) {
				n.Labels["tier"] = name
				n.Spec.Taints = []corev1.Taint{{Key: "tier", Value: name, Effect: corev1.TaintEffectNoSchedule}}
			}
		}
		w.fleet(ctx, map[string]string{"s": "a"}, tier("spot"))
		w.fleet(ctx, map[string]string{"d": "a"}, tier("steady"))
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, func(s *ecsv1.Service) {
			s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{
				{CapacityProvider: spot, Weight: ptr.To[int32](3)}, {CapacityProvider: steady, Base: ptr.To[int32](2), Weight: ptr.To[int32](1)},
			}
		}))
		for _, step := range []struct {
			count int32
			want  map[string]int
		}{{1, map[string]int{"d": 1}}, {2, map[string]int{"d": 2}}, {6, map[string]int{"d": 3, "s": 3}}, {10, map[string]int{"d": 4, "s": 6}}} {
			change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 0), func(s *ecsv1.Service) { s.Spec.DesiredCount = &step.count })
			w.settled(ctx, map[string]map[string]int{"web": step.want})
		}
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		for _, p := range pods {
			Expect(p.Labels).To(HaveKey(ecsv1.LabelCapacityProvider))
			Expect(p.Spec.Tolerations).To(ContainElement(HaveField("Key", "tier")))
		}
	})

	It("makes tasks without a place ask for a node, says so in ECS's words, and then writes nothing", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2, through(spot, steady)))
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(w.waits(ctx, g)).To(Equal(map[string]int{"Unschedulable: was unable to place a task because no container instance met all of its requirements. " +
				"Reason: No Container Instances were found in your capacity provider.": 2}))
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksNotPlaced, "No Container Instances were found"))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring(
				"(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.")))
		}).Should(Succeed())
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		tiers := map[string]int{}
		for _, p := range pods {
			terms := instances.RequiredTerms(&p)
			Expect(terms).To(HaveLen(1))
			Expect(p.Spec.Tolerations).To(ContainElement(HaveField("Value", terms[0].MatchExpressions[0].Values[0])))
			tiers[terms[0].MatchExpressions[0].Values[0]]++
		}
		Expect(tiers).To(Equal(map[string]int{"spot": 1, "steady": 1}))
		Eventually(func(g Gomega) { // they gather events for a second before they count
			for _, name := range []string{spot, steady} {
				g.Expect(read(ctx, g, w, name, &ecsv1.CapacityProvider{}).Status.PendingTasksCount).To(BeEquivalentTo(1))
			}
		}).Should(Succeed())
		w.quiet(ctx)
		since := time.Now()
		Consistently(func() []testkit.Request { return record.Writes(since) }).Should(BeEmpty())
		stopManager()
		startManager(ctx)
		Consistently(func() []testkit.Request { return record.Writes(since) }, 2*time.Second).Should(BeEmpty())

		By("a node that comes")
		w.fleet(ctx, map[string]string{"s": "a"}, func(n *corev1.Node) { n.Labels["tier"] = "spot" })
		w.settled(ctx, map[string]map[string]int{"web": {"s": 1, "": 1}})
	})

	It("replaces a task whose instance is gone, takes no more tasks, or isn't the scheduler's choice", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "a"})
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, strategy(binpackMemory)))
		sent := func() (pod corev1.Pod, node string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(w.Converge(ctx)).To(Succeed())
				pods, err := w.Pods(ctx, "")
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(pods).To(HaveLen(1))
				pod, node = pods[0], instances.Destination(&pods[0])
				g.Expect(node).NotTo(BeEmpty())
			}).Should(Succeed())
			return pod, node
		}
		first, node := sent()
		By("the scheduler refusing it")
		Expect(w.NoNodeFor(ctx, &first, "0/2 nodes are available: 1 Insufficient memory.")).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, first.Name, &corev1.Pod{}) }).Should(Succeed())
		second, other := sent()
		Expect(other).NotTo(Equal(node), "it isn't sent there again")
		By("its instance going")
		change(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: other}}, func(n *corev1.Node) { n.Spec.Unschedulable = true })
		Eventually(func(g Gomega) { w.missing(ctx, g, second.Name, &corev1.Pod{}) }).Should(Succeed())
	})

	It("goes by the service as it is now", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "b"})
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, constrained("attribute:stack == none")))
		w.settled(ctx, map[string]map[string]int{"web": {"": 1}})
		change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1), constrained("attribute:ecs.availability-zone =~ b.*"))
		w.settled(ctx, map[string]map[string]int{"web": {"b": 1}})
	})

	It("replaces a task that waits through one of several capacity providers when its service leaves that one", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, through(spot, steady)))
		var first corev1.Pod
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			pods, err := w.Pods(ctx, "")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pods).To(HaveLen(1))
			first = pods[0]
			g.Expect(first.Labels).To(HaveKeyWithValue(ecsv1.LabelCapacityProvider, spot))
		}).Should(Succeed())
		clock.Advance(30 * time.Second)
		change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1), through(steady))
		w.fleet(ctx, map[string]string{"d": "a"}, func(n *corev1.Node) { n.Labels["tier"] = "steady" })
		w.settled(ctx, map[string]map[string]int{"web": {"d": 1}})
		w.missing(ctx, Default, first.Name, &corev1.Pod{})
	})

	It("leaves a task of one capacity provider alone until its ReplicaSet makes others, and then replaces it", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, through(spot), strategy(binpackMemory)))
		var d *appsv1.Deployment
		Eventually(func(g Gomega) { d = read(ctx, g, w, "web-1", &appsv1.Deployment{}) }).Should(Succeed())
		set := replicaSetOf(d)
		create(ctx, set)
		first := &corev1.Pod{ObjectMeta: *set.Spec.Template.ObjectMeta.DeepCopy(), Spec: *set.Spec.Template.Spec.DeepCopy()}
		first.Namespace, first.Name = w.ns, set.Name+"-first"
		first.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("ReplicaSet"))}
		create(ctx, first)
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(w.waits(ctx, g)).To(HaveLen(1))
		}).Should(Succeed())
		clock.Advance(30 * time.Second)
		change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1), through(steady))
		Eventually(func(g Gomega) { g.Expect(read(ctx, g, w, "web-1", &appsv1.Deployment{}).Spec.Paused).To(BeTrue()) }).Should(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w, first.Name, &corev1.Pod{}).DeletionTimestamp).To(BeNil(), "another would be the same")
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, set.Name, &appsv1.ReplicaSet{}).Spec.Template.Labels).To(HaveKeyWithValue(ecsv1.LabelCapacityProvider, steady))
		}).Should(Succeed())
		w.fleet(ctx, map[string]string{"d": "a"}, func(n *corev1.Node) { n.Labels["tier"] = "steady" })
		Eventually(func(g Gomega) { w.missing(ctx, g, first.Name, &corev1.Pod{}) }).Should(Succeed())
	})

	It("killed at any write places each task once, and overbooks nothing", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "a"})
		create(ctx, testkit.TaskDefinition(w.ns, "web", gibs(4)))
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			name := fmt.Sprintf("web-%d", k)
			manager.KillAtWrite(k)
			create(ctx, testkit.Service(w.ns, name, w.cluster, "web", 5, strategy(binpackMemory)))
			done := func(g Gomega) {
				g.Expect(w.Converge(ctx)).To(Succeed())
				places := w.where(ctx, g, name)
				g.Expect(places["a"]).To(BeNumerically("<=", 2))
				g.Expect(places["b"]).To(BeNumerically("<=", 2))
				if !manager.Killed() {
					g.Expect(places).To(Equal(map[string]int{"a": 2, "b": 2, "": 1}))
					g.Expect(w.waits(ctx, g)).To(HaveLen(1))
				}
			}
			Eventually(done).Should(Succeed())
			finished := !manager.Killed()
			if finished {
				w.quiet(ctx)
				finished = !manager.Killed()
				manager.Spare()
			}
			if !finished {
				stopManager()
				startManager(ctx)
				Eventually(done).Should(Succeed(), "after write %d", k)
			}
			remove(ctx, testkit.Service(w.ns, name, w.cluster, "web", 0))
			Eventually(func(g Gomega) { // what is still stopping takes room
				g.Expect(w.Settle(ctx)).To(Succeed())
				g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
			}).Should(Succeed())
			if finished {
				AddReportEntry("writes of five tasks that are placed, at each of which it was killed", k-1)
				return
			}
		}
	})
})
