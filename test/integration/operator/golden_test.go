// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

var _ = Describe("A golden translation", func() {
	folder := filepath.Join("..", "..", "..", "internal", "podspec", "testdata")
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.out.yaml"))
	if err != nil || len(files) < 30 {
		panic("no goldens in " + folder)
	}
	for _, file := range files {
		name, err := filepath.Rel(folder, strings.TrimSuffix(file, ".out.yaml"))
		if err != nil {
			panic(err)
		}
		It("is what Kubernetes takes: "+name, func(ctx SpecContext) {
			text, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			var result podspec.Result
			Expect(yaml.UnmarshalStrict(text, &result)).To(Succeed())
			if result.Template.Labels == nil {
				result.Template.Labels = map[string]string{"app": "golden"}
			}
			strict := client.WithFieldValidation(admin, metav1.FieldValidationStrict)
			needs(ctx, result.Template.Spec)
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{GenerateName: "golden-", Namespace: metav1.NamespaceDefault, Labels: result.Template.Labels, Annotations: result.Template.Annotations},
				Spec:       *result.Template.Spec.DeepCopy(),
			}
			Expect(strict.Create(ctx, pod, client.DryRunAll)).To(Succeed())
			if result.Template.Spec.RestartPolicy == corev1.RestartPolicyNever {
				return // a task by itself, which no Deployment makes
			}
			d := &appsv1.Deployment{
				ObjectMeta: metav1.ObjectMeta{GenerateName: "golden-", Namespace: metav1.NamespaceDefault},
				Spec: appsv1.DeploymentSpec{
					Selector:        &metav1.LabelSelector{MatchLabels: result.Template.Labels},
					Template:        result.Template,
					MinReadySeconds: result.MinReadySeconds,
				},
			}
			Expect(strict.Create(ctx, d, client.DryRunAll)).To(Succeed())
		})
	}
})

// needs makes what the apiserver looks for when it admits the pod.
func needs(ctx SpecContext, pod corev1.PodSpec) {
	GinkgoHelper()
	if name := pod.RuntimeClassName; name != nil {
		class := &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: *name}, Handler: "runc"}
		create(ctx, class)
		DeferCleanup(func(ctx SpecContext) { remove(ctx, class) })
	}
	if name := pod.ServiceAccountName; name != "" {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: name}}
		create(ctx, account)
		DeferCleanup(func(ctx SpecContext) { remove(ctx, account) })
	}
}
