// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("The scale subresource of a Service", func() {
	var svc *ecsv1.Service

	BeforeEach(func(ctx SpecContext) {
		svc = &ecsv1.Service{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "scale-", Namespace: sampleNamespace},
			Spec:       ecsv1.ServiceSpec{TaskDefinition: "web"},
		}
		Expect(strict.Create(ctx, svc)).To(Succeed())
	})

	It("can be written while desiredCount is unset", func(ctx SpecContext) {
		scale := &autoscalingv1.Scale{}
		Expect(strict.SubResource("scale").Get(ctx, svc, scale)).To(MatchError(ContainSubstring(".spec.desiredCount")),
			"an autoscaler can't read it until someone has set it once")
		scale.Name, scale.Namespace, scale.Spec.Replicas = svc.Name, svc.Namespace, 3
		Expect(strict.SubResource("scale").Update(ctx, svc, client.WithSubResourceBody(scale))).To(Succeed())
		Expect(strict.Get(ctx, client.ObjectKeyFromObject(svc), svc)).To(Succeed())
		Expect(svc.Spec.DesiredCount).To(HaveValue(Equal(int32(3))))
	})

	It("shows desired and running tasks and their selector", func(ctx SpecContext) {
		five := int32(5)
		svc.Spec.DesiredCount = &five
		Expect(strict.Update(ctx, svc)).To(Succeed())
		svc.Status.RunningCount = 4
		svc.Status.Selector = ecsv1.LabelService + "=" + svc.Name
		Expect(strict.Status().Update(ctx, svc)).To(Succeed())

		scale := &autoscalingv1.Scale{}
		Expect(strict.SubResource("scale").Get(ctx, svc, scale)).To(Succeed())
		Expect(scale.Spec.Replicas).To(Equal(five))
		Expect(scale.Status.Replicas).To(Equal(int32(4)))
		Expect(scale.Status.Selector).To(Equal(ecsv1.LabelService + "=" + svc.Name))

		By("changing only the count")
		scale.Spec.Replicas = 7
		Expect(strict.SubResource("scale").Update(ctx, svc, client.WithSubResourceBody(scale))).To(Succeed())
		Expect(strict.Get(ctx, client.ObjectKeyFromObject(svc), svc)).To(Succeed())
		Expect(svc.Spec.DesiredCount).To(HaveValue(Equal(int32(7))))
		Expect(svc.Spec.TaskDefinition).To(Equal("web"))
	})
})
