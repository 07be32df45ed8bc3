// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// enforce sets the Pod Security level of the world's namespace, "" for none.
func (w *world) enforce(ctx context.Context, level string) {
	GinkgoHelper()
	change(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.ns}}, func(ns *corev1.Namespace) {
		delete(ns.Labels, "pod-security.kubernetes.io/enforce")
		if level != "" {
			metav1.SetMetaDataLabel(&ns.ObjectMeta, "pod-security.kubernetes.io/enforce", level)
		}
	})
}

func hostNetwork(td *ecsv1.TaskDefinition) { td.Spec.NetworkMode = "host" }

// taskOf is a task of the service's Deployment, as its ReplicaSet would make it.
func taskOf(d *appsv1.Deployment) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.Namespace, GenerateName: d.Name + "-", Labels: d.Spec.Template.Labels, Annotations: d.Spec.Template.Annotations},
		Spec:       d.Spec.Template.Spec,
	}
}

var _ = Describe("A namespace's Pod Security level", func() {
	It("is told on the service, by the fields that it forbids; nothing is made until it allows them", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.enforce(ctx, "baseline")
		create(ctx, testkit.TaskDefinition(w.ns, "web", hostNetwork), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonPodSecurity,
				"AccessDeniedException: namespace "+w.ns+" enforces Pod Security level baseline, which forbids tasks of web:1: networkMode: "))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(BeEmpty())
		Expect(w.names(ctx, Default, &appsv1.DeploymentList{})).To(BeEmpty())

		By("the label is taken away")
		w.enforce(ctx, "")
		w.steady(ctx, "web")
	})

	It("restricted runs what doesn't speak against it, and refuses what does", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.enforce(ctx, "restricted")
		w.running(ctx, "web", 1)
		Expect(admin.Create(ctx, taskOf(w.deployment(ctx, Default, "web-1")), client.DryRunAll)).To(Succeed(), "the apiserver's own word")

		create(ctx, testkit.TaskDefinition(w.ns, "root", func(td *ecsv1.TaskDefinition) { td.Spec.ContainerDefinitions[0].User = "0" }),
			testkit.Service(w.ns, "root", w.cluster, "root", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "root").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonPodSecurity,
				`containerDefinitions[0].user: the level forbids root; set user to another number, as in "1000"`))
		}).Should(Succeed())
	})

	It("that comes later is told of tasks that run, and followed by the next deployment", func(ctx SpecContext) {
		w := newWorld(ctx)
		web := w.running(ctx, "web", 1)
		w.enforce(ctx, "restricted")
		Eventually(func(g Gomega) {
			now := w.service(ctx, g, "web")
			g.Expect(now.Status.Conditions).To(haveCondition(ecsv1.ConditionTasksForbidden, "True", ecsv1.ReasonPodSecurity, "none can be started in their place"))
			g.Expect(now.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())

		change(ctx, web, func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: ptr.To[int64](1)}
		})
		w.steady(ctx, "web")
		Expect(w.service(ctx, Default, "web").Status.Conditions).To(haveNoCondition(ecsv1.ConditionTasksForbidden))
		Expect(admin.Create(ctx, taskOf(w.deployment(ctx, Default, "web-2")), client.DryRunAll)).To(Succeed())
	})

	It("or any other refusal of a pod that can't be foreseen is told as the deployment's controller meets it", func(ctx SpecContext) {
		w := newWorld(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		d := &appsv1.Deployment{}
		Eventually(func(g Gomega) { d = w.deployment(ctx, g, "web-1") }).Should(Succeed())
		before := d.DeepCopy()
		d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate",
			Message: `pods "web-1-x" is forbidden: exceeded quota: small`}}
		Expect(admin.Status().Patch(ctx, d, client.MergeFrom(before))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksRefused,
				`Kubernetes refuses tasks of web:1: pods "web-1-x" is forbidden: exceeded quota: small`))
		}).Should(Succeed())
	})
})
