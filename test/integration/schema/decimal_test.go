// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("A Decimal in the apiserver", func() {
	DescribeTable("comes back as it was written",
		func(ctx SpecContext, written, read string, tenths int64) {
			manifest := `
apiVersion: ecs.pods.dev/v1alpha1
kind: Service
metadata: {generateName: decimal-, namespace: ` + sampleNamespace + `}
spec:
  taskDefinition: web
  deploymentConfiguration:
    strategy: CANARY
    canaryConfiguration: {canaryPercent: ` + written + `}
`
			obj := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal([]byte(manifest), &obj.Object)).To(Succeed())
			Expect(strict.Create(ctx, obj)).To(Succeed())

			By("reading it into our type")
			svc := &ecsv1.Service{}
			Expect(strict.Get(ctx, client.ObjectKeyFromObject(obj), svc)).To(Succeed())
			percent := svc.Spec.DeploymentConfiguration.CanaryConfiguration.CanaryPercent
			Expect(percent.String()).To(Equal(read))
			Expect(percent.Tenths()).To(Equal(tenths))

			By("writing it back from our type: nothing changes")
			Expect(strict.Update(ctx, svc)).To(Succeed()) // the first write stores the default of a status that nobody has written
			before := svc.ResourceVersion
			Expect(strict.Update(ctx, svc)).To(Succeed())
			Expect(svc.ResourceVersion).To(Equal(before))
			Expect(svc.Generation).To(Equal(int64(1)))

			By("creating one from our type")
			second := &ecsv1.Service{
				ObjectMeta: metav1.ObjectMeta{GenerateName: "decimal-", Namespace: sampleNamespace},
				Spec:       *svc.Spec.DeepCopy(),
			}
			Expect(strict.Create(ctx, second)).To(Succeed())
			Expect(second.Spec.DeploymentConfiguration.CanaryConfiguration.CanaryPercent.String()).To(Equal(read))
		},
		Entry("a whole number", "5", "5", int64(50)),
		Entry("a tenth", "2.5", "2.5", int64(25)),
		Entry("the smallest", "0.1", "0.1", int64(1)),
		Entry("a tenth that binary can't hold", "1.1", "1.1", int64(11)),
		Entry("a large tenth", "99.9", "99.9", int64(999)),
		Entry("the largest", "100", "100", int64(1000)),
		Entry("a whole number with a point", "5.0", "5", int64(50)),
	)
})
