// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// bad is an image that nobody can pull.
const bad = "web:bad"

// breaker is a circuit breaker of the default threshold: 3 tasks for services as small as these.
func breaker(rollback bool) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		if s.Spec.DeploymentConfiguration == nil {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{}
		}
		s.Spec.DeploymentConfiguration.DeploymentCircuitBreaker = &ecsv1.DeploymentCircuitBreaker{Enable: true, Rollback: rollback}
	}
}

// move is Settle for a world in which the bad image can't be pulled. Half a minute passes.
func (w *world) move(ctx context.Context) error {
	clock.Advance(30 * time.Second)
	if err := w.Converge(ctx); err != nil {
		return err
	}
	pods, err := w.Pods(ctx, "")
	if err != nil {
		return err
	}
	for i := range pods {
		p := &pods[i]
		switch {
		case p.DeletionTimestamp != nil || isReady(p):
		case p.Spec.Containers[0].Image != bad:
			err = w.MakeReady(ctx, p)
		case len(p.Status.ContainerStatuses) == 0:
			w.unpulled[p.Name] = true
			err = w.FailToPull(ctx, p)
		default:
			err = w.nudge(ctx, p)
		}
		if client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return errors.Join(w.Finish(ctx), w.Converge(ctx), w.CollectGarbage(ctx))
}

// comes moves the world until the deployment has come to a state.
func (w *world) comes(ctx context.Context, name string, state ecsv1.ServiceDeploymentState) *ecsv1.ServiceDeployment {
	GinkgoHelper()
	var sd *ecsv1.ServiceDeployment
	Eventually(func(g Gomega) {
		g.Expect(w.move(ctx)).To(Succeed())
		sd = read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		g.Expect(sd.Status.Status).To(Equal(state))
	}).Should(Succeed())
	return sd
}

// rests moves the world until only these counts are wanted and nothing is written any more.
func (w *world) rests(ctx context.Context, counts map[string]int32) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(w.move(ctx)).To(Succeed())
		g.Expect(w.wanted(ctx, g)).To(Equal(counts))
	}).Should(Succeed())
	Eventually(func() []testkit.Request {
		since := time.Now()
		time.Sleep(2500 * time.Millisecond) // what is told to a service and a cluster is gathered for a second or more under load
		return record.Writes(since)
	}).WithContext(ctx).WithPolling(time.Millisecond).Should(BeEmpty())
	Expect(w.wanted(ctx, Default)).To(Equal(counts))
}

func (w *world) podNames(ctx context.Context, ordinal string) []string {
	GinkgoHelper()
	pods, err := w.Pods(ctx, ordinal)
	Expect(err).NotTo(HaveOccurred())
	var out []string
	for _, p := range pods {
		out = append(out, p.Name)
	}
	return out
}

