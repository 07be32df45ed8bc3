// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"os"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

var _ = Describe("A manifest in docs/spec", func() {
	pages, err := filepath.Glob(filepath.Join("..", "..", "..", "docs", "spec", "*.md"))
	if err != nil {
		panic(err)
	}
	It("is there for each kind", func() {
		Expect(pages).To(HaveLen(11), "ten kinds and the README")
	})
	for _, page := range pages {
		It(filepath.Base(page)+" is accepted", func(ctx SpecContext) {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
				obj := &unstructured.Unstructured{}
				Expect(yaml.UnmarshalStrict([]byte(block[1]), &obj.Object)).To(Succeed())
				if namespaced(obj.GetKind()) {
					obj.SetNamespace(sampleNamespace)
				}
				Expect(apply(ctx, []*unstructured.Unstructured{obj})).To(Succeed())
			}
		})
	}
})
