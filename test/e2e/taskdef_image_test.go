// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// fromImage runs what the image says by itself.
func fromImage(containerName, image string, settings ...func(*containerDefinition)) containerDefinition {
	itself := func(c *containerDefinition) { c.Image, c.EntryPoint, c.Command = image, nil, nil }
	return probe(containerName, "", append([]func(*containerDefinition){itself}, settings...)...)
}

var _ = Describe("An image in a registry", func() {
	It("is the same for all tasks of a deployment, whatever becomes of its tag", func(ctx SpecContext) {
		startRegistry()
		ns := newNamespace(ctx)
		says := func(word string) v1.Config {
			return v1.Config{Entrypoint: []string{"/probe", "log"}, Cmd: []string{word}}
		}
		image, first := push(ns, "v1", says("first"))
		s := runTask(ctx, ns, "tagged", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{fromImage("app", image)}})
		s.says(ctx, "app", "first 1\n")
		pod := s.running(ctx)
		Expect(pod.Spec.Containers[0].Image).To(HaveSuffix("@" + first))

		By("replacing a task after the tag has moved")
		_, second := push(ns, "v1", says("second"))
		Expect(kube.Delete(ctx, pod)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			tasks := s.tasks(ctx, g)
			g.Expect(tasks).To(HaveLen(1))
			g.Expect(tasks[0].UID).NotTo(Equal(pod.UID))
		}).Should(Succeed())
		s.says(ctx, "app", "first 1\n")

		By("forcing a deployment")
		s.edit(ctx, func(spec *ecsv1.ServiceSpec) {
			spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
		})
		Eventually(ctx, func(g Gomega) {
			tasks := s.tasks(ctx, g)
			g.Expect(tasks).To(HaveLen(1))
			g.Expect(tasks[0].Spec.Containers[0].Image).To(HaveSuffix("@" + second))
		}).Should(Succeed())
		s.says(ctx, "app", "second 1\n")
	}, SpecTimeout(90*time.Second))

	It("says what the launcher starts, as whom, and how to stop it, where the task definition doesn't", func(ctx SpecContext) {
		startRegistry()
		ns := newNamespace(ctx)
		image, _ := push(ns, "v1", v1.Config{
			Entrypoint: []string{"/probe"}, Cmd: []string{"limits", "then", "status", "then", "stubborn"}, User: "probe", StopSignal: "SIGINT",
		})
		limited := ulimits(ulimit("nproc", 777, 888))
		s := runTask(ctx, ns, "launched", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			fromImage("own", image, limited, stopTimeout(5)),
			fromImage("told", image, limited, stopTimeout(8), func(c *containerDefinition) { c.Command = []string{"status", "then", "sleep"} }),
			fromImage("other", image, limited, stopTimeout(5), user("1234:1236"), func(c *containerDefinition) {
				c.EntryPoint, c.Command = []string{"/probe", "status", "then"}, []string{"sleep"}
			}),
		}})
		Expect(limitsIn(s.says(ctx, "own", "Max open files", "Uid:\t1234\t", "Gid:\t1235\t"))).To(HaveKeyWithValue("processes", "777 888"))
		Expect(s.says(ctx, "told", "Uid:\t1234\t")).NotTo(ContainSubstring("Max open files"), "a command takes the place of the image's CMD")
		s.says(ctx, "other", "Uid:\t1234\t", "Gid:\t1236\t")

		pod := s.running(ctx)
		Expect(kube.Delete(ctx, pod)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			text, err := logOf(ctx, pod, "own")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(text).To(ContainSubstring("took no notice of interrupt\n"))
			g.Expect(text).NotTo(ContainSubstring("terminated"))
		}).Should(Succeed())
	}, SpecTimeout(90*time.Second))
})
