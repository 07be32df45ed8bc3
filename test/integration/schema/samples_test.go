// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// expectPrefix begins the lines at the head of a bad sample that say what the refusal must contain.
const expectPrefix = "# expect: "

var _ = Describe("A sample", func() {
	for _, path := range samplePaths("good") {
		It("good/"+slug(path)+" is accepted", func(ctx SpecContext) {
			Expect(apply(ctx, readSample(path).manifests)).To(Succeed())
		})
	}
	for _, path := range samplePaths("bad") {
		It("bad/"+slug(path)+" is refused with advice", func(ctx SpecContext) {
			s := readSample(path)
			Expect(s.expectations).NotTo(BeEmpty(), "begin the file with lines `%s...`", expectPrefix)
			err := apply(ctx, s.manifests)
			Expect(err).To(HaveOccurred())
			for _, want := range s.expectations {
				Expect(err.Error()).To(ContainSubstring(want))
			}
		})
	}

	It("exists on both sides for each case", func() {
		Expect(slugs("bad")).To(Equal(slugs("good")))
	})
})

// sample is a file of testdata: objects to be created and then, if there are several, updated one after the other.
type sample struct {
	expectations []string
	manifests    []*unstructured.Unstructured
}

// apply creates the first object and turns it into each of the following ones, then removes it. The error is that of
// the last step; the steps before it are preparation and fail the test if they don't succeed.
func apply(ctx context.Context, manifests []*unstructured.Unstructured) error {
	GinkgoHelper()
	obj := manifests[0].DeepCopy()
	err := strict.Create(ctx, obj)
	if err == nil {
		DeferCleanup(func(ctx SpecContext) { Expect(strict.Delete(ctx, obj)).To(Succeed()) })
	}
	for _, next := range manifests[1:] {
		Expect(err).NotTo(HaveOccurred(), "all objects of a sample but the last must be accepted")
		update := next.DeepCopy()
		update.SetResourceVersion(obj.GetResourceVersion())
		err = strict.Update(ctx, update)
	}
	return err
}

func readSample(path string) sample {
	GinkgoHelper()
	data, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	var s sample
	for line := range strings.Lines(string(data)) {
		want, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), expectPrefix)
		if !ok {
			break
		}
		s.expectations = append(s.expectations, want)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		obj := &unstructured.Unstructured{}
		err := decoder.Decode(&obj.Object)
		if errors.Is(err, io.EOF) {
			return s
		}
		Expect(err).NotTo(HaveOccurred(), path)
		if namespaced(obj.GetKind()) {
			obj.SetNamespace(sampleNamespace)
		}
		s.manifests = append(s.manifests, obj)
	}
}

func namespaced(kind string) bool {
	return kind != "Cluster" && kind != "ContainerInstance" && kind != "CapacityProvider"
}

func samplePaths(side string) []string {
	paths, err := filepath.Glob(filepath.Join("testdata", side, "*.yaml"))
	if err != nil || len(paths) == 0 {
		panic(fmt.Sprintf("no samples in testdata/%s: %v", side, err))
	}
	return paths
}

func slug(path string) string { return strings.TrimSuffix(filepath.Base(path), ".yaml") }

func slugs(side string) []string {
	var out []string
	for _, p := range samplePaths(side) {
		out = append(out, slug(p))
	}
	return out
}
