// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("A Cluster", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	node := func(name string, edits ...func(*corev1.Node)) *corev1.Node {
		return testkit.Node(w.cluster+"-"+name, w.cluster, edits...)
	}
	instance := func(ctx SpecContext, g Gomega, n *corev1.Node) *ecsv1.ContainerInstance {
		GinkgoHelper()
		return read(ctx, g, w, n.Name, &ecsv1.ContainerInstance{})
	}
	cluster := func(ctx SpecContext, g Gomega) *ecsv1.Cluster {
		GinkgoHelper()
		return read(ctx, g, w, w.cluster, &ecsv1.Cluster{})
	}
	labelOf := func(ctx SpecContext, g Gomega, n *corev1.Node) string {
		GinkgoHelper()
		return read(ctx, g, w, n.Name, &corev1.Node{}).Labels[ecsv1.LabelCluster]
	}

	It("registers the nodes that it chooses, and no others", func(ctx SpecContext) {
		a, other := node("a"), testkit.Node(w.cluster+"-other", "elsewhere")
		create(ctx, a, other)
		Eventually(func(g Gomega) {
			i := instance(ctx, g, a)
			g.Expect(i.Spec.Cluster).To(Equal(w.cluster))
			g.Expect(i.Labels).To(HaveKeyWithValue(ecsv1.LabelCluster, w.cluster))
			g.Expect(labelOf(ctx, g, a)).To(Equal(w.cluster))
			c := cluster(ctx, g)
			g.Expect(c.Status.RegisteredContainerInstancesCount).To(Equal(int32(1)))
			g.Expect(c.Status.Status).To(Equal(ecsv1.ClusterStateActive))
			g.Expect(c.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "1 container instances"))
		}).Should(Succeed())
		w.missing(ctx, Default, other.Name, &ecsv1.ContainerInstance{})
		Expect(labelOf(ctx, Default, other)).To(BeEmpty())
	})

	It("deregisters a node that it doesn't choose any more, and one that is gone", func(ctx SpecContext) {
		a, b := node("a"), node("b")
		create(ctx, a, b)
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.RegisteredContainerInstancesCount).To(Equal(int32(2)))
		}).Should(Succeed())
		change(ctx, a, func(n *corev1.Node) { delete(n.Labels, "pool") })
		Expect(admin.Delete(ctx, b)).To(Succeed())
		Eventually(func(g Gomega) {
			w.missing(ctx, g, a.Name, &ecsv1.ContainerInstance{})
			w.missing(ctx, g, b.Name, &ecsv1.ContainerInstance{})
			g.Expect(labelOf(ctx, g, a)).To(BeEmpty())
			g.Expect(cluster(ctx, g).Status.RegisteredContainerInstancesCount).To(BeZero())
		}).Should(Succeed())
	})

	It("registers a node anew whose instance or label someone took away", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		Eventually(func(g Gomega) { instance(ctx, g, a) }).Should(Succeed())
		w.quiet(ctx)
		Expect(admin.Delete(ctx, instance(ctx, Default, a))).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(instance(ctx, g, a).DeletionTimestamp).To(BeNil()) }).Should(Succeed())
		change(ctx, a, func(n *corev1.Node) { delete(n.Labels, ecsv1.LabelCluster) })
		Eventually(func(g Gomega) { g.Expect(labelOf(ctx, g, a)).To(Equal(w.cluster)) }).Should(Succeed())
	})

	It("takes its label off the node of a DRAINING instance, so that no task is placed there, and puts it back", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		Eventually(func(g Gomega) {
			g.Expect(instance(ctx, g, a).Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
			g.Expect(labelOf(ctx, g, a)).To(Equal(w.cluster))
		}).Should(Succeed())
		change(ctx, instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		Eventually(func(g Gomega) {
			g.Expect(labelOf(ctx, g, a)).To(BeEmpty())
			g.Expect(instance(ctx, g, a).Status.Status).To(Equal(ecsv1.ContainerInstanceStateDraining))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(labelOf(ctx, Default, a)).To(BeEmpty())
		Expect(cluster(ctx, Default).Status.RegisteredContainerInstancesCount).To(Equal(int32(1)))
		change(ctx, instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = "" })
		Eventually(func(g Gomega) { g.Expect(labelOf(ctx, g, a)).To(Equal(w.cluster)) }).Should(Succeed())
	})

	It("keeps a node that another chooses too, and both say so; the other gets it when it is free", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		Eventually(func(g Gomega) { g.Expect(labelOf(ctx, g, a)).To(Equal(w.cluster)) }).Should(Succeed())
		rival := testkit.Cluster("a-"+w.cluster, func(c *ecsv1.Cluster) { c.Spec.Kubernetes.NodeSelector.MatchLabels["pool"] = w.cluster })
		create(ctx, rival)
		DeferCleanup(remove, rival)
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveCondition(ecsv1.ConditionNodeConflict, "True", ecsv1.ReasonNodeConflict,
				"Node "+a.Name+" is chosen by Cluster "+rival.Name+" too, and stays here", "spec.kubernetes.nodeSelector"))
			g.Expect(read(ctx, g, w, rival.Name, &ecsv1.Cluster{}).Status.Conditions).To(haveCondition(ecsv1.ConditionNodeConflict, "True", ecsv1.ReasonNodeConflict,
				"Node "+a.Name+" belongs to Cluster "+w.cluster, "narrow"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(instance(ctx, Default, a).Spec.Cluster).To(Equal(w.cluster))

		By("letting the holder choose other nodes")
		c := cluster(ctx, Default)
		change(ctx, c, func(c *ecsv1.Cluster) { c.Spec.Kubernetes.NodeSelector.MatchLabels["pool"] = "nothing" })
		Eventually(func(g Gomega) {
			g.Expect(instance(ctx, g, a).Spec.Cluster).To(Equal(rival.Name))
			g.Expect(labelOf(ctx, g, a)).To(Equal(rival.Name))
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveNoCondition(ecsv1.ConditionNodeConflict))
			g.Expect(read(ctx, g, w, rival.Name, &ecsv1.Cluster{}).Status.Conditions).To(haveNoCondition(ecsv1.ConditionNodeConflict))
		}).Should(Succeed())
		Expect(admin.Delete(ctx, a)).To(Succeed())
	})

	It("says which of its fields have no effect", func(ctx SpecContext) {
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveNoCondition(ecsv1.ConditionFieldsWithoutEffect))
		}).Should(Succeed())
		change(ctx, cluster(ctx, Default), func(c *ecsv1.Cluster) {
			c.Spec.ServiceConnectDefaults = &ecsv1.ClusterServiceConnectDefaultsRequest{Namespace: "shop"}
		})
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveCondition(ecsv1.ConditionFieldsWithoutEffect, "True", ecsv1.ReasonFieldsWithoutEffect, "spec.serviceConnectDefaults"))
		}).Should(Succeed())
	})

	It("with an ECS name that an older one has is told so, and can be deleted whatever that one has", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		w.running(ctx, "web", 1)
		late := testkit.Cluster(w.cluster+"-late", func(c *ecsv1.Cluster) { c.Spec.ClusterName = w.cluster }) // of the same second the first by name is the older
		create(ctx, late)
		DeferCleanup(remove, late)
		Eventually(func(g Gomega) {
			c := read(ctx, g, w, late.Name, &ecsv1.Cluster{})
			g.Expect(c.Finalizers).NotTo(BeEmpty())
			g.Expect(c.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "spec.clusterName", w.cluster+" already", "delete Cluster "+late.Name))
		}).Should(Succeed())
		Expect(admin.Delete(ctx, late)).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, late.Name, &ecsv1.Cluster{}) }).Should(Succeed())
		w.quiet(ctx)
		Expect(instance(ctx, Default, a).DeletionTimestamp).To(BeNil())
		Expect(labelOf(ctx, Default, a)).To(Equal(w.cluster))
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status).To(And(HaveField("ActiveServicesCount", int32(1)), HaveField("RegisteredContainerInstancesCount", int32(1))))
		}).Should(Succeed())
	})

	It("is not deleted while it has services, then tasks, then instances, and says each time what to do", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		svc := w.running(ctx, "web", 1)
		c := cluster(ctx, Default)
		Expect(admin.Delete(ctx, c)).To(Succeed())
		refused := func(reason string, fragments ...string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				c := cluster(ctx, g)
				g.Expect(c.Status.Status).To(Equal(ecsv1.ClusterStateDeprovisioning))
				g.Expect(c.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason, fragments...))
			}).Should(Succeed())
		}
		refused(ecsv1.ReasonClusterContainsServices, "ClusterContainsServicesException", "Delete "+w.ns+"/web first")

		By("disturbing nothing that runs")
		Consistently(func(g Gomega) {
			g.Expect(w.counts(ctx, g)).To(HaveKeyWithValue("1", "1 ready, 0 starting, 0 stopping"))
		}).Should(Succeed())

		By("deleting the service")
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
		}).Should(Succeed())
		refused(ecsv1.ReasonClusterContainsContainerInstances, "ClusterContainsContainerInstancesException",
			"kubectl delete containerinstances -l "+ecsv1.LabelCluster+"="+w.cluster)

		By("deregistering the instance, which isn't registered anew")
		Expect(admin.Delete(ctx, instance(ctx, Default, a))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(apierrors.IsNotFound(admin.Get(ctx, client.ObjectKeyFromObject(c), &ecsv1.Cluster{}))).To(BeTrue())
			g.Expect(labelOf(ctx, g, a)).To(BeEmpty())
		}).Should(Succeed())
	})

	It("is not deleted while tasks run on its instances that belong to no service", func(ctx SpecContext) {
		a := node("a")
		create(ctx, a)
		Eventually(func(g Gomega) { instance(ctx, g, a) }).Should(Succeed())
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "task", Labels: map[string]string{ecsv1.LabelCluster: w.cluster}},
			Spec:       corev1.PodSpec{NodeName: a.Name, Containers: []corev1.Container{{Name: "app", Image: "web:v1"}}},
		}
		create(ctx, pod)
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(instance(ctx, g, a).Status.RunningTasksCount).To(Equal(int32(1))) }).Should(Succeed())
		Expect(admin.Delete(ctx, cluster(ctx, Default))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonClusterContainsTasks,
				"ClusterContainsTasksException", "Stop the 1 tasks first"))
		}).Should(Succeed())
		Expect(w.Client.Delete(ctx, pod, client.GracePeriodSeconds(0))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(cluster(ctx, g).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonClusterContainsContainerInstances))
		}).Should(Succeed())
	})

	It("without anything in it goes at once", func(ctx SpecContext) {
		c := cluster(ctx, Default)
		Eventually(func(g Gomega) { g.Expect(cluster(ctx, g).Finalizers).To(ContainElement(ecsv1.FinalizerCluster)) }).Should(Succeed())
		Expect(admin.Delete(ctx, c)).To(Succeed())
		Eventually(func() bool { return apierrors.IsNotFound(admin.Get(ctx, client.ObjectKeyFromObject(c), c)) }).Should(BeTrue())
	})
})

