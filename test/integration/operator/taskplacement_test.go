// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

func packed(t *ecsv1.Task) { t.Spec.PlacementStrategy = []ecsv1.PlacementStrategy{binpackMemory} }

var _ = Describe("The placement of a task that someone runs", func() {
	var w taskWorld
	BeforeEach(func(ctx SpecContext) { w = newTaskWorld(ctx) })

	It("by a strategy is the engine's, and then the task runs as any other", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a", "b": "a"})
		for _, name := range []string{"one", "two"} {
			create(ctx, testkit.Task(w.ns, name, w.cluster, "job", packed, func(t *ecsv1.Task) { t.Spec.Group = "nightly" }))
		}
		Eventually(func(g Gomega) {
			places := w.where(ctx, g, "")
			g.Expect(places).To(HaveLen(1), "%v", places)
			g.Expect(places).NotTo(HaveKey(""))
		}).Should(Succeed())
		Expect(w.pod(ctx, "one").Annotations).To(HaveKeyWithValue(ecsv1.AnnotationTaskGroup, "nightly"))
		Expect(w.MakeReady(ctx, w.pod(ctx, "one"))).To(Succeed())
		t := w.reaches(ctx, "one", ecsv1.TaskStateRunning)
		Expect(w.pod(ctx, "one").ManagedFields).To(BeEmpty(), "later writes don't begin the account anew")
		Expect(t.Status.ContainerInstanceArn).NotTo(BeEmpty())
		Expect(t.Status.UnmappedFields).To(BeEmpty())
	})

	It("is left to the scheduler where node labels say it", func(ctx SpecContext) {
		create(ctx, testkit.Task(w.ns, "plain", w.cluster, "job", func(t *ecsv1.Task) {
			t.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: "attribute:ecs.availability-zone == zone-a"}}
		}))
		pod := w.pod(ctx, "plain")
		Expect(pod.Spec.SchedulingGates).To(BeEmpty())
		Expect(instances.RequiredTerms(pod)).To(HaveLen(1))
	})

	It("that isn't possible is the reason of RunTask's failure", func(ctx SpecContext) {
		w.fleet(ctx, map[string]string{"a": "a"})
		create(ctx, testkit.Task(w.ns, "choosy", w.cluster, "job", func(t *ecsv1.Task) {
			t.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: "attribute:stack == none"}}
		}))
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "choosy").Status.Conditions).NotTo(BeEmpty())
			g.Expect(w.waits(ctx, g)).To(HaveLen(1))
			for message := range w.waits(ctx, g) {
				g.Expect(message).To(ContainSubstring("MemberOf placement constraint unsatisfied"))
			}
		}).Should(Succeed())
		clock.Advance(20 * time.Second)
		change(ctx, testkit.Task(w.ns, "choosy", w.cluster, "job"), func(t *ecsv1.Task) { t.Annotations = map[string]string{"look": "again"} })
		t := w.reaches(ctx, "choosy", ecsv1.TaskStateStopped)
		Expect(t.Status).To(SatisfyAll(HaveField("StopCode", ecsv1.TaskStopCodeTaskFailedToStart),
			HaveField("StoppedReason", HavePrefix("MemberOf placement constraint unsatisfied: the closest matching is container instance "+w.ns+"-a"))))
	})

	It("through a capacity provider is waited for, in PROVISIONING", func(ctx SpecContext) {
		spot, steady := w.provider(ctx, "spot"), w.provider(ctx, "steady")
		create(ctx, testkit.Task(w.ns, "patient", w.cluster, "job", func(t *ecsv1.Task) {
			t.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: spot, Weight: new(int32(1))}, {CapacityProvider: steady, Weight: new(int32(1))}}
		}))
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "patient").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksNotPlaced, "waits for one of its capacity provider"))
			g.Expect(w.pod(ctx, "patient").Labels).To(HaveKeyWithValue(ecsv1.LabelCapacityProvider, spot))
		}).Should(Succeed())
		clock.Advance(time.Minute)
		change(ctx, testkit.Task(w.ns, "patient", w.cluster, "job"), func(t *ecsv1.Task) { t.Annotations = map[string]string{"look": "again"} })
		w.quiet(ctx)
		Expect(w.task(ctx, Default, "patient").Status.LastStatus).To(Equal(ecsv1.TaskStateProvisioning))
		w.fleet(ctx, map[string]string{"s": "a"}, func(n *corev1.Node) { n.Labels["tier"] = "spot" })
		Eventually(func(g Gomega) { g.Expect(w.where(ctx, g, "")).To(Equal(map[string]int{"s": 1})) }).Should(Succeed())

		By("the scheduler refusing it, which it is given time to take back")
		Expect(w.NoNodeFor(ctx, w.pod(ctx, "patient"), "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "patient").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksNotPlaced, "is ended if that doesn't change soon: ATTRIBUTE"))
		}).Should(Succeed())
		clock.Advance(20 * time.Second)
		change(ctx, testkit.Task(w.ns, "patient", w.cluster, "job"), func(t *ecsv1.Task) { t.Annotations = map[string]string{"look": "once more"} })
		Expect(w.reaches(ctx, "patient", ecsv1.TaskStateStopped).Status.StopCode).To(Equal(ecsv1.TaskStopCodeTaskFailedToStart))
	})

	It("through a capacity provider that the cluster doesn't have is refused, until it has it", func(ctx SpecContext) {
		soon := w.ns + "-soon"
		create(ctx, testkit.Task(w.ns, "early", w.cluster, "job", func(t *ecsv1.Task) {
			t.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: soon, Weight: new(int32(1))}}
		}))
		stalled := func(reason, message string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(w.task(ctx, g, "early").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason, "InvalidParameterException", message))
			}).Should(Succeed())
		}
		stalled(ecsv1.ReasonInvalid, "not associated with the cluster: "+soon)
		change(ctx, readCluster(ctx, w.world), func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = []string{soon} })
		stalled(ecsv1.ReasonCapacityProviderNotFound, "there is no CapacityProvider "+soon)
		Expect(w.task(ctx, Default, "early").Status.LastStatus).To(BeEmpty(), "the call would have failed, and there is no task")
		provider := &ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{Name: soon}, Spec: ecsv1.CapacityProviderSpec{
			Kubernetes: &ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "soon"}}}}}
		create(ctx, provider)
		DeferCleanup(func(ctx SpecContext) { remove(ctx, provider) })
		w.reaches(ctx, "early", ecsv1.TaskStateProvisioning)
		Expect(w.task(ctx, Default, "early").Status.Conditions).To(haveNoCondition(ecsv1.ConditionStalled))
	})
})
