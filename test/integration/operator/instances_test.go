// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// fleetWorld is a world with nodes.
type fleetWorld struct{ *world }

// node makes one that the cluster chooses.
func (w fleetWorld) node(ctx context.Context, name string, edits ...func(*corev1.Node)) string {
	GinkgoHelper()
	n := testkit.Node(w.cluster+"-"+name, w.cluster, edits...)
	create(ctx, n)
	return n.Name
}

func (w fleetWorld) instance(ctx context.Context, g Gomega, node string) *ecsv1.ContainerInstance {
	GinkgoHelper()
	return read(ctx, g, w.world, node, &ecsv1.ContainerInstance{})
}

// labels are those of ours on a node.
func (w fleetWorld) labels(ctx context.Context, g Gomega, node string) []string {
	GinkgoHelper()
	out := []string{}
	for key := range read(ctx, g, w.world, node, &corev1.Node{}).Labels {
		if key == ecsv1.LabelCluster || strings.HasPrefix(key, ecsv1.LabelDaemonPrefix) {
			out = append(out, key)
		}
	}
	return out
}

func (w fleetWorld) daemonLabel(name string) string { return names.DaemonLabel(w.ns, name) }

// hasStatus waits until an instance is so.
func (w fleetWorld) hasStatus(ctx context.Context, node string, state ecsv1.ContainerInstanceState, labels ...string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(w.instance(ctx, g, node).Status.Status).To(Equal(state))
		g.Expect(w.labels(ctx, g, node)).To(ConsistOf(labels))
	}).Should(Succeed())
}

// daemon starts a DAEMON service with its task definition and waits until it is in effect.
func (w fleetWorld) daemon(ctx context.Context, name string, edits ...func(*ecsv1.Service)) {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, name), testkit.Service(w.ns, name, w.cluster, name, 0, append([]func(*ecsv1.Service){daemon(50)}, edits...)...))
	Eventually(func(g Gomega) {
		read(ctx, g, w.world, name, &appsv1.DaemonSet{})
		g.Expect(w.service(ctx, g, name).Status.TaskDefinition).NotTo(BeEmpty())
	}).Should(Succeed())
}

// run has the pods run that are on the node, or that no scheduler has seen.
func (w fleetWorld) run(ctx context.Context, node string) {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	Expect(err).NotTo(HaveOccurred())
	for i := range pods {
		if p := &pods[i]; (p.Spec.NodeName == node || p.Spec.NodeName == "") && p.DeletionTimestamp == nil && !isReady(p) {
			if p.Spec.NodeName == "" {
				Expect(w.Schedule(ctx, p, node)).To(Succeed())
			}
			Expect(w.MakeReady(ctx, p)).To(Succeed())
		}
	}
}

// end ends the tasks of a service, as a kubelet that was asked to.
func (w fleetWorld) end(ctx context.Context, service string) {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	Expect(err).NotTo(HaveOccurred())
	for i := range pods {
		if pods[i].Labels[ecsv1.LabelService] == service {
			Expect(w.Client.Delete(ctx, &pods[i], client.GracePeriodSeconds(0))).To(Succeed())
		}
	}
}

func membersOf(expressions ...string) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.PlacementConstraints = nil
		for _, e := range expressions {
			s.Spec.PlacementConstraints = append(s.Spec.PlacementConstraints, ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: e})
		}
	}
}

func taint(key string) func(*corev1.Node) {
	return func(n *corev1.Node) {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Effect: corev1.TaintEffectNoSchedule})
	}
}

