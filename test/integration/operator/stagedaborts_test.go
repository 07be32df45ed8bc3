// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// place is where a deployment stands, and what keeps it there.
type place struct {
	stage string
	// step of the traffic shift, 0 before it.
	step int32
	// back are the stages of the way back from there.
	back []string
	// moved: the target has production traffic there, or a share of it; tested: it has test traffic.
	moved, tested bool
}

// Each stage of a deployment in one step. Hooks keep it at all stages that may have them, and a person is waited for where that is allowed.
func places() []place {
	gone, tested := []string{"CLEAN_UP, back"}, []string{"TEST_TRAFFIC_SHIFT, back", "CLEAN_UP, back"}
	moved := append([]string{"PRODUCTION_TRAFFIC_SHIFT, back"}, tested...)
	return []place{
		{stage: "PRE_SCALE_UP", back: gone}, {stage: "SCALE_UP", back: gone}, {stage: "POST_SCALE_UP", back: gone},
		{stage: "TEST_TRAFFIC_SHIFT", back: tested, tested: true}, {stage: "POST_TEST_TRAFFIC_SHIFT", back: tested, tested: true},
		{stage: "PRE_PRODUCTION_TRAFFIC_SHIFT", step: 1, back: tested, tested: true},
		{stage: "PRODUCTION_TRAFFIC_SHIFT", step: 1, back: moved, tested: true, moved: true},
		{stage: "POST_PRODUCTION_TRAFFIC_SHIFT", step: 1, back: moved, tested: true, moved: true},
		{stage: "BAKE_TIME", step: 1, back: moved, tested: true, moved: true},
		{stage: "CLEAN_UP", step: 1, back: append([]string{"SCALE_UP, back"}, moved...), tested: true, moved: true},
	}
}

// gate is the endpoint of a hook that lets the steps before the one at which a deployment is to be held pass, and then all of them when it is opened.
type gate struct {
	*httptest.Server
	mu   sync.Mutex
	open bool
	keys []string
}

func newGate(step int32) *gate {
	g := &gate{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		key, _, _ := strings.Cut(in.Header.Get("Idempotency-Key"), "/")
		if !slices.Contains(g.keys, key) {
			g.keys = append(g.keys, key)
		}
		answer := "SUCCEEDED"
		if !g.open && slices.Index(g.keys, key)+1 >= int(max(1, step)) {
			answer = "IN_PROGRESS"
		}
		fmt.Fprintf(out, `{"hookStatus":%q}`, answer)
	}))
	DeferCleanup(g.Close)
	return g
}

func (g *gate) opens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
}

// holds makes the next deployment of the service stand there, and starts it. What it returns lets it go, but for those who stop it.
func (w *world) holds(ctx context.Context, p place, name, image string, c ecsv1.DeploymentConfiguration) (release func()) {
	GinkgoHelper()
	release = func() {}
	c.BakeTimeInMinutes = new(int32(0))
	stages := []ecsv1.DeploymentLifecycleHookStage{ecsv1.DeploymentLifecycleHookStage(p.stage)}
	switch p.stage {
	case "SCALE_UP":
		image = bad
	case "BAKE_TIME":
		c.BakeTimeInMinutes = new(int32(1440))
	case "CLEAN_UP":
		w.protect(ctx, w.podNames(ctx, "1")[0], 7*24*time.Hour)
	case "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT":
		g := newGate(p.step)
		release = g.opens
		c.LifecycleHooks = []ecsv1.DeploymentLifecycleHook{{HookTargetArn: g.URL, LifecycleStages: stages}}
	default:
		c.LifecycleHooks = []ecsv1.DeploymentLifecycleHook{{TargetType: ecsv1.DeploymentLifecycleHookTargetTypePause, LifecycleStages: stages}}
	}
	w.deploys(ctx, &c)
	if read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}).Spec.ContainerDefinitions[0].Image == image {
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
		})
	}
	w.ship(ctx, "web", image)
	Eventually(func(g Gomega) {
		g.Expect(w.turn(ctx)).To(Succeed())
		sd := read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		w.answers(ctx, sd, p)
		g.Expect(string(sd.Status.LifecycleStage)).To(Equal(p.stage), sd.Status.StatusReason)
		if k := sd.Status.Kubernetes; p.step > 1 {
			g.Expect(k.TrafficStep).To(HaveValue(Equal(p.step)))
		}
		g.Expect(w.goes(ctx, g)).To(Equal(p.moved), "what the stage brings has happened")
		if !w.routed {
			old := Equal("1")
			if p.tested {
				old = Not(old)
			}
			g.Expect(w.entrance(ctx, g, "web-test")).To(old, "so it has for test traffic")
		}
	}).WithTimeout(time.Minute).Should(Succeed())
	w.quiet(ctx)
	Expect(string(read(ctx, Default, w, name, &ecsv1.ServiceDeployment{}).Status.LifecycleStage)).To(Equal(p.stage))
	return release
}

