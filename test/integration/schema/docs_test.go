// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const root = "../../.."

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// pages are the files below a folder that end so.
func pages(folder, ending string) []string {
	var out []string
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ending) && d.Name() != "kustomization.yaml" {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return out
}

// accepts applies each of our objects in the text. Objects of other API groups belong to what the text explains, and aren't ours to test.
func accepts(ctx SpecContext, text []byte) {
	GinkgoHelper()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		obj := &unstructured.Unstructured{}
		err := decoder.Decode(&obj.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		Expect(err).NotTo(HaveOccurred())
		if obj.GroupVersionKind().Group != ecsv1.GroupVersion.Group {
			continue
		}
		if namespaced(obj.GetKind()) {
			obj.SetNamespace(sampleNamespace)
		}
		Expect(apply(ctx, []*unstructured.Unstructured{obj})).To(Succeed())
	}
}

var _ = Describe("A manifest in docs/spec", func() {
	It("is there for each kind", func() {
		crds, err := filepath.Glob(filepath.Join(crdDirectory(), "*.yaml"))
		Expect(err).NotTo(HaveOccurred())
		for _, crd := range crds {
			plural := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(crd), "ecs.pods.dev_"), ".yaml")
			singular := strings.TrimSuffix(plural, "s")
			if kind, ies := strings.CutSuffix(plural, "ies"); ies {
				singular = kind + "y"
			}
			Expect(filepath.Join(root, "docs", "spec", singular+".md")).To(BeARegularFile())
		}
	})
	for _, page := range pages("docs/spec", ".md") {
		It(filepath.Base(page)+" is accepted", func(ctx SpecContext) {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			for _, block := range yamlBlock.FindAllSubmatch(text, -1) {
				accepts(ctx, block[1])
			}
		})
	}
})

var _ = Describe("A manifest in config/samples", func() {
	for _, page := range pages("config/samples", ".yaml") {
		It(strings.TrimPrefix(page, root+"/")+" is accepted", func(ctx SpecContext) {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			accepts(ctx, text)
		})
	}
})
