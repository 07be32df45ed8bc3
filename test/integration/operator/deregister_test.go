// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// occupied runs a service of count tasks on the node, which the cluster has registered.
func (w fleetWorld) occupied(ctx context.Context, node string, count int32) []corev1.Pod {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", count))
	var pods []corev1.Pod
	Eventually(func(g Gomega) {
		g.Expect(w.Converge(ctx)).To(Succeed())
		var err error
		pods, err = w.Pods(ctx, "1")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(pods).To(HaveLen(int(count)))
	}).Should(Succeed())
	w.run(ctx, node)
	Eventually(func(g Gomega) {
		g.Expect(w.instance(ctx, g, node).Status.RunningTasksCount).To(Equal(count))
	}).Should(Succeed())
	return pods
}

func (w fleetWorld) deregister(ctx context.Context, node string) {
	GinkgoHelper()
	Expect(admin.Delete(ctx, w.instance(ctx, Default, node))).To(Succeed())
}

// aside has the cluster no longer choose a node, so that it isn't registered anew.
func aside(n *corev1.Node) { n.Labels["pool"] = "aside" }

var _ = Describe("A container instance that is deregistered", func() {
	var w fleetWorld
	BeforeEach(func(ctx SpecContext) { w = fleetWorld{newWorld(ctx)} })

	It("stays while tasks are to run there, says so, takes no more of them, and goes once it is drained", func(ctx SpecContext) {
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		pods := w.occupied(ctx, a, 1)
		w.deregister(ctx, a)
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDeregistering)
		Eventually(func(g Gomega) {
			g.Expect(w.instance(ctx, g, a).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonFoundRunningTasks,
				"InvalidParameterException: Found running tasks on the instance. Drain it first (spec.status: DRAINING), or set spec.kubernetes.forceDeregistration"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w.world, pods[0].Name, &corev1.Pod{}).DeletionTimestamp).To(BeNil())

		By("draining it, which it can still be")
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), aside)
		Expect(client.IgnoreNotFound(w.Client.Delete(ctx, &pods[0], client.GracePeriodSeconds(0)))).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, a, &ecsv1.ContainerInstance{}) }).Should(Succeed())
	})

	It("by force goes at once; its tasks run on by themselves, and the service starts others", func(ctx SpecContext) {
		w.daemon(ctx, "log")
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateRegistering, w.daemonLabel("log"))
		Expect(w.ConvergeDaemons(ctx, a)).To(Succeed())
		w.run(ctx, a)
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("log"))
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2))
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			pods, err := w.Pods(ctx, "1")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pods).To(HaveLen(3))
		}).Should(Succeed())
		w.run(ctx, a)
		before, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), aside)
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) {
			i.Spec.Kubernetes = &ecsv1.ContainerInstanceKubernetes{ForceDeregistration: new(true)}
		})
		Eventually(func(g Gomega) {
			w.missing(ctx, g, a, &ecsv1.ContainerInstance{})
			g.Expect(w.labels(ctx, g, a)).To(BeEmpty())
		}).Should(Succeed())
		for _, p := range before {
			orphan := read(ctx, Default, w.world, p.Name, &corev1.Pod{})
			Expect(orphan.OwnerReferences).To(BeEmpty())
			Expect(orphan.Labels).To(HaveKeyWithValue(ecsv1.LabelOrphanedFrom, w.cluster))
			Expect(orphan.Labels).NotTo(Or(HaveKey(ecsv1.LabelService), HaveKey(ecsv1.LabelCluster), HaveKey(ecsv1.LabelServiceRevision)))
			Expect(orphan.DeletionTimestamp).To(BeNil())
		}
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			pods, err := w.Pods(ctx, "1")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pods).To(HaveLen(2), "the service has two others")
		}).Should(Succeed())
	})

	It("goes with its node, whatever ran there", func(ctx SpecContext) {
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		w.occupied(ctx, a, 1)
		Expect(admin.Delete(ctx, &corev1.Node{ObjectMeta: read(ctx, Default, w.world, a, &corev1.Node{}).ObjectMeta})).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, a, &ecsv1.ContainerInstance{}) }).Should(Succeed())
	})

	It("leaves its node to another cluster only when its tasks are gone", func(ctx SpecContext) {
		rival := testkit.Cluster("a-" + w.cluster)
		create(ctx, rival)
		DeferCleanup(remove, rival)
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		pods := w.occupied(ctx, a, 1)
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), func(n *corev1.Node) { n.Labels["pool"] = rival.Name })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDeregistering)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w.world, rival.Name, &ecsv1.Cluster{}).Status.Conditions).To(haveCondition(ecsv1.ConditionNodeConflict, "True", ecsv1.ReasonNodeConflict,
				"Node "+a+" is a container instance of cluster "+w.cluster+" still"))
		}).Should(Succeed())
		Expect(w.Client.Delete(ctx, &pods[0], client.GracePeriodSeconds(0))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.instance(ctx, g, a).Spec.Cluster).To(Equal(rival.Name))
			g.Expect(read(ctx, g, w.world, a, &corev1.Node{}).Labels).To(HaveKeyWithValue(ecsv1.LabelCluster, rival.Name))
		}).Should(Succeed())
	})
})

