// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// tellings counts how often something was told. What one operator tells twice within minutes of the wall's clock is one event with a series.
func (w *world) tellings(ctx context.Context, g Gomega, reason string) int {
	GinkgoHelper()
	list := &eventsv1.EventList{}
	g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
	n := 0
	for _, e := range list.Items {
		if e.Reason == reason {
			n++
			if e.Series != nil {
				n += int(e.Series.Count) - 1
			}
		}
	}
	return n
}

var _ = Describe("What goes on", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })
	told := func(ctx context.Context, reason string, times int) {
		GinkgoHelper()
		Eventually(func(g Gomega) { g.Expect(w.tellings(ctx, g, reason)).To(Equal(times)) }).Should(Succeed())
		w.quiet(ctx)
		Expect(w.tellings(ctx, Default, reason)).To(Equal(times))
	}

	It("in a deployment is told again after six hours, and not before, by an operator that was restarted, too", func(ctx SpecContext) {
		w.running(ctx, "web", 2, configured(func(c *ecsv1.DeploymentConfiguration) {
			c.MinimumHealthyPercent, c.MaximumPercent = new(int32(75)), new(int32(100))
		}))
		w.ship(ctx, "web", "web:v2")
		told(ctx, ecsv1.ReasonDeploymentStuck, 1)
		toldAt := func() time.Time {
			GinkgoHelper()
			return read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Kubernetes.ToldAt.Time
		}
		first := toldAt()

		clock.Advance(6*time.Hour - time.Minute)
		Expect(w.wake(ctx)).To(Succeed())
		told(ctx, ecsv1.ReasonDeploymentStuck, 1)
		Expect(toldAt()).To(Equal(first))

		clock.Advance(2 * time.Minute)
		Expect(w.wake(ctx)).To(Succeed())
		told(ctx, ecsv1.ReasonDeploymentStuck, 2)
		Expect(toldAt()).To(BeTemporally("~", first.Add(6*time.Hour), 5*time.Minute))

		By("being counted from when it was told last, not from when the operator was started")
		stopManager()
		clock.Advance(5 * time.Hour)
		startManager(ctx)
		told(ctx, ecsv1.ReasonDeploymentStuck, 2)
		clock.Advance(time.Hour)
		Expect(w.wake(ctx)).To(Succeed())
		told(ctx, ecsv1.ReasonDeploymentStuck, 3)

		By("until it is resolved")
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.DeploymentConfiguration = nil })
		w.steady(ctx, "web")
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Kubernetes.ToldAt).To(BeNil())
		clock.Advance(7 * time.Hour)
		Expect(w.wake(ctx)).To(Succeed())
		told(ctx, ecsv1.ReasonDeploymentStuck, 3)
	})

	It("with a service that can't be started, likewise", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", "nowhere", "web", 1))
		told(ctx, ecsv1.ReasonClusterNotFound, 1)
		for n := range 2 {
			stopManager()
			clock.Advance(6*time.Hour + time.Minute)
			startManager(ctx)
			told(ctx, ecsv1.ReasonClusterNotFound, n+2)
		}
		By("and not when nothing but the operator begins anew")
		stopManager()
		startManager(ctx)
		told(ctx, ecsv1.ReasonClusterNotFound, 3)
	})
})
