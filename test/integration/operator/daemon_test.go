// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

func daemon(minimum int32) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.SchedulingStrategy, s.Spec.DesiredCount = ecsv1.SchedulingStrategyDaemon, nil
		s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{MinimumHealthyPercent: &minimum}
	}
}

var _ = Describe("A DAEMON service", func() {
	var w *world
	nodes := []string{"one", "two", "three", "four"}
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	start := func(ctx context.Context, minimum int32) {
		GinkgoHelper()
		create(ctx, testkit.TaskDefinition(w.ns, "agent"), testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(minimum)))
		Eventually(func(g Gomega) { read(ctx, g, w, "agent", &appsv1.DaemonSet{}) }).Should(Succeed())
	}
	// rollsOn moves the pods one round further on the nodes.
	rollsOn := func(ctx context.Context) {
		GinkgoHelper()
		Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		for i := range pods {
			if p := &pods[i]; p.DeletionTimestamp == nil && !isReady(p) {
				Expect(w.MakeReady(ctx, p)).To(Succeed())
			}
		}
		Expect(w.Finish(ctx)).To(Succeed())
	}
	steadyOn := func(ctx context.Context, revision string) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			rollsOn(ctx)
			svc := w.service(ctx, g, "agent")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
			g.Expect(svc.Status.TaskDefinition).To(HaveSuffix(revision))
			g.Expect(svc.Status.DesiredCount).To(Equal(int32(len(nodes))))
			g.Expect(svc.Status.RunningCount).To(Equal(int32(len(nodes))))
		}).Should(Succeed())
	}

	It("has one task on each instance, is replaced within minimumHealthyPercent, and takes its tasks along when it goes", func(ctx SpecContext) {
		start(ctx, 50)
		steadyOn(ctx, "agent:1")
		set := read(ctx, Default, w, "agent", &appsv1.DaemonSet{})
		Expect(set.Spec.Template.Spec.NodeSelector).To(Equal(map[string]string{names.DaemonLabel(w.ns, "agent"): ""}))
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "agent", &appsv1.DaemonSet{}).Spec.UpdateStrategy.RollingUpdate.MaxUnavailable.IntValue()).To(Equal(2), "50 % of 4 are kept")
		}).Should(Succeed())

		By("another image")
		w.ship(ctx, "agent", "web:v2")
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "agent", &appsv1.DaemonSet{}).Spec.Template.Labels).To(HaveKeyWithValue(ecsv1.LabelServiceRevision, "2"))
		}).Should(Succeed())
		Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
		Eventually(func(g Gomega) {
			sd := read(ctx, g, w, "agent-2", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
			g.Expect(sd.Status.SourceServiceRevisions).To(HaveLen(1))
			g.Expect(sd.Status.SourceServiceRevisions[0].RunningTaskCount).To(Equal(int32(2)), "two at a time are stopped")
		}).Should(Succeed())
		steadyOn(ctx, "agent:2")

		By("deletion")
		Expect(admin.Delete(ctx, w.service(ctx, Default, "agent"))).To(Succeed())
		Eventually(func(g Gomega) {
			w.missing(ctx, g, "agent", &appsv1.DaemonSet{})
			g.Expect(w.CollectGarbage(ctx)).To(Succeed())
			w.missing(ctx, g, "agent", &ecsv1.Service{})
		}).Should(Succeed())
	})

	Describe("whose DaemonSet is known to want no task", func() {
		var fleet fleetWorld
		BeforeEach(func() { fleet = fleetWorld{w} })
		active := func(ctx context.Context, name string) {
			GinkgoHelper()
			fleet.hasStatus(ctx, fleet.node(ctx, name), ecsv1.ContainerInstanceStateActive, ecsv1.LabelCluster)
		}
		// wantsNone plays a daemon set controller that finds no node with the daemon's label, until its deployment says so.
		wantsNone := func(ctx context.Context, state ecsv1.ServiceDeploymentState, why string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(w.ConvergeDaemons(ctx)).To(Succeed())
				sd := read(ctx, g, w, "agent-1", &ecsv1.ServiceDeployment{})
				g.Expect(sd.Status.StatusReason).To(ContainSubstring(why))
				g.Expect(sd.Status.Status).To(Equal(state))
			}).Should(Succeed())
		}

		It("isn't deployed before instances are chosen for it", func(ctx SpecContext) {
			active(ctx, "a")
			start(ctx, 50)
			wantsNone(ctx, ecsv1.ServiceDeploymentStateInProgress, "no container instance has been chosen for the service yet")
			steadyOn(ctx, "agent:1")
			Expect(read(ctx, Default, w, "agent-1", &ecsv1.ServiceDeployment{}).Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		})

		It("is deployed when there was time to choose one, and none meets its constraints", func(ctx SpecContext) {
			active(ctx, "a")
			create(ctx, testkit.TaskDefinition(w.ns, "agent"), testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(50), membersOf("attribute:stack exists")))
			wantsNone(ctx, ecsv1.ServiceDeploymentStateInProgress, "no container instance has been chosen for the service yet")
			clock.Advance(31 * time.Second)
			active(ctx, "b") // which makes the operator look at its clock
			wantsNone(ctx, ecsv1.ServiceDeploymentStateSuccessful, "each of 0 container instances")
		})

		It("is deployed at once where the cluster has no instance to choose", func(ctx SpecContext) {
			a := fleet.node(ctx, "a", taint("karpenter.sh/disrupted"))
			fleet.hasStatus(ctx, a, ecsv1.ContainerInstanceStateDraining)
			start(ctx, 50)
			wantsNone(ctx, ecsv1.ServiceDeploymentStateSuccessful, "each of 0 container instances")
		})
	})

	It("counts a task without load balancer and check as healthy after 40 seconds", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "agent"), testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(0), testkit.WithoutLoadBalancer))
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "agent", &appsv1.DaemonSet{}).Spec.MinReadySeconds).To(Equal(int32(40)))
		}).Should(Succeed())
		Expect(w.ConvergeDaemons(ctx, nodes[0])).To(Succeed())
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(HaveLen(1))
		Expect(w.MakeReadySince(ctx, &pods[0], clock.Now().Add(-36*time.Second))).To(Succeed())
		status := func(g Gomega) ecsv1.ServiceDeploymentStatus {
			return read(ctx, g, w, "agent-1", &ecsv1.ServiceDeployment{}).Status
		}
		Eventually(func(g Gomega) { g.Expect(status(g).RunningTaskCount).To(Equal(int32(1))) }).Should(Succeed())
		Expect(status(Default).HealthyTaskCount).To(BeZero(), "36 seconds aren't enough")
		Eventually(func(g Gomega) { g.Expect(status(g).HealthyTaskCount).To(Equal(int32(1))) }).Should(Succeed())
	})

	It("replaces nothing, and says why, where the percentages leave no room", func(ctx SpecContext) {
		nodes = nodes[:1]
		DeferCleanup(func() { nodes = []string{"one", "two", "three", "four"} })
		start(ctx, 50)
		steadyOn(ctx, "agent:1")
		w.ship(ctx, "agent", "web:v2")
		Eventually(func(g Gomega) {
			g.Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
			g.Expect(w.service(ctx, g, "agent").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentStuck, "Lower minimumHealthyPercent"))
		}).Should(Succeed())
		Expect(read(ctx, Default, w, "agent", &appsv1.DaemonSet{}).Spec.UpdateStrategy.Type).To(Equal(appsv1.OnDeleteDaemonSetStrategyType))
	})

	It("replaces its unhealthy tasks one at a time", func(ctx SpecContext) {
		start(ctx, 50)
		steadyOn(ctx, "agent:1")
		w.quiet(ctx)
		unhealthy := w.fail(ctx, "1", 2)
		stopping := func(g Gomega) (names []string) {
			pods, err := w.Pods(ctx, "1")
			g.Expect(err).NotTo(HaveOccurred())
			for _, p := range pods {
				if p.DeletionTimestamp != nil {
					names = append(names, p.Name)
				}
			}
			return names
		}
		for range 2 {
			Eventually(stopping).Should(HaveLen(1))
			w.quiet(ctx)
			Expect(stopping(Default)).To(HaveLen(1), "the other one waits")
			gone := stopping(Default)[0]
			Expect(unhealthy).To(ContainElement(gone))
			Expect(w.Finish(ctx)).To(Succeed())
			Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
			w.quiet(ctx)
			Expect(stopping(Default)).To(BeEmpty(), "a task starts")
			w.replacementReady(ctx, "1", unhealthy)
		}
		steadyOn(ctx, "agent:1")
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(HavePrefix("Warning TasksUnhealthy: (service agent) (task ")))
		}).Should(Succeed())
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(And(HaveLen(4), Not(ContainElement(HaveField("Name", BeElementOf(unhealthy))))))
	})

	It("leaves a DaemonSet of that name alone that isn't its own", func(ctx SpecContext) {
		labels := map[string]string{"app": "other"}
		other := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "agent"}}
		other.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
		other.Spec.Template = corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "other"}}}}
		other.Spec.RevisionHistoryLimit = ptr.To[int32](3)
		create(ctx, other)
		create(ctx, testkit.TaskDefinition(w.ns, "agent"), testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(50)))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "agent").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "DaemonSet agent"))
		}).Should(Succeed())
		Expect(read(ctx, Default, w, "agent", &appsv1.DaemonSet{}).Spec.RevisionHistoryLimit).To(HaveValue(Equal(int32(3))))
	})
})
