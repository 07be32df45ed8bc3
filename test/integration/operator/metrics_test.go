// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// metricRow is the value of a metric with these labels, and whether there is one.
func metricRow(name string, labels map[string]string) (value float64, there bool) {
	GinkgoHelper()
	families, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			same := 0
			for _, l := range m.GetLabel() {
				if labels[l.GetName()] == l.GetValue() {
					same++
				}
			}
			if same == len(labels) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue(), true
			}
		}
	}
	return 0, false
}

var _ = Describe("The metrics of deployments", func() {
	It("count those that ended, and show those that go on", func(ctx SpecContext) {
		w := newWorld(ctx)
		const ended, going = "ecs_operator_service_deployments_total", "ecs_operator_service_deployment_failed_tasks"
		succeeded := map[string]string{"outcome": "succeeded", "strategy": string(ecsv1.DeploymentStrategyRolling)}
		web := map[string]string{"namespace": w.Namespace, "service": "web"}
		before, _ := metricRow(ended, succeeded)
		w.running(ctx, "web", 2, testkit.Percentages(50, 150))
		Eventually(func() float64 { now, _ := metricRow(ended, succeeded); return now }).Should(BeNumerically(">=", before+1))
		_, shown := metricRow(going, web)
		Expect(shown).To(BeFalse(), "it has ended")

		By("another deployment")
		w.ship(ctx, "web", "web:v2")
		Eventually(func() bool { _, shown := metricRow(going, web); return shown }).Should(BeTrue())

		By("the service's end")
		Expect(w.Client.Delete(ctx, read(ctx, Default, w, "web", &ecsv1.Service{}))).To(Succeed())
		Eventually(func() bool { _, shown := metricRow(going, web); return shown }).Should(BeFalse())
	})

	It("go with a namespace, whose deployments are deleted before its services", func(ctx SpecContext) {
		w := newWorld(ctx)
		const going = "ecs_operator_service_deployment_failed_tasks"
		web := map[string]string{"namespace": w.Namespace, "service": "web"}
		w.running(ctx, "web", 1)
		w.ship(ctx, "web", "web:v2")
		Eventually(func() bool { _, shown := metricRow(going, web); return shown }).Should(BeTrue())
		Expect(admin.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.ns}})).To(Succeed())
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}))).To(Succeed()) // which nobody can make again
		Eventually(func() bool { _, shown := metricRow(going, web); return shown }).Should(BeFalse())
	})
})
