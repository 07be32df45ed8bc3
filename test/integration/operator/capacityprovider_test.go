// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// provider makes a capacity provider of the nodes with capacity=value. Its name has the world's in it: providers have no namespace.
func (w fleetWorld) provider(ctx context.Context, name, value string, edits ...func(*ecsv1.CapacityProvider)) string {
	GinkgoHelper()
	p := &ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{Name: name + "-" + w.cluster}}
	p.Spec.Kubernetes = &ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"capacity": value}}}
	for _, edit := range edits {
		edit(p)
	}
	create(ctx, p)
	DeferCleanup(remove, p)
	return p.Name
}

func (w fleetWorld) list(ctx context.Context, providers ...string) {
	GinkgoHelper()
	change(ctx, read(ctx, Default, w.world, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = providers })
}

func capacityLabel(value string) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Labels["capacity"] = value }
}

var _ = Describe("A CapacityProvider", func() {
	var w fleetWorld
	BeforeEach(func(ctx SpecContext) { w = fleetWorld{newWorld(ctx)} })

	provider := func(ctx SpecContext, g Gomega, name string) *ecsv1.CapacityProvider {
		GinkgoHelper()
		return read(ctx, g, w.world, name, &ecsv1.CapacityProvider{})
	}

	It("counts the instances of clusters that list it, and the tasks that were given to it", func(ctx SpecContext) {
		spot := w.provider(ctx, "spot", "spot")
		w.list(ctx, spot)
		a := w.node(ctx, "a", capacityLabel("spot"))
		b := w.node(ctx, "b", capacityLabel("on-demand"))
		Eventually(func(g Gomega) {
			s := provider(ctx, g, spot).Status
			g.Expect(s.Status).To(Equal(ecsv1.CapacityProviderStateActive))
			g.Expect(s.CapacityProviderArn).To(Equal("arn:aws:ecs:us-east-1:000000000000:capacity-provider/" + spot))
			g.Expect(s.RegisteredContainerInstancesCount).To(Equal(int32(1)))
			g.Expect(s.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "1 container instances belong to it"))
			g.Expect(w.instance(ctx, g, a).Status.CapacityProviderName).To(Equal(spot))
			g.Expect(w.instance(ctx, g, b).Status.CapacityProviderName).To(BeEmpty())
		}).Should(Succeed())

		By("running two tasks through it, one of which waits")
		for _, name := range []string{"one", "two"} {
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: name, Labels: map[string]string{ecsv1.LabelCluster: w.cluster, ecsv1.LabelCapacityProvider: spot}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "web:v1"}}},
			}
			create(ctx, pod)
			if name == "one" {
				Expect(w.Schedule(ctx, pod, a)).To(Succeed())
				Expect(w.MakeReady(ctx, pod)).To(Succeed())
			}
		}
		Eventually(func(g Gomega) {
			s := provider(ctx, g, spot).Status
			g.Expect([]int32{s.RunningTasksCount, s.PendingTasksCount}).To(Equal([]int32{1, 1}))
		}).Should(Succeed())

		By("draining the instance, which still counts, and taking it away")
		change(ctx, w.instance(ctx, Default, a), func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		w.quiet(ctx)
		Expect(provider(ctx, Default, spot).Status.RegisteredContainerInstancesCount).To(Equal(int32(1)))
		change(ctx, read(ctx, Default, w.world, a, &corev1.Node{}), capacityLabel("on-demand"))
		Eventually(func(g Gomega) {
			g.Expect(provider(ctx, g, spot).Status.RegisteredContainerInstancesCount).To(BeZero())
			g.Expect(w.instance(ctx, g, a).Status.CapacityProviderName).To(BeEmpty())
		}).Should(Succeed())
	})

	It("isn't deleted while a cluster lists it or a service names it", func(ctx SpecContext) {
		spot := w.provider(ctx, "spot", "spot")
		w.list(ctx, spot)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, func(s *ecsv1.Service) {
			s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: spot}}
		}))
		Eventually(func(g Gomega) { g.Expect(provider(ctx, g, spot).Finalizers).NotTo(BeEmpty()) }).Should(Succeed())
		Expect(admin.Delete(ctx, provider(ctx, Default, spot))).To(Succeed())
		Eventually(func(g Gomega) {
			s := provider(ctx, g, spot).Status
			g.Expect(s.Status).To(Equal(ecsv1.CapacityProviderStateDeprovisioning))
			g.Expect(s.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonResourceInUse, "ResourceInUseException",
				"Cluster "+w.cluster+" lists it", "Service "+w.ns+"/web names it"))
		}).Should(Succeed())
		w.list(ctx)
		Eventually(func(g Gomega) {
			g.Expect(provider(ctx, g, spot).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonResourceInUse, "in use. Service "+w.ns+"/web"))
			g.Expect(read(ctx, g, w.world, w.cluster, &ecsv1.Cluster{}).Status.Conditions).To(haveCondition(ecsv1.ConditionCapacityProvidersInUse, "True",
				ecsv1.ReasonResourceInUse, "ResourceInUseException", spot+" of Service "+w.ns+"/web"))
		}).Should(Succeed())
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.CapacityProviderStrategy = nil })
		Eventually(func(g Gomega) {
			w.missing(ctx, g, spot, &ecsv1.CapacityProvider{})
			g.Expect(read(ctx, g, w.world, w.cluster, &ecsv1.Cluster{}).Status.Conditions).To(haveNoCondition(ecsv1.ConditionCapacityProvidersInUse))
		}).Should(Succeed())
	})

	It("that is taken away while it is used is warned of at once, and all goes in the order that ECS refuses", func(ctx SpecContext) {
		spot := w.provider(ctx, "spot", "spot")
		other := testkit.Cluster(w.cluster + "-two")
		other.Spec.CapacityProviders = []string{spot}
		create(ctx, other)
		DeferCleanup(remove, other)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", other.Name, "web", 1, func(s *ecsv1.Service) {
			s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: spot}}
		}))
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w.world, other.Name, &ecsv1.Cluster{}).Status.ActiveServicesCount).To(Equal(int32(1)))
			g.Expect(provider(ctx, g, spot).Finalizers).NotTo(BeEmpty())
		}).Should(Succeed())

		list := func(providers ...string) {
			GinkgoHelper()
			change(ctx, read(ctx, Default, w.world, other.Name, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = providers })
		}
		Eventually(func(g Gomega) { // the apiserver goes on without an answer that takes too long
			list(spot)
			env.Warnings.Take()
			list()
			g.Expect(env.Warnings.Take()).To(ContainElement("ResourceInUseException: The specified capacity provider is in use and cannot be removed: " + spot + " of Service " + w.ns + "/web. " +
				"Put it into spec.capacityProviders, or take it out of the services' capacityProviderStrategy"))
		}).Should(Succeed())
		list(spot)
		Expect(env.Warnings.Take()).To(BeEmpty(), "it is put back")

		By("deleting it, its cluster and its service")
		Eventually(func(g Gomega) { // the answer comes from a cache
			g.Expect(admin.Delete(ctx, provider(ctx, g, spot), client.DryRunAll)).To(Succeed())
			g.Expect(env.Warnings.Take()).To(ConsistOf(SatisfyAll(HavePrefix("ResourceInUseException: The capacity provider cannot be deleted while it is in use. "+
				"Cluster "+other.Name+" lists it in spec.capacityProviders; Service "+w.ns+"/web names it in spec.capacityProviderStrategy."), ContainSubstring("can't be taken back"))))
		}).Should(Succeed())
		Expect(admin.Delete(ctx, provider(ctx, Default, spot))).To(Succeed())
		Expect(admin.Delete(ctx, other)).To(Succeed())
		Expect(admin.Delete(ctx, w.service(ctx, Default, "web"))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Finish(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
			w.missing(ctx, g, other.Name, &ecsv1.Cluster{})
			w.missing(ctx, g, spot, &ecsv1.CapacityProvider{})
		}).Should(Succeed())
	})

	It("that only what is going uses is deleted without a warning", func(ctx SpecContext) {
		spot := w.provider(ctx, "spot", "spot")
		other := testkit.Cluster(w.cluster + "-two")
		other.Spec.CapacityProviders, other.Finalizers = []string{spot}, []string{"example.com/stays"}
		create(ctx, other)
		DeferCleanup(remove, other)
		Eventually(func(g Gomega) {
			env.Warnings.Take()
			g.Expect(admin.Delete(ctx, provider(ctx, g, spot), client.DryRunAll)).To(Succeed())
			g.Expect(env.Warnings.Take()).NotTo(BeEmpty())
		}).Should(Succeed())
		Expect(admin.Delete(ctx, other)).To(Succeed())
		Eventually(func(g Gomega) {
			env.Warnings.Take()
			g.Expect(admin.Delete(ctx, provider(ctx, g, spot), client.DryRunAll)).To(Succeed())
			g.Expect(env.Warnings.Take()).To(BeEmpty())
		}).Should(Succeed())
	})

	It("says which name is taken, what is wrong with its selector, and what has no effect", func(ctx SpecContext) {
		older := w.provider(ctx, "older", "spot")
		Eventually(func(g Gomega) { g.Expect(provider(ctx, g, older).Status.Status).NotTo(BeEmpty()) }).Should(Succeed())
		born := provider(ctx, Default, older).CreationTimestamp
		Eventually(time.Now).Should(BeTemporally(">=", born.Add(time.Second))) // creation times have whole seconds
		younger := w.provider(ctx, "younger", "spot", func(p *ecsv1.CapacityProvider) { p.Spec.Name = older })
		broken := w.provider(ctx, "broken", "not a label!")
		group := w.provider(ctx, "group", "", func(p *ecsv1.CapacityProvider) {
			p.Spec.Kubernetes = nil
			p.Spec.AutoScalingGroupProvider = &ecsv1.AutoScalingGroupProvider{AutoScalingGroupArn: "web-asg"}
		})
		Eventually(func(g Gomega) {
			g.Expect(provider(ctx, g, younger).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "CapacityProvider "+older+" is named "+older))
			g.Expect(provider(ctx, g, broken).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "spec.kubernetes.nodeSelector"))
			g.Expect(provider(ctx, g, group).Status.Conditions).To(And(
				haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "spec.kubernetes.nodeSelector: it is unset"),
				haveCondition(ecsv1.ConditionFieldsWithoutEffect, "True", ecsv1.ReasonFieldsWithoutEffect, "spec.autoScalingGroupProvider", "autoscaler")))
		}).Should(Succeed())
	})

	It("shares a node with another of its cluster, and both say whose it shows", func(ctx SpecContext) {
		one := w.provider(ctx, "a-one", "spot")
		two := w.provider(ctx, "b-two", "spot")
		w.list(ctx, two, one)
		a := w.node(ctx, "a", capacityLabel("spot"))
		Eventually(func(g Gomega) {
			g.Expect(w.instance(ctx, g, a).Status.CapacityProviderName).To(Equal(one), "the older, or the first by name of one second")
			for name, other := range map[string]string{one: two, two: one} {
				s := provider(ctx, g, name).Status
				g.Expect(s.RegisteredContainerInstancesCount).To(Equal(int32(1)))
				g.Expect(s.Conditions).To(haveCondition(ecsv1.ConditionNodeConflict, "True", ecsv1.ReasonNodeConflict, a+" is chosen by capacity provider "+other+" too, and shows "+one))
			}
		}).Should(Succeed())
	})

	It("that a cluster lists and that doesn't exist is named there; FARGATE exists always", func(ctx SpecContext) {
		w.list(ctx, "nosuch-"+w.cluster, "FARGATE")
		Eventually(func(g Gomega) {
			c := read(ctx, g, w.world, w.cluster, &ecsv1.Cluster{})
			g.Expect(c.Status.Conditions).To(haveCondition(ecsv1.ConditionCapacityProvidersNotFound, "True", ecsv1.ReasonCapacityProviderNotFound, "no CapacityProvider nosuch-"+w.cluster+"; make it"))
			g.Expect(c.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
		w.provider(ctx, "nosuch", "spot")
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w.world, w.cluster, &ecsv1.Cluster{}).Status.Conditions).To(haveNoCondition(ecsv1.ConditionCapacityProvidersNotFound))
		}).Should(Succeed())
	})

	It("says by which taints of its own its nodes are interrupted, and daemons of its strategy run on them alone", func(ctx SpecContext) {
		spot := w.provider(ctx, "spot", "spot", func(p *ecsv1.CapacityProvider) {
			p.Spec.Kubernetes.InterruptionTaints = []string{"cloud.example.com/reclaim"}
		})
		w.list(ctx, spot)
		w.daemon(ctx, "log", func(s *ecsv1.Service) {
			s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: spot}}
		})
		a, b := w.node(ctx, "a", capacityLabel("spot")), w.node(ctx, "b", capacityLabel("on-demand"))
		w.hasStatus(ctx, b, ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		Eventually(func(g Gomega) { g.Expect(w.labels(ctx, g, a)).To(ContainElement(w.daemonLabel("log"))) }).Should(Succeed())
		for _, node := range []string{a, b} {
			change(ctx, read(ctx, Default, w.world, node, &corev1.Node{}), taint("cloud.example.com/reclaim"))
		}
		w.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
		Expect(w.instance(ctx, Default, a).Status.Conditions).To(haveCondition(ecsv1.ConditionInterrupted, "True", ecsv1.ReasonInterrupted, "cloud.example.com/reclaim"))
		w.quiet(ctx)
		Expect(w.instance(ctx, Default, b).Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive), "it is another's")
	})
})
