// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// fail lets n ready tasks of a revision fail the check of their container app for a minute, and gives their names.
func (w *world) fail(ctx context.Context, ordinal string, n int) []string {
	GinkgoHelper()
	clock.Advance(2 * time.Minute)
	pods, err := w.Pods(ctx, ordinal)
	Expect(err).NotTo(HaveOccurred())
	var names []string
	for i := range pods {
		if p := &pods[i]; len(names) < n && p.DeletionTimestamp == nil && isReady(p) {
			Expect(w.FailChecks(ctx, p, "app")).To(Succeed())
			names = append(names, p.Name)
		}
	}
	Expect(names).To(HaveLen(n), "so many were to be ready")
	return names
}

// replacementReady makes the one task of a revision ready that starts.
func (w *world) replacementReady(ctx context.Context, ordinal string, unhealthy []string) {
	GinkgoHelper()
	pods, err := w.Pods(ctx, ordinal)
	Expect(err).NotTo(HaveOccurred())
	pods = slices.DeleteFunc(pods, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || isReady(&p) || slices.Contains(unhealthy, p.Name)
	})
	Expect(pods).To(HaveLen(1))
	Expect(w.MakeReady(ctx, &pods[0])).To(Succeed())
}

// replacing is what the Deployment says of unhealthy tasks that are replaced.
func (w *world) replacing(ctx context.Context, g Gomega, name string) string {
	GinkgoHelper()
	return w.deployment(ctx, g, name).Annotations[ecsv1.AnnotationReplacing]
}

func healthChecked(td *ecsv1.TaskDefinition) {
	td.Spec.ContainerDefinitions[0].HealthCheck = &ecsv1.HealthCheck{Command: []string{"CMD", "/healthy"}}
}

func grace(seconds int32) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) { s.Spec.HealthCheckGracePeriodSeconds = &seconds }
}

