// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
)

type rule struct {
	table, chain string
	match        []string
}

func comment(index int) string { return fmt.Sprintf("ecs-localcluster:%d", index) }

// rules are all that a cluster adds to the machine's firewall.
func rules(p address.Plan) []rule {
	bridge, network := BridgeName(p.Index), p.Network().String()
	ports := strings.ReplaceAll(p.NodePorts().String(), "-", ":")
	all := []rule{
		// 127.0.0.1:<node port> goes to the edge, which knows the endpoints. The kernel does it: no proxy that could drop a connection.
		{"nat", "OUTPUT", []string{"-d", "127.0.0.1/32", "-p", "tcp", "--dport", ports, "-j", "DNAT", "--to-destination", p.Edge().String()}},
		{"nat", "OUTPUT", []string{"-d", "127.0.0.1/32", "-p", "udp", "--dport", ports, "-j", "DNAT", "--to-destination", p.Edge().String()}},
		{"nat", "POSTROUTING", []string{"-s", "127.0.0.0/8", "-o", bridge, "-j", "MASQUERADE"}},
		// Houses reach the outside, for image pulls.
		{"nat", "POSTROUTING", []string{"-s", network, "!", "-d", network, "!", "-o", bridge, "-j", "MASQUERADE"}},
		// Firewalls that drop by default (Docker's, ufw's) must let the bridge be.
		{"filter", "FORWARD", []string{"-i", bridge, "-j", "ACCEPT"}},
		{"filter", "FORWARD", []string{"-o", bridge, "-j", "ACCEPT"}},
		{"filter", "INPUT", []string{"-i", bridge, "-j", "ACCEPT"}},
	}
	for i := range all {
		all[i].match = append(all[i].match, "-m", "comment", "--comment", comment(p.Index))
	}
	return all
}

// EnsureRules puts each rule first in its chain, once.
func EnsureRules(p address.Plan) error {
	for _, r := range rules(p) {
		if iptables(r.table, "-C", r.chain, r.match) == nil {
			continue
		}
		if err := iptables(r.table, "-I", r.chain, r.match); err != nil {
			return err
		}
	}
	return nil
}

// RemoveRules deletes every rule that carries the cluster's comment.
func RemoveRules(index int) error {
	var errs []error
	for _, table := range []string{"nat", "filter"} {
		saved, err := exec.Command("iptables-save", "-t", table).Output()
		if errors.Is(err, exec.ErrNotFound) {
			return nil // without iptables we never added any
		}
		if err != nil {
			return fmt.Errorf("listing firewall rules: %w", err)
		}
		for _, r := range tagged(table, string(saved), comment(index)) {
			errs = append(errs, iptables(table, "-D", r.chain, r.match))
		}
	}
	return errors.Join(errs...)
}

// tagged picks the rules with the comment out of what iptables-save prints.
func tagged(table, saved, comment string) []rule {
	var found []rule
	for line := range strings.Lines(saved) {
		fields := strings.Fields(strings.ReplaceAll(line, `"`, ""))
		if len(fields) < 3 || fields[0] != "-A" {
			continue
		}
		for i := range fields[:len(fields)-1] {
			if fields[i] == "--comment" && fields[i+1] == comment {
				found = append(found, rule{table: table, chain: fields[1], match: fields[2:]})
				break
			}
		}
	}
	return found
}

func iptables(table, action, chain string, match []string) error {
	args := append([]string{"-w", "-t", table, action, chain}, match...)
	if out, err := exec.Command("iptables", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("iptables %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
