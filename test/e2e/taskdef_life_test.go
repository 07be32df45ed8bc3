// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// outOfMemory is what ECS says of a container that the kernel killed.
const outOfMemory = "OutOfMemoryError: Container killed due to memory usage"

func restart(ignored ...int32) func(*containerDefinition) {
	return func(c *containerDefinition) {
		c.RestartPolicy = &ecsv1.ContainerRestartPolicy{Enabled: true, RestartAttemptPeriod: new(int32(60)), IgnoredExitCodes: ignored}
	}
}

// All tasks are started before the first spec, so that what takes long takes it at the same time.
var _ = Describe("The life of containers", Ordered, ContinueOnFailure, func() {
	var ns string
	var restarted, ended, killed, killedLaunched, healthy service

	BeforeAll(func(ctx SpecContext) {
		ns = newNamespace(ctx)
		node := mounts("node", "/node")
		restarted = runTask(ctx, ns, "restarted", ecsv1.TaskDefinitionFields{
			Volumes: []ecsv1.Volume{nodeVolume(ns)},
			ContainerDefinitions: []containerDefinition{
				probe("app", "sleep", node),
				probe("periodic", "clock periodic /node/periodic 61 then exit 3", node, notEssential, restart()),
				probe("ignored", "clock ignored /node/ignored 61 then exit 4", node, notEssential, restart(4)),
				probe("crasher", "clock crasher /node/crasher 0 then exit 3", node, notEssential, restart()),
				probe("helper", "clock helper /node/helper 0 then exit 5", node, notEssential),
			},
		})
		ended = runTask(ctx, ns, "ended", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("app", "exit 0 11"), // a task that lives for less than ten seconds is replaced after a while
			probe("beside", "sleep"),
		}})
		killed = runTask(ctx, ns, "killed", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{probe("app", "sleep 11 then oom")}})
		killedLaunched = runTask(ctx, ns, "killed-launched", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("app", "sleep 11 then oom", func(c *containerDefinition) {
				c.LinuxParameters = &ecsv1.LinuxParameters{InitProcessEnabled: new(true)}
			}),
		}})
		well := func(more func(*ecsv1.HealthCheck)) func(*containerDefinition) {
			return func(c *containerDefinition) {
				checks("exists /task/well")(c)
				more(c.HealthCheck)
			}
		}
		healthy = runTask(ctx, ns, "healthy", ecsv1.TaskDefinitionFields{
			Volumes: []ecsv1.Volume{volume("task")},
			ContainerDefinitions: []containerDefinition{
				probe("app", "sleep", mounts("task", "/task"), well(func(h *ecsv1.HealthCheck) { h.StartPeriod = new(int32(300)) })),
				probe("helper", "sleep", notEssential, checks("exists /none")),
			},
		})
	}, NodeTimeout(time.Minute))

	It("have a health that goes from UNKNOWN to HEALTHY and, of essential containers alone, counts for the task", func(ctx SpecContext) {
		is := func(wanted ecsv1.HealthStatus) *corev1.Pod {
			GinkgoHelper()
			return healthy.task(ctx, func(g Gomega, _ *corev1.Pod, t taskstate.Task) { g.Expect(t.HealthStatus).To(Equal(wanted)) })
		}
		pod := healthy.running(ctx)
		is(ecsv1.HealthStatusUnknown)
		inside(ctx, pod, "app", "write /task/well yes")
		is(ecsv1.HealthStatusHealthy)
		Eventually(ctx, func(g Gomega) { g.Expect(healthy.get(ctx, g)).To(beReady()) }).Should(Succeed())
		inside(ctx, pod, "app", "remove /task/well")
		is(ecsv1.HealthStatusUnhealthy)

		By("being replaced as an unhealthy task of a service")
		healthy.tells(ctx, "failed container health checks")
		healthy.task(ctx, func(g Gomega, now *corev1.Pod, t taskstate.Task) {
			g.Expect(now.UID).NotTo(Equal(pod.UID))
			g.Expect(t.LastStatus).To(Equal(ecsv1.TaskStateRunning))
			g.Expect(t.HealthStatus).To(Equal(ecsv1.HealthStatusUnknown))
		})
	}, SpecTimeout(2*time.Minute))

	It("end the task by the end of an essential one, even with exit code 0", func(ctx SpecContext) {
		ended.tells(ctx, "essential container app exited with code 0")
		ended.running(ctx) // another one
	}, SpecTimeout(time.Minute))

	DescribeTable("end at their memory limit, and it is told as ECS tells it",
		func(ctx SpecContext, of *service) {
			of.tells(ctx, "essential container app exited with code 137 ("+outOfMemory+")")
		},
		Entry("when the command is process 1", &killed, SpecTimeout(time.Minute)),
		Entry("when the launcher is", &killedLaunched, SpecTimeout(time.Minute)),
	)

	It("are restarted in place by their restartPolicy, unless they ran too short or the exit code is ignored", func(ctx SpecContext) {
		pod := restarted.running(ctx)
		Eventually(ctx, func(g Gomega) {
			text := inside(ctx, pod, "app", "try cat /node/periodic")
			g.Expect(strings.Count(text, "periodic start")).To(Equal(2), text)
		}).WithPolling(2 * time.Second).Should(Succeed())
		for _, name := range []string{"ignored", "crasher", "helper"} {
			text := inside(ctx, pod, "app", "cat /node/"+name)
			Expect(strings.Fields(text)).To(HaveExactElements(name, "start", Not(BeEmpty()), name, "stop", Not(BeEmpty())), "container %s ran once", name)
		}
		restarted.task(ctx, func(g Gomega, now *corev1.Pod, t taskstate.Task) {
			g.Expect(now.UID).To(Equal(pod.UID), "the task is the same")
			g.Expect(isReady(now)).To(BeTrue(), "ends of containers that aren't essential take nothing away")
			g.Expect(t.LastStatus).To(Equal(ecsv1.TaskStateRunning))
			for _, c := range now.Status.ContainerStatuses {
				g.Expect(c.RestartCount).To(BeZero(), "by the kubelet: %s", c.Name)
			}
		})
	}, SpecTimeout(2*time.Minute))
})

