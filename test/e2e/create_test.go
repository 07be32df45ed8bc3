// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("A new service", func() {
	It("runs three tasks over the zones, answers, and says so in ECS's words", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		web := create(ctx, ns, "web")

		By("answering with every task")
		who := map[string]bool{}
		url := web.url(ctx)
		Eventually(ctx, func(g Gomega) {
			answer, err := ask(ctx, url)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(field(answer, "version")).To(Equal("v1"))
			who[field(answer, "task")] = true
			g.Expect(who).To(HaveLen(3), "tasks that have answered")
		}).WithPolling(pollFast).Should(Succeed())

		By("using every zone")
		zoneOf, used, all := zones(ctx), map[string]int{}, map[string]bool{}
		for _, z := range zoneOf {
			all[z] = true
		}
		for _, p := range web.tasks(ctx, Default) {
			used[zoneOf[p.Spec.NodeName]]++
		}
		Expect(used).To(HaveLen(min(3, len(all))), "tasks by zone: %v", used)

		By("reporting its state")
		status := web.get(ctx, Default).Status
		Expect(status.Status).To(Equal(ecsv1.ServiceStateActive))
		Expect(status.ServiceArn).To(HaveSuffix(":service/" + clusterName + "/web"))
		Expect(status.TaskDefinition).To(HaveSuffix("web:1"))
		primary := status.Deployments[0]
		Expect(primary.Id).To(MatchRegexp(`^ecs-svc/\d{19}$`))
		Expect(primary.Status).To(Equal(ecsv1.DeploymentStatePrimary))
		Expect(primary.RolloutStateReason).To(Equal("ECS deployment " + primary.Id + " completed."))
		Expect([]int32{primary.DesiredCount, primary.RunningCount, primary.PendingCount, primary.FailedTasks}).To(Equal([]int32{3, 3, 0, 0}))
		Expect(condition(status.Conditions, ecsv1.ConditionReady).Message).To(Equal("has reached a steady state"))
		Eventually(ctx, func(g Gomega) {
			g.Expect(web.events(ctx, g)).To(ContainElements(
				HavePrefix("TasksStarted: (service web) has started 3 tasks"),
				ContainSubstring("deployment completed."),
				Equal("SteadyState: (service web) has reached a steady state."),
			))
		}).Should(Succeed())

		By("showing everything by one word")
		shown := kubectl(ctx, "get", "ecs", "-A")
		for _, line := range []string{
			` *cluster.ecs.pods.dev/` + clusterName + ` .*`, // kubectl leaves a column for a namespace, or doesn't
			` *containerinstance.ecs.pods.dev/\S+ .*`,
			ns + ` +taskdefinition.ecs.pods.dev/web .*`,
			ns + ` +taskdefinitionrevision.ecs.pods.dev/web-1 .*`,
			ns + ` +service.ecs.pods.dev/web .*`,
			ns + ` +servicerevision.ecs.pods.dev/web-1 .*`,
			ns + ` +servicedeployment.ecs.pods.dev/web-1 .*`,
		} {
			Expect(shown).To(MatchRegexp(`(?m)^` + line + `$`))
		}
	}, SpecTimeout(2*time.Minute))

	It("needs no target group: a container health check says when a task is healthy", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "worker", desired(2), func(m manifest) {
			m.service.Spec.LoadBalancers, m.service.Spec.Kubernetes = nil, nil
			c := &m.taskDefinition.Spec.ContainerDefinitions[0]
			c.PortMappings = nil
			c.HealthCheck = &ecsv1.HealthCheck{Command: []string{"CMD", "/web", "healthcheck"}, Interval: new(int32(5)), Timeout: new(int32(3))}
		})
		for _, p := range web.tasks(ctx, Default) {
			Expect(p.Status.Phase).To(Equal(corev1.PodRunning))
		}
	}, SpecTimeout(2*time.Minute))
})
