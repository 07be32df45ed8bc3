// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"slices"
	"testing"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
)

func TestNodeChanges(t *testing.T) {
	o := DefaultOptions()
	o.Real, o.Simulated = 1, 2
	c := &Cluster{Facts: Facts{Options: o}}
	create, remove := c.nodeChanges([]kubeapi.Node{
		{Name: "local-node-1"}, {Name: "local-node-2"}, {Name: "local-sim-1"}, {Name: "local-sim-9"}, {Name: "somebody-elses"},
	})
	if len(create) != 1 || create[0].Name != "local-sim-2" || create[0].Zone != "zone-b" {
		t.Errorf("creates %v", create)
	}
	if !slices.Equal(remove, []string{"local-node-2", "local-sim-9"}) {
		t.Errorf("removes %v", remove)
	}
}

func TestNodesBeatFasterThanTheyAreMissed(t *testing.T) {
	for _, grace := range []time.Duration{0, 4 * time.Second, 20 * time.Second, time.Minute} {
		for _, simulated := range []int{0, 100} {
			o := DefaultOptions()
			o.NodeMonitorGrace, o.Simulated = grace, simulated
			for kind, lease := range map[string]int{"real": o.leaseSeconds(), "simulated": o.simulatedLeaseSeconds()} {
				if beat := time.Duration(lease) * time.Second / 4; 2*beat > o.monitorGrace() {
					t.Errorf("grace %s: %s nodes renew each %s", o.monitorGrace(), kind, beat)
				}
			}
		}
	}
}

func TestAddingSimulatedNodesLeavesRealOnesAsTheyAre(t *testing.T) {
	with := DefaultOptions()
	with.Simulated = 500
	if with.leaseSeconds() != DefaultOptions().leaseSeconds() {
		t.Error("the kubelets' configuration changed")
	}
}

func TestValidate(t *testing.T) {
	bad := map[string]func(*Options){
		"too many real nodes": func(o *Options) { o.Real = 17 },
		"fewer than none":     func(o *Options) { o.Simulated = -1 },
		"no zone":             func(o *Options) { o.Zones = nil },
		"burst below QPS":     func(o *Options) { o.Burst = 1 },
	}
	for name, spoil := range bad {
		o := DefaultOptions()
		spoil(&o)
		if o.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := DefaultOptions().validate(); err != nil {
		t.Error(err)
	}
}

func TestReservedMemoryLeavesWhatWasAskedFor(t *testing.T) {
	const gi = 1024 * 1024
	if got := reservedMemory(24*gi, 8192); got != "16726016Ki" { // (24576 - 8192 - 50) MiB
		t.Errorf("got %s", got)
	}
	if got := reservedMemory(4*gi, 8192); got != "0Ki" {
		t.Errorf("a small machine: got %s", got)
	}
}
