// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// configured edits the service's deploymentConfiguration.
func configured(edit func(*ecsv1.DeploymentConfiguration)) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		if s.Spec.DeploymentConfiguration == nil {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{}
		}
		edit(s.Spec.DeploymentConfiguration)
	}
}

// protect keeps a pod from being stopped for so long.
func (w *world) protect(ctx context.Context, pod string, d time.Duration) {
	GinkgoHelper()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, ecsv1.AnnotationTaskProtection, clock.Now().Add(d).UTC().Format(time.RFC3339))
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: pod}}
	Expect(admin.Patch(ctx, p, client.RawPatch("application/merge-patch+json", []byte(patch)))).To(Succeed())
	w.quiet(ctx)
}

// alarm makes an alarm in a state. It is on its way out, so that the operator doesn't evaluate it any more and the spec says what its state is.
func (w *world) alarm(ctx context.Context, name string, state ecsv1.AlarmStateValue) {
	GinkgoHelper()
	a := &ecsv1.Alarm{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: name}}
	a.Spec.Kubernetes.Cluster, a.Spec.Kubernetes.Query = w.cluster, "up"
	a.Spec.ComparisonOperator, a.Spec.Period, a.Spec.EvaluationPeriods = ecsv1.AlarmComparisonOperatorGreaterThanThreshold, 60, 1
	a.Spec.Threshold = ecsv1.DecimalFromTenths(10)
	a.Finalizers = []string{"test/holds"}
	create(ctx, a)
	Expect(admin.Delete(ctx, a)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) { remove(ctx, a) })
	w.sound(ctx, name, state)
}

// sound sets the state of an alarm, as the operator's look at Prometheus does.
func (w *world) sound(ctx context.Context, name string, state ecsv1.AlarmStateValue) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		a := read(ctx, g, w, name, &ecsv1.Alarm{})
		before := a.DeepCopy()
		a.Status.StateValue, a.Status.StateTransitionedTimestamp = state, &metav1.Time{Time: clock.Now()}
		g.Expect(admin.Status().Patch(ctx, a, client.MergeFrom(before))).To(Succeed())
	}).Should(Succeed())
}

var _ = Describe("A rolling deployment that watches alarms", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })
	watching := configured(func(c *ecsv1.DeploymentConfiguration) {
		c.Alarms = &ecsv1.DeploymentAlarms{Enable: true, Rollback: true, AlarmNames: []string{"high-5xx"}}
	})

	It("bakes when it has all its tasks, and goes back when one fires then", func(ctx SpecContext) {
		w.alarm(ctx, "high-5xx", ecsv1.AlarmStateValueOK)
		w.running(ctx, "web", 2)
		change(ctx, w.service(ctx, Default, "web"), watching)
		w.ship(ctx, "web", "web:v2")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.LifecycleStage).To(Equal(ecsv1.ServiceDeploymentLifecycleStageBakeTime))
			g.Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateInProgress))
			g.Expect(sd.Status.Alarms).To(HaveValue(HaveField("Status", ecsv1.RollbackMonitorsStatusMonitoring)))
			g.Expect(sd.Status.StatusReason).To(ContainSubstring("bakes until"))
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-2": 2}))
		}).Should(Succeed())
		clock.Advance(2 * time.Second)
		w.sound(ctx, "high-5xx", ecsv1.AlarmStateValueAlarm)
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful))
			g.Expect(sd.Status.Rollback.Reason).To(Equal("in ALARM: high-5xx"))
			g.Expect(sd.Status.Alarms).To(HaveValue(And(HaveField("Status", ecsv1.RollbackMonitorsStatusTriggered), HaveField("TriggeredAlarmNames", ConsistOf("high-5xx")))))
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 2}))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("deployment failed: alarm detected.")))
		}).Should(Succeed())
	})

	It("is told of a name that no alarm has, until there is one", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		change(ctx, w.service(ctx, Default, "web"), watching)
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionAlarmsNotFound, "True", ecsv1.ReasonAlarmsNotFound, "high-5xx"))
		}).Should(Succeed())
		w.alarm(ctx, "high-5xx", ecsv1.AlarmStateValueOK)
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveNoCondition(ecsv1.ConditionAlarmsNotFound))
		}).Should(Succeed())
		remove(ctx, read(ctx, Default, w, "high-5xx", &ecsv1.Alarm{}))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionAlarmsNotFound, "True", ecsv1.ReasonAlarmsNotFound, "Make it, or correct the name"))
		}).Should(Succeed())
	})

	It("ignores them for good where one had fired already, and bakes for as long as it is told to", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		w.alarm(ctx, "high-5xx", ecsv1.AlarmStateValueAlarm)
		change(ctx, w.service(ctx, Default, "web"), watching)
		clock.Advance(2 * time.Second)
		w.ship(ctx, "web", "web:v2")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status).To(And(
				HaveField("Alarms", HaveValue(HaveField("Status", ecsv1.RollbackMonitorsStatusDisabled))),
				HaveField("LifecycleStage", ecsv1.ServiceDeploymentLifecycleStageBakeTime)))
		}).Should(Succeed())
		w.sound(ctx, "high-5xx", ecsv1.AlarmStateValueOK)
		clock.Advance(2 * time.Second)
		w.sound(ctx, "high-5xx", ecsv1.AlarmStateValueAlarm)
		w.quiet(ctx)
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
		clock.Advance(4 * time.Minute)
		Expect(w.nudge(ctx, new(podAt(ctx, w, 0)))).To(Succeed())
		Expect(w.steady(ctx, "web").Status.TaskDefinition).To(Equal("web:2"))
	})
})

