// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/atomicfile"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cgroup"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/config"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/house"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// Edge is the component that serves cluster DNS and node ports.
const edge = "edge"

const houseNamespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// dwelling is a house as it is about to be built: its description, the files in it, and its cable.
type dwelling struct {
	name  string
	port  string
	spec  house.Spec
	files map[string][]byte
	// prepare runs before the house is built anew.
	prepare func() error
}

// incidental files follow the machine's name servers. A laptop that changes networks is no reason to restart nodes.
var incidental = []string{"resolv.conf", "Corefile"}

func cgroupName(index, node int) string { return fmt.Sprintf("lc%d-node-%d", index, node) }

// ensureHouse starts a house and plugs it in, unless it stands and is plugged in already.
func (c *Cluster) ensureHouse(d dwelling) (started bool, err error) {
	cmd, err := c.build(d)
	if err != nil {
		return false, err
	}
	bridge := network.BridgeName(c.Plan.Index)
	if !network.Plugged(bridge, d.port) {
		if err := c.halt(d.name, 0); err != nil {
			return false, err
		}
	}
	started, err = c.ensure(cmd)
	if err != nil || !started {
		return started, err
	}
	return true, network.Plug(bridge, d.port, c.records().Load(d.name).PID, house.Link, d.spec.Address.Addr())
}

// build writes the house's folder and returns the command that moves in.
func (c *Cluster) build(d dwelling) (process.Command, error) {
	dir := c.State.House(d.name)
	raw, err := json.MarshalIndent(d.spec, "", "  ")
	if err != nil {
		return process.Command{}, fmt.Errorf("describing house %s: %w", d.name, err)
	}
	inputs := [][]byte{raw}
	if err := atomicfile.Write(filepath.Join(dir, "house.json"), raw, 0o644); err != nil {
		return process.Command{}, err
	}
	for _, name := range sortedKeys(d.files) {
		if !slices.Contains(incidental, name) {
			inputs = append(inputs, d.files[name])
		}
		if err := atomicfile.Write(filepath.Join(dir, name), d.files[name], 0o600); err != nil {
			return process.Command{}, err
		}
	}
	return process.Command{
		Component:  d.name,
		Argv:       []string{"/proc/self/exe", "agent", "house", dir}, // this very program, wherever it was run from
		Inputs:     inputs,
		Log:        c.State.Log(d.name),
		Namespaces: houseNamespaces,
		Prepare:    d.prepare,
	}, nil
}

// frame is what all houses have in common.
func (c *Cluster) frame(hostname string, addr netip.Addr) house.Spec {
	var routes []house.Route
	for n := 1; n <= address.MaxRealNodes; n++ {
		if c.Plan.Node(n) != addr {
			routes = append(routes, house.Route{To: c.Plan.Pods(n), Via: c.Plan.Node(n)})
		}
	}
	return house.Spec{
		Hostname: hostname,
		Address:  netip.PrefixFrom(addr, c.Plan.Links().Bits()),
		Gateway:  c.Plan.Host(),
		MTU:      network.MTU(),
		Routes:   routes,
		Sysctls: []house.Sysctl{
			{Path: "net/ipv4/ip_forward", Value: "1"},
			{Path: "net/ipv4/conf/all/rp_filter", Value: "0"},
			{Path: "net/ipv4/conf/default/rp_filter", Value: "0"},
		},
		Binds: []house.Bind{
			{From: filepath.Dir(c.programs.Path("kubelet")), To: house.Programs + "/kubernetes"},
			{From: filepath.Dir(c.programs.Path(coreDNS)), To: house.Programs + "/coredns"},
			{From: c.State.Logs(), To: house.Logs},
		},
		Own: []string{"/var/lib", "/var/log"},
	}
}

func (c *Cluster) service(name, where string, argv ...string) house.Service {
	s := house.Service{Name: name, Argv: argv, Log: fmt.Sprintf("%s/%s-%s.log", house.Logs, name, where)}
	if name != "containerd" {
		s.After = c.Server() + "/readyz"
	}
	return s
}

func (c *Cluster) proxyService(where string) house.Service {
	return c.service("kube-proxy", where, house.Programs+"/kubernetes/kube-proxy", "--config="+house.Root+"/kube-proxy.json")
}

// proxyFiles configure a kube-proxy that acts for the named node.
func (c *Cluster) proxyFiles(node string) (map[string][]byte, error) {
	kubeconfig, err := c.kubeconfigFor(proxyUser)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"kube-proxy.kubeconfig": kubeconfig,
		"kube-proxy.json":       config.KubeProxy(house.Root+"/kube-proxy.kubeconfig", node, c.Plan.RealPods()),
		"resolv.conf":           config.Resolver(upstreams()),
	}, nil
}

// edgeHouse serves DNS and node ports. Its kube-proxy acts for the first node, since one that acts for none waits half a minute.
func (c *Cluster) edgeHouse() (dwelling, error) {
	files, err := c.proxyFiles(c.Options.realNode(1))
	if err != nil {
		return dwelling{}, err
	}
	dns, err := c.kubeconfigFor(coreDNS)
	if err != nil {
		return dwelling{}, err
	}
	files["coredns.kubeconfig"] = dns
	files["Corefile"] = config.Corefile(c.Plan.Edge(), house.Root+"/coredns.kubeconfig", upstreams())
	spec := c.frame(c.Options.Name+"-edge", c.Plan.Edge())
	spec.Services = []house.Service{
		c.proxyService(edge),
		c.service(coreDNS, edge, house.Programs+"/coredns/coredns", "-conf", house.Root+"/Corefile"),
	}
	return dwelling{name: edge, port: network.EdgePort(c.Plan.Index), spec: spec, files: files}, nil
}

// upstreams are the machine's own name servers, those that a house can reach.
func upstreams() []netip.Addr {
	var files [][]byte
	for _, f := range []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"} {
		if raw, err := os.ReadFile(f); err == nil {
			files = append(files, raw)
		}
	}
	return config.Upstreams(files...)
}

// stopNode is a power cut: the kernel ends all that is in the house.
func (c *Cluster) stopNode(n int) error {
	if err := c.halt(c.Options.realNode(n), 0); err != nil {
		return err
	}
	return cgroup.Remove(cgroupName(c.Plan.Index, n))
}

func mib(n int) string { return fmt.Sprintf("%dMi", max(0, n)) }

func labels(pairs ...string) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, pairs[i]+"="+pairs[i+1])
	}
	return strings.Join(all, ",")
}
