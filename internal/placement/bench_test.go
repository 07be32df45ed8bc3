// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// fleetFor has instances of four types in three zones, with room for 60 small tasks and more.
func fleetFor(instances int) *Fleet {
	var all []*Instance
	for n := range instances {
		kind := n / 3 % 4
		all = append(all, &Instance{
			Name: fmt.Sprintf("instance-%05d", n), Active: true,
			Facts: query.Instance{AgentConnected: true, Attributes: map[string]string{
				zoneAttribute: string(rune('a' + n%3)), "ecs.instance-type": []string{"m5.4xlarge", "m6i.4xlarge", "c5.4xlarge", "r5.4xlarge"}[kind],
			}},
			Free: Resources{MilliCPU: 16000, Memory: int64(32+16*kind) << 30, Pods: 110},
		})
	}
	return NewFleet(all)
}

func asking(n int, constraint string, strategies ...Strategy) *Request {
	r := &Request{
		Group: fmt.Sprintf("service:s%02d", n), Needs: Resources{MilliCPU: 250, Memory: 512 << 20, Pods: 1}, Strategies: strategies, Seed: uint64(n),
	}
	switch constraint {
	case "":
	case "distinctInstance":
		r.Constraints = []Constraint{{Distinct: true}}
	default:
		r.Constraints = []Constraint{member(constraint)}
	}
	return r
}

var (
	overZones     = Strategy{Spread, "attribute:" + zoneAttribute}
	overInstances = Strategy{Spread, InstanceID}
	packMemory    = Strategy{Binpack, "memory"}
)

// mixed are twenty services that take turns.
func mixed() []*Request {
	var out []*Request
	for n := range 20 {
		var r *Request
		switch n % 5 {
		case 0, 1:
			r = asking(n, "", overZones, overInstances)
		case 2:
			r = asking(n, "", packMemory)
		case 3:
			r = asking(n, `attribute:ecs.instance-type =~ m.*`, overZones, packMemory)
		default:
			r = asking(n, "distinctInstance", Strategy{Type: Random})
		}
		r.Needs.MilliCPU, r.Needs.Memory = int64(100+50*(n%7)), int64(128+64*(n%11))<<20
		out = append(out, r)
	}
	return out
}

var benchmarks = []struct {
	name     string
	requests []*Request
}{
	{"spread(zone),spread(instance)", []*Request{asking(1, "", overZones, overInstances)}},
	{"binpack(memory)", []*Request{asking(1, "", packMemory)}},
	{"spread(zone),binpack(memory)", []*Request{asking(1, "", overZones, packMemory)}},
	{"random", []*Request{asking(1, "", Strategy{Type: Random})}},
	{"distinctInstance", []*Request{asking(1, "distinctInstance", overZones, overInstances)}},
	{"memberOf,attribute", []*Request{asking(1, "attribute:ecs.instance-type != c5.4xlarge", overZones, overInstances)}},
	{"memberOf,regex", []*Request{asking(1, `attribute:ecs.instance-type =~ [mr](5|6i)\..*`, overZones, overInstances)}},
	{"20_services", mixed()},
}

// BenchmarkPlace places a task and stops the oldest, on instances with half a task each where one is the most, with eight else.
func BenchmarkPlace(b *testing.B) {
	for _, bm := range benchmarks {
		for _, size := range []int{100, 1000, 5000} {
			for _, by := range []string{"engine", "scan"} {
				b.Run(fmt.Sprintf("%s/%d/%s", bm.name, size, by), func(b *testing.B) { benchmarkPlace(b, bm.requests, size, by == "scan") })
			}
		}
	}
}

func benchmarkPlace(b *testing.B, requests []*Request, size int, scanned bool) {
	f := fleetFor(size)
	type task struct {
		on *Instance
		of *Request
	}
	running := make([]task, 8*size)
	for _, r := range requests {
		if r.Constraints != nil && r.Constraints[0].Distinct {
			running = running[:size/2]
		}
	}
	for n := range running {
		r := requests[n%len(requests)]
		i, _ := f.Place(r)
		running[n] = task{i, r}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		t := &running[n%len(running)]
		f.Release(t.on, t.of)
		t.of = requests[n%len(requests)]
		if scanned {
			t.on = scan(f, t.of, uint64(n))
			f.Take(t.on, t.of)
		} else {
			t.on, _ = f.Place(t.of)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

// BenchmarkVictims takes half of 5,000 tasks.
func BenchmarkVictims(b *testing.B) {
	f := fleetFor(1000)
	r := asking(1, "", Strategy{Type: Random})
	var tasks []Task
	for n := range 5000 {
		i, _ := f.Place(r)
		tasks = append(tasks, healthy(strconv.Itoa(n), i))
	}
	for name, strategies := range map[string][]Strategy{"spread": nil, "binpack": {packMemory}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Victims(tasks, 2500, strategies, nil, 1)
			}
		})
	}
}

// BenchmarkIndex is what the first decision for a request costs more, and the first after an instance came.
func BenchmarkIndex(b *testing.B) {
	for _, bm := range benchmarks[:len(benchmarks)-1] {
		for _, size := range []int{100, 1000, 5000} {
			b.Run(fmt.Sprintf("%s/%d", bm.name, size), func(b *testing.B) {
				f := fleetFor(size)
				b.ReportAllocs()
				for b.Loop() {
					newIndex(f, bm.requests[0])
				}
			})
		}
	}
}
