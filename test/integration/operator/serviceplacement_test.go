// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// strategy gives a service this placement strategy.
func strategy(of ...ecsv1.PlacementStrategy) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) { s.Spec.PlacementStrategy = of }
}

// constrained gives a service these placement constraints; "" is distinctInstance.
func constrained(expressions ...string) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.PlacementConstraints = nil
		for _, e := range expressions {
			c := ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: e}
			if e == "" {
				c.Type = ecsv1.PlacementConstraintTypeDistinctInstance
			}
			s.Spec.PlacementConstraints = append(s.Spec.PlacementConstraints, c)
		}
	}
}

// through gives a service a strategy of one capacity provider for each name, of equal weights.
func through(names ...string) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.CapacityProviderStrategy = nil
		for _, n := range names {
			s.Spec.CapacityProviderStrategy = append(s.Spec.CapacityProviderStrategy, ecsv1.CapacityProviderStrategyItem{CapacityProvider: n, Weight: new(int32(1))})
		}
	}
}

// provider makes a capacity provider of the nodes with the label tier, tainted by it, and has the world's cluster take it.
func (w *world) provider(ctx SpecContext, tier string) string {
	GinkgoHelper()
	p := &ecsv1.CapacityProvider{
		ObjectMeta: metav1.ObjectMeta{Name: w.ns + "-" + tier},
		Spec: ecsv1.CapacityProviderSpec{Kubernetes: &ecsv1.CapacityProviderKubernetes{
			NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"tier": tier}},
			Tolerations:  []corev1.Toleration{{Key: "tier", Operator: corev1.TolerationOpEqual, Value: tier}},
		}},
	}
	create(ctx, p)
	DeferCleanup(func(ctx SpecContext) { remove(ctx, p) })
	change(ctx, readCluster(ctx, w), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = append(c.Spec.CapacityProviders, p.Name) })
	return p.Name
}

// template of the revision's tasks.
func (w *world) template(ctx context.Context, g Gomega, revision string) corev1.PodTemplateSpec {
	return read(ctx, g, w, revision, &appsv1.Deployment{}).Spec.Template
}

