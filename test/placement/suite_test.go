// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package placement proves placement on a real control plane: its scheduler, its controller manager, nodes that KWOK plays, and the
// operator as a process of this machine under its generated role. Nothing is asked how it decided; what counts is which node each pod is on.
//
// It runs on the cluster of KUBECONFIG, which has to be one where nodes may be made and deleted: `make test-placement` starts one for the run.
// No container is started, so that no root is needed.
package placement

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func TestPlacement(t *testing.T) {
	RegisterFailHandler(Fail)
	log.SetLogger(GinkgoLogr)
	SetDefaultEventuallyTimeout(90 * time.Second)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond)
	EnforceDefaultTimeoutsWhenUsingContexts()
	RunSpecs(t, "Placement")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	connect(ctx)
	install(ctx)
	operator = startManager(ctx)
	DeferCleanup(func() { operator.stop() })
}, NodeTimeout(2*time.Minute))

var _ = JustAfterEach(func(ctx SpecContext) {
	if CurrentSpecReport().Failed() {
		dump(ctx)
	}
})
