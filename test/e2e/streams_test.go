// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// streams makes the service one of lines over TCP at port 9000 and datagrams at port 9001, each with a target group.
func streams(m manifest) {
	config := blueGreen()
	m.service.Spec.DeploymentConfiguration = &config
	c := &m.taskDefinition.Spec.ContainerDefinitions[0]
	c.Image, c.EntryPoint, c.Command = probeImage(), []string{"/probe"}, []string{"echo"}
	c.PortMappings = []ecsv1.PortMapping{{ContainerPort: new(int32(9000))}, {ContainerPort: new(int32(9001)), Protocol: "udp"}}
	group := func(name string) ecsv1.TargetGroup {
		return ecsv1.TargetGroup{
			Name: name, Type: ecsv1.TargetGroupTypeNodePort, DeregistrationDelaySeconds: new(int32(3)),
			HealthCheck: &ecsv1.TargetGroupHealthCheck{Protocol: "TCP", Port: new(int32(9000)), IntervalSeconds: new(int32(1))},
		}
	}
	m.service.Spec.Kubernetes.TargetGroups = []ecsv1.TargetGroup{group("lines"), group("datagrams")}
	m.service.Spec.LoadBalancers = []ecsv1.LoadBalancer{
		{TargetGroupArn: "lines", ContainerName: "app", ContainerPort: new(int32(9000))},
		{TargetGroupArn: "datagrams", ContainerName: "app", ContainerPort: new(int32(9001))},
	}
}

// doors are the addresses of the service's target groups by their names.
func (s service) doors(ctx context.Context) map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	Eventually(ctx, func(g Gomega) {
		groups := s.get(ctx, g).Status.LoadBalancers
		g.Expect(groups).To(HaveLen(2))
		for _, group := range groups {
			g.Expect(group.NodePort).NotTo(BeNil())
			out[group.Name] = strconv.Itoa(int(*group.NodePort))
		}
	}).Should(Succeed())
	lines, err := strconv.Atoi(out["lines"])
	Expect(err).NotTo(HaveOccurred())
	at := host(ctx, int32(lines)) // the port that takes connections, and so tells whether it can be reached
	for name, port := range out {
		out[name] = net.JoinHostPort(at, port)
	}
	return out
}

var _ = Describe("Blue/green of TCP and UDP through core Services", Label("gateway"), func() {
	It("serves connections to their ends, and loses no datagram but those under way while kube-proxy moves their flow", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		m := manifests(namespace, "echo", streams)
		Expect(kube.Create(ctx, m.taskDefinition)).To(Succeed())
		Expect(kube.Create(ctx, m.service)).To(Succeed())
		echo := service{namespace, "echo"}
		echo.deployed(ctx, 3, "v1")
		doors := echo.doors(ctx)
		connections := []*flows{
			startFlows(ctx, "connections of ten seconds", 2, connection(doors["lines"], 10*time.Second)),
			startFlows(ctx, "connections of one line", 50, connection(doors["lines"], 0)),
		}
		datagrams := []*flows{
			startFlows(ctx, "datagrams of as many sockets", 100, datagram(doors["datagrams"])),
			startFlows(ctx, "datagrams of one socket", 50, datagramOfOne(doors["datagrams"])),
		}
		last := "v1"
		for i := range rounds() {
			last = fmt.Sprintf("v%d", i+2)
			echo.ship(ctx, last)
			echo.deployed(ctx, 3, last)
		}
		// Whoever comes now, and the socket that was there all the time, is answered by the new tasks.
		for _, f := range slices.Concat(connections, datagrams) {
			Eventually(ctx, f.served).Should(ContainElement(last), f.name)
		}
		for _, f := range connections {
			f.failAtMost(0)
		}
		// kube-proxy forgets a flow when its task leaves the core Service. An answer that is under way just then finds no way back.
		for _, f := range datagrams {
			f.failAtMost(rounds())
		}
	}, SpecTimeout(30*time.Minute))
})