// answers lets a deployment go on that a person holds at an earlier step.
func (w *world) answers(ctx context.Context, sd *ecsv1.ServiceDeployment, p place) {
	GinkgoHelper()
	k := sd.Status.Kubernetes
	if p.step < 2 || k == nil || k.TrafficStep == nil || *k.TrafficStep >= p.step {
		return
	}
	for _, run := range sd.Status.LifecycleHookDetails {
		if run.Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction {
			change(ctx, sd, func(sd *ecsv1.ServiceDeployment) {
				metav1.SetMetaDataAnnotation(&sd.ObjectMeta, ecsv1.AnnotationContinueDeployment, run.HookId)
			})
		}
	}
}

var _ = Describe("A deployment that moves traffic and is stopped", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// says waits until the service says so: it is told of its deployment a second later.
	says := func(ctx SpecContext, reason, text string) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason, text))
		}).Should(Succeed())
	}
	// checks stops a deployment at a place, once so that it goes back, and once so that it doesn't.
	checks := func(ctx SpecContext, p place, c ecsv1.DeploymentConfiguration) {
		GinkgoHelper()
		before, old, t := w.directed(ctx, Default), w.podNames(ctx, "1"), w.trace(ctx)

		By("going back")
		release := w.holds(ctx, p, "web-2", "web:v2", c)
		w.stops(ctx, "web-2", "ROLLBACK")
		release()
		w.comesTo(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		all := t.of("web-2")
		Expect(all[slices.IndexFunc(all, func(s string) bool { return strings.HasSuffix(s, ", back") }):]).To(Equal(p.back))
		w.rests(ctx, map[string]int32{"web-1": 2})
		Expect(w.directed(ctx, Default)).To(Equal(before), "all traffic goes where it went")
		if p.stage != "CLEAN_UP" {
			Expect(w.podNames(ctx, "1")).To(Equal(old), "the old tasks were never touched")
		}
		Expect(w.podNames(ctx, "")).To(HaveLen(2))
		says(ctx, ecsv1.ReasonRolledBack, "stopType ROLLBACK")

		By("staying where it is")
		release = w.holds(ctx, p, "web-3", "web:v3", c)
		counts, now := w.wanted(ctx, Default), w.directed(ctx, Default)
		w.stops(ctx, "web-3", "ABORT")
		release()
		sd := w.comesTo(ctx, "web-3", ecsv1.ServiceDeploymentStateStopped)
		Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateFailed))
		Expect(sd.Status.Rollback).To(BeNil())
		w.rests(ctx, counts)
		Expect(w.directed(ctx, Default)).To(Equal(now), "traffic stays where it was")
		says(ctx, ecsv1.ReasonDeploymentFailed, "stopType ABORT")
	}

	table := []any{func(ctx SpecContext, p place) {
		w.staged(ctx, 2, bluegreen(0))
		checks(ctx, p, ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen})
	}}
	for _, p := range places() {
		table = append(table, Entry("from "+p.stage, p))
	}
	DescribeTable("BLUE_GREEN goes back or stays", table...)

	It("BLUE_GREEN goes back or stays from RECONCILE_SERVICE", func(ctx SpecContext) {
		w.staged(ctx, 2, bluegreen(0))
		before, old := w.directed(ctx, Default), w.podNames(ctx, "1")
		pause := func(stage string) place { return place{stage: stage} }
		c := ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen}
		w.holds(ctx, pause("POST_SCALE_UP"), "web-2", "web:v2", c)
		w.stops(ctx, "web-2", "ABORT")
		w.comesTo(ctx, "web-2", ecsv1.ServiceDeploymentStateStopped)

		w.holds(ctx, pause("RECONCILE_SERVICE"), "web-3", "web:v3", c)
		w.stops(ctx, "web-3", "ROLLBACK")
		w.comesTo(ctx, "web-3", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		w.rests(ctx, map[string]int32{"web-1": 2})
		Expect(w.directed(ctx, Default)).To(Equal(before))
		Expect(w.podNames(ctx, "")).To(Equal(old))

		w.holds(ctx, pause("POST_SCALE_UP"), "web-4", "web:v4", c)
		w.stops(ctx, "web-4", "ABORT")
		w.comesTo(ctx, "web-4", ecsv1.ServiceDeploymentStateStopped)
		w.holds(ctx, pause("RECONCILE_SERVICE"), "web-5", "web:v5", c)
		w.stops(ctx, "web-5", "ABORT")
		w.comesTo(ctx, "web-5", ecsv1.ServiceDeploymentStateStopped)
		Expect(w.directed(ctx, Default)).To(Equal(before))
		Expect(w.podNames(ctx, "1")).To(Equal(old))
		Expect(w.podNames(ctx, "5")).To(BeEmpty())
	})

	Describe("by a route", Ordered, ContinueOnFailure, func() {
		BeforeAll(withGateway)
		steps := []any{func(ctx SpecContext, p place) {
			w.route(ctx)
			canary := ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary, CanaryConfiguration: &ecsv1.CanaryConfiguration{
				CanaryPercent: new(ecsv1.DecimalFromTenths(25)), CanaryBakeTimeInMinutes: new(int32(1))}}
			create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2, ruled(canary)))
			w.comesTo(ctx, "web-1", ecsv1.ServiceDeploymentStateSuccessful)
			w.quiet(ctx)
			checks(ctx, p, canary)
		}}
		for _, p := range places() {
			if p.step == 0 {
				steps = append(steps, Entry("from "+p.stage, p))
				continue
			}
			if strings.HasSuffix(p.stage, "PRODUCTION_TRAFFIC_SHIFT") && !strings.HasPrefix(p.stage, "POST") {
				steps = append(steps, Entry("from the first step's "+p.stage, p))
				p.moved = true // the share of the first step
			}
			p.step = 2
			if p.stage == "PRE_PRODUCTION_TRAFFIC_SHIFT" {
				p.back = append([]string{"PRODUCTION_TRAFFIC_SHIFT, back"}, p.back...) // for the first step
			}
			steps = append(steps, Entry("from "+p.stage+" of the last step", p))
		}
		DescribeTable("CANARY goes back or stays", steps...)
	})
})