var _ = Describe("A circuit breaker", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("with rollback goes back to the last completed deployment, and the service says so until it changes", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2, breaker(true))
		old := w.podNames(ctx, "1")
		w.ship(ctx, "web", bad)
		sd := w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)

		By("the deployment tells why, where to, and how it went")
		Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateFailed))
		Expect(sd.Status.RolloutStateReason).To(Equal("ECS deployment circuit breaker: tasks failed to start."))
		Expect(sd.Status.DeploymentCircuitBreaker).To(HaveValue(Equal(ecsv1.ServiceDeploymentCircuitBreaker{
			Status: ecsv1.RollbackMonitorsStatusTriggered, FailureCount: sd.Status.FailedTasks, Threshold: 3})))
		Expect(sd.Status.FailedTasks).To(BeNumerically(">=", 3))
		Expect(sd.Status.Rollback.ServiceRevision).To(Equal("web-1"))
		Expect(sd.Status.Rollback.Reason).To(And(ContainSubstring("tasks failed, and the circuit breaker ends the deployment at 3"), ContainSubstring("CannotPullContainerError")))
		Expect(sd.Status.FinishedAt).NotTo(BeNil())
		w.rests(ctx, map[string]int32{"web-1": 2})
		Expect(w.podNames(ctx, "1")).To(Equal(old), "the old tasks were never touched")

		By("the service runs the old revision, and isn't ready")
		now := w.service(ctx, Default, "web")
		Expect(now.Spec).To(Equal(svc.Spec))
		Expect(now.Status.TaskDefinition).To(Equal("web:1"))
		Expect(now.Status.Deployments).To(HaveLen(1))
		Expect(now.Status.Deployments[0]).To(And(HaveField("Status", ecsv1.DeploymentStatePrimary), HaveField("RunningCount", int32(2)),
			HaveField("RolloutState", ecsv1.DeploymentRolloutStateCompleted), HaveField("RolloutStateReason", MatchRegexp(`^ECS deployment ecs-svc/\d{19} completed\.$`))))
		for _, kind := range []string{ecsv1.ConditionStalled, ecsv1.ConditionReady} {
			status := map[string]string{ecsv1.ConditionStalled: "True", ecsv1.ConditionReady: "False"}[kind]
			Expect(now.Status.Conditions).To(haveCondition(kind, status, ecsv1.ReasonRolledBack,
				"the deployment of web-2 (task definition web:2) was rolled back, and web-1 (task definition web:1) runs", "CannotPullContainerError", "change the service or its task definition"))
		}
		Eventually(func(g Gomega) {
			events := w.events(ctx, g)
			g.Expect(events).To(ContainElement(MatchRegexp(`^Warning DeploymentFailed: \(service web\) \(deployment ecs-svc/\d{19}\) deployment failed: tasks failed to start\.$`)))
			g.Expect(events).To(ContainElement(MatchRegexp(`^Warning RollingBack: \(service web\) rolling back to deployment ecs-svc/\d{19}\.$`)))
			g.Expect(events).To(ContainElement(MatchRegexp(`^Normal RollbackCompleted: \(service web\) \(deployment ecs-svc/\d{19}\) deployment completed\.$`)))
		}).Should(Succeed())

		By("scaling and healing go on")
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(3)) })
		w.rests(ctx, map[string]int32{"web-1": 3})
		Expect(admin.Delete(ctx, new(podAt(ctx, w, 0)), client.GracePeriodSeconds(0))).To(Succeed())
		w.rests(ctx, map[string]int32{"web-1": 3})
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "3 ready, 0 starting, 0 stopping"}))
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonRolledBack))
		Expect(w.names(ctx, Default, &ecsv1.ServiceDeploymentList{})).To(ConsistOf("web-1", "web-2"))

		By("a change of the task definition")
		w.ship(ctx, "web", "web:v3")
		Expect(w.steady(ctx, "web").Status.TaskDefinition).To(Equal("web:3"))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-3": 3}))
	})

	It("without rollback fails the deployment, which launches nothing any more, and leaves the old tasks", func(ctx SpecContext) {
		w.running(ctx, "web", 2, breaker(false))
		w.ship(ctx, "web", bad)
		sd := w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateStopped)
		Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateFailed))
		Expect(sd.Status.Rollback).To(BeNil())
		Expect(sd.Status.StatusReason).To(ContainSubstring("CannotPullContainerError"))
		w.rests(ctx, map[string]int32{"web-1": 2, "web-2": 0})
		now := w.service(ctx, Default, "web")
		Expect(now.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentFailed, "web-2 (task definition web:2) failed", "No task is launched"))
		Expect(now.Status.Deployments).To(HaveLen(2))
		Expect(now.Status.Deployments[0]).To(And(HaveField("TaskDefinition", "web:2"), HaveField("RolloutState", ecsv1.DeploymentRolloutStateFailed),
			HaveField("RolloutStateReason", "ECS deployment circuit breaker: tasks failed to start.")))

		By("an old task that goes is made up for")
		Expect(admin.Delete(ctx, new(podAt(ctx, w, 0)), client.GracePeriodSeconds(0))).To(Succeed())
		w.rests(ctx, map[string]int32{"web-1": 2, "web-2": 0})
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "2 ready, 0 starting, 0 stopping"}))

		By("a fix")
		w.ship(ctx, "web", "web:v3")
		Expect(w.steady(ctx, "web").Status.TaskDefinition).To(Equal("web:3"))
	})

	It("stalls where no deployment was completed, and goes on with a change", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", testkit.Image(bad)), testkit.Service(w.ns, "web", w.cluster, "web", 2, breaker(true)))
		sd := w.comes(ctx, "web-1", ecsv1.ServiceDeploymentStateStopped)
		Expect(sd.Status.StatusReason).To(HaveSuffix("there is no completed deployment to go back to"))
		w.rests(ctx, map[string]int32{"web-1": 0})
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentFailed))
		w.ship(ctx, "web", "web:v2")
		Expect(w.steady(ctx, "web").Status.TaskDefinition).To(Equal("web:2"))
	})

	It("counts tasks that fail their health checks once one has been running", func(ctx SpecContext) {
		w.running(ctx, "web", 3, testkit.Percentages(100, 200), breaker(true), func(s *ecsv1.Service) {
			s.Spec.DeploymentConfiguration.DeploymentCircuitBreaker.ResetOnHealthyTask = new(false)
		})
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 3, "web-2": 3})
		w.ready(ctx, "2", 2)
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 3})
		unhealthy := w.fail(ctx, "2", 2)
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.DeploymentCircuitBreaker).To(HaveValue(And(HaveField("FailureCount", int32(2)), HaveField("Status", ecsv1.RollbackMonitorsStatusMonitoring))))
			g.Expect(sd.Status.Kubernetes.ReachedRunning).To(HaveValue(BeTrue()))
		}).Should(Succeed())
		w.replacementReady(ctx, "2", unhealthy)
		w.quiet(ctx)
		w.fail(ctx, "2", 1)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Rollback).NotTo(BeNil())
		}).Should(Succeed())
		sd := w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		Expect(sd.Status.Rollback.Reason).To(ContainSubstring("failed ELB health checks"))
		w.rests(ctx, map[string]int32{"web-1": 3})
	})

	It("superseded while it goes back gives its tasks to the newer one, which then has nothing to go back to", func(ctx SpecContext) {
		w.running(ctx, "web", 2, testkit.Percentages(0, 100), breaker(true))
		w.ship(ctx, "web", bad)
		Eventually(func(g Gomega) { // stopped here before the old tasks are back
			g.Expect(w.move(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Rollback).NotTo(BeNil())
		}).WithPolling(time.Millisecond).Should(Succeed())
		w.ship(ctx, "web", "web:v3")
		Eventually(func(g Gomega) {
			old := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(old.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateStopped))
			g.Expect(old.Status.StatusReason).To(Equal("superseded by web-3"))
		}).Should(Succeed())
		w.ship(ctx, "web", bad)
		sd := w.comes(ctx, "web-4", ecsv1.ServiceDeploymentStateStopped)
		Expect(sd.Status.StatusReason).To(HaveSuffix("there is no completed deployment to go back to"))
		w.ship(ctx, "web", "web:v5")
		Expect(w.steady(ctx, "web").Status.TaskDefinition).To(Equal("web:5"))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-5": 2}))
	})

	It("goes back to the count that is desired then", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2, testkit.Percentages(0, 100), breaker(true))
		w.ship(ctx, "web", bad)
		Eventually(func(g Gomega) {
			g.Expect(w.move(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Rollback).NotTo(BeNil())
		}).WithPolling(time.Millisecond).Should(Succeed())
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(5)) })
		w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		w.rests(ctx, map[string]int32{"web-1": 5})
		Expect(w.service(ctx, Default, "web").Status.Deployments).To(ConsistOf(HaveField("RunningCount", int32(5))))
	})
})

