// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
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

// variant is a way to get the pods running; begin starts it and returns what ends it.
type variant struct {
	name  string
	owner string // of the pods
	// alone: the operator doesn't run meanwhile.
	alone bool
	begin func(ctx context.Context, ours service, count int) (end func())
}

var variants = []variant{
	{name: "Deployment, no operator", owner: "plain", alone: true, begin: beginPeer},
	{name: "Deployment", owner: "plain", begin: beginPeer},
	{name: "gates lifted one by one", owner: "plain", alone: true, begin: func(ctx context.Context, ours service, count int) func() {
		stop := lifter{nodes: nodeNames(ctx, "rate"), workers: 1, lift: byMergePatch}.start(ctx, ours, "plain", int32(count))
		return func() { stop(); removePeer(ctx, ours.namespace, "plain") }
	}},
	{name: "gates lifted by 16", owner: "plain", alone: true, begin: func(ctx context.Context, ours service, count int) func() {
		stop := lifter{nodes: nodeNames(ctx, "rate"), workers: 16, lift: byMergePatch}.start(ctx, ours, "plain", int32(count))
		return func() { stop(); removePeer(ctx, ours.namespace, "plain") }
	}},
	{name: "ECS service", owner: "ours", begin: func(ctx context.Context, ours service, count int) func() {
		ours.want(ctx, count)
		return func() { ours.want(ctx, 0); emptied(ctx, ours.namespace, "ours") }
	}},
}

func beginPeer(ctx context.Context, ours service, count int) func() {
	startPeer(ctx, ours, "plain", int32(count))
	return func() { removePeer(ctx, ours.namespace, "plain") }
}

func benchThroughput(ctx SpecContext) {
	nodes, count, runs := setting("PLACEMENT_NODES", 200), setting("PLACEMENT_TASKS", 3500), setting("PLACEMENT_RUNS", 3)
	f, ns := newFleet(ctx, "rate", nodes, size{cpu: "16", memory: "64Gi"}), newNamespace(ctx)
	ours := create(ctx, ns, "ours", f.name, tiny, 1, strategy(overZones, overInstances))
	ours.scale(ctx, 0)
	say("\n%d tasks, 0 to running, on %d simulated nodes; runs alternate", count, nodes)
	say("| Run | Of | Time | Tasks a second | CPU a task | CPU time |\n|---|---|---|---|---|---|")
	rates := map[string][]float64{}
	for n := range runs {
		for _, v := range variants {
			if only := os.Getenv("PLACEMENT_VARIANTS"); only != "" && !slices.Contains(strings.Split(only, ","), v.name) {
				continue
			}
			rates[v.name] = append(rates[v.name], v.rate(ctx, n+1, ours, count))
		}
	}
	say("\n| Of | Tasks a second, median | Ratio |\n|---|---|---|")
	for _, v := range variants {
		if len(rates[v.name]) > 0 {
			say("| %s | %.1f | %.2f |", v.name, middle(rates[v.name]), middle(rates[v.name])/max(1, middle(rates["Deployment"])))
		}
	}
}

// rate measures how many tasks a second run, from nothing to all of them.
func (v variant) rate(ctx context.Context, run int, ours service, count int) float64 {
	GinkgoHelper()
	if v.alone {
		operator.stop()
	} else {
		go operator.profile(ctx, "profile?seconds=40", fmt.Sprintf("cpu-%d-%s.pprof", run, v.owner))
		go profileServer(ctx, 40, fmt.Sprintf("apiserver-%d-%s.pprof", run, v.owner))
	}
	used, log, began := cpuTimes(), sizeOf(auditLog()), time.Now()
	end := v.begin(ctx, ours, count)
	settle(ctx, ours.namespace, v.owner, count)
	took, spent := time.Since(began), since(used)
	whole := time.Duration(0)
	for _, d := range spent {
		whole += d
	}
	say("| %d | %s | %.1f s | %.1f | %.1f ms | %s |", run, v.name, took.Seconds(), float64(count)/took.Seconds(), whole.Seconds()*1000/float64(count), inWords(spent))
	if !v.alone {
		writes, all := writesSince(log)
		say("  the operator's writes: %d: %s", all, writes)
	}
	if os.Getenv("PROFILES") != "" {
		requests, all := everyRequest(log)
		say("  all requests: %d: %s", all, requests)
	}
	end()
	if v.alone {
		operator = startManager(ctx)
	}
	settle(ctx, ours.namespace, v.owner, 0)
	return float64(count) / took.Seconds()
}

func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
