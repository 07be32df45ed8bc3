// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// memberOf gives a task definition these placement constraints.
func memberOf(expressions ...string) func(*ecsv1.TaskDefinition) {
	return func(td *ecsv1.TaskDefinition) {
		td.Spec.PlacementConstraints = nil
		for _, e := range expressions {
			td.Spec.PlacementConstraints = append(td.Spec.PlacementConstraints,
				ecsv1.TaskDefinitionPlacementConstraint{Type: ecsv1.TaskDefinitionPlacementConstraintTypeMemberOf, Expression: e})
		}
	}
}

var _ = Describe("A placement constraint of a task definition", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("is node affinity of the pods where node labels say it, and has the operator choose where they don't", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", memberOf(
			"attribute:ecs.availability-zone in [zone-a, zone-b] and attribute:ecs.cpu-architecture == x86_64",
			"attribute:stack == prod")))
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			template := read(ctx, g, w, "web-1", &appsv1.Deployment{}).Spec.Template.Spec
			g.Expect(template.SchedulingGates).To(ConsistOf(corev1.PodSchedulingGate{Name: ecsv1.GatePlacement}))
			affinity := template.Affinity
			g.Expect(affinity).NotTo(BeNil())
			g.Expect(affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms).To(Equal([]corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{
					{Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn, Values: []string{"zone-a", "zone-b"}},
					{Key: corev1.LabelArchStable, Operator: corev1.NodeSelectorOpIn, Values: []string{"amd64"}},
				},
			}}))
			for _, c := range [][]string{
				read(ctx, g, w, "web", &ecsv1.TaskDefinition{}).Status.UnmappedFields,
				read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{}).Status.UnmappedFields,
			} {
				g.Expect(c).To(BeEmpty())
			}
		}).Should(Succeed())
	})

	It("that can't be read is refused with a caret under the fault", func(ctx SpecContext) {
		asked(ctx)
		err := tryOut(ctx, testkit.TaskDefinition(w.ns, "web", memberOf("attribute:ecs.os-type == linux", "attribute:stack =~ 'a(?=b)'")))
		Expect(err).To(Satisfy(apierrors.IsInvalid))
		Expect(causes(err)).To(HaveKeyWithValue("spec.placementConstraints[1].expression", ContainSubstring(
			"look-ahead can't be matched in linear time, so it isn't taken; write two conditions joined by && or ||\n"+
				"  attribute:stack =~ 'a(?=b)'\n"+
				"                       ^")))
	})

	It("that can't be read is told on the object where no webhook refused it", func(ctx SpecContext) {
		withoutWebhook(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web", memberOf("attribute:stack = prod")))
		Eventually(func(g Gomega) {
			td := read(ctx, g, w, "web", &ecsv1.TaskDefinition{})
			g.Expect(td.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "placementConstraints[0].expression", "equality is =="))
		}).Should(Succeed())
	})
})
