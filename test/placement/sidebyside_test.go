// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = func() bool {
	if !benchmarking() {
		return false
	}
	return Describe("The same pods", Label("side by side"), func() {
		It("under the default scheduler alone, and as services", benchSideBySide, SpecTimeout(40*time.Minute))
	})
}()

// scenario is a set of pods on a set of nodes, and what is asked for about their places.
type scenario struct {
	name      string
	instances int
	mix       []part
	how       []ecsv1.PlacementStrategy
}

var scenarios = []scenario{
	{"spread over zones and instances", 30, []part{{kind{256, 512}, 200}}, []ecsv1.PlacementStrategy{overZones, overInstances}},
	{"the same, by the default strategy", 30, []part{{kind{256, 512}, 200}}, nil},
	{"spread, 5 sizes", 75, mixOfMemory, []ecsv1.PlacementStrategy{overZones, overInstances}},
	{"binpack by memory, 5 sizes", 75, mixOfMemory, []ecsv1.PlacementStrategy{packMemory}},
	{"binpack by cpu, 5 sizes", 75, mixOfCPU, []ecsv1.PlacementStrategy{packCPU}},
	{"zones, then binpack by memory", 66, []part{{kind{64, 1024}, 240}}, []ecsv1.PlacementStrategy{overZones, packMemory}},
	{"random", 30, []part{{kind{64, 64}, 300}}, []ecsv1.PlacementStrategy{atRandom}},
}

// outcome is where the pods of a scenario went.
type outcome struct {
	used, zoneSkew, instanceSkew int
	took                         time.Duration
}

func benchSideBySide(ctx SpecContext) {
	say("\n| Asked for | Tasks | Instances | Least possible | Used: scheduler alone | as services | Skew of zones | | Skew of instances | | Time | |")
	say("|---|---|---|---|---|---|---|---|---|---|---|---|")
	var bars []bar
	for i, s := range scenarios {
		theirs, ours := sideBySide(ctx, s, fmt.Sprintf("side-%d", i+1))
		say("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f s | %.1f s |", s.name, total(s.mix), s.instances, leastPossible(medium, s.mix),
			theirs.used, ours.used, theirs.zoneSkew, ours.zoneSkew, theirs.instanceSkew, ours.instanceSkew, theirs.took.Seconds(), ours.took.Seconds())
		bars = append(bars, bar{label: s.name, of: s.instances, theirs: theirs, ours: ours, least: leastPossible(medium, s.mix)})
	}
	file := os.Getenv("PLACEMENT_CHART")
	if file == "" {
		file = filepath.Join(moduleRoot(), "docs", "placement.svg")
	}
	Expect(os.WriteFile(file, chart(bars), 0o644)).To(Succeed())
	say("\nThe chart is in %s", file)
}

func sideBySide(ctx context.Context, s scenario, name string) (theirs, ours outcome) {
	GinkgoHelper()
	f, ns := newFleet(ctx, name, s.instances, medium), newNamespace(ctx)
	var services, peers []string
	for i, p := range s.mix {
		service := fmt.Sprintf("part-%d", i+1)
		register(ctx, ns, service, p.kind)
		var edits []func(*ecsv1.Service)
		if len(s.how) > 0 {
			edits = append(edits, strategy(s.how...))
		}
		start(ctx, ns, service, f.name, 0, edits...)
		services, peers = append(services, service), append(peers, "plain-"+service)
	}
	began := time.Now()
	for i, p := range s.mix {
		startPeer(ctx, service{ns, services[i]}, peers[i], int32(p.count))
		settle(ctx, ns, peers[i], p.count)
	}
	theirs = outcomeOf(f.count(ctx, ns, peers...), time.Since(began))
	for _, peer := range peers {
		removePeer(ctx, ns, peer)
	}
	began = time.Now()
	for i, p := range s.mix {
		service{ns, services[i]}.scale(ctx, p.count)
	}
	ours = outcomeOf(f.count(ctx, ns, services...), time.Since(began))
	for _, name := range services {
		service{ns, name}.scale(ctx, 0)
	}
	return theirs, ours
}

func outcomeOf(c census, took time.Duration) outcome {
	return outcome{used: c.used(), zoneSkew: skew(c.byZone()), instanceSkew: c.instanceSkew(), took: took}
}
