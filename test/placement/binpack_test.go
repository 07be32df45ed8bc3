// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	engine "github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// part of a mix: a service.
type part struct {
	kind  kind
	count int
}

// mixes of sizes, in the order in which they are started. CPU is what binds with the second. They need 62 instances at least: with fewer than 50, one more
// than that is over 2 %, and placing one task after the other can't always do without.
var (
	mixOfMemory = []part{{kind{64, 1536}, 90}, {kind{64, 640}, 180}, {kind{64, 2048}, 60}, {kind{64, 384}, 225}, {kind{64, 256}, 150}}
	mixOfCPU    = []part{{kind{768, 128}, 90}, {kind{320, 128}, 180}, {kind{1024, 128}, 60}, {kind{192, 128}, 225}, {kind{128, 128}, 150}}
)

var _ = Describe("binpack", func() {
	for _, tc := range []struct {
		by  string
		how ecsv1.PlacementStrategy
		mix []part
	}{{"memory", packMemory, mixOfMemory}, {"cpu", packCPU, mixOfCPU}} {
		It("by "+tc.by+" takes no more instances than the engine by itself, and within 2 % of the least possible", func(ctx SpecContext) {
			f, ns := newFleet(ctx, "pack-"+tc.by, 75, medium), newNamespace(ctx)
			names := f.fill(ctx, ns, tc.mix, strategy(tc.how))
			used := f.count(ctx, ns, names...).used()
			alone, least := engineAlone(75, medium, tc.mix, tc.how), leastPossible(medium, tc.mix)
			AddReportEntry("binpack by "+tc.by, fmt.Sprintf("%d tasks of %d sizes: %d instances; the engine by itself %d; least possible %d", total(tc.mix), len(tc.mix), used, alone, least))
			Expect(used).To(BeNumerically("<=", alone))
			Expect(used).To(BeNumerically("<=", int(float64(least)*1.02)))
		}, SpecTimeout(6*time.Minute))
	}

	It("after spread over zones is even over zones, and full inside of each", func(ctx SpecContext) {
		f, ns := newFleet(ctx, "chain", 15, medium), newNamespace(ctx)
		web := create(ctx, ns, "web", f.name, kind{64, 1024}, 50, strategy(overZones, packMemory))
		full := func(count, perInstance int) {
			GinkgoHelper()
			c := f.count(ctx, ns, web.name)
			Expect(skew(c.byZone())).To(BeNumerically("<=", 1), "%v", c.byZone())
			for zone, n := range c.byZone() {
				used := 0
				for node, on := range c.byNode {
					if c.zones[node] == zone && on > 0 {
						used++
					}
				}
				Expect(used).To(Equal((n+perInstance-1)/perInstance), "instances of %s, which has %d tasks: %v", zone, n, c.byNode)
			}
			Expect(web.tasks()).To(HaveLen(count))
		}
		full(50, 8)
		web.scale(ctx, 70)
		full(70, 8)
		web.scale(ctx, 33)
		full(33, 8)
	}, SpecTimeout(4*time.Minute))
})

// fill starts a service for each part, one after the other so that the order of tasks is known, and returns their names.
func (f *fleet) fill(ctx context.Context, ns string, mix []part, edits ...func(*ecsv1.Service)) []string {
	GinkgoHelper()
	var names []string
	for i, p := range mix {
		name := fmt.Sprintf("part-%d", i+1)
		create(ctx, ns, name, f.name, p.kind, int32(p.count), edits...)
		names = append(names, name)
	}
	return names
}

func total(mix []part) int {
	n := 0
	for _, p := range mix {
		n += p.count
	}
	return n
}

// leastPossible is the sum of requests by the capacity of an instance, rounded up; of CPU or memory, whichever needs more.
func leastPossible(of size, mix []part) int {
	room := (&fleet{size: of}).nodeObject(1).Status.Allocatable
	var cpu, mem int64
	for _, p := range mix {
		cpu += int64(p.count) * milliCPU(p.kind)
		mem += int64(p.count) * int64(p.kind.memory) << 20
	}
	up := func(a, b int64) int { return int((a + b - 1) / b) }
	return max(up(cpu, room.Cpu().MilliValue()), up(mem, room.Memory().Value()))
}

// milliCPU of 1024 units is 1000; a part of a thousandth counts as one.
func milliCPU(k kind) int64 { return (int64(k.cpu)*1000 + 1023) / 1024 }

// engineAlone places the same tasks in the same order with the engine and nothing else.
func engineAlone(instances int, of size, mix []part, how ecsv1.PlacementStrategy) int {
	f := &fleet{name: "alone", size: of}
	var all []*engine.Instance
	for _, n := range numbers(instances) {
		node := f.nodeObject(n)
		room := node.Status.Allocatable
		all = append(all, &engine.Instance{
			Name: node.Name, Active: true,
			Facts: query.Instance{AgentConnected: true, Attributes: map[string]string{"ecs.availability-zone": node.Labels[corev1.LabelTopologyZone]}},
			Free:  engine.Resources{MilliCPU: room.Cpu().MilliValue(), Memory: room.Memory().Value(), Pods: room.Pods().Value()},
		})
	}
	fleet, used := engine.NewFleet(all), map[string]bool{}
	for i, p := range mix {
		r := &engine.Request{
			Group:      fmt.Sprintf("service:part-%d", i+1),
			Needs:      engine.Resources{MilliCPU: milliCPU(p.kind), Memory: int64(p.kind.memory) << 20, Pods: 1},
			Strategies: []engine.Strategy{{Type: engine.StrategyType(how.Type), Field: how.Field}},
		}
		for range p.count {
			chosen, refusal := fleet.Place(r)
			Expect(refusal).To(BeNil())
			used[chosen.Name] = true
		}
	}
	return len(used)
}
