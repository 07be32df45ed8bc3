// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

// faults of the control plane.
var (
	apiserverDies = func(ctx context.Context) { machine.run(ctx, "apiserver", "restart", "--kill") }
	etcdDies      = func(ctx context.Context) { machine.run(ctx, "etcd", "restart", "--kill") }
	// For half a minute etcd stands still for seven tenths of each second: writes take up to that long.
	etcdIsSlow = func(ctx context.Context) {
		GinkgoHelper()
		pid := machine.pid(ctx, "etcd")
		DeferCleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
		for until := time.Now().Add(30 * time.Second); time.Now().Before(until) && ctx.Err() == nil; {
			Expect(syscall.Kill(pid, syscall.SIGSTOP)).To(Succeed())
			time.Sleep(700 * time.Millisecond)
			Expect(syscall.Kill(pid, syscall.SIGCONT)).To(Succeed())
			time.Sleep(300 * time.Millisecond)
		}
	}
)

var _ = Describe("A rollout", Label(restartsAPIServer), func() {
	DescribeTable("goes on to its end when a part of the control plane fails in the middle of it",
		func(ctx SpecContext, fault func(context.Context)) {
			needs("an apiserver and an etcd that can be restarted")
			web := create(ctx, newNamespace(ctx), "web", bounds(100, 150))
			tasks := record(ctx, web)

			web.ship(ctx, "v2")
			web.rollingOut(ctx)
			fault(ctx)
			web.settles(ctx, 3, "v2")

			tasks.within(3, 4)
			exact(ctx, web, 2)
			Expect(web.events(ctx, Default)).To(ContainElement(ContainSubstring("deployment completed.")))
		},
		Entry("the apiserver dies", apiserverDies),
		Entry("etcd dies", etcdDies),
	)
})

var _ = Describe("A blue/green deployment", Label(restartsAPIServer), func() {
	DescribeTable("goes on to its end, and loses no request, when a part of the control plane fails in the middle of it",
		func(ctx SpecContext, fault func(context.Context)) {
			needs("an apiserver and an etcd that can be restarted")
			web := create(ctx, newNamespace(ctx), "web", func(m manifest) { config := blueGreen(); m.service.Spec.DeploymentConfiguration = &config })
			url := web.url(ctx)
			traffic, tasks := send(ctx, load.Options{URL: url + "/"}), record(ctx, web)

			web.ship(ctx, "v2")
			web.rollingOut(ctx)
			fault(ctx)
			web.settles(ctx, 3, "v2")

			noneFailed(ctx, traffic)
			only(ctx, url, "v2")
			tasks.within(3, 6)
			exact(ctx, web, 2)
			sd := &ecsv1.ServiceDeploymentList{}
			web.list(ctx, Default, sd)
			for _, d := range sd.Items {
				Expect(d.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful), d.Name)
			}
		},
		Entry("the apiserver dies", apiserverDies),
		Entry("etcd dies", etcdDies),
		Entry("etcd is slow", etcdIsSlow),
	)
})
