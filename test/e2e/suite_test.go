// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the operator as it ships: in its pod, under its role, on a cluster with a real scheduler, kubelet and containers.
//
// It runs on the cluster of KUBECONFIG, where hack/deploy.sh has installed the operator and the nodes have the image ecs-web:v1
// (E2E_IMAGE names another). Specs that switch nodes off, restart the apiserver or read the audit log need the local cluster
// (LOCALCLUSTER_STATE) and say so where it isn't: `make test-e2e` sees to all of it.
package e2e

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// restartsAPIServer is the label of specs that do.
const restartsAPIServer = "restarts the apiserver"

func TestE2E(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(90 * time.Second)
	SetDefaultEventuallyPollingInterval(200 * time.Millisecond)
	SetDefaultConsistentlyPollingInterval(500 * time.Millisecond)
	EnforceDefaultTimeoutsWhenUsingContexts()
	RunSpecs(t, "End-to-end")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	connect()
	findMachine(ctx)
	needContainers(ctx)
	operatorIsReady(ctx)
	forgetNamespaces(ctx)
	ensureCluster(ctx)
	DeferCleanup(leaveNothing)
})

// Whatever a spec did to it, the next one finds the cluster as it was.
var _ = BeforeEach(func(ctx SpecContext) {
	operatorIsReady(ctx)
	ensureCluster(ctx)
	sinceHere := now()
	// Least privilege must be enough: of all that the operator asked for during the spec, nothing was refused.
	// An apiserver that has just started knows no roles yet and refuses everyone for a moment.
	if !slices.Contains(CurrentSpecReport().Labels(), restartsAPIServer) {
		DeferCleanup(func() { Expect(sinceHere.refused()).To(BeEmpty(), "the operator's role lacks rules") })
	}
})

var _ = JustAfterEach(func(ctx SpecContext) {
	if CurrentSpecReport().Failed() {
		dump(ctx)
	}
})
