// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// member is a memberOf constraint.
func member(expression string) Constraint {
	e, err := query.Parse(expression)
	if err != nil {
		panic(err)
	}
	return Constraint{Member: e}
}

var expressions = []string{
	"attribute:zone == a", "attribute:zone != a", "attribute:rack =~ [xy]", "not(attribute:rack == x)", "runningTasksCount < 3", "task:group == service:two",
	"not(task:group == service:one)", "attribute:zone exists && runningTasksCount < 5", "attribute:zone == b || task:group =~ service:.*",
}

var strategies = []Strategy{
	{Spread, "attribute:zone"}, {Spread, "attribute:zone"}, {Spread, "attribute:rack"}, {Spread, "attribute:size"}, {Spread, InstanceID}, {Spread, "host"},
	{Binpack, "cpu"}, {Binpack, "memory"}, {Type: Random},
}

func drawRequest(t *rapid.T) *Request {
	small := func(name string, most int) int64 { return int64(rapid.IntRange(0, most).Draw(t, name)) }
	r := &Request{
		Group:      rapid.SampledFrom([]string{"service:one", "service:two", "family:three"}).Draw(t, "group"),
		Provider:   rapid.SampledFrom([]string{"", "", "", "p", "q"}).Draw(t, "provider"),
		Needs:      Resources{MilliCPU: small("cpu", 3), Memory: small("memory", 3), Pods: 1},
		Strategies: rapid.SliceOfN(rapid.SampledFrom(strategies), 0, 5).Draw(t, "strategies"),
		Seed:       rapid.Uint64().Draw(t, "seed"),
	}
	if rapid.IntRange(0, 3).Draw(t, "rare") == 0 {
		r.Needs.GPU, r.Needs.Other = small("gpu", 1), map[string]int64{"disk": small("disk", 3)}
		if n := rapid.IntRange(0, 2).Draw(t, "port"); n > 0 {
			r.Ports = []Port{{80, false}, {53, true}}[:n]
		}
	}
	for _, e := range rapid.SliceOfN(rapid.SampledFrom(expressions), 0, 2).Draw(t, "constraints") {
		if rapid.Bool().Draw(t, "counts") {
			r.Constraints = append(r.Constraints, member(e))
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "distinct") == 0 {
		r.Constraints = append(r.Constraints, Constraint{Distinct: true})
	}
	if rapid.IntRange(0, 4).Draw(t, "filter") == 0 {
		r.Filters = []Filter{{Keep: func(i *Instance) bool { return i.Facts.Attributes["size"] != "1" }, Reason: ReasonAttribute, Detail: "size is 1"}}
	}
	return r
}

// history is a fleet, the model of it, and what has been done to both.
type history struct {
	fleet    *Fleet
	model    *model
	requests []*Request
	tasks    []placed
	added    int
}

type placed struct {
	on string
	r  *Request
}

func (h *history) newInstance(t *rapid.T) *modelInstance {
	h.added++
	i := &modelInstance{name: fmt.Sprintf("i%02d", h.added)}
	change(t, i)
	return i
}

// change draws anew what may change of an instance while tasks run.
func change(t *rapid.T, i *modelInstance) {
	i.attrs = map[string]string{}
	if zone := rapid.SampledFrom([]string{"a", "b", "c", "a", "b", "c", ""}).Draw(t, "zone"); zone != "" {
		i.attrs["zone"] = zone
	}
	if rack := rapid.SampledFrom([]string{"x", "y", "z", "w", ""}).Draw(t, "rack"); rack != "" {
		i.attrs["rack"] = rack
	}
	size := int64(rapid.IntRange(1, 8).Draw(t, "size"))
	i.attrs["size"] = strconv.FormatInt(size, 10)
	i.active, i.connected = rapid.IntRange(0, 5).Draw(t, "active") > 0, rapid.IntRange(0, 5).Draw(t, "connected") > 0
	i.providers = rapid.SampledFrom([][]string{nil, {"p"}, {"p", "q"}}).Draw(t, "providers")
	i.has = Resources{MilliCPU: size, Memory: 9 - size/2, Pods: 6, GPU: size % 2, Other: map[string]int64{"disk": size}}
}

// fill makes an engine's instance say what the model's does.
func (i *modelInstance) fill(e *Instance) {
	e.Name, e.Active, e.Providers = i.name, i.active, i.providers
	e.Facts = query.Instance{AgentConnected: i.connected, Attributes: maps.Clone(i.attrs)}
	e.Free, e.Ports, e.Tasks = i.has.clone(), map[Port]bool{}, map[string]int{}
	for _, t := range i.tasks {
		e.Free.add(t.Needs, -1)
		e.Tasks[t.Group]++
		for _, p := range t.Ports {
			e.Ports[p] = true
		}
	}
}

func (i *modelInstance) engines() *Instance {
	e := &Instance{}
	i.fill(e)
	return e
}

func newHistory(t *rapid.T) *history {
	h := &history{model: &model{}}
	var all []*Instance
	for range rapid.IntRange(0, 8).Draw(t, "instances") {
		i := h.newInstance(t)
		h.model.instances, all = append(h.model.instances, i), append(all, i.engines())
	}
	h.fleet = NewFleet(all)
	for range rapid.IntRange(1, 4).Draw(t, "requests") {
		h.requests = append(h.requests, drawRequest(t))
	}
	return h
}

// step does one thing.
func (h *history) step(t *rapid.T) {
	kind := rapid.IntRange(0, 19).Draw(t, "what")
	if len(h.model.instances) == 0 && kind > 1 {
		kind = 19
	}
	switch {
	case kind <= 11:
		h.place(t, rapid.SampledFrom(h.requests).Draw(t, "request"))
	case kind <= 14:
		if len(h.tasks) > 0 {
			h.release(rapid.IntRange(0, len(h.tasks)-1).Draw(t, "task"))
		}
	case kind <= 16:
		i := rapid.SampledFrom(h.model.instances).Draw(t, "changed")
		change(t, i)
		e := h.fleet.Instance(i.name)
		i.fill(e)
		h.fleet.Update(e)
	case kind == 17:
		i := rapid.SampledFrom(h.model.instances).Draw(t, "removed")
		h.fleet.Remove(i.name)
		h.model.instances = slices.DeleteFunc(h.model.instances, func(other *modelInstance) bool { return other == i })
		h.tasks = slices.DeleteFunc(h.tasks, func(p placed) bool { return p.on == i.name })
	default:
		i := h.newInstance(t)
		h.model.instances = append(h.model.instances, i)
		h.fleet.Add(i.engines())
	}
}

func (h *history) release(n int) {
	p := h.tasks[n]
	h.tasks = slices.Delete(h.tasks, n, n+1)
	i := h.model.find(p.on)
	at := slices.Index(i.tasks, p.r)
	i.tasks = slices.Delete(i.tasks, at, at+1)
	h.fleet.Release(h.fleet.Instance(p.on), p.r)
}

// survivors are the instances that the engine chooses from.
func survivors(f *Fleet, r *Request) []string {
	x := f.index(r)
	var out []string
	for n := range x.trie.best() {
		out = append(out, f.slots[x.trie.pick(n)].Name)
	}
	slices.Sort(out)
	return out
}

func (h *history) place(t *rapid.T, r *Request) {
	want := h.model.ask(r)
	if diff := cmp.Diff(want.survivors, survivors(h.fleet, r)); diff != "" {
		t.Fatalf("the engine chooses from others (+): %s", diff)
	}
	chosen, refusal := h.fleet.Place(r)
	if chosen == nil {
		if len(want.survivors) > 0 || refusal.Instances != len(h.model.instances) || refusal.Closest != want.closest || !maps.Equal(refusal.Reasons, want.reasons) {
			t.Fatalf("refused as %+v, want %+v", refusal, want)
		}
		return
	}
	if !slices.Contains(want.survivors, chosen.Name) {
		t.Fatalf("%s was chosen, want one of %v", chosen.Name, want.survivors)
	}
	i := h.model.find(chosen.Name)
	i.tasks = append(i.tasks, r)
	h.tasks = append(h.tasks, placed{chosen.Name, r})
	for _, m := range measures {
		if m.of(r.Needs) > 0 && m.of(chosen.Free) < 0 {
			t.Fatalf("%s: %s went below 0", chosen.Name, m.reason)
		}
	}
}

func TestTheEngineChoosesFromWhatTheModelAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			h.step(t)
		}
		for _, r := range h.requests {
			h.place(t, r)
		}
		for _, i := range h.model.instances {
			want, got := i.engines(), h.fleet.Instance(i.name)
			want.count()
			for _, e := range []*Instance{want, got} {
				maps.DeleteFunc(e.Free.Other, func(_ string, n int64) bool { return n == 0 })
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Instance{})); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
