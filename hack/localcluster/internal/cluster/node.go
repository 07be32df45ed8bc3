// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bufio"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cgroup"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/config"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/debian"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/house"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/pki"
)

// pauseImage is what every sandbox runs; it is loaded before the kubelet starts.
const pauseImage = "localcluster.invalid/pause:1"

// ensureNode starts the house of a real node.
func (c *Cluster) ensureNode(n int) (started bool, err error) {
	d, err := c.nodeHouse(n)
	if err != nil {
		return false, err
	}
	started, err = c.ensureHouse(d)
	if err != nil {
		return started, fmt.Errorf("starting %s: %w", d.name, err)
	}
	return started, nil
}

func (c *Cluster) nodeHouse(n int) (dwelling, error) {
	name, o := c.Options.realNode(n), c.Options
	files, err := c.nodeFiles(n)
	if err != nil {
		return dwelling{}, err
	}
	containerd, err := debian.Program("containerd")
	if err != nil {
		return dwelling{}, err
	}
	spec := c.frame(name, c.Plan.Node(n))
	// What leaves the cluster leaves with the node's address.
	spec.Setup = [][]string{{"iptables", "-w", "-t", "nat", "-A", "POSTROUTING",
		"-s", c.Plan.Pods(n).String(), "!", "-d", c.Plan.Network().String(), "-j", "MASQUERADE"}}
	spec.Services = []house.Service{
		c.service("containerd", name, containerd, "--config", house.Root+"/containerd.toml"),
		c.service("kubelet", name, house.Programs+"/kubernetes/kubelet",
			"--config="+house.Root+"/kubelet.json", "--kubeconfig="+house.Root+"/kubelet.kubeconfig",
			"--hostname-override="+name, "--node-ip="+c.Plan.Node(n).String(),
			"--node-labels="+labels(
				"topology.kubernetes.io/zone", o.zone(n),
				"topology.kubernetes.io/region", o.Region,
				"node.kubernetes.io/instance-type", o.InstanceType)),
		c.proxyService(name),
	}
	return dwelling{
		name: name, port: network.NodePort(c.Plan.Index, n), spec: spec, files: files,
		prepare: func() error { return freshGroup(cgroupName(c.Plan.Index, n)) },
	}, nil
}

// freshGroup makes a control group with none of the children that an earlier life of the node may have left:
// the kubelet would look three seconds for the container of each.
func freshGroup(name string) error {
	if err := cgroup.Remove(name); err != nil {
		return err
	}
	return cgroup.Ensure(name)
}

func (c *Cluster) nodeFiles(n int) (map[string][]byte, error) {
	name, o := c.Options.realNode(n), c.Options
	if err := c.ensureNodeCertificate(n); err != nil {
		return nil, err
	}
	files, err := c.proxyFiles(name)
	if err != nil {
		return nil, err
	}
	if files["kubelet.kubeconfig"], err = c.kubeconfigFor(name); err != nil {
		return nil, err
	}
	for file, from := range map[string]string{
		"ca.crt": c.pki().Cert(authority), "kubelet.crt": c.pki().Cert(name), "kubelet.key": c.pki().Key(name),
	} {
		if files[file], err = os.ReadFile(from); err != nil {
			return nil, fmt.Errorf("furnishing %s: %w", name, err)
		}
	}
	files["kubelet.json"] = config.Kubelet{
		CgroupRoot:     "/" + cgroupName(c.Plan.Index, n),
		DNS:            c.Plan.DNS(),
		ReservedCPU:    strconv.Itoa(max(0, runtime.NumCPU()-o.NodeCPU)),
		ReservedMemory: reservedMemory(machineMemory(), o.NodeMemory),
		LeaseSeconds:   o.leaseSeconds(),
		Folder:         house.Root,
	}.Render()
	registry, hosts := config.PlainRegistry(c.Plan.Host())
	files["registries/"+registry+"/hosts.toml"] = hosts
	files["containerd.toml"] = config.Containerd(pauseImage, house.Root+"/registries", debian.PluginFolder(), house.Root+"/cni", snapshotter(string(c.State)))
	files["cni/10-pods.conflist"] = config.CNI(c.Plan.Pods(n), network.MTU())
	return files, nil
}

func (c *Cluster) ensureNodeCertificate(n int) error {
	ca, err := c.pki().Authority(authority)
	if err != nil {
		return err
	}
	name := c.Options.realNode(n)
	return ca.Ensure(pki.Request{
		Name: name, User: "system:node:" + name, Groups: []string{"system:nodes"},
		DNS: []string{name}, IPs: []netip.Addr{c.Plan.Node(n)},
	})
}

func (c *Cluster) kubeconfigFor(user string) ([]byte, error) {
	file := c.State.Config(user + ".kubeconfig")
	if err := c.writeKubeconfig(file, user); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading back a kubeconfig: %w", err)
	}
	return raw, nil
}

// snapshotter avoids overlays on an overlay, which the kernel refuses: state folders inside a container get plain copies.
func snapshotter(state string) string {
	var fs unix.Statfs_t
	if unix.Statfs(state, &fs) == nil && fs.Type == unix.OVERLAYFS_SUPER_MAGIC {
		return "native"
	}
	return "overlayfs"
}

// reservedMemory is what a node must withhold so that exactly the wanted amount is left for pods: allocatable is capacity
// less what is reserved, less the eviction threshold. Example: 24 GiB, 8 GiB wanted, 50 MiB threshold: 16334 MiB reserved.
func reservedMemory(machineKi, wantedMi int) string {
	return fmt.Sprintf("%dKi", max(0, machineKi-(wantedMi+config.EvictionMi)*1024))
}

// machineMemory is the machine's memory in KiB.
func machineMemory() int {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 3 && fields[0] == "MemTotal:" {
			kib, _ := strconv.Atoi(fields[1])
			return kib
		}
	}
	return 0
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