var _ = Describe("An operator that is killed at any of its writes, with container instances,", func() {
	var w fleetWorld
	BeforeEach(func(ctx SpecContext) { w = fleetWorld{newWorld(ctx)} })

	// atEach does the same with a new node each time, and kills the operator one write later each time, until it lives through all of it.
	atEach := func(ctx SpecContext, what string, step func(node string, k int), done func(g Gomega, node string)) {
		GinkgoHelper()
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			node := fmt.Sprintf("%s-k%d", w.cluster, k)
			step(node, k)
			if !manager.Killed() {
				w.quiet(ctx)
			}
			finished := !manager.Killed()
			manager.Spare()
			if !finished {
				stopManager()
				startManager(ctx)
			}
			Eventually(func(g Gomega) {
				w.settle(ctx, g, node)
				done(g, node)
			}).Should(Succeed(), "after write %d", k)
			if finished {
				AddReportEntry("writes of "+what+", at each of which it was killed", k-1)
				return
			}
		}
	}

	It("registers nodes, daemons first", func(ctx SpecContext) {
		w.daemon(ctx, "log")
		w.quiet(ctx)
		done := func(g Gomega, node string) {
			i := w.instance(ctx, g, node)
			g.Expect(i.Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
			g.Expect(i.Finalizers).To(ConsistOf(ecsv1.FinalizerContainerInstance))
			g.Expect(w.labels(ctx, g, node)).To(ConsistOf(ecsv1.LabelCluster, w.daemonLabel("log")))
		}
		atEach(ctx, "a registration", func(node string, k int) {
			manager.KillAtWrite(k)
			create(ctx, testkit.Node(node, w.cluster))
			Eventually(func(g Gomega) {
				w.settle(ctx, g, node)
				if !manager.Killed() {
					done(g, node)
				}
			}).Should(Succeed())
		}, done)
	})

	It("deregisters by force", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2))
		Eventually(func(g Gomega) { w.deployment(ctx, g, "web-1") }).Should(Succeed())
		var given []corev1.Pod
		done := func(g Gomega, node string) {
			w.missing(ctx, g, node, &ecsv1.ContainerInstance{})
			g.Expect(w.labels(ctx, g, node)).To(BeEmpty())
			for _, p := range given {
				orphan := read(ctx, g, w.world, p.Name, &corev1.Pod{})
				g.Expect(orphan.OwnerReferences).To(BeEmpty())
				g.Expect(orphan.DeletionTimestamp).To(BeNil())
				g.Expect(orphan.Labels).NotTo(HaveKey(ecsv1.LabelService))
			}
		}
		atEach(ctx, "a forced deregistration", func(node string, k int) {
			create(ctx, testkit.Node(node, w.cluster))
			Eventually(func(g Gomega) {
				w.settle(ctx, g, node)
				g.Expect(w.instance(ctx, g, node).Status.RunningTasksCount).To(Equal(int32(2)))
			}).Should(Succeed())
			var err error
			given, err = w.Pods(ctx, "1")
			Expect(err).NotTo(HaveOccurred())
			Expect(given).To(HaveLen(2))
			change(ctx, w.instance(ctx, Default, node), func(i *ecsv1.ContainerInstance) {
				i.Spec.Kubernetes = &ecsv1.ContainerInstanceKubernetes{ForceDeregistration: new(true)}
			})
			w.quiet(ctx)
			manager.KillAtWrite(k)
			change(ctx, read(ctx, Default, w.world, node, &corev1.Node{}), aside)
			Eventually(func(g Gomega) {
				if !manager.Killed() {
					done(g, node)
				}
			}).Should(Succeed())
		}, done)
	})
})

// settle makes the pods that Deployments and DaemonSets want and has them run on the node, if it is an instance.
func (w fleetWorld) settle(ctx context.Context, g Gomega, node string) {
	labels := read(ctx, g, w.world, node, &corev1.Node{}).Labels
	if _, has := labels[w.daemonLabel("log")]; has {
		g.Expect(w.ConvergeDaemons(ctx, node)).To(Succeed())
	}
	g.Expect(w.Converge(ctx)).To(Succeed())
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	for i := range pods {
		p := &pods[i]
		if p.Spec.NodeName == "" && labels[ecsv1.LabelCluster] != "" {
			g.Expect(w.Schedule(ctx, p, node)).To(Succeed())
		}
		if p.Spec.NodeName == node && p.DeletionTimestamp == nil && !isReady(p) {
			g.Expect(w.MakeReady(ctx, p)).To(Succeed())
		}
	}
}
