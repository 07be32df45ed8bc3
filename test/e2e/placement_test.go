// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("A placement that changes without a deployment", func() {
	It("counts for new tasks, and those that run stay", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		before := web.tasks(ctx, Default)
		var set types.UID

		for _, change := range []struct {
			what  string
			edit  func(*ecsv1.ServiceSpec)
			gates int
		}{
			{"a strategy", func(s *ecsv1.ServiceSpec) {
				s.PlacementStrategy = []ecsv1.PlacementStrategy{{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}}
			}, 1},
			{"none again, and a constraint", func(s *ecsv1.ServiceSpec) {
				s.PlacementStrategy = nil
				s.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: "attribute:ecs.os-type == linux"}}
			}, 0},
			{"the strategy once more", func(s *ecsv1.ServiceSpec) {
				s.PlacementStrategy = []ecsv1.PlacementStrategy{{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}}
			}, 1},
		} {
			By("asking for " + change.what)
			web.edit(ctx, change.edit)
			Eventually(ctx, func(g Gomega) {
				deployments, sets := &appsv1.DeploymentList{}, &appsv1.ReplicaSetList{}
				g.Expect(kube.List(ctx, deployments, client.InNamespace(web.namespace), web.selector())).To(Succeed())
				g.Expect(kube.List(ctx, sets, client.InNamespace(web.namespace), web.selector())).To(Succeed())
				g.Expect(deployments.Items).To(HaveLen(1))
				g.Expect(deployments.Items[0].Spec.Paused).To(BeFalse())
				g.Expect(deployments.Items[0].Spec.Template.Spec.SchedulingGates).To(HaveLen(change.gates))
				g.Expect(sets.Items).To(HaveLen(1), "a rollout makes another ReplicaSet")
				g.Expect(sets.Items[0].Spec.Template.Spec).To(Equal(deployments.Items[0].Spec.Template.Spec))
				set = sets.Items[0].UID
			}).Should(Succeed())
			web.settles(ctx, 3, "v1")
			Expect(uids(web.tasks(ctx, Default))).To(ConsistOf(uids(before)))
		}

		By("making a new task")
		web.edit(ctx, func(s *ecsv1.ServiceSpec) { s.DesiredCount = new(int32(4)) })
		web.settles(ctx, 4, "v1")
		after := web.tasks(ctx, Default)
		Expect(uids(after)).To(ContainElements(uids(before)))
		placed := 0
		for _, p := range after {
			Expect(p.OwnerReferences).To(ConsistOf(HaveField("UID", set)))
			if p.Annotations[ecsv1.AnnotationContainerInstance] == p.Spec.NodeName {
				placed++
			}
		}
		Expect(placed).To(Equal(1), "the operator has placed the new task alone")
		Expect(web.revisions(ctx, Default)).To(HaveLen(1), "placement is no deployment")
	})
})

func uids(pods []corev1.Pod) []types.UID {
	var out []types.UID
	for i := range pods {
		out = append(out, pods[i].UID)
	}
	return out
}
