// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("spread over zones and instances", func() {
	It("is even within one task after scale-up, scale-in, the loss of a node and its return", func(ctx SpecContext) {
		f, ns := newFleet(ctx, "spread", 9, medium), newNamespace(ctx)
		// Tasks that aren't healthy yet are stopped first, evenness or not; behind a target group they are healthy as soon as they are ready.
		web := create(ctx, ns, "web", f.name, tiny, 10, strategy(overZones, overInstances), balanced)
		even := func(moment string) {
			GinkgoHelper()
			c := f.count(ctx, ns, web.name)
			Expect(skew(c.byZone())).To(BeNumerically("<=", 1), "zones after %s: %v", moment, c.byZone())
			Expect(c.instanceSkew()).To(BeNumerically("<=", 1), "instances after %s: %v", moment, c.byNode)
		}
		even("the start")
		for _, count := range []int{27, 40, 100, 61, 35, 14, 50} {
			web.scale(ctx, count)
			even(fmt.Sprintf("scaling to %d", count))
		}
		f.lose(ctx, 4)
		web.settles(ctx, 50)
		even("the loss of a node")
		f.join(ctx, 4)
		f.registered(ctx, 9)
		// Tasks aren't moved to an instance that is new. Those that come next are placed there, and those that go leave the others: of 17 tasks
		// on two instances of a zone and four new ones on the third, 9 are left, 3 on each.
		web.scale(ctx, 60)
		back := f.count(ctx, ns, web.name)
		Expect(back.byNode[f.node(4)]).To(BeNumerically(">=", 3), "all that came to its zone: %v", back.byNode)
		web.scale(ctx, 27)
		even("the return of the node")
		web.scale(ctx, 54)
		even("scaling up again")
	}, SpecTimeout(6*time.Minute))

	It("by the default strategy is as good as the scheduler's soft spread", func(ctx SpecContext) {
		f, ns := newFleet(ctx, "default", 9, medium), newNamespace(ctx)
		web := create(ctx, ns, "web", f.name, tiny, 60)
		up := f.count(ctx, ns, web.name)
		web.scale(ctx, 27)
		down := f.count(ctx, ns, web.name)
		AddReportEntry("default strategy", fmt.Sprintf("60 tasks on 9 instances: skew of zones %d, of instances %d; then 27: %d, %d",
			skew(up.byZone()), up.instanceSkew(), skew(down.byZone()), down.instanceSkew()))
		// Best effort, as ECS calls its own: that no zone and no instance is left out is what can be said.
		for zone, n := range up.byZone() {
			Expect(n).To(BeNumerically(">", 0), zone)
		}
		Expect(up.used()).To(Equal(9))
	}, SpecTimeout(3*time.Minute))
})