var _ = Describe("A container instance and its daemons", func() {
	var w fleetWorld
	BeforeEach(func(ctx SpecContext) { w = fleetWorld{newWorld(ctx)} })

	It("gets its daemons first, and other tasks once these run", func(ctx SpecContext) {
		w.daemon(ctx, "log")
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateRegistering, w.daemonLabel("log"))
		Expect(w.instance(ctx, Default, a).Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonProgressing, "DAEMON services"))
		Expect(w.ConvergeDaemons(ctx, a)).To(Succeed())
		w.quiet(ctx)
		Expect(w.labels(ctx, Default, a)).To(ConsistOf(w.daemonLabel("log")), "its task isn't RUNNING")
		Expect(read(ctx, Default, w.world, w.cluster, &ecsv1.Cluster{}).Status.RegisteredContainerInstancesCount).To(BeZero())
		w.run(ctx, a)
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, w.daemonLabel("log"), ecsv1.LabelCluster)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w.world, w.cluster, &ecsv1.Cluster{}).Status.RegisteredContainerInstancesCount).To(Equal(int32(1)))
		}).Should(Succeed())

		By("losing the daemon's task later, which takes nothing back")
		w.end(ctx, "log")
		w.quiet(ctx)
		Expect(w.labels(ctx, Default, a)).To(ConsistOf(w.daemonLabel("log"), ecsv1.LabelCluster))

		By("deleting the service")
		Expect(admin.Delete(ctx, w.service(ctx, Default, "log"))).To(Succeed())
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
	})

	It("doesn't wait longer than 30 seconds for a daemon that doesn't start", func(ctx SpecContext) {
		w.daemon(ctx, "log")
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateRegistering, w.daemonLabel("log"))
		clock.Advance(31 * time.Second)
		b := w.node(ctx, "b") // which makes the operator look at its clock
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, w.daemonLabel("log"), ecsv1.LabelCluster)
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateRegistering, w.daemonLabel("log"))
	})

	It("costs one write of its node without daemons, and two with", func(ctx SpecContext) {
		writes := func(node string, since time.Time) (n int) {
			for _, q := range record.Writes(since) {
				if q.Resource == "nodes" && q.Name == node {
					n++
				}
			}
			return n
		}
		began := time.Now()
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		w.quiet(ctx)
		Expect(writes(a, began)).To(Equal(1))
		w.daemon(ctx, "log")
		w.daemon(ctx, "metrics")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("log"), w.daemonLabel("metrics"))
		b := w.node(ctx, "b")
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateRegistering, w.daemonLabel("log"), w.daemonLabel("metrics"))
		Expect(w.ConvergeDaemons(ctx, b)).To(Succeed())
		w.run(ctx, b)
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("log"), w.daemonLabel("metrics"))
		w.quiet(ctx)
		Expect(writes(b, began)).To(Equal(2))
	})

	It("has the daemons whose constraints it meets, custom attributes and patterns among them", func(ctx SpecContext) {
		w.daemon(ctx, "choosy", membersOf(`attribute:stack =~ blue-\d+`, "attribute:ecs.availability-zone == us-east-1a"))
		a, b := w.node(ctx, "a"), w.node(ctx, "b", func(n *corev1.Node) { n.Labels[corev1.LabelTopologyZone] = "us-east-1b" })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		for _, name := range []string{a, b} {
			change(ctx, w.instance(ctx, Default, name), func(i *ecsv1.ContainerInstance) {
				i.Spec.Attributes = []ecsv1.InstanceAttribute{{Name: "stack", Value: "blue-7"}}
			})
		}
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("choosy"))
		Expect(w.labels(ctx, Default, b)).To(ConsistOf(ecsv1.LabelCluster))

		By("changing the constraint of the service, without a deployment")
		change(ctx, w.service(ctx, Default, "choosy"), membersOf("attribute:stack exists", "attribute:ecs.availability-zone == us-east-1b"))
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("choosy"))
		Expect(w.names(ctx, Default, &ecsv1.ServiceDeploymentList{})).To(HaveLen(1))

		By("changing the attribute of the instance")
		change(ctx, w.instance(ctx, Default, b), func(i *ecsv1.ContainerInstance) { i.Spec.Attributes = nil })
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
	})

	It("keeps its daemons while it is DRAINING and has tasks of services, and gets no new ones", func(ctx SpecContext) {
		w.daemon(ctx, "log")
		w.running(ctx, "web", 1)
		a := w.node(ctx, "a")
		Expect(w.ConvergeDaemons(ctx, a)).To(Succeed())
		w.run(ctx, a)
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		create(ctx, w.taskOn(a, "web", pods))
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("log"))
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining, w.daemonLabel("log"))
		w.daemon(ctx, "late")
		w.quiet(ctx)
		Expect(w.labels(ctx, Default, a)).To(ConsistOf(w.daemonLabel("log")))
		Expect(w.instance(ctx, Default, a).Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonDraining, "1 of services", "1 of DAEMON services"))
		Expect(w.Client.Delete(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "on-" + a}}, client.GracePeriodSeconds(0))).To(Succeed())
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		w.end(ctx, "log")
		Eventually(func(g Gomega) {
			g.Expect(w.instance(ctx, g, a).Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonDrained, "drained: no tasks are left"))
		}).Should(Succeed())

		By("making it ACTIVE again")
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusActive })
		Expect(w.ConvergeDaemons(ctx, a)).To(Succeed())
		w.run(ctx, a)
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster, w.daemonLabel("log"), w.daemonLabel("late"))
	})

	It("is DRAINING while a taint announces its end, and says who does", func(ctx SpecContext) {
		a := w.node(ctx, "a")
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), taint("aws-node-termination-handler/spot-itn"))
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		i := w.instance(ctx, Default, a)
		Expect(i.Status.StatusReason).To(ContainSubstring("aws-node-termination-handler/spot-itn"))
		Expect(i.Status.Conditions).To(haveCondition(ecsv1.ConditionInterrupted, "True", ecsv1.ReasonInterrupted, "Spot instance is being interrupted"))
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), func(n *corev1.Node) { n.Spec.Taints = nil })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		Expect(w.instance(ctx, Default, a).Status.Conditions).To(haveNoCondition(ecsv1.ConditionInterrupted))
	})

	It("loses the cluster's label while it is DRAINING also where its node has had it from birth", func(ctx SpecContext) {
		a := w.node(ctx, "a", func(n *corev1.Node) { n.Labels[ecsv1.LabelCluster] = w.cluster })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = "" })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
	})
})

// taskOn is a copy of a service's task, on the node. The service's own is somewhere else.
func (w fleetWorld) taskOn(node, service string, pods []corev1.Pod) *corev1.Pod {
	GinkgoHelper()
	for _, p := range pods {
		if p.Labels[ecsv1.LabelService] == service {
			out := p.DeepCopy()
			out.ObjectMeta = metav1.ObjectMeta{Namespace: p.Namespace, Name: "on-" + node, Labels: p.Labels, OwnerReferences: p.OwnerReferences}
			out.Spec.NodeName = node
			return out
		}
	}
	Fail("there is no task of " + service)
	return nil
}
