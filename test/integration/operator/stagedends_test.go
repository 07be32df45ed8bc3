// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// halts lets time pass until the deployment stands at a stage.
func (w *world) halts(ctx context.Context, name string, stage ecsv1.ServiceDeploymentLifecycleStage) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		sd := read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		if sd.Status.LifecycleStage != stage {
			g.Expect(w.pass(ctx)).To(Succeed())
		}
		g.Expect(sd.Status.LifecycleStage).To(Equal(stage), sd.Status.StatusReason)
	}).WithTimeout(time.Minute).Should(Succeed())
}

// stops asks for a stop of the deployment.
func (w *world) stops(ctx context.Context, name, kind string) {
	GinkgoHelper()
	change(ctx, read(ctx, Default, w, name, &ecsv1.ServiceDeployment{}), func(sd *ecsv1.ServiceDeployment) {
		metav1.SetMetaDataAnnotation(&sd.ObjectMeta, ecsv1.AnnotationStopDeployment, kind)
	})
}

// strategy changes how the service deploys from the next deployment on.
func (w *world) deploys(ctx context.Context, c *ecsv1.DeploymentConfiguration) {
	GinkgoHelper()
	change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DeploymentConfiguration = c })
	// What is shipped next comes to the operator by another watch, and may be there first.
	Eventually(func(g Gomega) {
		s := w.service(ctx, g, "web")
		g.Expect(s.Status.ObservedGeneration).To(HaveValue(Equal(s.Generation)))
	}).Should(Succeed())
}

