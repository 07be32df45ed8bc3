// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"maps"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// takesTurns gives a service two target groups and the rule of an HTTPRoute of its name.
func takesTurns(s *ecsv1.Service) {
	s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: new(int32(0))}
	s.Spec.LoadBalancers[0].TargetGroupArn = s.Name + "-blue"
	s.Spec.LoadBalancers[0].AdvancedConfiguration = &ecsv1.AdvancedConfiguration{
		AlternateTargetGroupArn: s.Name + "-green", ProductionListenerRule: s.Name + "/production",
	}
}

// listenerRule is an HTTPRoute whose rule production weighs blue and green, beside a rule that is none of ours.
func listenerRule(w *world, name string) *gatewayv1.HTTPRoute {
	ref := func(service string, weight int32) gatewayv1.HTTPBackendRef {
		out := gatewayv1.HTTPBackendRef{}
		out.Name, out.Port, out.Weight = gatewayv1.ObjectName(service), new(gatewayv1.PortNumber(8080)), &weight
		return out
	}
	return &gatewayv1.HTTPRoute{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: name},
		Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: "public"}}},
			Rules: []gatewayv1.HTTPRouteRule{
				{Name: new(gatewayv1.SectionName("other")), BackendRefs: []gatewayv1.HTTPBackendRef{ref("somebody", 7)}},
				{Name: new(gatewayv1.SectionName("production")), BackendRefs: []gatewayv1.HTTPBackendRef{ref(name+"-blue", 1), ref(name+"-green", 0)}},
			},
		},
	}
}

// network plays what makes EndpointSlices, and the Gateway that serves routes. There is neither where only an apiserver runs.
type network struct {
	w      *world
	closed bool // the Gateway says nothing
}

// settle gives each core Service one EndpointSlice of the tasks that it selects, and each route the status of a Gateway that serves it.
func (n *network) settle(ctx context.Context) {
	GinkgoHelper()
	services := &corev1.ServiceList{}
	Expect(admin.List(ctx, services, client.InNamespace(n.w.ns))).To(Succeed())
	for i := range services.Items {
		n.slice(ctx, &services.Items[i])
	}
	if n.closed {
		return
	}
	routes := &gatewayv1.HTTPRouteList{}
	Expect(admin.List(ctx, routes, client.InNamespace(n.w.ns))).To(Succeed())
	for i := range routes.Items {
		n.serve(ctx, &routes.Items[i])
	}
}

func (n *network) slice(ctx context.Context, s *corev1.Service) {
	GinkgoHelper()
	pods := &corev1.PodList{}
	Expect(admin.List(ctx, pods, client.InNamespace(s.Namespace), client.MatchingLabels(s.Spec.Selector))).To(Succeed())
	labels := map[string]string{discoveryv1.LabelServiceName: s.Name}
	maps.Copy(labels, s.Labels)
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name, Labels: labels},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{},
	}
	for i := range pods.Items {
		p := &pods.Items[i]
		is := p.DeletionTimestamp == nil && podReady(p)
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{"10.0.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: &is, Serving: &is},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID},
		})
	}
	live := &discoveryv1.EndpointSlice{}
	if err := admin.Get(ctx, client.ObjectKeyFromObject(slice), live); err != nil {
		Expect(client.IgnoreNotFound(err)).To(Succeed())
		Expect(admin.Create(ctx, slice)).To(Succeed())
		return
	}
	slice.ResourceVersion = live.ResourceVersion
	Expect(client.IgnoreNotFound(admin.Update(ctx, slice))).To(Succeed())
}

func (n *network) serve(ctx context.Context, route *gatewayv1.HTTPRoute) {
	GinkgoHelper()
	before := route.DeepCopy()
	says := func(kind gatewayv1.RouteConditionType) metav1.Condition {
		return metav1.Condition{Type: string(kind), Status: metav1.ConditionTrue, Reason: string(kind), ObservedGeneration: route.Generation, LastTransitionTime: metav1.Now()}
	}
	route.Status.Parents = []gatewayv1.RouteParentStatus{{ParentRef: route.Spec.ParentRefs[0], ControllerName: "example.com/gateway",
		Conditions: []metav1.Condition{says(gatewayv1.RouteConditionAccepted), says(gatewayv1.RouteConditionResolvedRefs)}}}
	Expect(client.IgnoreNotFound(admin.Status().Patch(ctx, route, client.MergeFrom(before)))).To(Succeed())
}

func podReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// deploys moves pods, EndpointSlices, routes and the clock on until the service is ready with a revision alone.
func (n *network) deploys(ctx context.Context, service, revision string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(n.w.Settle(ctx)).To(Succeed())
		n.settle(ctx)
		clock.Advance(3 * time.Second)
		svc := n.w.service(ctx, g, service)
		g.Expect(svc.Status.ObservedGeneration).To(HaveValue(Equal(svc.Generation)))
		g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		g.Expect(svc.Status.CurrentServiceRevisions).To(HaveExactElements(HaveField("Name", revision)))
	}).Should(Succeed())
}

func (w *world) selects(ctx context.Context, g Gomega, service string) string {
	GinkgoHelper()
	return read(ctx, g, w, service, &corev1.Service{}).Spec.Selector[ecsv1.LabelServiceRevision]
}

