// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package address lays out the addresses of a cluster. Each cluster owns one /16 and a range of node ports;
// everything else follows from the cluster's index and that /16, so two clusters can't collide and nothing needs to be asked twice.
//
// Worked example, index 0 on a machine where 10.210.0.0/16 is free:
//
//	10.210.0.1        the host, on the cluster's bridge: apiserver, etcd
//	10.210.0.2        the edge: cluster DNS, node ports, the way to cluster IPs
//	10.210.0.11       real node 1
//	10.210.16.10      cluster DNS as pods see it, in 10.210.16.0/20 for services
//	10.210.64.0/18    pods of simulated nodes
//	10.210.128.0/24   pods of real node 1, in 10.210.128.0/17
package address

import (
	"fmt"
	"net/netip"
)

const (
	// MaxClusters that can live on one machine.
	MaxClusters = 16
	// MaxRealNodes of one cluster.
	MaxRealNodes = 16

	firstOctet, lastOctet = 210, 250
)

// Plan is the address layout of one cluster.
type Plan struct {
	Index int `json:"index"`
	Octet int `json:"octet"` // the second byte of 10.x.0.0/16
}

// Choose picks the first free /16 at or after the one that the index prefers.
func Choose(index int, taken []netip.Prefix) (Plan, error) {
	span := lastOctet - firstOctet + 1
	for i := range span {
		p := Plan{Index: index, Octet: firstOctet + (index+i)%span}
		if free(p.Network(), taken) {
			return p, nil
		}
	}
	return Plan{}, fmt.Errorf("no free network among 10.%d.0.0/16 to 10.%d.0.0/16: the machine's routes cover them all", firstOctet, lastOctet)
}

func free(want netip.Prefix, taken []netip.Prefix) bool {
	for _, t := range taken {
		if t.Bits() > 0 && t.Overlaps(want) { // a default route covers everything and takes nothing
			return false
		}
	}
	return true
}

func (p Plan) addr(c, d int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(p.Octet), byte(c), byte(d)})
}

func (p Plan) prefix(c, bits int) netip.Prefix { return netip.PrefixFrom(p.addr(c, 0), bits) }

// Network is all that the cluster owns.
func (p Plan) Network() netip.Prefix { return p.prefix(0, 16) }

// Links is the network of the bridge: host, edge, real nodes.
func (p Plan) Links() netip.Prefix { return p.prefix(0, 24) }

// Host is the machine's own address on the bridge.
func (p Plan) Host() netip.Addr { return p.addr(0, 1) }

// Edge is the address of the namespace that serves DNS and node ports.
func (p Plan) Edge() netip.Addr { return p.addr(0, 2) }

// Node is the address of a real node, counted from 1.
func (p Plan) Node(n int) netip.Addr { return p.addr(0, 10+n) }

// Services is the range of cluster IPs.
func (p Plan) Services() netip.Prefix { return p.prefix(16, 20) }

// Kubernetes is the cluster IP of the apiserver.
func (p Plan) Kubernetes() netip.Addr { return p.addr(16, 1) }

// DNS is the cluster IP of the cluster's DNS.
func (p Plan) DNS() netip.Addr { return p.addr(16, 10) }

// SimulatedPods is where KWOK takes pod addresses from.
func (p Plan) SimulatedPods() netip.Prefix { return p.prefix(64, 18) }

// RealPods covers the pods of all real nodes.
func (p Plan) RealPods() netip.Prefix { return p.prefix(128, 17) }

// Pods is the pod range of one real node, counted from 1.
func (p Plan) Pods(n int) netip.Prefix { return p.prefix(127+n, 24) }

// PortRange is an inclusive range of ports.
type PortRange struct{ First, Last int }

func (r PortRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

// NodePorts are all on 127.0.0.1 of one machine, so each cluster has its own: the first the range every Kubernetes has,
// the others a thousand each below it. Ports above 32767 are what the kernel gives to outgoing connections.
func (p Plan) NodePorts() PortRange {
	if p.Index == 0 {
		return PortRange{30000, 32767}
	}
	first := 30000 - 1000*p.Index
	return PortRange{first, first + 999}
}
