// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("random", func() {
	It("passes a chi-square test", func(ctx SpecContext) {
		const instances, count = 20, 400
		f, ns := newFleet(ctx, "random", instances, medium), newNamespace(ctx)
		create(ctx, ns, "web", f.name, tiny, count, strategy(atRandom))
		c := f.count(ctx, ns, "web")
		statistic, want := 0.0, float64(count)/instances
		for _, n := range c.byNode {
			statistic += (float64(n) - want) * (float64(n) - want) / want
		}
		AddReportEntry("random", fmt.Sprintf("%d tasks on %d instances: chi-square %.1f with 19 degrees of freedom", count, instances, statistic))
		// 19 degrees of freedom: an even draw is above 50.8 once in 10,000 runs, and below 4.2 as often. Spreading would be below.
		Expect(statistic).To(And(BeNumerically("<", 50.8), BeNumerically(">", 4.2)), "%v", c.byNode)
	}, SpecTimeout(3*time.Minute))
})
