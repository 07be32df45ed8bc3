// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// runOnce makes a Task of these containers.
func runOnce(ctx context.Context, ns, name string, containers ...containerDefinition) *ecsv1.Task {
	GinkgoHelper()
	meta := metav1.ObjectMeta{Namespace: ns, Name: name, Labels: map[string]string{labelOfSuite: "true"}}
	Expect(kube.Create(ctx, &ecsv1.TaskDefinition{ObjectMeta: meta, Spec: ecsv1.TaskDefinitionSpec{TaskDefinitionFields: ecsv1.TaskDefinitionFields{
		NetworkMode: ecsv1.NetworkModeAwsvpc, ContainerDefinitions: containers,
	}}})).To(Succeed())
	t := &ecsv1.Task{ObjectMeta: meta, Spec: ecsv1.TaskSpec{Cluster: clusterName, TaskDefinition: name}}
	Expect(kube.Create(ctx, t)).To(Succeed())
	return t
}

// becomes waits until a task's status is as it is wanted.
func becomes(ctx context.Context, t *ecsv1.Task, wanted func(Gomega, ecsv1.TaskStatus)) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(t), t)).To(Succeed())
		wanted(g, t.Status)
	}).Should(Succeed())
}

var _ = Describe("A task that someone runs", func() {
	It("tells its health, ends and memory as ECS tells them, and is left alone when it is unhealthy", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		sick := runOnce(ctx, ns, "sick", probe("app", "sleep", checks("exists /none")))
		hungry := runOnce(ctx, ns, "hungry", probe("app", "oom"), probe("beside", "sleep"))
		done := runOnce(ctx, ns, "done", probe("app", "exit 7"))

		running := func(g Gomega, s ecsv1.TaskStatus) {
			g.Expect(s.LastStatus).To(Equal(ecsv1.TaskStateRunning))
			g.Expect(s.HealthStatus).To(Equal(ecsv1.HealthStatusUnhealthy))
		}
		becomes(ctx, sick, running)
		pod := sick.Status.PodName
		// A service would replace it after three seconds.
		Consistently(ctx, func(g Gomega) {
			g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(sick), sick)).To(Succeed())
			running(g, sick.Status)
			g.Expect(sick.Status.PodName).To(Equal(pod))
		}).WithTimeout(6 * time.Second).Should(Succeed())

		stopped := func(code ecsv1.TaskStopCode, exit int32, reason string) func(Gomega, ecsv1.TaskStatus) {
			return func(g Gomega, s ecsv1.TaskStatus) {
				g.Expect(s.LastStatus).To(Equal(ecsv1.TaskStateStopped))
				g.Expect(s.StopCode).To(Equal(code))
				for _, c := range s.Containers {
					if c.Name == "app" {
						g.Expect(c.ExitCode).To(HaveValue(Equal(exit)))
						g.Expect(c.Reason).To(Equal(reason))
					}
				}
			}
		}
		becomes(ctx, hungry, stopped(ecsv1.TaskStopCodeEssentialContainerExited, 137, outOfMemory))
		becomes(ctx, done, stopped(ecsv1.TaskStopCodeEssentialContainerExited, 7, ""))

		By("stopping one")
		before := sick.DeepCopy()
		sick.Spec.Kubernetes = &ecsv1.TaskKubernetes{DesiredStatus: ecsv1.TaskDesiredStatusStopped, Reason: "enough"}
		Expect(kube.Patch(ctx, sick, client.MergeFrom(before))).To(Succeed())
		becomes(ctx, sick, stopped(ecsv1.TaskStopCodeUserInitiated, 0, ""))
		Expect(sick.Status.StoppedReason).To(Equal("enough"))
	}, SpecTimeout(90*time.Second))
})
