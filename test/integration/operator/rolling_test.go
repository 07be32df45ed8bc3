// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// ship changes the image of a task definition.
func (w *world) ship(ctx context.Context, name, image string) {
	GinkgoHelper()
	change(ctx, read(ctx, Default, w, name, &ecsv1.TaskDefinition{}), testkit.Image(image))
}

// wants waits until the operator wants these counts, and moves the pods there; they don't start.
func (w *world) wants(ctx context.Context, counts map[string]int32) {
	GinkgoHelper()
	Eventually(func(g Gomega) { g.Expect(w.wanted(ctx, g)).To(Equal(counts)) }).Should(Succeed())
	Expect(w.Converge(ctx)).To(Succeed())
	w.quiet(ctx)
	Expect(w.wanted(ctx, Default)).To(Equal(counts), "the counts stay while nothing is observed")
}

// ready makes n more tasks of a revision ready.
func (w *world) ready(ctx context.Context, ordinal string, n int) {
	GinkgoHelper()
	pods, err := w.Pods(ctx, ordinal)
	Expect(err).NotTo(HaveOccurred())
	for i := range pods {
		if p := &pods[i]; n > 0 && p.DeletionTimestamp == nil && !isReady(p) {
			Expect(w.MakeReady(ctx, p)).To(Succeed())
			n--
		}
	}
	Expect(n).To(BeZero(), "so many pods more should have been there to become ready")
	Expect(w.Converge(ctx)).To(Succeed())
}

