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

var _ = Describe("DRAINING a third of the nodes", func() {
	for _, tc := range []struct {
		minimum, maximum int32
		fewest           int
	}{{100, 150, 30}, {50, 100, 15}} {
		It(fmt.Sprintf("with bounds of %d and %d never leaves fewer healthy tasks than the minimum", tc.minimum, tc.maximum), func(ctx SpecContext) {
			f, ns := newFleet(ctx, fmt.Sprintf("drain-%d", tc.minimum), 9, medium), newNamespace(ctx)
			web := create(ctx, ns, "web", f.name, tiny, 30, strategy(overZones, overInstances), balanced, bounds(tc.minimum, tc.maximum))
			watched := web.follow()
			for _, n := range []int{1, 2, 3} {
				drain(ctx, f.node(n), ecsv1.ContainerInstanceDesiredStatusDraining)
			}
			Eventually(ctx, func(g Gomega) {
				c := f.count(ctx, ns, web.name)
				g.Expect(c.byNode[f.node(1)]+c.byNode[f.node(2)]+c.byNode[f.node(3)]).To(BeZero(), "tasks on the instances that drain")
			}).WithTimeout(3 * time.Minute).Should(Succeed())
			web.settles(ctx, 30)
			Expect(watched.fewestReady()).To(BeNumerically(">=", tc.fewest), "healthy tasks at every moment")
			c := f.count(ctx, ns, web.name)
			Expect(skew(c.byZone())).To(BeNumerically("<=", 1), "%v", c.byZone())
		}, SpecTimeout(6*time.Minute))
	}
})
