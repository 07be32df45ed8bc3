// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// What test/gitops says of the default of a status is worth as much as what an apiserver makes of it: it drops a status that comes with a new object, and
// stores none; it puts in the default when it reads.
var _ = Describe("A status that nobody has written", func() {
	files, err := filepath.Glob(filepath.Join(root, "config", "argocd", "resource_customizations", "*", "*", "testdata", "new.yaml"))
	if err != nil || len(files) == 0 {
		panic("no manifests of new objects")
	}
	for _, file := range files {
		kind := filepath.Base(filepath.Dir(filepath.Dir(file)))
		It("is of generation -1 for whoever reads it, until it is written: "+kind, func(ctx SpecContext) {
			text, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			o := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal(text, &o.Object)).To(Succeed())
			if namespaced(kind) {
				o.SetNamespace(sampleNamespace)
			}
			o.SetName("status-" + o.GetName())
			o.SetGeneration(0)
			generation := func(o *unstructured.Unstructured) int64 {
				GinkgoHelper()
				n, found, err := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
				Expect(err).NotTo(HaveOccurred())
				Expect(found).To(BeTrue())
				return n
			}
			o.Object["status"] = map[string]any{"observedGeneration": int64(7)}
			Expect(strict.Create(ctx, o)).To(Succeed())
			Expect(generation(o)).To(Equal(int64(-1)), "what its maker wrote counts for nothing")
			Expect(strict.Get(ctx, client.ObjectKeyFromObject(o), o)).To(Succeed())
			Expect(generation(o)).To(Equal(int64(-1)))
			list := &unstructured.UnstructuredList{}
			list.SetGroupVersionKind(o.GroupVersionKind())
			Expect(strict.List(ctx, list)).To(Succeed())
			Expect(list.Items).NotTo(BeEmpty())
			for i := range list.Items {
				generation(&list.Items[i])
			}

			By("being written")
			before := o.DeepCopy()
			Expect(unstructured.SetNestedField(o.Object, int64(1), "status", "observedGeneration")).To(Succeed())
			Expect(strict.Status().Patch(ctx, o, client.MergeFrom(before))).To(Succeed())
			Expect(strict.Get(ctx, client.ObjectKeyFromObject(o), o)).To(Succeed())
			Expect(generation(o)).To(Equal(int64(1)))
		})
	}
})
