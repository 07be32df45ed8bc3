// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("A deployment whose image can't be pulled", func() {
	// Nobody listens there, so pulling fails at once and the same everywhere.
	const missing = "127.0.0.1:1/nothing:v1"

	It("is reported, touches no old task, and is overcome by a fix on top", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		tasks := record(ctx, web)
		old := names(web.tasks(ctx, Default))

		web.change(ctx, func(c *ecsv1.ContainerDefinition) { c.Image, c.Environment[0].Value = missing, "broken" })
		Eventually(ctx, func(g Gomega) {
			status := web.get(ctx, g).Status
			g.Expect(status.Deployments).To(HaveLen(2))
			g.Expect(status.Deployments[0].RolloutState).To(Equal(ecsv1.DeploymentRolloutStateInProgress))
			g.Expect(status.Deployments[0].FailedTasks).To(BeNumerically(">=", 3))
			g.Expect(status.Deployments[1].RunningCount).To(BeEquivalentTo(3))
			ready := condition(status.Conditions, ecsv1.ConditionReady)
			g.Expect(ready.Status).To(Equal(metav1.ConditionFalse))
			g.Expect(ready.Reason).To(Equal(ecsv1.ReasonTasksFailedToStart))
			g.Expect(ready.Message).To(And(ContainSubstring("CannotPullContainerError"), ContainSubstring(missing)))
			g.Expect(web.events(ctx, g)).To(ContainElement(And(HavePrefix(ecsv1.ReasonTasksFailedToStart), ContainSubstring(missing))))
		}).Should(Succeed())

		By("leaving what runs alone")
		answers(ctx, traffic, 3*rate)
		var running []string
		for _, p := range web.tasks(ctx, Default) {
			if isReady(&p) && p.DeletionTimestamp == nil {
				running = append(running, p.Name)
			}
		}
		Expect(running).To(ConsistOf(old))

		By("shipping a fix")
		web.change(ctx, func(c *ecsv1.ContainerDefinition) { c.Image, c.Environment[0].Value = image(), "v3" })
		web.settles(ctx, 3, "v3")
		noneFailed(ctx, traffic)
		tasks.within(3, 6)
		deployments := &appsv1.DeploymentList{}
		web.list(ctx, Default, deployments)
		Expect(deployments.Items).To(HaveLen(1), "the broken revision's Deployment is still there")
	}, SpecTimeout(3*time.Minute))

	It("is rolled back by the circuit breaker, and no request is lost", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		web.edit(ctx, func(s *ecsv1.ServiceSpec) {
			if s.DeploymentConfiguration == nil {
				s.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{}
			}
			s.DeploymentConfiguration.DeploymentCircuitBreaker = &ecsv1.DeploymentCircuitBreaker{Enable: true, Rollback: true}
		})
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		old := names(web.tasks(ctx, Default))
		web.change(ctx, func(c *ecsv1.ContainerDefinition) { c.Image, c.Environment[0].Value = missing, "broken" })

		var tripped time.Time
		Eventually(ctx, func(g Gomega) {
			sd := &ecsv1.ServiceDeployment{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: web.namespace, Name: web.name + "-2"}, sd)).To(Succeed())
			g.Expect(sd.Status.DeploymentCircuitBreaker).To(HaveValue(HaveField("Status", ecsv1.RollbackMonitorsStatusTriggered)))
			tripped = time.Now()
		}).WithPolling(20 * time.Millisecond).Should(Succeed())
		Eventually(ctx, func(g Gomega) { g.Expect(names(web.tasks(ctx, g))).To(ConsistOf(old)) }).WithPolling(20 * time.Millisecond).Should(Succeed())
		AddReportEntry("from the failed task that reaches the threshold to the old revision alone", time.Since(tripped).Round(time.Millisecond).String())

		Eventually(ctx, func(g Gomega) {
			status := web.get(ctx, g).Status
			g.Expect(status.Deployments).To(HaveLen(1))
			g.Expect(status.Deployments[0].RolloutState).To(Equal(ecsv1.DeploymentRolloutStateCompleted))
			stalled := condition(status.Conditions, ecsv1.ConditionStalled)
			g.Expect(stalled.Reason).To(Equal(ecsv1.ReasonRolledBack))
			g.Expect(stalled.Message).To(ContainSubstring(missing))
		}).Should(Succeed())
		answers(ctx, traffic, 3*rate)
		noneFailed(ctx, traffic)

		By("shipping a fix")
		web.change(ctx, func(c *ecsv1.ContainerDefinition) { c.Image, c.Environment[0].Value = image(), "v3" })
		web.settles(ctx, 3, "v3")
	}, SpecTimeout(3*time.Minute))
})
