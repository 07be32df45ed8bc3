// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// ruled makes the service deploy so behind the HTTPRoute web, in which web-tg and web-other take turns.
func ruled(c ecsv1.DeploymentConfiguration) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.DeploymentConfiguration = &c
		s.Spec.LoadBalancers[0].AdvancedConfiguration = &ecsv1.AdvancedConfiguration{AlternateTargetGroupArn: "web-other", ProductionListenerRule: "web"}
	}
}

// withGateway installs the kind of HTTPRoutes where it isn't, and takes it away again: an operator that never saw it says so.
func withGateway(ctx SpecContext) {
	GinkgoHelper()
	crd, err := testkit.HTTPRouteCRD(ctx)
	Expect(err).NotTo(HaveOccurred())
	err = admin.Create(ctx, crd)
	if apierrors.IsAlreadyExists(err) {
		return
	}
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx SpecContext) {
		stopManager()
		remove(ctx, crd)
		startManager(ctx)
	})
}

// route makes the HTTPRoute web of a Gateway that is moved by hand.
func (w *world) route(ctx SpecContext) {
	GinkgoHelper()
	backend := func(name string, weight int32) gatewayv1.HTTPBackendRef {
		return gatewayv1.HTTPBackendRef{BackendRef: gatewayv1.BackendRef{
			BackendObjectReference: gatewayv1.BackendObjectReference{Name: gatewayv1.ObjectName(name), Port: ptr.To[gatewayv1.PortNumber](8080)}, Weight: &weight}}
	}
	r := &gatewayv1.HTTPRoute{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "web"}}
	r.Spec.ParentRefs = []gatewayv1.ParentReference{{Name: "gate"}}
	r.Spec.Rules = []gatewayv1.HTTPRouteRule{{BackendRefs: []gatewayv1.HTTPBackendRef{backend("web-tg", 1000), backend("web-other", 0)}}}
	Eventually(func() error { return admin.Create(ctx, r.DeepCopy()) }).Should(Succeed())
	w.routed = true
	DeferCleanup(func(ctx SpecContext) { remove(ctx, r) })
}

// program does what the Gateway's controller does: it takes up the route as it is.
func (w *world) program(ctx context.Context) error {
	r := &gatewayv1.HTTPRoute{}
	if err := admin.Get(ctx, client.ObjectKey{Namespace: w.ns, Name: "web"}, r); err != nil {
		return err
	}
	parent := gatewayv1.RouteParentStatus{ParentRef: r.Spec.ParentRefs[0], ControllerName: "test/gateway"}
	for _, kind := range []gatewayv1.RouteConditionType{gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs} {
		parent.Conditions = append(parent.Conditions, metav1.Condition{
			Type: string(kind), Status: metav1.ConditionTrue, Reason: string(kind), ObservedGeneration: r.Generation, LastTransitionTime: r.CreationTimestamp})
	}
	r.Status.Parents = []gatewayv1.RouteParentStatus{parent}
	return client.IgnoreNotFound(admin.Status().Update(ctx, r))
}

// shares are the weights of the route: web-tg's and web-other's.
func (w *world) shares(ctx context.Context, g Gomega) [2]int32 {
	GinkgoHelper()
	refs := read(ctx, g, w, "web", &gatewayv1.HTTPRoute{}).Spec.Rules[0].BackendRefs
	return [2]int32{ptr.Deref(refs[0].Weight, 1), ptr.Deref(refs[1].Weight, 1)}
}

// steps lets time pass until the deployment is in a state, and notes the weights of the route on the way, each once.
func (w *world) steps(ctx context.Context, name string, state ecsv1.ServiceDeploymentState) [][2]int32 {
	GinkgoHelper()
	var out [][2]int32
	Eventually(func(g Gomega) {
		if now := w.shares(ctx, g); len(out) == 0 || out[len(out)-1] != now {
			out = append(out, now)
		}
		g.Expect(w.program(ctx)).To(Or(Succeed(), MatchError(ContainSubstring("the object has been modified"))))
		g.Expect(w.pass(ctx)).To(Succeed())
		sd := read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		g.Expect(sd.Status.Status).To(Equal(state), "%s: %s", sd.Status.LifecycleStage, sd.Status.StatusReason)
	}).WithTimeout(90 * time.Second).Should(Succeed())
	return out
}

// again are the stages of n steps, and what comes before and after them.
func again(n int) []string {
	out := append([]string{}, allStages[:5]...)
	for step := 1; step <= n; step++ {
		suffix := ""
		if step > 1 {
			suffix = fmt.Sprintf(" %d", step)
		}
		out = append(out, "PRE_PRODUCTION_TRAFFIC_SHIFT"+suffix, "PRODUCTION_TRAFFIC_SHIFT"+suffix)
	}
	for _, stage := range allStages[7:] {
		out = append(out, fmt.Sprintf("%s %d", stage, n))
	}
	return out
}