// weights of blue and green in the rule production.
func (w *world) weights(ctx context.Context, g Gomega, route string) []int32 {
	GinkgoHelper()
	var out []int32
	for _, ref := range read(ctx, g, w, route, &gatewayv1.HTTPRoute{}).Spec.Rules[1].BackendRefs {
		out = append(out, *ref.Weight)
	}
	return out
}

var _ = Describe("Traffic that takes turns", Ordered, func() {
	var (
		w *world
		n *network
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		n = &network{w: w}
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
	})

	It("waits for the Gateway API, for the route, for its backends, and notices each without a restart", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1, takesTurns))
		stalled := func(parts ...string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				message := strings.Join(parts, " ")
				sd := read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{})
				g.Expect(sd.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", message[:strings.Index(message, " ")], parts[1:]...))
			}).Should(Succeed())
			w.missing(ctx, Default, "web-1", deploymentKind())
		}
		stalled(ecsv1.ReasonListenerRuleNotFound, "the Gateway API isn't installed here")

		crd, err := testkit.HTTPRouteCRD(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Create(ctx, crd)).To(Succeed())
		stalled(ecsv1.ReasonListenerRuleNotFound, "there is no HTTPRoute web in this namespace", "web-blue", "web-green")

		route := listenerRule(w, "web")
		route.Spec.Rules[1].BackendRefs = route.Spec.Rules[1].BackendRefs[:1]
		Eventually(func() error { return admin.Create(ctx, route) }).Should(Succeed())
		stalled(ecsv1.ReasonInvalid, "productionListenerRule: rule production of HTTPRoute web needs backendRefs to both core Services")

		change(ctx, route, func(r *gatewayv1.HTTPRoute) { r.Spec.Rules = listenerRule(w, "web").Spec.Rules })
		n.deploys(ctx, "web", "web-1")
	})

	It("goes to the other target group and back, and nothing else of the route changes", func(ctx SpecContext) {
		route := listenerRule(w, "web")
		create(ctx, route, testkit.Service(w.ns, "web", w.cluster, "web", 2, takesTurns))
		n.deploys(ctx, "web", "web-1")
		Expect(read(ctx, Default, w, "web-1", &ecsv1.ServiceRevision{}).Status.ResolvedConfiguration.LoadBalancers).To(HaveExactElements(HaveField("TargetGroupArn", "web-blue")))
		Expect([]string{w.selects(ctx, Default, "web-blue"), w.selects(ctx, Default, "web-green")}).To(Equal([]string{"1", "1"}))
		Expect(w.weights(ctx, Default, "web")).To(Equal([]int32{1, 0}), "weights that mean the same are left as they were written")

		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		n.deploys(ctx, "web", "web-2")
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceRevision{}).Status.ResolvedConfiguration.LoadBalancers).To(HaveExactElements(HaveField("TargetGroupArn", "web-green")))
		Expect(w.weights(ctx, Default, "web")).To(Equal([]int32{0, 1000}))
		Eventually(func(g Gomega) {
			g.Expect([]string{w.selects(ctx, g, "web-blue"), w.selects(ctx, g, "web-green")}).To(Equal([]string{"2", "2"}))
		}).Should(Succeed())

		after := read(ctx, Default, w, "web", &gatewayv1.HTTPRoute{})
		after.Spec.Rules[1].BackendRefs[0].Weight, after.Spec.Rules[1].BackendRefs[1].Weight = new(int32(1)), new(int32(0))
		Expect(after.Spec).To(Equal(route.Spec))

		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v3"))
		n.deploys(ctx, "web", "web-3")
		Expect(w.weights(ctx, Default, "web")).To(Equal([]int32{1000, 0}))
	})

	It("stays where it is while no Gateway says that it serves the route", func(ctx SpecContext) {
		create(ctx, listenerRule(w, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, takesTurns))
		n.deploys(ctx, "web", "web-1")
		n.closed = true
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			n.settle(ctx)
			clock.Advance(3 * time.Second)
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.StatusReason).To(ContainSubstring("has not taken up generation"))
		}).Should(Succeed())
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(HaveLen(1), "the old revision keeps its tasks")
		n.closed = false
		n.deploys(ctx, "web", "web-2")
	})

	It("is taken back from whoever writes weights, and says who does so", func(ctx SpecContext) {
		create(ctx, listenerRule(w, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, takesTurns))
		n.deploys(ctx, "web", "web-1")
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		n.deploys(ctx, "web", "web-2")
		for range 2 {
			live := read(ctx, Default, w, "web", &gatewayv1.HTTPRoute{})
			before := live.DeepCopy()
			live.Spec.Rules[1].BackendRefs[0].Weight, live.Spec.Rules[1].BackendRefs[1].Weight = new(int32(1)), new(int32(0))
			Expect(admin.Patch(ctx, live, client.MergeFrom(before), client.FieldOwner("gitops"))).To(Succeed())
			Eventually(func(g Gomega) { g.Expect(w.weights(ctx, g, "web")).To(Equal([]int32{0, 1000})) }).Should(Succeed())
		}
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Conditions).To(haveCondition(ecsv1.ConditionWeightsContested, "True", ecsv1.ReasonWeightsContested, "gitops keeps changing the weights of HTTPRoute web"))
		}).Should(Succeed())
	})
})