var _ = Describe("Early success criteria", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })
	early := func(cleanup ecsv1.ServiceRevisionCleanup) func(*ecsv1.Service) {
		return configured(func(c *ecsv1.DeploymentConfiguration) {
			c.MinimumHealthyPercent = new(int32(25))
			c.EarlySuccessCriteria = &ecsv1.DeploymentEarlySuccessCriteria{Enable: true, HealthyPercent: new(int32(50)), SourceServiceRevisionCleanup: cleanup}
		})
	}

	It("make a deployment successful when enough tasks are healthy and older ones are gone", func(ctx SpecContext) {
		w.running(ctx, "web", 3, early(ecsv1.ServiceRevisionCleanupBlocking))
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 3})
		w.ready(ctx, "2", 2)
		w.wants(ctx, map[string]int32{"web-1": 0, "web-2": 3})
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
		Expect(w.Finish(ctx)).To(Succeed())
		Expect(w.Converge(ctx)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		}).Should(Succeed())
		w.steady(ctx, "web")
	})

	It("with DEFERRED don't wait for older tasks, which go all the same", func(ctx SpecContext) {
		w.running(ctx, "web", 3, early(ecsv1.ServiceRevisionCleanupDeferred))
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 3})
		w.ready(ctx, "2", 2)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		}).Should(Succeed())
		w.steady(ctx, "web")
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-2": 3}))
	})

	It("with DEFERRED try for two weeks to stop older tasks, and leave what is left to the next deployment", func(ctx SpecContext) {
		w.running(ctx, "web", 3, early(ecsv1.ServiceRevisionCleanupDeferred))
		old := w.podNames(ctx, "1")
		const day = 24 * time.Hour
		w.protect(ctx, old[0], 13*day)
		w.protect(ctx, old[1], 15*day)
		w.ship(ctx, "web", "web:v2")
		left := func(names ...string) {
			GinkgoHelper()
			Expect(w.nudge(ctx, new(podAt(ctx, w, 0)))).To(Succeed())
			Eventually(func(g Gomega) {
				g.Expect(w.Settle(ctx)).To(Succeed())
				g.Expect(w.podNames(ctx, "1")).To(ConsistOf(names))
				g.Expect(w.wanted(ctx, g)).To(HaveKeyWithValue("web-1", int32(len(names))))
			}).Should(Succeed())
			w.quiet(ctx)
			Expect(w.podNames(ctx, "1")).To(ConsistOf(names))
		}
		left(old[0], old[1])
		sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))

		By("within the two weeks it stops as soon as it may")
		clock.Advance(13*day + time.Hour)
		left(old[1])

		By("after them what is left stays, though it may be stopped")
		clock.Advance(2 * day)
		left(old[1])
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		Expect(w.podNames(ctx, "2")).To(HaveLen(3))
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))

		By("until the next deployment")
		w.ship(ctx, "web", "web:v3")
		w.steady(ctx, "web")
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-3": 3}))
	})
})

var _ = Describe("A protected task", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("isn't stopped by a deployment or a lower count until its protection ends", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 3)
		kept := w.podNames(ctx, "1")[1]
		w.protect(ctx, kept, time.Hour)
		w.ship(ctx, "web", "web:v2")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 1, "web-2": 3}))
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksProtected, "1 tasks of older revisions are protected"))
		}).Should(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.podNames(ctx, "1")).To(Equal([]string{kept}))
		}).Should(Succeed())

		By("nor do those of the newest revision when fewer are desired than are protected")
		for _, name := range w.podNames(ctx, "2")[:2] {
			w.protect(ctx, name, time.Hour)
		}
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(1)) })
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 1, "web-2": 2}))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks")))
		}).Should(Succeed())

		By("until it is over")
		clock.Advance(time.Hour + time.Minute)
		Expect(w.nudge(ctx, new(podAt(ctx, w, 0)))).To(Succeed())
		w.steady(ctx, "web")
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-2": 1}))
	})

	DescribeTable("is stopped with its service", func(ctx SpecContext, edit func(*ecsv1.Service)) {
		w.staged(ctx, 2, edit)
		w.protect(ctx, w.podNames(ctx, "1")[0], 7*24*time.Hour)
		Expect(admin.Delete(ctx, w.service(ctx, Default, "web"))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.pass(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
		}).WithTimeout(time.Minute).Should(Succeed())
	},
		Entry("that deploys ROLLING", testkit.Percentages(50, 150)),
		Entry("that deploys BLUE_GREEN", bluegreen(0)),
	)
})