var _ = Describe("A task that is asked to stop", func() {
	It("gets each container's own stopTimeout, then SIGKILL", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		node := mounts("node", "/node")
		// A container that lingers longer than it may is killed, so it never writes down its stop.
		s := runTask(ctx, ns, "stops", ecsv1.TaskDefinitionFields{
			Volumes: []ecsv1.Volume{nodeVolume(ns)},
			ContainerDefinitions: []containerDefinition{
				probe("app", "clock app /node/stops - 9", node, stopTimeout(12)),
				probe("short", "clock short /node/stops - 6", node, stopTimeout(2)),
				probe("stubborn", "stubborn", stopTimeout(3)),
				probe("quick", "clock quick /node/stops -", node, stopTimeout(5)),
			},
		})
		pod := s.running(ctx)
		files := reader(ctx, ns, pod.Spec.NodeName)
		codes := s.stopping(ctx, pod)
		at := stamps(readFile(ctx, files, "stops"))
		Expect(at).To(And(HaveKey("app stop"), HaveKey("quick stop"), Not(HaveKey("short stop"))))
		Expect(codes).To(Equal(map[string]end{"app": {0, true}, "short": {137, false}, "stubborn": {137, false}, "quick": {0, false}}), "%v", codes)
	}, SpecTimeout(90*time.Second))
})

// end is how a container ended: its exit code, and whether it took longer than those that were killed or obeyed.
type end struct {
	code int32
	last bool
}

// stopping deletes the service and tells how the containers of its task ended. The kubelet says so while the pod is still there.
func (s service) stopping(ctx context.Context, pod *corev1.Pod) map[string]end {
	GinkgoHelper()
	changes, err := plain.CoreV1().Pods(s.namespace).Watch(ctx, onlyPod(pod))
	Expect(err).NotTo(HaveOccurred())
	defer changes.Stop()
	Expect(kube.Delete(ctx, s.get(ctx, Default))).To(Succeed())
	var last corev1.PodStatus
	for change := range changes.ResultChan() {
		now, ok := change.Object.(*corev1.Pod)
		Expect(ok).To(BeTrue(), "the watch broke")
		if change.Type == "DELETED" {
			break
		}
		last = now.Status
	}
	out, latest := map[string]end{}, time.Time{}
	for _, c := range last.ContainerStatuses {
		Expect(c.State.Terminated).NotTo(BeNil(), "%s has not ended: %v", c.Name, c.State)
		if at := c.State.Terminated.FinishedAt.Time; at.After(latest) {
			latest = at
		}
	}
	for _, c := range last.ContainerStatuses {
		t := c.State.Terminated
		out[c.Name] = end{t.ExitCode, latest.Sub(t.FinishedAt.Time) < 3*time.Second}
	}
	return out
}
