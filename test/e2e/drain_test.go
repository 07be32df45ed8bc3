// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("An instance that drains under load", func() {
	It("fails no request, keeps the minimum and ends without tasks of the service", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web", desired(4), bounds(100, 150))
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		tasks := record(ctx, web)
		drained := web.tasks(ctx, Default)[0].Spec.NodeName

		set := func(ctx context.Context, status ecsv1.ContainerInstanceDesiredStatus) {
			GinkgoHelper()
			Eventually(ctx, func(g Gomega) {
				instance := &ecsv1.ContainerInstance{}
				g.Expect(kube.Get(ctx, client.ObjectKey{Name: drained}, instance)).To(Succeed())
				instance.Spec.Status = status
				g.Expect(kube.Update(ctx, instance)).To(Succeed())
			}).Should(Succeed())
		}
		DeferCleanup(func(ctx SpecContext) { set(ctx, "") })
		set(ctx, ecsv1.ContainerInstanceDesiredStatusDraining)
		Eventually(ctx, func(g Gomega) {
			for _, p := range web.tasks(ctx, g) {
				g.Expect(p.Spec.NodeName).NotTo(Equal(drained), "%s is there yet", p.Name)
			}
			web.settled(ctx, g, 4, "v1")
		}).Should(Succeed())

		noneFailed(ctx, traffic)
		tasks.within(4, 6)
		Expect(web.revisions(ctx, Default)).To(HaveLen(1), "draining is no deployment")
	})
})