var _ = Describe("A deployment of a DAEMON service", func() {
	var w *world
	nodes := []string{"one", "two", "three"}
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	goesOn := func(ctx context.Context) {
		GinkgoHelper()
		Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
		Expect(w.move(ctx)).To(Succeed())
	}

	It("goes back by the breaker, in place, and fails without rollback", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "agent"), testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(50), breaker(true)))
		Eventually(func(g Gomega) {
			goesOn(ctx)
			g.Expect(w.service(ctx, g, "agent").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
		w.ship(ctx, "agent", bad)
		Eventually(func(g Gomega) {
			goesOn(ctx)
			sd := read(ctx, g, w, "agent-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful))
			g.Expect(sd.Status.Rollback.ServiceRevision).To(Equal("agent-1"))
		}).Should(Succeed())
		set := read(ctx, Default, w, "agent", &appsv1.DaemonSet{})
		Expect(set.Spec.Template.Labels).To(HaveKeyWithValue(ecsv1.LabelServiceRevision, "1"))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "3 ready, 0 starting, 0 stopping"}))
		Eventually(func(g Gomega) {
			svc := w.service(ctx, g, "agent")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRolledBack, "agent-1 (task definition agent:1) runs"))
			g.Expect(svc.Status.Deployments).To(ConsistOf(HaveField("TaskDefinition", "agent:1")))
		}).Should(Succeed())

		By("without rollback")
		change(ctx, w.service(ctx, Default, "agent"), breaker(false))
		change(ctx, read(ctx, Default, w, "agent", &ecsv1.TaskDefinition{}), func(td *ecsv1.TaskDefinition) {
			td.Spec.ContainerDefinitions[0].Environment = []ecsv1.KeyValuePair{{Name: "AGAIN", Value: "1"}}
		})
		Eventually(func(g Gomega) {
			goesOn(ctx)
			g.Expect(read(ctx, g, w, "agent-3", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateStopped))
			g.Expect(read(ctx, g, w, "agent", &appsv1.DaemonSet{}).Spec.UpdateStrategy.Type).To(Equal(appsv1.OnDeleteDaemonSetStrategyType))
		}).Should(Succeed())
		Expect(w.counts(ctx, Default)["1"]).To(HavePrefix("2 ready"), "the others are left alone")

		By("a fix")
		w.ship(ctx, "agent", "web:v4")
		Eventually(func(g Gomega) {
			goesOn(ctx)
			g.Expect(w.service(ctx, g, "agent").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
			g.Expect(w.counts(ctx, g)).To(HaveLen(1))
		}).Should(Succeed())
	})
})

var _ = Describe("An operator that is killed at any write of a breaker's rollback", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("goes back all the same, and counts each failed task once", func(ctx SpecContext) {
		w.running(ctx, "web", 2, breaker(true), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{RevisionHistoryLimit: new(int32(2))}
		})
		old := w.podNames(ctx, "1")
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			name, ordinal := fmt.Sprintf("web-%d", k+1), strconv.Itoa(k+1)
			clear(w.unpulled)
			step := func(g Gomega) { g.Expect(w.move(ctx)).To(Succeed()) }
			done := func(g Gomega) {
				sd := read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
				g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful))
				g.Expect(sd.Status.FailedTasks).To(And(BeNumerically(">=", 3), BeNumerically("<=", len(w.unpulled))))
				g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 2}))
				svc := w.service(ctx, g, "web")
				g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRolledBack, name))
				g.Expect(svc.Status.Deployments).To(ConsistOf(HaveField("RunningCount", int32(2))))
				revisions := w.names(ctx, g, &ecsv1.ServiceRevisionList{})
				g.Expect(revisions).To(ContainElements("web-1", name), "where it goes back to is kept, and where it comes from")
				g.Expect(w.names(ctx, g, &ecsv1.ServiceDeploymentList{})).To(Equal(revisions))
				g.Expect(len(revisions)).To(BeNumerically("<=", 4))
			}
			manager.KillAtWrite(k)
			change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), func(td *ecsv1.TaskDefinition) {
				td.Spec.ContainerDefinitions[0].Image = bad
				td.Spec.ContainerDefinitions[0].Environment = []ecsv1.KeyValuePair{{Name: "K", Value: ordinal}}
			})
			Eventually(func(g Gomega) {
				step(g)
				if !manager.Killed() {
					done(g)
				}
			}).Should(Succeed())
			finished := !manager.Killed()
			if finished {
				w.quiet(ctx)
				finished = !manager.Killed()
				manager.Spare()
			}
			if !finished {
				stopManager()
				startManager(ctx)
			}
			Eventually(func(g Gomega) {
				step(g)
				done(g)
			}).Should(Succeed(), "after write %d", k)
			Expect(w.podNames(ctx, "1")).To(Equal(old), "after write %d: the old tasks were never touched", k)
			if finished {
				AddReportEntry("writes of a breaker's rollback, at each of which it was killed", k-1)
				return
			}
		}
	})
})
