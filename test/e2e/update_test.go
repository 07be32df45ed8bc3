// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("An update under load", func() {
	DescribeTable("fails no request and keeps the bounds",
		func(ctx SpecContext, minimum, maximum int32, lower, upper int, path string, opts load.Options) {
			web := create(ctx, newNamespace(ctx), "web", bounds(minimum, maximum))
			url := web.url(ctx)
			opts.URL = url + path
			traffic := send(ctx, opts)
			tasks := record(ctx, web)

			web.ship(ctx, "v2")
			web.settles(ctx, 3, "v2")

			report := noneFailed(ctx, traffic)
			tasks.within(lower, upper)
			Expect(report.Classes).To(HaveKey("v1"))
			Expect(report.Classes).To(HaveKey("v2"))
			only(ctx, url, "v2")
			Expect(web.events(ctx, Default)).To(ContainElement(ContainSubstring("deployment completed.")))
		},
		Entry("100/200: three more tasks start at once", int32(100), int32(200), 3, 6, "/", load.Options{}),
		Entry("100/150: one more at a time (4.5 rounds down to 4)", int32(100), int32(150), 3, 4, "/", load.Options{}),
		Entry("50/100: one fewer at a time (1.5 rounds up to 2)", int32(50), int32(100), 2, 3, "/", load.Options{}),
		Entry("on connections that are kept alive", int32(100), int32(200), 3, 6, "/", load.Options{KeepAlive: true}),
		Entry("with requests of 4 s, longer than a task waits before it is asked to stop", int32(100), int32(200), 3, 6, "/slow?ms=4000", load.Options{Timeout: 15 * time.Second}),
	)

	It("goes back by pinning an older revision", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web")
		web.ship(ctx, "v2")
		web.settles(ctx, 3, "v2")
		traffic := send(ctx, load.Options{URL: web.url(ctx)})

		web.edit(ctx, func(s *ecsv1.ServiceSpec) { s.TaskDefinition = "web:1" })
		web.settles(ctx, 3, "v1")

		noneFailed(ctx, traffic)
		revisions := web.revisions(ctx, Default)
		Expect(revisions).To(HaveLen(3))
		Expect(strings.HasSuffix(revisions[2].Spec.TaskDefinition, "web:1")).To(BeTrue())
	}, SpecTimeout(3*time.Minute))
})