var _ = Describe("A deployment that moves traffic and is ended early", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// Hours of bake time keep it there. Without test traffic it stands at no other stage by itself.
	DescribeTable("goes back by the shifts that it had reached", func(ctx SpecContext, stage ecsv1.ServiceDeploymentLifecycleStage, image string, back []string) {
		t := w.trace(ctx)
		w.staged(ctx, 2, bluegreen(0))
		old := w.podNames(ctx, "1")
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1440)})
		w.ship(ctx, "web", image)
		w.halts(ctx, "web-2", stage)
		w.stops(ctx, "web-2", "ROLLBACK")
		sd := w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		all := t.of("web-2")
		i := slices.IndexFunc(all, func(s string) bool { return len(s) > 4 && s[len(s)-4:] == "back" })
		Expect(all[i:]).To(Equal(back))
		Expect(sd.Status.Rollback.ServiceRevision).To(Equal("web-1"))
		w.rests(ctx, map[string]int32{"web-1": 2})
		Expect(w.podNames(ctx, "1")).To(Equal(old), "the old tasks were never touched")
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("1"))
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonRolledBack))
	},
		Entry("from SCALE_UP", ecsv1.ServiceDeploymentLifecycleStageScaleUp, bad, []string{"CLEAN_UP, back"}),
		Entry("from BAKE_TIME", ecsv1.ServiceDeploymentLifecycleStageBakeTime, "web:v2",
			[]string{"PRODUCTION_TRAFFIC_SHIFT, back", "TEST_TRAFFIC_SHIFT, back", "CLEAN_UP, back"}),
	)

	It("by its circuit breaker in SCALE_UP goes back without having moved any traffic", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(0), breaker(true))
		w.ship(ctx, "web", bad)
		sd := w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		Expect(sd.Status.RolloutStateReason).To(Equal("ECS deployment circuit breaker: tasks failed to start."))
		w.rests(ctx, map[string]int32{"web-1": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("1"))
	})

	It("without going back stays where it is, and the next deployment tidies up first", func(ctx SpecContext) {
		t := w.trace(ctx)
		w.staged(ctx, 2, bluegreen(0))
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1440)})
		w.ship(ctx, "web", "web:v2")
		w.halts(ctx, "web-2", ecsv1.ServiceDeploymentLifecycleStageBakeTime)
		w.stops(ctx, "web-2", "ABORT")
		w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateStopped)
		w.rests(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("2"), "traffic stays where it is")

		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](0)})
		w.ship(ctx, "web", "web:v3")
		w.reaches(ctx, "web-3", ecsv1.ServiceDeploymentStateSuccessful)
		Expect(t.of("web-3")).To(Equal(append([]string{"RECONCILE_SERVICE"}, allStages...)))
		w.rests(ctx, map[string]int32{"web-3": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("3"))
	})

	It("by a newer one hands over at any stage, and the strategy may be another", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(0))
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1440)})
		for i, stage := range []ecsv1.ServiceDeploymentLifecycleStage{ecsv1.ServiceDeploymentLifecycleStageScaleUp, ecsv1.ServiceDeploymentLifecycleStageBakeTime} {
			image := "web:v2"
			if stage == ecsv1.ServiceDeploymentLifecycleStageScaleUp {
				image = bad
			}
			w.ship(ctx, "web", image)
			w.halts(ctx, fmt.Sprintf("web-%d", i+2), stage)
		}
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{})
		w.ship(ctx, "web", "web:v4")
		w.reaches(ctx, "web-4", ecsv1.ServiceDeploymentStateSuccessful)
		for _, name := range []string{"web-2", "web-3"} {
			w.reaches(ctx, name, ecsv1.ServiceDeploymentStateStopped)
		}
		w.rests(ctx, map[string]int32{"web-4": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(BeEmpty(), "a rolling deployment sends traffic to the tasks of all revisions")

		By("and back to blue/green")
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](0)})
		w.ship(ctx, "web", "web:v5")
		w.reaches(ctx, "web-5", ecsv1.ServiceDeploymentStateSuccessful)
		w.rests(ctx, map[string]int32{"web-5": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("5"))
	})

	It("by the service being deleted stops all tasks", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(0))
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1440)})
		w.ship(ctx, "web", "web:v2")
		w.halts(ctx, "web-2", ecsv1.ServiceDeploymentLifecycleStageBakeTime)
		Expect(admin.Delete(ctx, w.service(ctx, Default, "web"))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.pass(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
			g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
		}).WithTimeout(time.Minute).Should(Succeed())
	})

	It("is scaled meanwhile: both revisions follow", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(0))
		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1440)})
		w.ship(ctx, "web", "web:v2")
		w.halts(ctx, "web-2", ecsv1.ServiceDeploymentLifecycleStageBakeTime)
		for _, n := range []int32{3, 0, 1} {
			change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DesiredCount = &n })
			Eventually(func(g Gomega) {
				g.Expect(w.pass(ctx)).To(Succeed())
				g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": n, "web-2": n}))
			}).Should(Succeed())
		}
		w.stops(ctx, "web-2", "ROLLBACK")
		w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		w.rests(ctx, map[string]int32{"web-1": 1})
	})
})

var _ = Describe("An operator that is killed at any of the writes of a blue/green deployment", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("ends it all the same, and skips no stage", func(ctx SpecContext) {
		t := w.trace(ctx)
		w.staged(ctx, 1, bluegreen(0), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{RevisionHistoryLimit: ptr.To[int32](2)}
		})
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			name := fmt.Sprintf("web-%d", k+1)
			done := func(g Gomega) {
				sd := read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
				g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful), sd.Status.StatusReason)
				g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{name: 1}))
				g.Expect(w.entrance(ctx, g, "web-tg")).To(Equal(strconv.Itoa(k + 1)))
				g.Expect(w.entrance(ctx, g, "web-test")).To(Equal(strconv.Itoa(k + 1)))
			}
			manager.KillAtWrite(k)
			w.ship(ctx, "web", fmt.Sprintf("web:k%d", k))
			Eventually(func(g Gomega) {
				g.Expect(w.pass(ctx)).To(Succeed())
				if !manager.Killed() {
					done(g)
				}
			}).WithTimeout(time.Minute).Should(Succeed())
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
				g.Expect(w.pass(ctx)).To(Succeed())
				done(g)
			}).WithTimeout(time.Minute).Should(Succeed(), "after write %d", k)
			Eventually(func() []string { return t.of(name) }).Should(Equal(allStages), "after write %d", k)
			if finished {
				AddReportEntry("writes of a blue/green deployment of 1 task, at each of which it was killed", k-1)
				return
			}
		}
	})
})
