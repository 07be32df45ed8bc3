// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// uniform are n instances of three zones with that much room.
func uniform(n int, room int64) *Fleet {
	var all []*Instance
	for k := range n {
		i := in(string(rune('a'+k%3)), fmt.Sprintf("i%03d", k))
		i.Free = Resources{MilliCPU: room, Memory: room, Pods: 100}
		all = append(all, i)
	}
	return NewFleet(all)
}

func TestSpreadIsEvenWithinOneOverZonesAndOverInstancesOfAZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := uniform(rapid.IntRange(3, 20).Draw(t, "instances"), 1000)
		r := &Request{Group: "service:web", Needs: Resources{MilliCPU: 1, Memory: 1, Pods: 1}, Strategies: DefaultOfServices, Seed: rapid.Uint64().Draw(t, "seed")}
		var on []*Instance
		for range rapid.IntRange(1, 150).Draw(t, "tasks") {
			if len(on) > 0 && rapid.IntRange(0, 9).Draw(t, "one stops") == 0 {
				var tasks []Task
				for n, i := range on {
					tasks = append(tasks, healthy(strconv.Itoa(n), i))
				}
				victim := Victims(tasks, 1, r.Strategies, nil, r.Seed)[0]
				f.Release(on[victim], r)
				on = append(on[:victim], on[victim+1:]...)
				continue
			}
			i, refusal := f.Place(r)
			if refusal != nil {
				t.Fatalf("refused: %+v", refusal)
			}
			on = append(on, i)
		}
		zones := map[string][]int{}
		all := map[string]int{}
		for _, i := range f.Instances() {
			zone := i.Facts.Attributes[zoneAttribute]
			zones[zone] = append(zones[zone], i.Tasks[r.Group])
			all[zone] += i.Tasks[r.Group]
		}
		var sums []int
		for zone, counts := range zones {
			if skew(counts) > 1 {
				t.Fatalf("zone %s: %v", zone, counts)
			}
			sums = append(sums, all[zone])
		}
		if skew(sums) > 1 {
			t.Fatalf("zones: %v", all)
		}
	})
}

func skew(counts []int) int {
	least, most := counts[0], counts[0]
	for _, n := range counts {
		least, most = min(least, n), max(most, n)
	}
	return most - least
}

// On equal instances binpack begins one only when the task fits on none that has tasks: tasks of one size use no more than they must, and
// of any sizes no more than twice that.
func TestBinpackBeginsAnInstanceOnlyWhenItHasTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const room = 100
		f := uniform(60, room)
		sum, largest, smallest := int64(0), int64(0), int64(room)
		requests := map[int64]*Request{}
		for range rapid.IntRange(1, 60).Draw(t, "tasks") {
			size := int64(rapid.SampledFrom([]int{7, 20, 20, 33, 50, 64}).Draw(t, "size"))
			if requests[size] == nil {
				requests[size] = &Request{Group: "service:web", Needs: Resources{Memory: size}, Strategies: []Strategy{packMemory}}
			}
			fit := false
			for _, i := range f.Instances() {
				fit = fit || len(i.Facts.TaskGroups) > 0 && i.Free.Memory >= size
			}
			chosen, _ := f.Place(requests[size])
			if chosen == nil || fit != (chosen.Facts.RunningTasksCount > 1) {
				t.Fatalf("%v was begun though the task fits on another, or there was none", chosen)
			}
			sum, largest, smallest = sum+size, max(largest, size), min(smallest, size)
		}
		used := int64(0)
		for _, i := range f.Instances() {
			if len(i.Facts.TaskGroups) > 0 {
				used++
			}
		}
		fewest := (sum + room - 1) / room
		if largest == smallest {
			fewest = (sum/largest + room/largest - 1) / (room / largest)
		}
		if largest == smallest && used != fewest || used > 2*fewest {
			t.Fatalf("%d instances used, at least %d are needed", used, fewest)
		}
	})
}

func TestBinpackUsesNoMoreInstancesThanFirstFit(t *testing.T) {
	for size := int64(1); size <= 100; size++ {
		f, r := uniform(30, 100), &Request{Group: "service:web", Needs: Resources{MilliCPU: size, Memory: size}, Strategies: []Strategy{{Binpack, "cpu"}}}
		first := make([]int64, 30)
		for range 30 {
			f.Place(r)
			for k := range first {
				if first[k]+size <= 100 {
					first[k] += size
					break
				}
			}
		}
		used, want := 0, 0
		for k, i := range f.Instances() {
			used += min(1, i.Facts.RunningTasksCount)
			want += int(min(1, first[k]))
		}
		if used > want {
			t.Errorf("tasks of %d: %d instances, first fit uses %d", size, used, want)
		}
	}
}