var _ = Describe("A ContainerInstance", func() {
	It("shows attributes, resources, what pods leave of them, and whether its kubelet reports", func(ctx SpecContext) {
		w := newWorld(ctx)
		n := testkit.Node(w.cluster+"-a", w.cluster)
		create(ctx, n)
		resources := func(list []ecsv1.Resource) map[ecsv1.ResourceName]int64 {
			out := map[ecsv1.ResourceName]int64{}
			for _, r := range list {
				if r.IntegerValue != nil {
					out[r.Name] = *r.IntegerValue
				}
			}
			return out
		}
		instance := func(g Gomega) *ecsv1.ContainerInstance {
			GinkgoHelper()
			return read(ctx, g, w, n.Name, &ecsv1.ContainerInstance{})
		}
		Eventually(func(g Gomega) {
			s := instance(g).Status
			g.Expect(s.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
			g.Expect(s.AgentConnected).To(BeTrue())
			g.Expect(s.Attributes).To(ContainElements(
				ecsv1.Attribute{Name: "ecs.availability-zone", Value: "us-east-1a"},
				ecsv1.Attribute{Name: "ecs.instance-type", Value: "m5.xlarge"},
				ecsv1.Attribute{Name: "ecs.cpu-architecture", Value: "x86_64"}))
			g.Expect(resources(s.RegisteredResources)).To(And(HaveKeyWithValue(ecsv1.ResourceName("CPU"), int64(4096)), HaveKeyWithValue(ecsv1.ResourceName("MEMORY"), int64(8192))))
			g.Expect(s.RemainingResources).To(Equal(s.RegisteredResources))
			g.Expect(s.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())

		By("placing two tasks there, one of which runs")
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2))
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			pods, err := w.Pods(ctx, "1")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pods).To(HaveLen(2))
		}).Should(Succeed())
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			Expect(w.Schedule(ctx, &pods[i], n.Name)).To(Succeed())
		}
		Expect(w.MakeReady(ctx, &pods[0])).To(Succeed())
		Eventually(func(g Gomega) {
			s := instance(g).Status
			g.Expect(s.RunningTasksCount).To(Equal(int32(1)))
			g.Expect(s.PendingTasksCount).To(Equal(int32(1)))
			g.Expect(resources(s.RemainingResources)).To(And(HaveKeyWithValue(ecsv1.ResourceName("CPU"), int64(4096-2*128)), HaveKeyWithValue(ecsv1.ResourceName("MEMORY"), int64(8192-2*64))))
		}).Should(Succeed())

		By("cordoning the node")
		change(ctx, n, func(n *corev1.Node) { n.Spec.Unschedulable = true })
		Eventually(func(g Gomega) {
			s := instance(g).Status
			g.Expect(s.Status).To(Equal(ecsv1.ContainerInstanceStateDraining))
			g.Expect(s.StatusReason).To(ContainSubstring("kubectl uncordon"))
		}).Should(Succeed())

		By("losing the kubelet")
		Eventually(func(g Gomega) {
			n := read(ctx, g, w, n.Name, &corev1.Node{})
			n.Status.Conditions[0].Status, n.Status.Conditions[0].Reason = corev1.ConditionUnknown, "NodeStatusUnknown"
			g.Expect(admin.Status().Update(ctx, n)).To(Succeed())
		}).Should(Succeed())
		Eventually(func(g Gomega) {
			s := instance(g).Status
			g.Expect(s.AgentConnected).To(BeFalse())
			g.Expect(s.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonAgentDisconnected, n.Name))
		}).Should(Succeed())
	})
})
