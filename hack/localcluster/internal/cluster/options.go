// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
)

// Auto as a number of real nodes means two where they can be had and none elsewhere.
const Auto = -1

// Options are what a user decides. They are remembered: a later `up` changes only what it is told to.
type Options struct {
	Name      string `json:"name"`
	Real      int    `json:"real"`
	Simulated int    `json:"simulated"`

	Zones        []string `json:"zones"`
	Region       string   `json:"region"`
	InstanceType string   `json:"instanceType"`
	NodeCPU      int      `json:"nodeCPU"`      // cores
	NodeMemory   int      `json:"nodeMemoryMi"` // MiB

	// QPS and Burst are the client limits of controller manager and scheduler.
	QPS   int `json:"kubeAPIQPS"`
	Burst int `json:"kubeAPIBurst"`

	// NodeMonitorGrace is how long a silent node stays Ready; zero means 16 s, and 40 s (Kubernetes' own, nearly) with simulated nodes.
	NodeMonitorGrace time.Duration `json:"nodeMonitorGrace"`
	// Toleration is how many seconds pods stay on a node that is not ready or unreachable.
	Toleration int  `json:"toleration"`
	AuditReads bool `json:"auditReads"`
}

// DefaultOptions is a small cluster that notices a lost node quickly.
func DefaultOptions() Options {
	return Options{
		Name:         "local",
		Real:         Auto,
		Zones:        []string{"zone-a", "zone-b", "zone-c"},
		Region:       "local",
		InstanceType: "m5.large",
		NodeCPU:      2,
		NodeMemory:   8192,
		QPS:          1000,
		Burst:        2000,
		Toleration:   10,
	}
}

func (o Options) validate() error {
	switch {
	case o.Real > address.MaxRealNodes:
		return fmt.Errorf("--real %d: at most %d real nodes", o.Real, address.MaxRealNodes)
	case o.Real < Auto || o.Simulated < 0:
		return errors.New("a number of nodes can't be negative")
	case o.Simulated > 16000:
		return errors.New("--simulated: at most 16000 nodes")
	case len(o.Zones) == 0:
		return errors.New("--zones: at least one zone")
	case o.QPS <= 0 || o.Burst < o.QPS:
		return errors.New("--kube-api-burst must be at least --kube-api-qps, and both positive")
	}
	return nil
}

func (o Options) monitorGrace() time.Duration {
	switch {
	case o.NodeMonitorGrace > 0:
		return o.NodeMonitorGrace
	case o.Simulated > 0:
		return 40 * time.Second
	default:
		return 16 * time.Second
	}
}

// leaseSeconds makes a real node renew its lease, which it does every quarter of this, four times within the grace period.
// It doesn't follow the grace period upwards: real nodes shall not restart because simulated ones were added.
func (o Options) leaseSeconds() int {
	if o.NodeMonitorGrace > 0 {
		return min(16, max(4, int(o.NodeMonitorGrace/time.Second)))
	}
	return 16
}

// simulatedLeaseSeconds is the same for simulated nodes, of which there may be so many that renewals are a load.
func (o Options) simulatedLeaseSeconds() int {
	return max(4, int(o.monitorGrace()/time.Second))
}

// zone spreads nodes, counted from 1, over the zones.
func (o Options) zone(n int) string { return o.Zones[(n-1)%len(o.Zones)] }

func (o Options) realNode(n int) string { return fmt.Sprintf("%s-node-%d", o.Name, n) }

func (o Options) simulatedNode(n int) string { return fmt.Sprintf("%s-sim-%d", o.Name, n) }
