// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// bluegreen makes the service deploy BLUE_GREEN behind the core Service NAME-tg, with test traffic at NAME-test.
func bluegreen(bake int32) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: &bake}
		s.Spec.LoadBalancers[0].AdvancedConfiguration = &ecsv1.AdvancedConfiguration{AlternateTargetGroupArn: s.Name + "-test"}
	}
}

// slices does what the EndpointSlice controller does: each core Service gets a slice with the pods that it selects.
func (w *world) slices(ctx context.Context) error {
	services, pods := &corev1.ServiceList{}, &corev1.PodList{}
	for _, list := range []client.ObjectList{services, pods} {
		if err := admin.List(ctx, list, client.InNamespace(w.ns)); err != nil {
			return err
		}
	}
	for i := range services.Items {
		s := &services.Items[i]
		slice := &discoveryv1.EndpointSlice{
			TypeMeta:    metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
			ObjectMeta:  metav1.ObjectMeta{Namespace: w.ns, Name: s.Name + "-slice", Labels: maps.Clone(s.Labels)},
			AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{}, Ports: []discoveryv1.EndpointPort{},
		}
		metav1.SetMetaDataLabel(&slice.ObjectMeta, discoveryv1.LabelServiceName, s.Name)
		for j := range pods.Items {
			p := &pods.Items[j]
			if !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels)) {
				continue
			}
			ready := p.DeletionTimestamp == nil && isReady(p)
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
				Addresses:  []string{fmt.Sprintf("10.0.%d.%d", j/250, j%250+1)},
				Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready},
				TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID},
			})
		}
		if err := applySlice(ctx, slice); err != nil {
			return err
		}
	}
	return nil
}

func applySlice(ctx context.Context, slice *discoveryv1.EndpointSlice) error {
	found := &discoveryv1.EndpointSlice{}
	err := admin.Get(ctx, client.ObjectKeyFromObject(slice), found)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return err
	case err != nil:
		return admin.Create(ctx, slice)
	}
	found.Labels, found.Endpoints = slice.Labels, slice.Endpoints
	return admin.Update(ctx, found)
}

// pass lets half a minute pass, in which tasks and endpoints move.
func (w *world) pass(ctx context.Context) error {
	if err := w.move(ctx); err != nil {
		return err
	}
	if err := w.slices(ctx); err != nil {
		return err
	}
	return w.wake(ctx)
}

// wake makes the operator look again: its timers go by the wall's clock.
func (w *world) wake(ctx context.Context) error {
	pods, err := w.Pods(ctx, "")
	if err != nil || len(pods) == 0 {
		return err
	}
	return client.IgnoreNotFound(w.nudge(ctx, &pods[0]))
}

// trace notes the stages that deployments of the world come to, each once.
type trace struct {
	mu     sync.Mutex
	stages map[string][]string
}

func (w *world) trace(ctx context.Context) *trace {
	GinkgoHelper()
	t := &trace{stages: map[string][]string{}}
	watch, err := admin.(client.WithWatch).Watch(ctx, &ecsv1.ServiceDeploymentList{}, client.InNamespace(w.ns))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(watch.Stop)
	go func() {
		for e := range watch.ResultChan() {
			if sd, ok := e.Object.(*ecsv1.ServiceDeployment); ok {
				t.note(sd)
			}
		}
	}()
	return t
}

func (t *trace) note(sd *ecsv1.ServiceDeployment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stage := string(sd.Status.LifecycleStage)
	if stage == "" {
		return
	}
	if k := sd.Status.Kubernetes; k != nil && k.TrafficStep != nil && *k.TrafficStep > 1 {
		stage += fmt.Sprintf(" %d", *k.TrafficStep)
	}
	if sd.Status.Rollback != nil {
		stage += ", back"
	}
	if all := t.stages[sd.Name]; len(all) == 0 || all[len(all)-1] != stage {
		t.stages[sd.Name] = append(all, stage)
	}
}

func (t *trace) of(name string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.stages[name])
}

// allStages are those of a deployment with one source and one step.
var allStages = []string{"PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
	"PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"}

// reaches lets time pass until the deployment is in a state.
func (w *world) reaches(ctx context.Context, name string, state ecsv1.ServiceDeploymentState) *ecsv1.ServiceDeployment {
	GinkgoHelper()
	var sd *ecsv1.ServiceDeployment
	Eventually(func(g Gomega) {
		g.Expect(w.pass(ctx)).To(Succeed())
		sd = read(ctx, g, w, name, &ecsv1.ServiceDeployment{})
		g.Expect(sd.Status.Status).To(Equal(state), "%s: %s", sd.Status.LifecycleStage, sd.Status.StatusReason)
	}).WithTimeout(time.Minute).Should(Succeed())
	return sd
}

// staged starts a service, both called web, and waits for its first deployment.
func (w *world) staged(ctx context.Context, count int32, edits ...func(*ecsv1.Service)) {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", count, edits...))
	w.reaches(ctx, "web-1", ecsv1.ServiceDeploymentStateSuccessful)
	w.quiet(ctx)
}

// entrance is the revision that a core Service takes the tasks of.
func (w *world) entrance(ctx context.Context, g Gomega, name string) string {
	GinkgoHelper()
	return read(ctx, g, w, name, &corev1.Service{}).Spec.Selector[ecsv1.LabelServiceRevision]
}

var _ = Describe("A blue/green deployment", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("goes through all stages, moves the entrance once, and keeps the old tasks until the bake time is over", func(ctx SpecContext) {
		t := w.trace(ctx)
		w.staged(ctx, 2, bluegreen(5))
		Expect(t.of("web-1")).To(Equal(allStages), "a first deployment goes through them, too")
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("1"))

		w.ship(ctx, "web", "web:v2")
		var seen []string
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			if stage := string(sd.Status.LifecycleStage); stage != "" && (len(seen) == 0 || seen[len(seen)-1] != stage) {
				seen = append(seen, stage)
			}
			if sd.Status.LifecycleStage != ecsv1.ServiceDeploymentLifecycleStageCleanUp && sd.Status.Status == ecsv1.ServiceDeploymentStateInProgress {
				g.Expect(w.wanted(ctx, g)["web-1"]).To(BeEquivalentTo(2))
			}
			if sd.Status.LifecycleStage == ecsv1.ServiceDeploymentLifecycleStageScaleUp {
				g.Expect(w.entrance(ctx, g, "web-tg")).To(Equal("1"))
			}
			g.Expect(w.pass(ctx)).To(Succeed())
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful), sd.Status.StatusReason)
		}).WithTimeout(time.Minute).Should(Succeed())
		Expect(t.of("web-2")).To(Equal(allStages))
		w.rests(ctx, map[string]int32{"web-2": 2})
		Expect(w.entrance(ctx, Default, "web-tg")).To(Equal("2"))
		sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.TargetServiceRevision.RequestedProductionTrafficWeight).To(HaveValue(Equal(ecsv1.DecimalFromTenths(1000))))
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
	})

	It("without a load balancer replaces the tasks and moves nothing", func(ctx SpecContext) {
		t := w.trace(ctx)
		w.staged(ctx, 2, testkit.WithoutLoadBalancer, func(s *ecsv1.Service) {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ptr.To[int32](1)}
		})
		w.ship(ctx, "web", "web:v2")
		sd := w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateSuccessful)
		Expect(t.of("web-2")).To(Equal(allStages))
		Expect(sd.Status.TargetServiceRevision.RequestedProductionTrafficWeight).To(BeNil())
		w.rests(ctx, map[string]int32{"web-2": 2})
	})
})
