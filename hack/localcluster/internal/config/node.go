// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"fmt"
	"net/netip"
)

// EvictionMi is the free memory, in MiB, below which a kubelet evicts pods. It counts as not allocatable.
const EvictionMi = 50

// Kubelet is what differs between the kubelets of a cluster.
type Kubelet struct {
	CgroupRoot string
	DNS        netip.Addr
	// Reserved is withheld from pods, so that a node of a large machine looks like a small one.
	ReservedCPU    string
	ReservedMemory string
	LeaseSeconds   int
	// Folder holds ca.crt, kubelet.crt, kubelet.key and resolv.conf, as the kubelet sees them.
	Folder string
}

// Render writes the kubelet's configuration file.
func (k Kubelet) Render() []byte {
	return document("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", object{
		"address":                   "0.0.0.0",
		"port":                      10250,
		"tlsCertFile":               k.Folder + "/kubelet.crt",
		"tlsPrivateKeyFile":         k.Folder + "/kubelet.key",
		"authentication":            object{"anonymous": object{"enabled": false}, "webhook": object{"enabled": true}, "x509": object{"clientCAFile": k.Folder + "/ca.crt"}},
		"authorization":             object{"mode": "Webhook"},
		"containerRuntimeEndpoint":  "unix:///run/containerd/containerd.sock",
		"cgroupDriver":              "cgroupfs",
		"cgroupRoot":                k.CgroupRoot,
		"failCgroupV1":              false,
		"failSwapOn":                false,
		"clusterDNS":                []string{k.DNS.String()},
		"clusterDomain":             "cluster.local",
		"resolvConf":                k.Folder + "/resolv.conf",
		"systemReserved":            object{"cpu": k.ReservedCPU, "memory": k.ReservedMemory},
		"enforceNodeAllocatable":    []string{"pods"},
		"oomScoreAdj":               0, // lowering it needs a capability that containers and small machines lack
		"maxPods":                   110,
		"serializeImagePulls":       false,
		"volumePluginDir":           "/var/lib/kubelet/volumeplugins",
		"rotateCertificates":        false,
		"nodeLeaseDurationSeconds":  k.LeaseSeconds,
		"nodeStatusReportFrequency": "1m",
		"nodeStatusUpdateFrequency": "5s",
		// A shared disk that is nearly full must not empty the node.
		"evictionHard":                object{"memory.available": fmt.Sprintf("%dMi", EvictionMi), "nodefs.available": "1%", "nodefs.inodesFree": "1%", "imagefs.available": "1%"},
		"imageGCHighThresholdPercent": 100, // images were loaded by hand; nothing can pull them again
		"imageGCLowThresholdPercent":  99,
		"logging":                     object{"verbosity": 2},
	})
}

// KubeProxy renders the configuration of a node's (or the edge's) kube-proxy.
func KubeProxy(kubeconfig, hostname string, pods netip.Prefix) []byte {
	return document("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration", object{
		"mode":             "iptables",
		"hostnameOverride": hostname,
		"clusterCIDR":      pods.String(),
		"detectLocalMode":  "ClusterCIDR",
		"oomScoreAdj":      0,
		"clientConnection": object{"kubeconfig": kubeconfig},
		// The kernel's table is shared with the machine: leave its size alone.
		"conntrack": object{"maxPerCore": 0, "min": 0},
		// An endpoint that goes is out of the rules within this time.
		"iptables": object{"minSyncPeriod": "100ms"},
	})
}

// CNI renders the pod network of a node: a routed cable to each pod, no bridge between pods, so that every packet
// passes the node's rules, and host ports.
func CNI(pods netip.Prefix, mtu int) []byte {
	return indent(object{
		"cniVersion": "0.4.0",
		"name":       "pods",
		"plugins": []object{
			{
				"type":   "ptp",
				"ipMasq": false,
				"mtu":    mtu,
				"ipam": object{
					"type":    "host-local",
					"dataDir": "/run/cni-ipam", // in memory: after a crash no address stays taken
					"ranges":  [][]object{{{"subnet": pods.String()}}},
					"routes":  []object{{"dst": "0.0.0.0/0"}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	})
}

const containerd = `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = 0

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "%s"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "%s"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "%s"
  conf_dir = "%s"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "%s"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
`

// Containerd renders the configuration of a node's containerd. registries is the folder with a folder for each registry.
func Containerd(sandboxImage, registries, plugins, cni, snapshotter string) []byte {
	return fmt.Appendf(nil, containerd, sandboxImage, registries, plugins, cni, snapshotter)
}

// RegistryPort is where a registry on the machine may listen, at the address that nodes know the machine by, and speak plain HTTP.
const RegistryPort = 5000

// PlainRegistry is the address of that registry, and the hosts.toml that lets a node's containerd pull from it.
func PlainRegistry(machine netip.Addr) (address string, hosts []byte) {
	address = netip.AddrPortFrom(machine, RegistryPort).String()
	return address, fmt.Appendf(nil, "server = \"http://%[1]s\"\n\n[host.\"http://%[1]s\"]\n  capabilities = [\"pull\", \"resolve\"]\n", address)
}

const corefile = `.:53 {
    bind %s
    errors
    ready %s:8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig %s
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }
%s    cache 5
    loadbalance
}
`

// Corefile renders the configuration of the cluster's DNS. Without upstreams it knows the cluster only.
func Corefile(bind netip.Addr, kubeconfig string, upstreams []netip.Addr) []byte {
	var forward bytes.Buffer
	if len(upstreams) > 0 {
		forward.WriteString("    forward .")
		for _, u := range upstreams {
			fmt.Fprintf(&forward, " %s", u)
		}
		forward.WriteString("\n")
	}
	return fmt.Appendf(nil, corefile, bind, bind, kubeconfig, forward.String())
}
