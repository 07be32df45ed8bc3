// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// The samples are what is applied, but for the images and commands, since no registry can be reached here: a UDP receiver runs in place of
// the daemon, and a sender of segments in place of the application; and for the cluster of the specs.
var _ = Describe("The samples for X-Ray", func() {
	const daemon = "xray-daemon"
	receive := func(c *containerDefinition) {
		c.Image, c.EntryPoint, c.Command = probeImage(), []string{"/probe"}, []string{"udp", "2000"}
	}
	send := func(c *containerDefinition) {
		c.Image, c.EntryPoint, c.Command = probeImage(), []string{"/probe"}, []string{"xray", "sample"}
	}
	const segment = `{"format":"json","version":1} {"name":"sample","id":"`

	It("as a sidecar: segments arrive over localhost", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		web := applySample(ctx, ns, "xray/sidecar.yaml", map[string]func(*containerDefinition){daemon: receive, "app": send})
		Eventually(ctx, func(g Gomega) {
			tasks := web.tasks(ctx, g)
			g.Expect(tasks).To(HaveLen(2))
			for i := range tasks {
				text, err := logOf(ctx, &tasks[i], daemon)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(text).To(MatchRegexp(`(?m)^127\.0\.0\.1:\d+: ` + regexp.QuoteMeta(segment)))
			}
		}).Should(Succeed())
	}, SpecTimeout(90*time.Second))

	It("as a DAEMON service: segments arrive at the node's own port", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		service := applySample(ctx, ns, "xray/daemon.yaml", map[string]func(*containerDefinition){daemon: receive})
		var daemons []corev1.Pod
		Eventually(ctx, func(g Gomega) {
			daemons = service.tasks(ctx, g)
			nodes := map[string]bool{}
			for _, p := range daemons {
				g.Expect(isReady(&p)).To(BeTrue())
				nodes[p.Spec.NodeName] = true
			}
			instances := &ecsv1.Cluster{}
			g.Expect(kube.Get(ctx, sharedClusterKey, instances)).To(Succeed())
			g.Expect(nodes).To(HaveLen(int(instances.Status.RegisteredContainerInstancesCount)), "one on each container instance")
		}).Should(Succeed())

		at := daemons[0]
		senders := runTask(ctx, ns, "app", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{probe("app", "xray sample", func(c *containerDefinition) {
			c.Environment = []ecsv1.KeyValuePair{{Name: "AWS_XRAY_DAEMON_ADDRESS", Value: net.JoinHostPort(at.Status.HostIP, "2000")}}
		})}})
		senders.running(ctx)
		Eventually(ctx, func(g Gomega) {
			text, err := logOf(ctx, &at, daemon)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(text).To(ContainSubstring(segment))
		}).Should(Succeed())
	}, SpecTimeout(90*time.Second))
})

// applySample applies a file of config/samples to a namespace and to the cluster of the specs, with some of its containers changed.
func applySample(ctx context.Context, ns, file string, change map[string]func(*containerDefinition)) service {
	GinkgoHelper()
	text, err := os.ReadFile("../../config/samples/" + file)
	Expect(err).NotTo(HaveOccurred())
	documents := yaml.NewYAMLToJSONDecoder(bytes.NewReader(text))
	td, svc := &ecsv1.TaskDefinition{}, &ecsv1.Service{}
	Expect(documents.Decode(td)).To(Succeed())
	Expect(documents.Decode(svc)).To(Succeed())
	Expect(errors.Is(documents.Decode(&struct{}{}), io.EOF)).To(BeTrue(), "%s has a TaskDefinition and a Service", file)
	for i := range td.Spec.ContainerDefinitions {
		c := &td.Spec.ContainerDefinitions[i]
		if edit := change[c.Name]; edit != nil {
			edit(c)
			delete(change, c.Name)
		}
	}
	Expect(change).To(BeEmpty(), "containers that %s hasn't got", file)
	td.Namespace, svc.Namespace, svc.Spec.Cluster = ns, ns, clusterName
	Expect(kube.Create(ctx, td)).To(Succeed())
	Expect(kube.Create(ctx, svc)).To(Succeed())
	return service{ns, svc.Name}
}
