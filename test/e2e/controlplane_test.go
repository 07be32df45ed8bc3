// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A rollout", Label(restartsAPIServer), func() {
	DescribeTable("goes on to its end when a part of the control plane restarts in the middle of it",
		func(ctx SpecContext, component string) {
			needs("an apiserver and an etcd that can be restarted")
			web := create(ctx, newNamespace(ctx), "web", bounds(100, 150))
			tasks := record(ctx, web)

			web.ship(ctx, "v2")
			web.rollingOut(ctx)
			machine.run(ctx, component, "restart", "--kill")
			web.settles(ctx, 3, "v2")

			tasks.within(3, 4)
			exact(ctx, web, 2)
			Expect(web.events(ctx, Default)).To(ContainElement(ContainSubstring("deployment completed.")))
		},
		Entry("the apiserver", "apiserver"),
		Entry("etcd", "etcd"),
	)
})
