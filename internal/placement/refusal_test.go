// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestARefusalSaysWhatTheClosestInstanceLacked(t *testing.T) {
	const sentence = "was unable to place a task because no container instance met all of its requirements."
	with := func(name string, free Resources, changes ...func(*Instance)) *Instance {
		i := in("a", name)
		i.Free = free
		for _, change := range changes {
			change(i)
		}
		return i
	}
	draining := func(i *Instance) { i.Active = false }
	lost := func(i *Instance) { i.Facts.AgentConnected = false }
	full := Resources{MilliCPU: 1000, Memory: 1 << 30, GPU: 1, Pods: 10, Other: map[string]int64{"ephemeral-storage": 10}}
	needs := Resources{MilliCPU: 500, Memory: 512 << 20, Pods: 1}
	for name, tc := range map[string]struct {
		instances []*Instance
		request   Request
		want      string
	}{
		"no instances": {nil, Request{Needs: needs}, sentence + " Reason: No Container Instances were found in your cluster."},
		"memory, on the one that lacks least of it": {
			[]*Instance{with("b", Resources{MilliCPU: 1000, Memory: 100 << 20, Pods: 1}), with("c", Resources{MilliCPU: 1000, Memory: 500 << 20, Pods: 1}), with("a", full, lost)},
			Request{Needs: needs},
			sentence + " The closest matching (container-instance c) has insufficient memory available. 3 instances: 2 RESOURCE:MEMORY, 1 AGENT; c: needs 512 MiB, 500 are left.",
		},
		"CPU, though memory is short, too": {
			[]*Instance{with("a", Resources{MilliCPU: 100, Pods: 1})}, Request{Needs: needs},
			sentence + " The closest matching (container-instance a) has insufficient CPU units available. 1 instance: 1 RESOURCE:CPU; a: needs 512 CPU units, 102 are left.",
		},
		"little of one is closer than all of it and of another": {
			[]*Instance{with("a", Resources{MilliCPU: 499, Memory: 1, Pods: 1}), with("b", Resources{MilliCPU: 1000, Memory: 1, Pods: 1})}, Request{Needs: needs},
			sentence + " The closest matching (container-instance b) has insufficient memory available. 2 instances: 1 RESOURCE:CPU, 1 RESOURCE:MEMORY; b: needs 512 MiB, 0 are left.",
		},
		"a port": {
			[]*Instance{with("a", full, func(i *Instance) { i.Ports = map[Port]bool{{80, false}: true, {53, true}: true} })},
			Request{Needs: needs, Ports: []Port{{80, false}, {53, true}, {443, false}}},
			sentence + " The closest matching (container-instance a) is already using a port required by your task. 1 instance: 1 RESOURCE:PORTS; a: 80/tcp, 53/udp.",
		},
		"an attribute that Kubernetes asks for": {
			[]*Instance{with("a", full)}, Request{Needs: needs, Filters: []Filter{{Keep: func(*Instance) bool { return false }, Reason: ReasonAttribute, Detail: "taint gpu=true:NoSchedule"}}},
			sentence + " The closest matching (container-instance a) is missing an attribute required by your task. 1 instance: 1 ATTRIBUTE; a: taint gpu=true:NoSchedule.",
		},
		"an agent that is lost is closer than an instance that drains": {
			[]*Instance{with("a", full, draining), with("b", full, lost)}, Request{Needs: needs},
			sentence + ` The closest matching (container-instance b) encountered error "AGENT". 2 instances: 1 AGENT, 1 INACTIVE.`,
		},
		"a constraint": {
			[]*Instance{with("a", full)}, Request{Needs: needs, Constraints: []Constraint{member("attribute:ecs.availability-zone == a"), member("attribute:gpu and runningTasksCount > 2")}},
			sentence + ` The closest matching (container-instance a) encountered error "MemberOf placement constraint unsatisfied.". 1 instance: 1 MemberOf placement constraint unsatisfied; a: attribute:gpu exists && runningTasksCount > 2.`,
		},
		"another task of the service, and room is looked for later": {
			[]*Instance{with("a", Resources{}, func(i *Instance) { i.Tasks = map[string]int{"service:web": 1} })}, Request{Group: "service:web", Needs: needs, Constraints: []Constraint{{Distinct: true}}},
			sentence + ` The closest matching (container-instance a) encountered error "DistinctInstance placement constraint unsatisfied.". 1 instance: 1 DistinctInstance placement constraint unsatisfied.`,
		},
		"a capacity provider": {
			[]*Instance{with("a", full)}, Request{Provider: "spot", Needs: needs},
			sentence + ` The closest matching (container-instance a) encountered error "CAPACITY_PROVIDER". 1 instance: 1 CAPACITY_PROVIDER; a: spot.`,
		},
		"GPUs": {
			[]*Instance{with("a", full)}, Request{Needs: Resources{GPU: 2}},
			sentence + ` The closest matching (container-instance a) encountered error "RESOURCE:GPU". 1 instance: 1 RESOURCE:GPU; a: needs 2, 1 are left.`,
		},
		"pods": {
			[]*Instance{with("a", Resources{})}, Request{Needs: Resources{Pods: 1}},
			sentence + ` The closest matching (container-instance a) encountered error "RESOURCE:PODS". 1 instance: 1 RESOURCE:PODS; a: runs as many pods as it may.`,
		},
		"another resource": {
			[]*Instance{with("a", full)}, Request{Needs: Resources{Other: map[string]int64{"ephemeral-storage": 11}}},
			sentence + ` The closest matching (container-instance a) encountered error "RESOURCE". 1 instance: 1 RESOURCE; a: ephemeral-storage: needs 11, 10 are left.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			i, refusal := NewFleet(tc.instances).Place(&tc.request)
			if refusal == nil {
				t.Fatalf("placed on %s", i.Name)
			}
			if diff := cmp.Diff(tc.want, refusal.Message()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatNeedsNothingFitsOnAnOvercommittedInstance(t *testing.T) {
	i := in("a", "i")
	i.Free = Resources{MilliCPU: -100, Memory: 10}
	if got, refusal := NewFleet([]*Instance{i}).Place(&Request{Needs: Resources{Memory: 10}}); got != i {
		t.Errorf("refused: %+v", refusal)
	}
}

func TestFailuresNameEachInstanceAndItsReason(t *testing.T) {
	a, b, c := in("a", "a"), in("a", "b"), in("a", "c")
	a.Active, b.Free.Memory = false, 5
	f := NewFleet([]*Instance{c, b, a})
	want := []Failure{{"a", ReasonInactive, ""}, {"c", ReasonMemory, "needs 0 MiB, 0 are left"}}
	if diff := cmp.Diff(want, f.Failures(&Request{Needs: Resources{Memory: 1}})); diff != "" {
		t.Error(diff)
	}
}
