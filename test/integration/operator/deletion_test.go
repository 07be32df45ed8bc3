// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("Deleting a Service", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("drains it, and lets it go when all its tasks have been asked to stop, which is ECS's order", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2)
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) {
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Status).To(Equal(ecsv1.ServiceStateDraining))
			g.Expect(svc.Status.DesiredCount).To(BeZero())
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonDraining, "2 tasks are left"))
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-1": 0}))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("(service web) is DRAINING")))
		}).Should(Succeed())

		By("staying while one task hasn't been asked to stop")
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Delete(ctx, &pods[0])).To(Succeed())
		w.quiet(ctx)
		Expect(w.service(ctx, Default, "web").Finalizers).To(ContainElement(ecsv1.FinalizerService))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "1 ready, 0 starting, 1 stopping"}))

		By("stopping the last one")
		Expect(w.Converge(ctx)).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, "web", &ecsv1.Service{}) }).Should(Succeed())

		By("leaving nothing behind but what it didn't make")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			left := w.snapshot(ctx, g, func(o client.Object) bool {
				switch o.(type) {
				case *ecsv1.TaskDefinition, *ecsv1.TaskDefinitionRevision, *appsv1.ControllerRevision:
					return false
				}
				return true
			})
			g.Expect(left).To(BeEmpty())
		}).Should(Succeed())
	})

	It("doesn't touch somebody else's Deployment of the name that a new one would have", func(ctx SpecContext) {
		theirs := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "theirs"}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "theirs"}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "theirs"}}},
			},
		}}
		theirs.Namespace, theirs.Name = w.ns, "web-1"
		create(ctx, theirs, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonFailed,
				"deployment web-1", "isn't this service's; delete it, or name the service otherwise"))
		}).Should(Succeed())
		Expect(w.deployment(ctx, Default, "web-1").ResourceVersion).To(Equal(theirs.ResourceVersion))
		Expect(admin.Delete(ctx, theirs)).To(Succeed())
		w.steady(ctx, "web")
	})

	It("in the middle of a rollout stops the tasks of both revisions", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(w.wanted(ctx, g)).To(HaveEach(int32(0))) }).Should(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
			g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
			g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(BeEmpty())
		}).Should(Succeed())
	})

	It("that never started goes at once", func(ctx SpecContext) {
		svc := testkit.Service(w.ns, "web", w.cluster, "nosuch", 1)
		create(ctx, svc)
		Eventually(func(g Gomega) { g.Expect(w.service(ctx, g, "web").Finalizers).NotTo(BeEmpty()) }).Should(Succeed())
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) { w.missing(ctx, g, "web", &ecsv1.Service{}) }).Should(Succeed())
	})

	It("and making it again while it is still draining and its leftovers are there ends with the new one alone", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2)
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed()) // pods are stopping; nobody collects garbage
			w.missing(ctx, g, "web", &ecsv1.Service{})
		}).Should(Succeed())
		old := w.deployment(ctx, Default, "web-1")
		again := testkit.Service(w.ns, "web", w.cluster, "web", 3)
		create(ctx, again)

		By("waiting for the leftovers to go")
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonProgressing, "Service web-tg of an earlier service"))
		}).Should(Succeed())
		Expect(w.deployment(ctx, Default, "web-1").ResourceVersion).To(Equal(old.ResourceVersion))

		By("collecting them one by one, owners first, as the garbage collector does")
		for _, o := range []client.Object{&corev1.Service{}, &ecsv1.ServiceDeployment{}, &ecsv1.ServiceRevision{}} {
			name := "web-1"
			if _, core := o.(*corev1.Service); core {
				name = "web-tg"
			}
			Expect(admin.Delete(ctx, read(ctx, Default, w, name, o))).To(Succeed())
			w.quiet(ctx)
		}
		Expect(w.deployment(ctx, Default, "web-1").UID).To(Equal(old.UID))
		Expect(w.deployment(ctx, Default, "web-1").Spec.Replicas).To(Equal(ptr.To[int32](0)), "an earlier service's Deployment is nobody's to scale")
		svc = w.steady(ctx, "web")
		Expect(svc.UID).To(Equal(again.UID))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-1": 3}))
		Expect(w.deployment(ctx, Default, "web-1").UID).NotTo(Equal(old.UID))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "3 ready, 0 starting, 0 stopping"}))
	})
})