var _ = Describe("What a service asks for about placement", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
	})

	It("is left to the scheduler where that can say it, and its status tells", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1, constrained("", "attribute:ecs.availability-zone == zone-a")))
		Eventually(func(g Gomega) {
			spec := w.template(ctx, g, "web-1").Spec
			g.Expect(spec.SchedulingGates).To(BeEmpty())
			g.Expect(spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms).To(HaveLen(1))
			g.Expect(spec.TopologySpreadConstraints).To(HaveLen(3))
			g.Expect(spec.TopologySpreadConstraints[0]).To(And(
				HaveField("WhenUnsatisfiable", corev1.DoNotSchedule), HaveField("TopologyKey", corev1.LabelHostname), HaveField("MaxSkew", int32(1)),
				HaveField("MinDomains", HaveValue(BeNumerically(">", 5000))),
				HaveField("LabelSelector.MatchLabels", Equal(map[string]string{ecsv1.LabelService: "web"}))))
			g.Expect(spec.TopologySpreadConstraints[1:]).To(HaveEach(HaveField("WhenUnsatisfiable", corev1.ScheduleAnyway)))
			g.Expect(w.service(ctx, g, "web").Status.Placement).To(And(HaveField("Mechanism", ecsv1.PlacementMechanismScheduler), HaveField("Reason", ContainSubstring("placementConstraints"))))
			g.Expect(w.service(ctx, g, "web").Status.UnmappedFields).To(BeEmpty())
		}).Should(Succeed())
	})

	It("that the scheduler can't say gates the tasks for the operator, and an event tells of the change", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Placement).To(HaveField("Mechanism", ecsv1.PlacementMechanismScheduler))
		}).Should(Succeed())
		change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1), strategy(
			ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
			ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}))
		create(ctx, testkit.Service(w.ns, "packed", w.cluster, "web", 1, strategy(ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "cpu"})))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Placement).To(And(HaveField("Mechanism", ecsv1.PlacementMechanismEngine), HaveField("Reason", ContainSubstring("placementStrategy[0]: spread"))))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("new tasks are placed by the Engine")))
			spec := w.template(ctx, g, "packed-1").Spec
			g.Expect(spec.SchedulingGates).To(ConsistOf(corev1.PodSchedulingGate{Name: ecsv1.GatePlacement}))
			g.Expect(spec.TopologySpreadConstraints).To(BeEmpty())
		}).Should(Succeed())
	})

	It("of one capacity provider is affinity, tolerations and a label; of several it is the operator's choice", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		create(ctx,
			testkit.Service(w.ns, "one", w.cluster, "web", 1, through(spot)),
			testkit.Service(w.ns, "two", w.cluster, "web", 1, through(spot, steady)))
		Eventually(func(g Gomega) {
			one := w.template(ctx, g, "one-1")
			g.Expect(one.Labels).To(HaveKeyWithValue(ecsv1.LabelCapacityProvider, spot))
			g.Expect(one.Spec.SchedulingGates).To(BeEmpty())
			g.Expect(one.Spec.Tolerations).To(ConsistOf(corev1.Toleration{Key: "tier", Operator: corev1.TolerationOpEqual, Value: "spot"}))
			g.Expect(one.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms).To(Equal([]corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "tier", Operator: corev1.NodeSelectorOpIn, Values: []string{"spot"}}},
			}}))
			two := w.template(ctx, g, "two-1")
			g.Expect(two.Labels).NotTo(HaveKey(ecsv1.LabelCapacityProvider))
			g.Expect(two.Spec.SchedulingGates).To(HaveLen(1))
			g.Expect(w.service(ctx, g, "two").Status.Placement).To(HaveField("Reason", ContainSubstring("shared out among 2 capacity providers")))
		}).Should(Succeed())
	})

	It("that changes without a deployment is given to the ReplicaSet before the Deployment, which is paused meanwhile", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 2))
		var d *appsv1.Deployment
		Eventually(func(g Gomega) { d = read(ctx, g, w, "web-1", &appsv1.Deployment{}) }).Should(Succeed())
		set := replicaSetOf(d)
		create(ctx, set)
		Expect(w.Converge(ctx)).To(Succeed())
		before, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(before).To(HaveLen(2))

		change(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 2), strategy(ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}))
		gated := HaveField("Spec.Template.Spec.SchedulingGates", HaveLen(1))
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-1", &appsv1.Deployment{}).Spec.Paused).To(BeTrue())
		}).Should(Succeed())
		Expect(read(ctx, Default, w, set.Name, &appsv1.ReplicaSet{})).NotTo(gated, "its controller doesn't know yet that the Deployment is paused")
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, set.Name, &appsv1.ReplicaSet{})).To(And(gated, HaveField("Spec.Template.Labels", HaveKey(appsv1.DefaultDeploymentUniqueLabelKey))))
			g.Expect(read(ctx, g, w, "web-1", &appsv1.Deployment{})).To(And(gated, HaveField("Spec.Paused", BeTrue())))
		}).Should(Succeed())
		// The Deployment's controller finds its ReplicaSet, and copies the annotations.
		d = read(ctx, Default, w, "web-1", &appsv1.Deployment{})
		change(ctx, set, func(s *appsv1.ReplicaSet) { s.Annotations = d.Annotations })
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, "web-1", &appsv1.Deployment{})).To(And(gated, HaveField("Spec.Paused", BeFalse())))
		}).Should(Succeed())
		after, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(after).To(ConsistOf(HaveField("UID", before[0].UID), HaveField("UID", before[1].UID)))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-1": 2}))
	})
})

// replicaSetOf is what the Deployment's controller would make.
func replicaSetOf(d *appsv1.Deployment) *appsv1.ReplicaSet {
	const hash = "5d4f8c7b9"
	template := d.Spec.Template.DeepCopy()
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	selector := d.Spec.Selector.DeepCopy()
	selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.Name + "-" + hash, Labels: template.Labels, Annotations: d.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: appsv1.ReplicaSetSpec{Replicas: d.Spec.Replicas, Selector: selector, Template: *template},
	}
}
