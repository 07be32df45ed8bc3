// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"net/netip"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/pki"
)

// Names of key pairs in the PKI folder.
const (
	authority         = "ca"
	frontAuthority    = "front-proxy-ca"
	admin             = "admin"
	serviceAccountKey = "service-accounts"
	kubeletClient     = "apiserver-kubelet-client"
	frontProxyClient  = "front-proxy-client"
	proxyUser         = "kube-proxy"
)

// ensureCredentials issues what is missing and writes the kubeconfigs.
func (c *Cluster) ensureCredentials() error {
	store := c.pki()
	ca, err := store.Authority(authority)
	if err != nil {
		return err
	}
	front, err := store.Authority(frontAuthority)
	if err != nil {
		return err
	}
	host, err := netip.ParseAddr(c.Host)
	if err != nil {
		return fmt.Errorf("the cluster's own address: %w", err)
	}
	for _, r := range c.requests(host) {
		if err := ca.Ensure(r); err != nil {
			return err
		}
	}
	if err := front.Ensure(pki.Request{Name: frontProxyClient, User: frontProxyClient}); err != nil {
		return err
	}
	for _, user := range []string{controllerManager, scheduler, kwok, metricsServer} {
		if err := c.writeKubeconfig(c.State.Config(user+".kubeconfig"), user); err != nil {
			return err
		}
	}
	return c.writeKubeconfig(c.State.Kubeconfig(), admin)
}

func (c *Cluster) writeKubeconfig(file, user string) error {
	return c.pki().WriteKubeconfig(file, "ecs-local-"+c.Options.Name, c.Server(), authority, user)
}

func (c *Cluster) requests(host netip.Addr) []pki.Request {
	loopback := netip.MustParseAddr("127.0.0.1")
	masters := []string{"system:masters"}
	return []pki.Request{
		{Name: etcd, User: etcd, DNS: []string{"localhost"}, IPs: []netip.Addr{loopback, host}},
		{Name: apiserver, User: apiserver,
			DNS: []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"},
			IPs: []netip.Addr{loopback, host, c.Plan.Kubernetes()}},
		{Name: kubeletClient, User: kubeletClient, Groups: masters},
		{Name: serviceAccountKey, User: serviceAccountKey},
		{Name: admin, User: "kubernetes-admin", Groups: masters},
		{Name: controllerManager, User: "system:kube-controller-manager"},
		{Name: scheduler, User: "system:kube-scheduler"},
		{Name: kwok, User: kwok, Groups: masters},
		{Name: proxyUser, User: "system:kube-proxy"},
		{Name: coreDNS, User: coreDNS},
		{Name: metricsServer, User: metricsServer, DNS: []string{"metrics-server.kube-system.svc", "localhost"}, IPs: []netip.Addr{host}},
	}
}