// turn lets half a minute pass, and the Gateway take up the route where there is one.
func (w *world) turn(ctx context.Context) error {
	if w.routed {
		if err := w.program(ctx); err != nil && !strings.Contains(err.Error(), "the object has been modified") {
			return err
		}
	}
	return w.pass(ctx)
}

// comesTo lets time pass until the deployment is in a state.
func (w *world) comesTo(ctx context.Context, name string, state ecsv1.ServiceDeploymentState) *ecsv1.ServiceDeployment {
	GinkgoHelper()
	var sd *ecsv1.ServiceDeployment
	Eventually(func(g Gomega) {
		g.Expect(w.turn(ctx)).To(Succeed())
		sd = read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		g.Expect(sd.Status.Status).To(Equal(state), "%s: %s", sd.Status.LifecycleStage, sd.Status.StatusReason)
	}).WithTimeout(90 * time.Second).Should(Succeed())
	return sd
}

// directed is where traffic is sent: the weights of the route, or the revisions of the entrances for production and for tests.
func (w *world) directed(ctx context.Context, g Gomega) string {
	GinkgoHelper()
	if w.routed {
		return fmt.Sprint(w.shares(ctx, g))
	}
	return fmt.Sprintf("production %s, test %s", w.entrance(ctx, g, "web-tg"), w.entrance(ctx, g, "web-test"))
}

// goes reports whether production traffic goes to another revision than the first, or a share of it does.
func (w *world) goes(ctx context.Context, g Gomega) bool {
	GinkgoHelper()
	if w.routed {
		return w.shares(ctx, g) != [2]int32{1000, 0}
	}
	return w.entrance(ctx, g, "web-tg") != "1"
}
