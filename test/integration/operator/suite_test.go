// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operator runs the whole manager against a real apiserver, as a user that has its generated role and nothing more. Pods are moved
// by hand, so that each step of a rollout can be looked at.
package operator

import (
	"flag"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var update = flag.Bool("update", false, "write docs/bad-input.md")

var (
	env *testkit.Environment
	// admin is the test's own client, which may do everything.
	admin client.Client
	clock = &testkit.Clock{}
	// record has every request that an operator of this suite made.
	record = &testkit.Record{}
	// manager is the operator that runs now. A spec that stops it starts another.
	manager *testkit.Operator
)

func TestOperator(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(20 * time.Second)
	SetDefaultEventuallyPollingInterval(10 * time.Millisecond)
	SetDefaultConsistentlyDuration(time.Second)
	SetDefaultConsistentlyPollingInterval(50 * time.Millisecond)
	RunSpecs(t, "Operator Suite")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	log.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	var err error
	env, err = testkit.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error { return env.Stop() })
	admin = env.Admin
	startManager(ctx)
	DeferCleanup(func() { stopManager() })
})

func startManager(ctx SpecContext) {
	GinkgoHelper()
	var err error
	manager, err = env.StartOperator(ctx, clock, record)
	Expect(err).NotTo(HaveOccurred())
}

func stopManager() {
	GinkgoHelper()
	Expect(manager.Stop()).To(Succeed())
}