var _ = Describe("A rolling deployment", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("goes up by what the maximum leaves room for and down by what is healthy to spare", func(ctx SpecContext) {
		w.running(ctx, "web", 4, testkit.Percentages(50, 150))
		w.ship(ctx, "web", "web:v2")

		By("6 tasks are room for 2 new ones; 2 of 4 healthy may stop")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		Eventually(func(g Gomega) {
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Deployments).To(HaveLen(2))
			g.Expect(svc.Status.Deployments[0]).To(And(
				HaveField("Status", ecsv1.DeploymentStatePrimary), HaveField("TaskDefinition", "web:2"), HaveField("PendingCount", int32(2)),
				HaveField("RunningCount", int32(0)), HaveField("RolloutState", ecsv1.DeploymentRolloutStateInProgress)))
			g.Expect(svc.Status.Deployments[1]).To(And(
				HaveField("Status", ecsv1.DeploymentStateActive), HaveField("TaskDefinition", "web:1"), HaveField("DesiredCount", int32(2))))
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonProgressing))
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Spec.SourceServiceRevisions).To(ConsistOf("web-1"))
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
		}).Should(Succeed())
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"1": "2 ready, 0 starting, 2 stopping", "2": "0 ready, 2 starting, 0 stopping"}))

		By("the stopping ones are gone: room for the other 2")
		Expect(w.Finish(ctx)).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 4})

		By("one new task is healthy: one old one may stop")
		w.ready(ctx, "2", 1)
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 4})
		w.ready(ctx, "2", 1)
		w.wants(ctx, map[string]int32{"web-1": 0, "web-2": 4})
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{}).Status.HealthyTaskCount).To(Equal(int32(2)))
		}).Should(Succeed())
		Expect(w.Finish(ctx)).To(Succeed())
		Expect(w.Converge(ctx)).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(ConsistOf("web-2")) }).Should(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))

		By("the last new tasks are healthy: complete")
		w.ready(ctx, "2", 2)
		svc := w.steady(ctx, "web")
		Expect(svc.Status.Deployments[0].RolloutState).To(Equal(ecsv1.DeploymentRolloutStateCompleted))
		Expect(read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"2": "4 ready, 0 starting, 0 stopping"}))
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement("Normal TasksStopped: (service web) has stopped 2 running tasks: (service revision web-1)"))
		}).Should(Succeed())
	})

	It("with the default percentages starts all new tasks before an old one stops", func(ctx SpecContext) {
		w.running(ctx, "web", 3)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 3, "web-2": 3})
		for healthy := range int32(3) {
			w.ready(ctx, "2", 1)
			w.wants(ctx, map[string]int32{"web-1": 2 - healthy, "web-2": 3})
		}
		w.steady(ctx, "web")
	})

	It("counts stopping tasks against the maximum", func(ctx SpecContext) {
		w.running(ctx, "web", 2, testkit.Percentages(0, 100))
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 0, "web-2": 0})
		Expect(w.Finish(ctx)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			g.Expect(w.wanted(ctx, g)).To(Equal(map[string]int32{"web-2": 2}))
		}).Should(Succeed())
		w.steady(ctx, "web")
	})

	It("on top of one that isn't complete takes all its sources over", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		w.ready(ctx, "2", 1)
		w.wants(ctx, map[string]int32{"web-1": 1, "web-2": 2})
		w.ship(ctx, "web", "web:v3")
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-3", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Spec.SourceServiceRevisions).To(ConsistOf("web-1", "web-2"))
			old := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(old.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateStopped))
			g.Expect(old.Status.StatusReason).To(Equal("superseded by web-3"))
			g.Expect(old.Status.StoppedAt).NotTo(BeNil())
		}).Should(Succeed())
		svc := w.steady(ctx, "web")
		Expect(svc.Status.TaskDefinition).To(Equal("web:3"))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-3": 2}))
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"3": "2 ready, 0 starting, 0 stopping"}))
	})

	It("goes back to the revision before when the service does, by a deployment of its own", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.TaskDefinition = "web:1" })
		svc = w.steady(ctx, "web")
		Expect(svc.Status.TaskDefinition).To(Equal("web:1"))
		Expect(w.wanted(ctx, Default)).To(Equal(map[string]int32{"web-3": 2}))
	})

	It("of an image that can't be pulled leaves the old tasks alone and says so everywhere", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		w.ship(ctx, "web", bad)
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		before := w.snapshot(ctx, Default, ofRevision("1"))
		Eventually(func(g Gomega) {
			g.Expect(w.move(ctx)).To(Succeed())
			sd := read(ctx, g, w, "web-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.FailedTasks).To(BeNumerically(">=", 8), "others are launched in their place, again and again")
			g.Expect(sd.Status.RolloutState).To(Equal(ecsv1.DeploymentRolloutStateInProgress))
			g.Expect(sd.Status.DeploymentCircuitBreaker).To(HaveValue(HaveField("Status", ecsv1.RollbackMonitorsStatusDisabled)))
			g.Expect(sd.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksFailedToStart, "tasks of web:2 can't be started", bad))
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksFailedToStart, "CannotPullContainerError"))
			g.Expect(svc.Status.Deployments[0].FailedTasks).To(BeNumerically(">=", 8))
			g.Expect(svc.Status.RunningCount).To(Equal(int32(2)))
			g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix("Warning TasksFailedToStart: (service web) is unable to consistently start tasks successfully.")))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(w.snapshot(ctx, Default, ofRevision("1"))).To(Equal(before))

		By("pausing longer and longer between them")
		sd := read(ctx, Default, w, "web-2", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.Kubernetes.FailedLaunches).To(HaveValue(BeNumerically(">=", 2)), "launches of one second are one round")
		Expect(w.Converge(ctx)).To(Succeed())
		pods, err := w.Pods(ctx, "2")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			Expect(w.nudge(ctx, &pods[i])).To(Succeed())
		}
		w.quiet(ctx)
		Expect(w.podNames(ctx, "2")).To(HaveLen(2))

		By("shipping one that can be pulled")
		w.ship(ctx, "web", "web:v3")
		w.steady(ctx, "web")
		Expect(w.counts(ctx, Default)).To(Equal(map[string]string{"3": "2 ready, 0 starting, 0 stopping"}))
	})

	It("of tasks that no node has room for says so", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.wants(ctx, map[string]int32{"web-1": 1})
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.NoNodeFor(ctx, &pods[0], "0/2 nodes are available: 2 Insufficient memory.")).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksNotPlaced, "Insufficient memory"))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("was unable to place a task because no container instance met all of its requirements.")))
		}).Should(Succeed())
	})

	DescribeTable("between percentages that leave no room is reported as stalled, and nothing is written while it is",
		func(ctx SpecContext, count, minimum, maximum int32, fragment string) {
			svc := w.running(ctx, "web", count, testkit.Percentages(minimum, maximum))
			Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionDeploymentBlocked, "True", ecsv1.ReasonDeploymentStuck, "spec.deploymentConfiguration"))
			w.ship(ctx, "web", "web:v2")
			Eventually(func(g Gomega) {
				g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentStuck,
					fragment, "Lower minimumHealthyPercent or raise maximumPercent"))
				g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value")))
			}).Should(Succeed())
			Expect(w.Converge(ctx)).To(Succeed())
			w.quiet(ctx)
			before, since := w.snapshot(ctx, Default, everything), time.Now()
			Consistently(func(g Gomega) {
				g.Expect(w.snapshot(ctx, g, everything)).To(Equal(before))
				g.Expect(record.Writes(since)).To(BeEmpty())
			}, 2*time.Second).Should(Succeed())

			By("giving it room")
			change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DeploymentConfiguration.MaximumPercent = ptr.To[int32](200) })
			svc = w.steady(ctx, "web")
			Expect(svc.Status.TaskDefinition).To(Equal("web:2"))
			Expect(svc.Status.Conditions).To(haveNoCondition(ecsv1.ConditionDeploymentBlocked))
		},
		Entry("75 % of 2", int32(2), int32(75), int32(100), "minimumHealthyPercent 75 keeps 2 of 2 tasks healthy and maximumPercent 100 allows 2"),
		Entry("125 % of 3", int32(3), int32(100), int32(125), "maximumPercent 125 allows 3"),
	)

	It("replaces an old task that ends meanwhile by one of its own revision", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		w.ship(ctx, "web", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Delete(ctx, &pods[0], client.GracePeriodSeconds(0))).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2, "web-2": 2})
		Expect(w.counts(ctx, Default)).To(HaveKeyWithValue("1", "1 ready, 1 starting, 0 stopping"))
	})
})

