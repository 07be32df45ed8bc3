// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Ports of the nodes that specs take.
const (
	hostModePort   = 18431
	bridgeModePort = 18432
)

func port(containerPort, hostPort int32) func(*containerDefinition) {
	return func(c *containerDefinition) {
		p := ecsv1.PortMapping{ContainerPort: new(containerPort)}
		if hostPort > 0 {
			p.HostPort = new(hostPort)
		}
		c.PortMappings = append(c.PortMappings, p)
	}
}

func addressOf(pod *corev1.Pod, containerPort int) string {
	return "http://" + net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(containerPort)) + "/"
}

var _ = Describe("The network of a task", func() {
	It("is by its mode the task's own, shared by way of ports, or the node's", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		host := runTask(ctx, ns, "host", ecsv1.TaskDefinitionFields{
			NetworkMode: ecsv1.NetworkModeHost, ContainerDefinitions: []containerDefinition{probe("app", "serve 18431", port(hostModePort, 0))},
		})
		bridge := runTask(ctx, ns, "bridge", ecsv1.TaskDefinitionFields{
			NetworkMode: ecsv1.NetworkModeBridge, ContainerDefinitions: []containerDefinition{
				probe("app", "serve 8080", port(8080, bridgeModePort)),
				probe("linked", "sleep", func(c *containerDefinition) { c.Links = []string{"app:alias"} }),
			},
		})
		own := runTask(ctx, ns, "own", ecsv1.TaskDefinitionFields{
			NetworkMode: ecsv1.NetworkModeAwsvpc, ContainerDefinitions: []containerDefinition{
				probe("app", "serve 8080", port(8080, 0)),
				probe("beside", "sleep"),
			},
		})
		named := runTask(ctx, ns, "named", ecsv1.TaskDefinitionFields{
			NetworkMode: ecsv1.NetworkModeBridge, ContainerDefinitions: []containerDefinition{
				probe("app", "host then cat /etc/hosts then cat /etc/resolv.conf then sleep", func(c *containerDefinition) {
					c.Hostname = "tired"
					c.ExtraHosts = []ecsv1.HostEntry{{Hostname: "db.example.com", IpAddress: "10.9.8.7"}}
					c.DnsServers, c.DnsSearchDomains = []string{"10.9.9.9"}, []string{"corp.example.com"}
				}),
			},
		})
		hostPod, bridgePod, ownPod := host.running(ctx), bridge.running(ctx), own.running(ctx)
		answers := func(from *corev1.Pod, container, url string) {
			GinkgoHelper()
			Eventually(ctx, func() (string, error) {
				return tryKubectl(ctx, "exec", "-n="+ns, from.Name, "-c="+container, "--", "/probe", "get", url)
			}).Should(Equal("ok\n"))
		}

		By("host: the node's own address and port")
		Expect(hostPod.Status.PodIP).To(Equal(hostPod.Status.HostIP))
		answers(ownPod, "beside", "http://"+net.JoinHostPort(hostPod.Status.HostIP, strconv.Itoa(hostModePort))+"/")

		By("bridge: the host port leads to the container port, and a link to the container")
		answers(ownPod, "beside", "http://"+net.JoinHostPort(bridgePod.Status.HostIP, strconv.Itoa(bridgeModePort))+"/")
		answers(bridgePod, "linked", "http://alias:8080/")

		By("awsvpc: an address of its own, with localhost shared by its containers")
		Expect(ownPod.Status.PodIP).NotTo(Equal(ownPod.Status.HostIP))
		answers(ownPod, "beside", "http://127.0.0.1:8080/")
		answers(bridgePod, "linked", addressOf(ownPod, 8080))

		By("names")
		named.says(ctx, "app", "tired\n", "10.9.8.7\tdb.example.com", "nameserver 10.9.9.9", "corp.example.com")
	}, SpecTimeout(90*time.Second))
})
