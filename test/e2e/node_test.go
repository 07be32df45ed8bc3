// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("A lost node", func() {
	It("with the operator on it: tasks go to the other nodes, the instance says that it is disconnected, and both recover", func(ctx SpecContext) {
		needs("a node that can be switched off")
		web := create(ctx, newNamespace(ctx), "web", desired(4))
		lost := operatorPods(ctx, Default)[0].Spec.NodeName
		instances := len(nodes(ctx))
		before := map[types.UID]bool{}
		for _, p := range web.tasks(ctx, Default) {
			if p.Spec.NodeName == lost {
				before[p.UID] = true
			}
		}

		By("switching " + lost + " off")
		machine.run(ctx, "node", "stop", lost)
		back := func(ctx SpecContext) { machine.run(ctx, "node", "start", lost) }
		DeferCleanup(back)
		Eventually(ctx, func(g Gomega) {
			instance := &ecsv1.ContainerInstance{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Name: lost}, instance)).To(Succeed())
			g.Expect(instance.Status.AgentConnected).To(BeFalse())
			g.Expect(condition(instance.Status.Conditions, ecsv1.ConditionReady).Reason).To(Equal(ecsv1.ReasonAgentDisconnected))

			status := web.get(ctx, g).Status
			g.Expect(status.RunningCount+status.PendingCount).To(BeNumerically("<=", 4), "tasks counted twice")
			g.Expect([]int32{status.DesiredCount, status.RunningCount, status.PendingCount}).To(Equal([]int32{4, 4, 0}))
			elsewhere := 0
			for _, p := range web.tasks(ctx, g) {
				if p.DeletionTimestamp == nil {
					g.Expect(p.Spec.NodeName).NotTo(Equal(lost), "%s stands on the lost node", p.Name)
					elsewhere++
				}
			}
			g.Expect(elsewhere).To(Equal(4))
			g.Expect(web.endpoints(ctx, g)).To(Equal(4))
		}).WithTimeout(3 * time.Minute).Should(Succeed())
		url := web.url(ctx)
		only(ctx, url, "v1")

		By("switching it on again")
		back(ctx)
		Eventually(ctx, func(g Gomega) {
			instance := &ecsv1.ContainerInstance{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Name: lost}, instance)).To(Succeed())
			g.Expect(instance.Status.AgentConnected).To(BeTrue())
			g.Expect(instance).To(beReady())
			// Availability Zone rebalancing may have brought tasks back already. Those of before are gone, and not counted.
			web.settled(ctx, g, 4, "v1")
			here := int32(0)
			for _, p := range web.tasks(ctx, g) {
				g.Expect(before).NotTo(HaveKey(p.UID), "%s was on the lost node", p.Name)
				if p.Spec.NodeName == lost {
					here++
				}
			}
			g.Expect(instance.Status.RunningTasksCount).To(Equal(here), "tasks on the instance")
			cluster := &ecsv1.Cluster{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Name: clusterName}, cluster)).To(Succeed())
			g.Expect(cluster.Status.RegisteredContainerInstancesCount).To(BeEquivalentTo(instances))
		}).WithTimeout(3 * time.Minute).Should(Succeed())
		Expect(web.revisions(ctx, Default)).To(HaveLen(1))
	}, SpecTimeout(8*time.Minute))
})