// Chi-square over 24 instances, 23 degrees of freedom; spread has a fuller zone beside theirs. 49.73 is exceeded once in a thousand, and the seeds are fixed.
func TestRandomIsEven(t *testing.T) {
	for name, strategies := range map[string][]Strategy{
		"random alone":                           {{Type: Random}},
		"nothing, as of RunTask":                 nil,
		"random within what spread keeps":        {overZones, {Type: Random}},
		"random, whatever comes behind":          {{Type: Random}, packMemory},
		"ties of binpack, which are all of them": {packMemory},
	} {
		for _, seed := range []uint64{0, 1, 1 << 40} {
			t.Run(fmt.Sprint(name, ", seed ", seed), func(t *testing.T) {
				var all []*Instance
				for k := range 24 {
					i := in(string(rune('a'+k%2)), fmt.Sprintf("i%03d", k))
					i.Free = Resources{Memory: 10}
					all = append(all, i)
				}
				if len(strategies) == 2 && strategies[0].Type == Spread {
					for k := range 6 {
						i := in("c", fmt.Sprintf("j%03d", k))
						i.Free, i.Tasks = Resources{Memory: 5}, map[string]int{"service:web": 9}
						all = append(all, i)
					}
				}
				f, r := NewFleet(all), &Request{Group: "service:web", Needs: Resources{Memory: 1}, Strategies: strategies, Seed: seed}
				const draws = 24 * 200
				counts := map[string]int{}
				for range draws {
					i, _ := f.Place(r)
					counts[i.Name]++
					f.Release(i, r)
				}
				square := 0.0
				for k := range 24 {
					d := float64(counts[fmt.Sprintf("i%03d", k)] - draws/24)
					square += d * d / (draws / 24)
				}
				if square > 49.73 {
					t.Errorf("chi-square is %.1f: %v", square, counts)
				}
			})
		}
	}
}

func TestPlace(t *testing.T) {
	zone, rack := in("a", "zoned"), in("", "other")
	zone.Free, rack.Free = Resources{Memory: 2}, Resources{Memory: 9}
	f := NewFleet([]*Instance{zone, rack})
	r := &Request{Group: "service:web", Needs: Resources{Memory: 1}, Strategies: DefaultOfServices}
	var got []string
	for range 3 {
		i, _ := f.Place(r)
		got = append(got, i.Name)
	}
	if diff := cmp.Diff([]string{"zoned", "zoned", "other"}, got); diff != "" {
		t.Error("an instance without the attribute is for when nothing else is left:", diff)
	}
	if zone.Facts.RunningTasksCount != 2 || !cmp.Equal(zone.Facts.TaskGroups, []string{"service:web"}) {
		t.Errorf("facts: %+v", zone.Facts)
	}
}

func TestAnIndexThatMissedManyChangesLooksAtAll(t *testing.T) {
	f := uniform(9, 1000)
	waiting, busy := &Request{Group: "service:a", Needs: Resources{Memory: 600}, Strategies: DefaultOfServices}, &Request{Group: "service:b", Needs: Resources{Memory: 1, MilliCPU: 1}}
	f.Place(waiting)
	for n := range 9 * 401 {
		i, _ := f.Place(busy)
		if i == nil {
			t.Fatalf("task %d has no place", n)
		}
		if i.Free.Memory < 0 {
			t.Fatal("below 0")
		}
		if i.Free.MilliCPU == 0 {
			break
		}
	}
	if f.forgotten == 0 {
		t.Fatal("nothing was forgotten")
	}
	for _, i := range f.Instances() {
		for i.Free.Memory >= 600 {
			f.Take(i, busy)
		}
	}
	if i, refusal := f.Place(waiting); i != nil || refusal.Reasons[ReasonMemory] != 9 {
		t.Errorf("got %v, %+v", i, refusal)
	}
}

func TestIndexesAreDroppedWhenThereAreMany(t *testing.T) {
	f := uniform(keptEntries/10, 100)
	for n := range 30 {
		if i, _ := f.Place(&Request{Group: strconv.Itoa(n), Needs: Resources{Memory: 1}}); i == nil {
			t.Fatal("no place")
		}
	}
	if len(f.indexes) > 9 {
		t.Errorf("%d indexes", len(f.indexes))
	}
}
