// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// The measurements of docs/benchmarks.md, sections 6 and 7: hack/bench-placement.sh sets PLACEMENT_BENCH, without which none of this is part
// of the suite.
func benchmarking() bool { return os.Getenv("PLACEMENT_BENCH") != "" }

// say prints a line of the result.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

var _ = func() bool {
	if !benchmarking() {
		return false
	}
	return Describe("Throughput", Label("throughput"), func() {
		It("of gated tasks of one service, beside a plain Deployment of the same pods", benchThroughput, SpecTimeout(55*time.Minute))
	})
}()

func benchThroughput(ctx SpecContext) {
	nodes, count, runs := setting("PLACEMENT_NODES", 200), setting("PLACEMENT_TASKS", 3500), setting("PLACEMENT_RUNS", 3)
	f, ns := newFleet(ctx, "rate", nodes, size{cpu: "16", memory: "64Gi"}), newNamespace(ctx)
	edits := []func(*ecsv1.Service){}
	if os.Getenv("PLACEMENT_UNGATED") == "" {
		edits = append(edits, strategy(overZones, overInstances))
	}
	ours := create(ctx, ns, "ours", f.name, tiny, 1, edits...)
	ours.scale(ctx, 0)
	say("\n%d tasks, 0 to running, on %d simulated nodes; runs alternate", count, nodes)
	say("| Run | Of | Time | Tasks a second | CPU time |\n|---|---|---|---|---|")
	var mine, theirs []float64
	for n := range runs {
		theirs = append(theirs, rate(ctx, n, "Deployment", count, func() func() {
			startPeer(ctx, ours, "plain", int32(count))
			return func() { removePeer(ctx, ns, "plain") }
		}, ns, "plain"))
		mine = append(mine, rate(ctx, n, "ECS service", count, func() func() {
			ours.want(ctx, count)
			return func() { ours.scale(ctx, 0) }
		}, ns, "ours"))
	}
	say("\nMedian: ECS service %.1f tasks a second, Deployment %.1f, ratio %.2f", middle(mine), middle(theirs), middle(mine)/middle(theirs))
}

// rate measures how many tasks a second run, from nothing to all of them.
func rate(ctx context.Context, run int, who string, count int, begin func() func(), ns, name string) float64 {
	GinkgoHelper()
	used, log := cpuTimes(), sizeOf(auditLog())
	if who == "ECS service" {
		go operator.profile(ctx, "profile?seconds=40", fmt.Sprintf("cpu-%d.pprof", run+1))
	}
	began := time.Now()
	end := begin()
	settle(ctx, ns, name, count)
	took := time.Since(began)
	say("| %d | %s | %.1f s | %.1f | %s |", run+1, who, took.Seconds(), float64(count)/took.Seconds(), inWords(since(used)))
	writes, all := writesSince(log)
	say("  the operator's writes: %d: %s", all, writes)
	end()
	Expect(tasks(ns, name)).To(BeEmpty())
	return float64(count) / took.Seconds()
}

func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
