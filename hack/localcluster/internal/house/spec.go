// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package house is the inside of a real node: a small first process in PID, mount, network, IPC and UTS namespaces of its own.
// It runs containerd, kubelet and kube-proxy and starts them again when they die. When it is killed the kernel ends
// everything in the house with it: containers, mounts, network. So `node stop` is as abrupt as pulling a plug, and nothing is left behind.
// The edge of a cluster, which serves DNS and node ports, is a house with other programs in it.
package house

import "net/netip"

// Where a house sees things, wherever they are outside.
const (
	Root     = "/run/house" // its own folder in the state
	Programs = "/run/bin"   // the cached binaries, a folder per module
	Logs     = "/run/logs"  // the logs folder of the state
)

// Spec is all that the first process needs to know. It is stored as house.json in the house's folder.
type Spec struct {
	Hostname string       `json:"hostname"`
	Address  netip.Prefix `json:"address"`
	Gateway  netip.Addr   `json:"gateway"`
	MTU      int          `json:"mtu"`
	Routes   []Route      `json:"routes"`
	Sysctls  []Sysctl     `json:"sysctls"`
	// Binds are folders from outside that the house sees under /run.
	Binds []Bind `json:"binds"`
	// Own are folders of the machine that the house has a private copy of, kept in its own folder.
	Own []string `json:"own"`
	// Setup runs once, in order, when the network is there.
	Setup    [][]string `json:"setup"`
	Services []Service  `json:"services"`
}

// Route leads to a network by way of a neighbour.
type Route struct {
	To  netip.Prefix `json:"to"`
	Via netip.Addr   `json:"via"`
}

// Sysctl is a path below /proc/sys and the value it gets.
type Sysctl struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// Bind shows an outside folder under /run.
type Bind struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Service is a program that is kept running.
type Service struct {
	Name string   `json:"name"`
	Argv []string `json:"argv"`
	Log  string   `json:"log"` // as the house sees it
	// After is a URL that must answer 200 before the first start; empty means at once.
	After string `json:"after,omitempty"`
}
