// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package config renders the configuration files of a cluster's programs. Everything here is pure.
package config

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

type object map[string]any

// indent prints JSON, which every reader of YAML takes. The objects hold plain values, so it can't fail.
func indent(o object) []byte {
	raw, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("rendering plain values: %v", err))
	}
	return append(raw, '\n')
}

func document(version, kind string, fields object) []byte {
	fields["apiVersion"], fields["kind"] = version, kind
	return indent(fields)
}

// Scheduler renders the scheduler's configuration.
func Scheduler(kubeconfig string, qps, burst int) []byte {
	return document("kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration", object{
		"clientConnection": object{"kubeconfig": kubeconfig, "qps": qps, "burst": burst},
		"leaderElection":   object{"leaderElect": false},
	})
}

// Audit renders the audit policy: who wrote what, without bodies. Reads are logged too if asked for.
// What nodes and the control plane say about themselves all day is left out.
func Audit(reads bool) []byte {
	rules := []object{
		{"level": "None", "userGroups": []string{"system:nodes"}},
		{"level": "None", "users": []string{
			"kwok", "metrics-server", "coredns", "system:kube-proxy",
			"system:kube-controller-manager", "system:kube-scheduler", "system:apiserver",
		}},
		{"level": "None", "userGroups": []string{"system:serviceaccounts:kube-system"}},
		{"level": "None", "nonResourceURLs": []string{"/*"}},
	}
	if !reads {
		rules = append(rules, object{"level": "None", "verbs": []string{"get", "list", "watch"}})
	}
	return document("audit.k8s.io/v1", "Policy", object{
		"omitStages": []string{"RequestReceived"},
		"rules":      append(rules, object{"level": "Metadata"}),
	})
}

// Resolver renders a resolv.conf.
func Resolver(servers []netip.Addr) []byte {
	var b strings.Builder
	for _, s := range servers {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	return []byte(b.String())
}

// Upstreams picks the name servers out of resolv.conf files that can be reached from another network namespace:
// a resolver on a loopback address can't. The first file that has one wins.
func Upstreams(files ...[]byte) []netip.Addr {
	for _, content := range files {
		var found []netip.Addr
		for line := range strings.Lines(string(content)) {
			fields := strings.Fields(line)
			if len(fields) < 2 || fields[0] != "nameserver" {
				continue
			}
			addr, err := netip.ParseAddr(fields[1])
			if err == nil && addr.Is4() && !addr.IsLoopback() && !slices.Contains(found, addr) {
				found = append(found, addr)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
