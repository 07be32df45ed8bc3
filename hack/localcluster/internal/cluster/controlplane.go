// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"strconv"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/atomicfile"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/config"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// Components that are processes of the machine. Their names are those of the programs, of their logs and of their certificates.
const (
	etcd              = "etcd"
	apiserver         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kwok              = "kwok"
	metricsServer     = "metrics-server"
	coreDNS           = "coredns"
	etcdPeer          = "etcd-peer" // only a port
)

// wellKnown ports are used where the cluster has an address of its own.
var wellKnown = map[string]int{
	etcd: 2379, etcdPeer: 2380, apiserver: 6443, controllerManager: 10257, scheduler: 10259, kwok: 10247, metricsServer: 4443,
}

func (c *Cluster) endpoint(component string) string {
	return fmt.Sprintf("%s:%d", c.Host, c.Ports[component])
}

func (c *Cluster) command(component string, argv ...string) process.Command {
	return process.Command{
		Component: component,
		Argv:      append([]string{c.programs.Path(component)}, argv...),
		Log:       c.State.Log(component),
		Grace:     stopGrace,
	}
}

func (c *Cluster) etcdCommand() process.Command {
	client, peer := "https://"+c.endpoint(etcd), "http://"+c.endpoint(etcdPeer)
	return c.command(etcd,
		"--name=local", "--data-dir="+c.State.Etcd(), "--unsafe-no-fsync",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=local="+peer,
		"--cert-file="+c.pki().Cert(etcd), "--key-file="+c.pki().Key(etcd),
		"--client-cert-auth", "--trusted-ca-file="+c.pki().Cert(authority),
		"--quota-backend-bytes=4294967296", "--auto-compaction-mode=periodic", "--auto-compaction-retention=30m",
		"--log-level=warn")
}

func (c *Cluster) apiserverCommand() (process.Command, error) {
	keys, o := c.pki(), c.Options
	policy := config.Audit(o.AuditReads)
	if err := atomicfile.Write(c.State.Config("audit-policy.json"), policy, 0o644); err != nil {
		return process.Command{}, err
	}
	toleration := strconv.Itoa(o.Toleration)
	cmd := c.command(apiserver,
		"--bind-address="+c.Host, "--advertise-address="+c.Host, "--secure-port="+strconv.Itoa(c.Ports[apiserver]),
		"--etcd-servers=https://"+c.endpoint(etcd), "--etcd-cafile="+keys.Cert(authority),
		"--etcd-certfile="+keys.Cert(etcd), "--etcd-keyfile="+keys.Key(etcd),
		"--tls-cert-file="+keys.Cert(apiserver), "--tls-private-key-file="+keys.Key(apiserver),
		"--client-ca-file="+keys.Cert(authority),
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
		"--service-cluster-ip-range="+c.Plan.Services().String(), "--service-node-port-range="+c.Plan.NodePorts().String(),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file="+keys.Cert(serviceAccountKey), "--service-account-signing-key-file="+keys.Key(serviceAccountKey),
		"--kubelet-preferred-address-types=InternalIP", "--kubelet-certificate-authority="+keys.Cert(authority),
		"--kubelet-client-certificate="+keys.Cert(kubeletClient), "--kubelet-client-key="+keys.Key(kubeletClient),
		"--requestheader-client-ca-file="+keys.Cert(frontAuthority), "--requestheader-allowed-names="+frontProxyClient,
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file="+keys.Cert(frontProxyClient), "--proxy-client-key-file="+keys.Key(frontProxyClient),
		"--audit-policy-file="+c.State.Config("audit-policy.json"), "--audit-log-path="+c.State.AuditLog(),
		"--audit-log-maxsize=200", "--audit-log-maxbackup=3",
		"--default-not-ready-toleration-seconds="+toleration, "--default-unreachable-toleration-seconds="+toleration,
		"--max-requests-inflight=2000", "--max-mutating-requests-inflight=1000")
	if !c.Housed { // no real endpoint may be on a loopback address, and no pod would use it
		cmd.Argv = append(cmd.Argv, "--endpoint-reconciler-type=none")
	}
	cmd.Inputs = [][]byte{policy}
	return cmd, nil
}

func (c *Cluster) controllerManagerCommand() process.Command {
	keys, o := c.pki(), c.Options
	kubeconfig := c.State.Config(controllerManager + ".kubeconfig")
	return c.command(controllerManager,
		"--kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
		"--bind-address="+c.Host, "--secure-port="+strconv.Itoa(c.Ports[controllerManager]),
		"--leader-elect=false", "--use-service-account-credentials=true",
		"--service-account-private-key-file="+keys.Key(serviceAccountKey), "--root-ca-file="+keys.Cert(authority),
		"--cluster-signing-cert-file="+keys.Cert(authority), "--cluster-signing-key-file="+keys.Key(authority),
		"--kube-api-qps="+strconv.Itoa(o.QPS), "--kube-api-burst="+strconv.Itoa(o.Burst),
		"--node-monitor-grace-period="+o.monitorGrace().String(), "--node-monitor-period=2s",
		"--concurrent-deployment-syncs=10", "--concurrent-replicaset-syncs=10",
		"--horizontal-pod-autoscaler-sync-period=5s")
}

func (c *Cluster) schedulerCommand() (process.Command, error) {
	kubeconfig := c.State.Config(scheduler + ".kubeconfig")
	content := config.Scheduler(kubeconfig, c.Options.QPS, c.Options.Burst)
	if err := atomicfile.Write(c.State.Config("scheduler.json"), content, 0o644); err != nil {
		return process.Command{}, err
	}
	cmd := c.command(scheduler,
		"--config="+c.State.Config("scheduler.json"),
		"--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
		"--bind-address="+c.Host, "--secure-port="+strconv.Itoa(c.Ports[scheduler]))
	cmd.Inputs = [][]byte{content}
	return cmd, nil
}

func (c *Cluster) kwokCommand() (process.Command, error) {
	if err := atomicfile.Write(c.State.Config("kwok-stages.yaml"), config.Stages, 0o644); err != nil {
		return process.Command{}, err
	}
	cmd := c.command(kwok,
		"--kubeconfig="+c.State.Config(kwok+".kubeconfig"), "--config="+c.State.Config("kwok-stages.yaml"),
		"--manage-all-nodes=false", "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
		"--cidr="+c.Plan.SimulatedPods().String(), "--node-ip="+c.Host, "--node-port="+strconv.Itoa(c.Ports[kwok]),
		"--node-lease-duration-seconds="+strconv.Itoa(c.Options.simulatedLeaseSeconds()),
		"--server-address="+c.endpoint(kwok))
	cmd.Inputs = [][]byte{config.Stages}
	return cmd, nil
}

func (c *Cluster) metricsServerCommand() process.Command {
	keys := c.pki()
	kubeconfig := c.State.Config(metricsServer + ".kubeconfig")
	return c.command(metricsServer,
		"--kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
		"--bind-address="+c.Host, "--secure-port="+strconv.Itoa(c.Ports[metricsServer]),
		"--tls-cert-file="+keys.Cert(metricsServer), "--tls-private-key-file="+keys.Key(metricsServer),
		"--client-ca-file="+keys.Cert(authority),
		"--kubelet-certificate-authority="+keys.Cert(authority), "--kubelet-preferred-address-types=InternalIP",
		"--node-selector=type!=kwok", "--metric-resolution=10s", "--kubelet-request-timeout=5s")
}