var _ = Describe("A task", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("without health check and load balancer is healthy after 40 seconds, and the operator looks again by itself", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, testkit.WithoutLoadBalancer))
		w.wants(ctx, map[string]int32{"web-1": 1})
		Expect(w.deployment(ctx, Default, "web-1").Spec.MinReadySeconds).To(Equal(int32(40)))
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.MakeReadySince(ctx, &pods[0], clock.Now().Add(-37*time.Second))).To(Succeed())
		Expect(w.Converge(ctx)).To(Succeed())
		w.quiet(ctx)
		sd := func(g Gomega) *ecsv1.ServiceDeployment { return read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{}) }
		Expect(sd(Default).Status).To(And(HaveField("RunningTaskCount", int32(1)), HaveField("HealthyTaskCount", int32(0)),
			HaveField("Status", ecsv1.ServiceDeploymentStateInProgress)), "37 seconds aren't enough")
		Eventually(func(g Gomega) {
			g.Expect(sd(g).Status.HealthyTaskCount).To(Equal(int32(1)))
			g.Expect(sd(g).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		}).Should(Succeed())
	})

	It("keeps the old tasks for the whole 40 seconds, by the operator's clock", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		create(ctx, testkit.TaskDefinition(w.ns, "slow"))
		svc := testkit.Service(w.ns, "slow", w.cluster, "slow", 1, testkit.WithoutLoadBalancer)
		create(ctx, svc)
		w.wants(ctx, map[string]int32{"web-1": 1, "slow-1": 1})
		clock.Advance(time.Minute)
		w.steadyAfter(ctx, "slow", time.Minute)
		w.ship(ctx, "slow", "web:v2")
		w.wants(ctx, map[string]int32{"web-1": 1, "slow-1": 1, "slow-2": 1})
		pods, err := w.Pods(ctx, "2")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.MakeReady(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 1, "slow-1": 1, "slow-2": 1})
		clock.Advance(41 * time.Second)
		Expect(w.nudge(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 1, "slow-1": 0, "slow-2": 1})
	})

	It("is over when its essential container exits, with whatever code: the pod goes, and an event says why", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Exit(ctx, &pods[0], "app", 0)).To(Succeed())
		Eventually(func(g Gomega) {
			p := read(ctx, g, w, pods[0].Name, &corev1.Pod{})
			g.Expect(p.DeletionTimestamp).NotTo(BeNil())
			g.Expect(w.events(ctx, g)).To(ContainElement(And(HavePrefix("Warning EssentialContainerExited: (service web)"), ContainSubstring("essential container app exited with code 0"))))
		}).Should(Succeed())
		svc := w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(2)))
		left, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(left).NotTo(ContainElement(HaveField("Name", pods[0].Name)))
	})

	It("is told of by the name that ECS knows its service by, also where that of the object is too long for a label", func(ctx SpecContext) {
		long := strings.Repeat("a", 70)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, long, w.cluster, "web", 1, func(s *ecsv1.Service) {
			s.Spec.ServiceName, s.Spec.LoadBalancers[0].TargetGroupArn = "Web_Shop", "web-tg"
		}))
		w.steady(ctx, long)
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Exit(ctx, &pods[0], "app", 0)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix("Warning EssentialContainerExited: (service Web_Shop) has stopped 1 running tasks: ")))
		}).Should(Succeed())
	})

	It("that ends soon after its start is made up for; when more do, their places stay empty for a while", func(ctx SpecContext) {
		w.running(ctx, "web", 3)
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Crash(ctx, &pods[0])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 3})
		Expect(w.Crash(ctx, &pods[1])).To(Succeed())
		w.wants(ctx, map[string]int32{"web-1": 2})
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.FailedTasks).To(BeZero(), "they were RUNNING")
			g.Expect(sd.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "False", ecsv1.ReasonTasksFailedToStart, "2 tasks of web:1 ended soon after their start", "exited with code 1"))
		}).Should(Succeed())

		clock.Advance(21 * time.Second)
		for i := range pods[:2] {
			Expect(w.nudge(ctx, &pods[i])).To(Succeed())
		}
		w.wants(ctx, map[string]int32{"web-1": 3})
		Expect(w.steady(ctx, "web").Status.RunningCount).To(Equal(int32(3)))
	})

	It("goes on when a container exits that isn't essential", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) {
			side := *td.Spec.ContainerDefinitions[0].DeepCopy()
			side.Name, side.PortMappings, side.Essential = "side", nil, new(false)
			td.Spec.ContainerDefinitions = append(td.Spec.ContainerDefinitions, side)
		}), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.steady(ctx, "web")
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Exit(ctx, &pods[0], "side", 0)).To(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w, pods[0].Name, &corev1.Pod{}).DeletionTimestamp).To(BeNil())
	})

	It("of nobody's service is never touched", func(ctx SpecContext) {
		pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "theirs"}}}}
		pod.Namespace, pod.Name = w.ns, "theirs"
		create(ctx, pod)
		Expect(w.Run(ctx, pod)).To(Succeed())
		Expect(w.Exit(ctx, pod, "app", 1)).To(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w, "theirs", &corev1.Pod{}).DeletionTimestamp).To(BeNil())
	})
})

// steadyAfter settles a service whose tasks become healthy by the passing of time: pods were ready that long ago.
func (w *world) steadyAfter(ctx context.Context, name string, ago time.Duration) {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	Expect(err).NotTo(HaveOccurred())
	for i := range pods {
		Expect(w.MakeReadySince(ctx, &pods[i], clock.Now().Add(-ago))).To(Succeed())
	}
	w.steady(ctx, name)
}

// nudge changes something about an object that doesn't matter, so that the operator looks at it.
func (w *world) nudge(ctx context.Context, o client.Object) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"test/nudge":"%d"}}}`, clock.Now().UnixNano())
	return admin.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(patch)))
}

// ofRevision are pods and Deployment of one revision.
func ofRevision(ordinal string) func(client.Object) bool {
	return func(o client.Object) bool {
		switch o.(type) {
		case *corev1.Pod, *appsv1.Deployment:
			return o.GetLabels()[ecsv1.LabelServiceRevision] == ordinal
		}
		return false
	}
}
