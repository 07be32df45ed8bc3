// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The operator's writes", func() {
	It("end when everything is as it should be: none in a minute", func(ctx SpecContext) {
		needs("an audit log")
		ns := newNamespace(ctx)
		onlyNamespace(ctx, ns)
		for _, name := range []string{"one", "two", "three"} {
			create(ctx, ns, name)
		}
		quiet(ctx)

		rest := now()
		Consistently(ctx, func() []request {
			objects, _ := rest.writes()
			return objects
		}).WithTimeout(time.Minute).Should(BeEmpty())

		_, leases := rest.writes()
		AddReportEntry("at rest", fmt.Sprintf("60 s, 3 services, 9 tasks: 0 writes, and %d renewals of the leader's lease", len(leases)))
	}, SpecTimeout(4*time.Minute))

	It("are few: for a new service, and for a rolling update", func(ctx SpecContext) {
		needs("an audit log")
		ns := newNamespace(ctx)
		onlyNamespace(ctx, ns)
		quiet(ctx)
		created, updated := countWrites(ctx, ns)
		AddReportEntry("writes", table([]string{"created", "updated"}, created, updated))
		Expect(created.total()).To(BeNumerically("<=", mostCreated), "%v", created)
		Expect(updated.total()).To(BeNumerically("<=", mostUpdated), "%v", updated)
	}, SpecTimeout(4*time.Minute))
})

// What was measured, and 30 % for the order in which tasks start and stop: each change of the counts that the operator sees
// is a write of a status or three.
const (
	mostCreated = 60
	mostUpdated = 100
)

// countWrites counts what a service of 3 tasks with a target group and its task definition cost when they are created, and what
// a rolling update of its tasks costs.
func countWrites(ctx context.Context, namespace string) (created, updated tally) {
	GinkgoHelper()
	began := now()
	web := create(ctx, namespace, "web")
	quiet(ctx)
	objects, _ := began.writes()
	created = count(objects)

	began = now()
	web.ship(ctx, "v2")
	web.settles(ctx, 3, "v2")
	quiet(ctx)
	objects, _ = began.writes()
	return created, count(objects)
}

// quiet waits until the operator has written nothing for six seconds: what it says of container instances may be five seconds late.
func quiet(ctx context.Context) {
	GinkgoHelper()
	last, since := now(), time.Now()
	Eventually(ctx, func(g Gomega) {
		if objects, _ := last.writes(); len(objects) > 0 {
			last, since = now(), time.Now()
		}
		g.Expect(time.Since(since)).To(BeNumerically(">", 6*time.Second), "since the operator's last write")
	}).Should(Succeed())
}
