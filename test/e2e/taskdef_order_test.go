// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// Every container writes down when its command started and ended, by its own clock, into one file of the node. Whoever is waited for takes
// a second or two, so that an order that came about by chance would show.
var _ = Describe("Containers that depend on others", Ordered, ContinueOnFailure, func() {
	var ns string
	var ordered, first, failed, late, never service

	BeforeAll(func(ctx SpecContext) {
		ns = newNamespace(ctx)
		node := mounts("node", "/node")
		clock := func(name, more string) string { return "clock " + name + " /node/" + more }
		ordered = runTask(ctx, ns, "ordered", ecsv1.TaskDefinitionFields{
			Volumes: []ecsv1.Volume{nodeVolume(ns), volume("task")},
			ContainerDefinitions: []containerDefinition{
				probe("app", clock("app", "ordered - 2"), node, dependsOn("log", "START", "prepare", "COMPLETE", "migrate", "SUCCESS", "db", "HEALTHY")),
				probe("log", clock("log", "ordered"), node),
				probe("prepare", clock("prepare", "ordered 1")+" then exit 3", node, notEssential),
				probe("migrate", clock("migrate", "ordered 2"), node, notEssential),
				// Its health check succeeds once the file is there, which it writes after two seconds.
				probe("db", clock("unwell", "ordered 2")+" then write /task/db yes then "+clock("db", "ordered"), node, mounts("task", "/task"), checks("exists /task/db")),
				// Waits for a container that waits itself. START is met before app's program has come to its first line, so front takes a second to
				// its own; one that didn't wait would still be seconds too early.
				probe("front", "sleep 1 then "+clock("front", "ordered - 1"), node, dependsOn("app", "START")),
			},
		})
		first = runTask(ctx, ns, "first", ecsv1.TaskDefinitionFields{
			Cpu: "128", Memory: "128", // the whole says what it takes, so what all wait for is an init container
			Volumes: []ecsv1.Volume{nodeVolume(ns)},
			ContainerDefinitions: []containerDefinition{
				probe("app", clock("app", "first"), node, dependsOn("seed", "SUCCESS")),
				probe("other", clock("other", "first"), node, dependsOn("seed", "SUCCESS")),
				probe("seed", clock("seed", "first 1"), node, notEssential),
			},
		})
		failed = runTask(ctx, ns, "failed", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("app", "sleep", dependsOn("migrate", "SUCCESS")),
			probe("migrate", "exit 3", notEssential),
		}})
		late = runTask(ctx, ns, "late", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("app", "sleep", dependsOn("migrate", "COMPLETE")),
			probe("migrate", "sleep", notEssential, func(c *containerDefinition) { c.StartTimeout = new(int32(2)) }),
		}})
		never = runTask(ctx, ns, "never", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("app", "sleep", dependsOn("db", "HEALTHY")),
			probe("db", "sleep", checks("exists /none"), func(c *containerDefinition) { c.StartTimeout = new(int32(7)) }),
		}})
	}, NodeTimeout(time.Minute))

	It("start once START, COMPLETE, SUCCESS and HEALTHY are met, and stop in the reverse order", func(ctx SpecContext) {
		pod := ordered.running(ctx)
		files := reader(ctx, ns, pod.Spec.NodeName)
		var running string
		Eventually(ctx, func() string {
			running = inside(ctx, pod, "app", "cat /node/ordered")
			return running
		}).Should(ContainSubstring("front start"))
		Expect(running).NotTo(ContainSubstring("app stop"))
		ordered.delete(ctx)

		at := stamps(readFile(ctx, files, "ordered"))
		for _, pair := range []string{
			"log start < app start", "prepare stop < app start", "migrate stop < app start", "unwell stop < app start", "app start < front start",
			"front stop < app stop", "app stop < log stop", "app stop < db stop",
		} {
			before, after, _ := strings.Cut(pair, " < ")
			Expect(at).To(And(HaveKey(before), HaveKey(after)))
			Expect(at[before]).To(BeNumerically("<", at[after]), "%s: %v", pair, at)
		}
		// app was asked only after front's second of lingering, and takes two itself.
		Expect(time.Duration(at["app stop"] - at["front stop"])).To(BeNumerically(">", 1900*time.Millisecond))
	}, SpecTimeout(2*time.Minute))

	It("are an ordinary pod's where all wait for the SUCCESS of one", func(ctx SpecContext) {
		pod := first.running(ctx)
		Expect(pod.Annotations).NotTo(HaveKey(taskstate.LaunchedAnnotation))
		Expect(pod.Spec.InitContainers).To(HaveLen(1))
		at := stamps(inside(ctx, pod, "app", "cat /node/first"))
		Expect(at["seed stop"]).To(And(BeNumerically(">", 0), BeNumerically("<", min(at["app start"], at["other start"]))), "%v", at)
	}, SpecTimeout(time.Minute))

	// These tasks never start, and the service says so in the words of ECS's agent.
	for _, tc := range []struct {
		when string
		of   *service
		says string
	}{
		{"wait for the SUCCESS of one that fails", &failed, "migrate"},
		{"wait longer for COMPLETE than the startTimeout says", &late,
			"CannotStartContainerError: dependency graph: container ordering dependency [migrate COMPLETE] for target [app] has timed out"},
		{"wait longer for HEALTHY than the startTimeout says", &never,
			"CannotStartContainerError: dependency graph: container ordering dependency [db HEALTHY] for target [app] has timed out"},
	} {
		It("don't start where they "+tc.when, func(ctx SpecContext) {
			tc.of.task(ctx, func(g Gomega, _ *corev1.Pod, t taskstate.Task) {
				g.Expect(t.StopCode).To(Equal(ecsv1.TaskStopCodeTaskFailedToStart))
				g.Expect(t.StoppedReason).To(ContainSubstring(tc.says))
			})
			tc.of.tells(ctx, tc.says)
		}, SpecTimeout(time.Minute))
	}
})

// tells waits until an event of the service says it.
func (s service) tells(ctx context.Context, text string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		g.Expect(s.events(ctx, g)).To(ContainElement(ContainSubstring(text)))
	}).Should(Succeed())
}

// stamps reads what the probe's clock wrote: "app start" and "app stop" to nanoseconds.
func stamps(text string) map[string]int64 {
	GinkgoHelper()
	out := map[string]int64{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		Expect(fields).To(HaveLen(3), "a line of the clock")
		at, err := strconv.ParseInt(fields[2], 10, 64)
		Expect(err).NotTo(HaveOccurred())
		out[fields[0]+" "+fields[1]] = at
	}
	return out
}