// podAt is a pod of the world.
func podAt(ctx context.Context, w *world, i int) corev1.Pod {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	Expect(err).NotTo(HaveOccurred())
	Expect(len(pods)).To(BeNumerically(">", i))
	return pods[i]
}

var _ = Describe("A deployment that somebody stops", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	stop := func(ctx SpecContext, name, kind string) {
		GinkgoHelper()
		sd := read(ctx, Default, w, name, &ecsv1.ServiceDeployment{})
		patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, ecsv1.AnnotationStopDeployment, kind)
		Expect(admin.Patch(ctx, sd, client.RawPatch("application/merge-patch+json", []byte(patch)))).To(Succeed())
	}

	It("goes back by ROLLBACK, with or without a circuit breaker, from where it stands", func(ctx SpecContext) {
		w.running(ctx, "web", 4, testkit.Percentages(50, 150))
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		w.ready(ctx, "2", 1)
		stop(ctx, "web-2", "BACK")
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.StatusReason).To(ContainSubstring("is neither ROLLBACK nor ABORT"))
		}).Should(Succeed())
		stop(ctx, "web-2", "ROLLBACK")
		sd := w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		Expect(sd.Status.Rollback.Reason).To(Equal("StopServiceDeployment with stopType ROLLBACK was asked for"))
		w.rests(ctx, map[string]int32{"web-1": 4})
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRolledBack))

		By("stopping it again does nothing")
		stop(ctx, "web-2", "ABORT")
		w.rests(ctx, map[string]int32{"web-1": 4})
	})

	It("stays where it is by ABORT: nothing more is launched", func(ctx SpecContext) {
		w.running(ctx, "web", 4, testkit.Percentages(50, 150))
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		w.ready(ctx, "2", 1)
		stop(ctx, "web-2", "ABORT")
		w.comes(ctx, "web-2", ecsv1.ServiceDeploymentStateStopped)
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentFailed, "stopType ABORT was asked for"))
		wanted := w.wanted(ctx, Default)
		Expect(wanted["web-2"]).To(BeNumerically("<=", 2))
		w.rests(ctx, wanted)
	})
})