var _ = Describe("A deployment in steps", Ordered, func() {
	var w *world
	var t *trace
	BeforeAll(withGateway)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		w.route(ctx)
	})

	start := func(ctx SpecContext, c ecsv1.DeploymentConfiguration) {
		GinkgoHelper()
		t = w.trace(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 2, ruled(c)))
		w.steps(ctx, "web-1", ecsv1.ServiceDeploymentStateSuccessful)
		Expect(w.shares(ctx, Default)).To(Equal([2]int32{1000, 0}))
	}

	It("CANARY gives the new tasks a small share first, and then the rest; the next one goes the other way", func(ctx SpecContext) {
		start(ctx, ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary,
			CanaryConfiguration: &ecsv1.CanaryConfiguration{CanaryPercent: new(ecsv1.DecimalFromTenths(25)), CanaryBakeTimeInMinutes: ptr.To[int32](2)}})
		w.ship(ctx, "web", "web:v2")
		Expect(w.steps(ctx, "web-2", ecsv1.ServiceDeploymentStateSuccessful)).To(Equal([][2]int32{{1000, 0}, {975, 25}, {0, 1000}}))
		Expect(t.of("web-2")).To(Equal(again(2)))
		w.rests(ctx, map[string]int32{"web-2": 2})
		w.ship(ctx, "web", "web:v3")
		Expect(w.steps(ctx, "web-3", ecsv1.ServiceDeploymentStateSuccessful)).To(Equal([][2]int32{{0, 1000}, {25, 975}, {1000, 0}}))
		w.rests(ctx, map[string]int32{"web-3": 2})
	})

	It("LINEAR gives the new tasks equal shares, and all back when it is stopped", func(ctx SpecContext) {
		start(ctx, ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear,
			LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: new(ecsv1.DecimalFromTenths(400)), StepBakeTimeInMinutes: ptr.To[int32](2)}})
		w.ship(ctx, "web", "web:v2")
		Expect(w.steps(ctx, "web-2", ecsv1.ServiceDeploymentStateSuccessful)).To(Equal([][2]int32{{1000, 0}, {600, 400}, {200, 800}, {0, 1000}}))
		Expect(t.of("web-2")).To(Equal(again(3)))

		w.deploys(ctx, &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear,
			LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: new(ecsv1.DecimalFromTenths(400)), StepBakeTimeInMinutes: ptr.To[int32](1440)}})
		w.ship(ctx, "web", "web:v3")
		Eventually(func(g Gomega) {
			g.Expect(w.program(ctx)).To(Or(Succeed(), MatchError(ContainSubstring("the object has been modified"))))
			g.Expect(w.pass(ctx)).To(Succeed())
			g.Expect(w.shares(ctx, g)).To(Equal([2]int32{400, 600}))
		}).WithTimeout(time.Minute).Should(Succeed())
		w.stops(ctx, "web-3", "ROLLBACK")
		Expect(w.steps(ctx, "web-3", ecsv1.ServiceDeploymentStateRollbackSuccessful)).To(Equal([][2]int32{{400, 600}, {0, 1000}}))
		w.rests(ctx, map[string]int32{"web-2": 2})
	})

	It("is taken over from at its first step, and again before anything has moved, and no traffic is moved for it but what is given back", func(ctx SpecContext) {
		canary := ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary, CanaryConfiguration: &ecsv1.CanaryConfiguration{
			CanaryPercent: new(ecsv1.DecimalFromTenths(25)), CanaryBakeTimeInMinutes: ptr.To[int32](1)}}
		start(ctx, canary)
		w.holds(ctx, place{stage: "PRODUCTION_TRAFFIC_SHIFT", step: 1, moved: true}, "web-2", "web:v2", canary)
		Expect(w.shares(ctx, Default)).To(Equal([2]int32{975, 25}))
		w.holds(ctx, place{stage: "PRE_SCALE_UP"}, "web-3", "web:v3", canary)
		Expect(w.shares(ctx, Default)).To(Equal([2]int32{1000, 0}), "what web-2 had goes back to web-1")

		w.deploys(ctx, &canary)
		w.ship(ctx, "web", "web:v4")
		Expect(w.steps(ctx, "web-4", ecsv1.ServiceDeploymentStateSuccessful)).To(Equal([][2]int32{{1000, 0}, {975, 25}, {0, 1000}}), "as if nothing had been before")
		w.rests(ctx, map[string]int32{"web-4": 2})
	})
})
