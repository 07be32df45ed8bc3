// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("distinctInstance", func() {
	for _, tc := range []struct {
		who   string
		edits []func(*ecsv1.Service)
	}{
		{"by the scheduler", nil},
		{"by the engine", []func(*ecsv1.Service){strategy(overZones, packMemory)}},
	} {
		It(tc.who+" never has two tasks of the service on an instance, also during deployments", func(ctx SpecContext) {
			f, ns := newFleet(ctx, "distinct", 12, medium), newNamespace(ctx)
			edits := append([]func(*ecsv1.Service){distinct, balanced, bounds(50, 150)}, tc.edits...)
			web := create(ctx, ns, "web", f.name, tiny, 8, edits...)
			watched := web.follow()
			for n := range 3 {
				web.ship(ctx, fmt.Sprintf("v%d", n+2), 8)
			}
			web.scale(ctx, 12)
			web.ship(ctx, "v5", 12) // no instance is free: one task stops before another starts
			f.lose(ctx, 5)
			web.want(ctx, 11)
			web.settles(ctx, 11)
			Expect(watched.crowds()).To(BeEmpty())
			Expect(f.count(ctx, ns, web.name).used()).To(Equal(11))
		}, SpecTimeout(6*time.Minute))
	}
})