var _ = Describe("An unhealthy task", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("is replaced by one that is started before it stops; the deployment stays complete, and then nothing is written", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		unhealthy := w.fail(ctx, "1", 1)

		By("one more is started, and it is said why")
		w.wants(ctx, map[string]int32{"web-1": 3})
		Expect(w.replacing(ctx, Default, "web-1")).To(Equal("+1"))
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
			g.Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateCompleted))
			g.Expect(sd.Status.TargetServiceRevision.RequestedTaskCount).To(Equal(int32(2)))
			g.Expect(sd.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksUnhealthy,
				"1 tasks of web:1 are unhealthy and are replaced", "Task failed ELB health checks in (target-group web-tg)"))
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksUnhealthy))
			g.Expect(svc.Status.Deployments).To(HaveLen(1))
			g.Expect(svc.Status.Deployments[0].DesiredCount).To(Equal(int32(2)))
			g.Expect(w.events(ctx, g)).To(ContainElement(MatchRegexp(
				`^Warning TasksUnhealthy: \(service web\) \(task [0-9a-f]{32}\) \(port 8080\) is unhealthy in \(target-group web-tg\) due to \(reason Health checks failed\)$`)))
		}).Should(Succeed())
		Expect(read(ctx, Default, w, unhealthy[0], &corev1.Pod{}).DeletionTimestamp).To(BeNil())

		By("the replacement is healthy: the unhealthy one stops")
		w.replacementReady(ctx, "1", unhealthy)
		w.wants(ctx, map[string]int32{"web-1": 2})
		Expect(w.replacing(ctx, Default, "web-1")).To(BeEmpty())
		Expect(read(ctx, Default, w, unhealthy[0], &corev1.Pod{}).DeletionTimestamp).NotTo(BeNil())
		svc := w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(2)))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "2 ready, 0 starting, 0 stopping"}))

		By("at rest")
		before, since := w.snapshot(ctx, Default, everything), time.Now()
		Consistently(func(g Gomega) {
			g.Expect(w.snapshot(ctx, g, everything)).To(Equal(before))
			g.Expect(record.Writes(since)).To(BeEmpty())
		}).Should(Succeed())
	})

	It("stops first where the maximum leaves no room, one at a time", func(ctx SpecContext) {
		w.running(ctx, "web", 3, testkit.Percentages(50, 100))
		unhealthy := w.fail(ctx, "1", 2)
		for left := range 2 {
			w.wants(ctx, map[string]int32{"web-1": 2})
			Expect(w.replacing(ctx, Default, "web-1")).To(Equal("-1"))
			Expect(w.Finish(ctx)).To(Succeed())
			w.wants(ctx, map[string]int32{"web-1": 3})
			Expect(w.replacing(ctx, Default, "web-1")).To(BeEmpty())
			there, err := w.Pods(ctx, "1")
			Expect(err).NotTo(HaveOccurred())
			unhealthy = slices.DeleteFunc(unhealthy, func(name string) bool {
				return !slices.ContainsFunc(there, func(p corev1.Pod) bool { return p.Name == name })
			})
			Expect(unhealthy).To(HaveLen(1-left), "the other one waits")
			w.replacementReady(ctx, "1", unhealthy)
		}
		Expect(w.steady(ctx, "web").Status.RunningCount).To(Equal(int32(3)))
	})

	It("of an older revision is replaced by that revision while a deployment can't go on", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		w.fail(ctx, "1", 1)
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 2})
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.SourceServiceRevisions).To(ConsistOf(HaveField("RequestedTaskCount", int32(2))), "its place is kept")
		}).Should(Succeed())

		By("its place is free again")
		Expect(w.Finish(ctx)).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		w.replacementReady(ctx, "1", nil)
		Expect(w.Converge(ctx)).To(Succeed())
		w.quiet(ctx)
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "2 ready, 0 starting, 0 stopping", "2": "0 ready, 2 starting, 0 stopping"}))
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(HaveEach(HaveField("Spec.Containers", ContainElement(HaveField("Image", "web:v1")))))

		By("the deployment goes on")
		w.steady(ctx, "web")
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"2": "2 ready, 0 starting, 0 stopping"}))
	})

	It("is left alone in its grace period, a change of which starts no deployment", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2, grace(3600))
		Expect(svc.Status.UnmappedFields).NotTo(ContainElement("healthCheckGracePeriodSeconds"))
		w.fail(ctx, "1", 1)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{}).Status.HealthyTaskCount).To(Equal(int32(1)))
		}).Should(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2})
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "1 ready, 1 starting, 0 stopping"}))

		By("a shorter one")
		change(ctx, svc, grace(30))
		w.wants(ctx, map[string]int32{"web-1": 3})
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-1"))
		w.steady(ctx, "web")
	})

	It("by the health check of its container is told so", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", healthChecked), testkit.Service(w.ns, "web", w.cluster, "web", 1, testkit.WithoutLoadBalancer))
		w.steady(ctx, "web")
		w.fail(ctx, "1", 1)
		w.wants(ctx, map[string]int32{"web-1": 2})
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksUnhealthy, "Task failed container health checks"))
			g.Expect(w.events(ctx, g)).To(ContainElement(MatchRegexp(`^Warning TasksUnhealthy: \(service web\) \(task [0-9a-f]{32}\) failed container health checks\.$`)))
		}).Should(Succeed())
		w.steady(ctx, "web")
	})

	It("that never passed its check is one when the verdict is due", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.wants(ctx, map[string]int32{"web-1": 1})
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Run(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 1})
		clock.Advance(45 * time.Second)
		Expect(w.nudge(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 1})
		clock.Advance(18 * time.Second) // 60 s where the service doesn't say, and 3 s for that to settle
		Expect(w.nudge(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2})
		w.steady(ctx, "web")
	})

	It("that belongs to no service is left alone", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		template := w.deployment(ctx, Default, "web-1").Spec.Template
		alone := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "alone", Annotations: template.Annotations}, Spec: template.Spec}
		alone.Spec.TopologySpreadConstraints = nil
		create(ctx, alone)
		Expect(w.MakeReady(ctx, alone)).To(Succeed())
		clock.Advance(2 * time.Minute)
		Expect(w.FailChecks(ctx, alone, "app")).To(Succeed())
		w.quiet(ctx)
		clock.Advance(time.Hour)
		Expect(w.nudge(ctx, alone)).To(Succeed())
		w.quiet(ctx)
		now := read(ctx, Default, w, "alone", &corev1.Pod{})
		Expect(now.DeletionTimestamp).To(BeNil())
		Expect(taskstate.Of(now, 0, clock.Now()).UnhealthyAt(0)).To(BeTemporally("<", clock.Now()), "it is unhealthy all the same")
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-1": 1}))
	})

	It("is no task of a service that is scaled in any more when it is among those that go", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 3)
		unhealthy := w.fail(ctx, "1", 1)
		w.wants(ctx, map[string]int32{"web-1": 4})
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DesiredCount = ptr.To[int32](2) })
		w.wants(ctx, map[string]int32{"web-1": 2})
		svc = w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(2)))
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).NotTo(ContainElement(HaveField("Name", unhealthy[0])))
	})
})
