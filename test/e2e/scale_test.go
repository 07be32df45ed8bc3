// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("Scaling", func() {
	It("follows the manifest and /scale without a new deployment, and fails no request", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		traffic := send(ctx, load.Options{URL: web.url(ctx)})

		web.edit(ctx, func(s *ecsv1.ServiceSpec) { s.DesiredCount = new(int32(6)) })
		web.settles(ctx, 6, "v1")

		By("scaling by the subresource, as kubectl scale and autoscalers do")
		svc := web.get(ctx, Default)
		scale := &autoscalingv1.Scale{}
		Expect(kube.SubResource("scale").Get(ctx, svc, scale)).To(Succeed())
		Expect(scale.Status.Replicas).To(BeEquivalentTo(6))
		Expect(scale.Status.Selector).NotTo(BeEmpty())
		scale.Spec.Replicas = 2
		Expect(kube.SubResource("scale").Update(ctx, svc, client.WithSubResourceBody(scale))).To(Succeed())
		web.settles(ctx, 2, "v1")

		noneFailed(ctx, traffic)
		Expect(web.revisions(ctx, Default)).To(HaveLen(1))
	}, SpecTimeout(3*time.Minute))

	It("during a rollout ends at the new count and the new version, and fails no request", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web", bounds(100, 150))
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		tasks := record(ctx, web)

		web.ship(ctx, "v2")
		web.rollingOut(ctx)
		web.edit(ctx, func(s *ecsv1.ServiceSpec) { s.DesiredCount = new(int32(5)) })
		web.settles(ctx, 5, "v2")

		noneFailed(ctx, traffic)
		tasks.within(3, 7) // 150 % of 5 is 7.5
		Expect(web.revisions(ctx, Default)).To(HaveLen(2))
	}, SpecTimeout(3*time.Minute))
})
