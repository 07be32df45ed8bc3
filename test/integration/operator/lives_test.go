// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"encoding/json"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// story is a deployment through which an operator is killed again and again.
type story struct {
	// begin starts the service, and act the deployment.
	begin, act func(ctx SpecContext, w *world)
	// step lets pods and time move on.
	step func(ctx SpecContext, w *world) error
	// done is how it ends, however often the operator was killed.
	done func(ctx SpecContext, g Gomega, w *world)
	// after is what is asked of its history.
	after func(ctx SpecContext, w *world)
}

// executions are the stages that a lifecycle hook was asked at, with the executions that it was asked for at each.
func (e *endpoint) executions() map[string][]string {
	GinkgoHelper()
	out := map[string][]string{}
	bodies, _ := e.asked()
	for _, body := range bodies {
		var event struct{ LifecycleStage, ExecutionId string }
		Expect(json.Unmarshal([]byte(body), &event)).To(Succeed())
		if all := out[event.LifecycleStage]; len(all) == 0 || all[len(all)-1] != event.ExecutionId {
			out[event.LifecycleStage] = append(all, event.ExecutionId)
		}
	}
	return out
}

// blueGreenStory has a hook at each stage that may have one.
func blueGreenStory() story {
	var t *trace
	var hook *endpoint
	stages := []ecsv1.DeploymentLifecycleHookStage{
		ecsv1.DeploymentLifecycleHookStagePreScaleUp, ecsv1.DeploymentLifecycleHookStagePostScaleUp,
		ecsv1.DeploymentLifecycleHookStageTestTrafficShift, ecsv1.DeploymentLifecycleHookStagePostTestTrafficShift,
		ecsv1.DeploymentLifecycleHookStagePreProductionTrafficShift, ecsv1.DeploymentLifecycleHookStageProductionTrafficShift,
		ecsv1.DeploymentLifecycleHookStagePostProductionTrafficShift,
	}
	return story{
		begin: func(ctx SpecContext, w *world) {
			t = w.trace(ctx)
			w.staged(ctx, 1, bluegreen(0))
			hook = newEndpoint(says(`{"hookStatus":"SUCCEEDED"}`))
			w.deploys(ctx, &ecsv1.DeploymentConfiguration{
				Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: new(int32(0)),
				LifecycleHooks: []ecsv1.DeploymentLifecycleHook{{HookTargetArn: hook.URL, LifecycleStages: stages}},
			})
			w.quiet(ctx)
		},
		act: func(ctx SpecContext, w *world) {
			change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) {
				s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
			})
		},
		step: func(ctx SpecContext, w *world) error { return w.pass(ctx) },
		done: func(ctx SpecContext, g Gomega, w *world) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful), sd.Status.StatusReason)
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-2": 1}))
			g.Expect(w.entrance(ctx, g, "web-tg")).To(Equal("2"))
			g.Expect(w.entrance(ctx, g, "web-test")).To(Equal("2"))
		},
		after: func(SpecContext, *world) {
			Eventually(func() []string { return t.of("web-2") }).Should(Equal(allStages), "no stage is skipped, none comes twice")
			executions := hook.executions()
			Expect(executions).To(HaveLen(len(stages)))
			for stage, all := range executions {
				Expect(all).To(HaveLen(1), "at %s the hook is asked about one execution, however often it has to be asked", stage)
			}
		},
	}
}

// breakerStory is one of an image that can't be pulled.
func breakerStory() story {
	var old []string
	return story{
		begin: func(ctx SpecContext, w *world) {
			w.running(ctx, "web", 2, breaker(true), func(s *ecsv1.Service) { s.Spec.TaskDefinition = "web:1" })
			old = w.podNames(ctx, "1")
			w.ship(ctx, "web", bad)
			Eventually(func(g Gomega) { read(ctx, g, w, "web-2", &ecsv1.TaskDefinitionRevision{}) }).Should(Succeed())
			w.quiet(ctx)
		},
		act: func(ctx SpecContext, w *world) {
			change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.TaskDefinition = "web:2" })
		},
		step: func(ctx SpecContext, w *world) error { return w.move(ctx) },
		done: func(ctx SpecContext, g Gomega, w *world) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful), sd.Status.StatusReason)
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 2}))
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRolledBack, "web-2"))
		},
		after: func(ctx SpecContext, w *world) {
			sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
			Expect(sd.Status.FailedTasks).To(And(BeNumerically(">=", 3), BeNumerically("<=", len(w.unpulled))), "each failed task is counted once")
			Expect(w.podNames(ctx, "1")).To(Equal(old), "the old tasks were never touched")
		},
	}
}

// What is stored before the k-th write is what was stored after the one before it, and whatever others did since. So one deployment will do: each
// operator makes one write and is killed as it begins the next, which never leaves; what it has asked of others by then, such as a hook, is lost.
// The task definition is registered before: an operator that is killed between claiming a number and using it leaves that number out for good, and so
// would each of these.
var _ = Describe("An operator that is killed before each of its writes", func() {
	DescribeTable("comes to the same end", func(ctx SpecContext, tell func() story) {
		w, s := newWorld(ctx), tell()
		s.begin(ctx, w)
		DeferCleanup(func(ctx SpecContext) { // the next spec needs one that is alive, however this one ended
			manager.Spare()
			if manager.Killed() {
				stopManager()
				startManager(ctx)
			}
		})
		ends := func(g Gomega) { // or is killed
			g.Expect(s.step(ctx, w)).To(Succeed())
			if !manager.Killed() {
				s.done(ctx, g, w)
			}
		}
		manager.KillBeforeWrite(1)
		s.act(ctx, w)
		lives := 0
		for ; ; lives++ {
			Expect(lives).To(BeNumerically("<", 5*tooMany)) // many a write is made anew by the next one
			Eventually(ends).WithTimeout(time.Minute).Should(Succeed(), "after %d lives", lives)
			if !manager.Killed() {
				w.quiet(ctx)
				manager.Spare()
			}
			if !manager.Killed() {
				break
			}
			stopManager()
			var err error
			manager, err = env.StartDoomed(ctx, clock, record, 2)
			Expect(err).NotTo(HaveOccurred())
		}
		s.done(ctx, Default, w)
		s.after(ctx, w)
		AddReportEntry("operators, each killed before its second write", strconv.Itoa(lives))
	},
		Entry("of a blue/green deployment", blueGreenStory),
		Entry("of a breaker's rollback", breakerStory),
	)
})