var _ = Describe("At rest", func() {
	It("nothing is written, not by an operator that has just started either", func(ctx SpecContext) {
		w := newWorld(ctx)
		n := testkit.Node(w.cluster+"-a", w.cluster)
		create(ctx, n)
		fleet := fleetWorld{w}
		fleet.daemon(ctx, "log")
		spot := fleet.provider(ctx, "spot", "spot")
		fleet.list(ctx, spot)
		draining, held := fleet.node(ctx, "b", capacityLabel("spot"), taint("karpenter.sh/disrupted")), fleet.node(ctx, "c", capacityLabel("spot"))
		Expect(w.ConvergeDaemons(ctx, n.Name, held)).To(Succeed())
		w.running(ctx, "web", 3)
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		create(ctx, fleet.taskOn(held, "web", pods))
		fleet.run(ctx, held)
		Eventually(func(g Gomega) {
			g.Expect(fleet.instance(ctx, g, held).Status.RunningTasksCount).To(BeNumerically(">", 0))
		}).Should(Succeed())
		fleet.deregister(ctx, held)
		fleet.hasStatus(ctx, held, ecsv1.ContainerInstanceStateDeregistering, fleet.daemonLabel("log"))
		w.ship(ctx, "web", "web:v2")
		w.steady(ctx, "web")
		create(ctx, testkit.Service(w.ns, "broken", w.cluster, "nosuch", 1))
		Eventually(func(g Gomega) { // it is quiet about that for two seconds, and then says it
			g.Expect(w.service(ctx, g, "broken").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTaskDefinitionNotFound))
		}).Should(Succeed())
		w.silent(ctx, 6*time.Second)
		before, since := w.snapshot(ctx, Default, everything), time.Now()
		others := func(g Gomega) []client.Object {
			GinkgoHelper()
			return []client.Object{
				read(ctx, g, w, n.Name, &ecsv1.ContainerInstance{}), read(ctx, g, w, draining, &ecsv1.ContainerInstance{}), read(ctx, g, w, held, &ecsv1.ContainerInstance{}),
				read(ctx, g, w, spot, &ecsv1.CapacityProvider{}), read(ctx, g, w, n.Name, &corev1.Node{}), read(ctx, g, w, held, &corev1.Node{}),
			}
		}
		fleetBefore := others(Default)
		cluster := read(ctx, Default, w, w.cluster, &ecsv1.Cluster{})
		still := func(g Gomega) {
			GinkgoHelper()
			g.Expect(w.snapshot(ctx, g, everything)).To(Equal(before))
			g.Expect(cmp.Diff(fleetBefore, others(g))).To(BeEmpty())
			g.Expect(cmp.Diff(cluster, read(ctx, g, w, w.cluster, &ecsv1.Cluster{}))).To(BeEmpty())
			g.Expect(record.Writes(since)).To(BeEmpty())
		}
		Consistently(still, 3*time.Second).Should(Succeed())
		stopManager()
		startManager(ctx)
		Consistently(still, 3*time.Second).Should(Succeed())
	})
})

var _ = Describe("What a user wrote", func() {
	It("is never written by the operator, so a second applier sees no drift", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.steady(ctx, "web")
		for _, o := range []client.Object{
			read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), w.service(ctx, Default, "web"), read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}),
		} {
			for _, f := range o.GetManagedFields() {
				if f.Manager == filepath.Base(os.Args[0]) {
					continue // this test's own client: the name of its program
				}
				Expect(string(f.FieldsV1.GetRawBytes())).NotTo(ContainSubstring(`"f:spec"`), "%s wrote the spec of %T", f.Manager, o)
				if f.Subresource == "" {
					Expect(string(f.FieldsV1.GetRawBytes())).To(MatchRegexp(`^\{"f:metadata":\{"f:finalizers":`), "%s wrote more than finalizers of %T", f.Manager, o)
				}
			}
		}

		By("applying the same spec as somebody else, without force")
		before := w.snapshot(ctx, Default, func(o client.Object) bool { _, own := o.(*ecsv1.Service); return !own })
		svc := w.service(ctx, Default, "web")
		for range 2 {
			applied := &ecsv1.Service{Spec: *svc.Spec.DeepCopy()}
			applied.Namespace, applied.Name = w.ns, "web"
			applyAs(ctx, "argocd", applied)
		}
		w.quiet(ctx)
		after := w.service(ctx, Default, "web")
		Expect(after.Generation).To(Equal(svc.Generation))
		Expect(after.Status).To(Equal(svc.Status))
		Expect(w.snapshot(ctx, Default, func(o client.Object) bool { _, own := o.(*ecsv1.Service); return !own })).To(Equal(before))
	})
})
