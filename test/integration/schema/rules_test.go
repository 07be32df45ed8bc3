// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

var _ = Describe("A rule of the CRDs", func() {
	It("has a bad sample that meets it", func() {
		var expectations []string
		for _, path := range samplePaths("bad") {
			expectations = append(expectations, readSample(path).expectations...)
		}
		for _, r := range rules() {
			met := slices.ContainsFunc(expectations, func(want string) bool { return r.says(want) })
			Expect(met).To(BeTrue(), "no bad sample expects this rule: %s", r.text)
		}
	})

	It("names a field and the way out", func() {
		for _, r := range rules() {
			Expect(r.text).To(MatchRegexp(`^'?[A-Za-z][A-Za-z0-9.\[\] ]*( and [A-Za-z0-9.]+)?: .+`), "begin the message with the field")
			Expect(r.text).To(ContainSubstring("; "), "after the problem and a semicolon, say what to do")
		}
	})
})

// rule is the message of an x-kubernetes-validations entry.
type rule struct{ text string }

// says tells whether a text that a sample expects comes from this rule. A message that is put together from pieces
// is recognised by its first piece.
func (r rule) says(want string) bool {
	if piece, computed := strings.CutPrefix(r.text, "'"); computed {
		first, _, _ := strings.Cut(piece, "'")
		return strings.HasPrefix(want, first)
	}
	// The apiserver shows the message whole; a sample may expect only its beginning, which must be telling.
	return strings.HasPrefix(r.text, want) && len(want) > 20
}

func rules() []rule {
	GinkgoHelper()
	files, err := filepath.Glob(filepath.Join(crdDirectory(), "*.yaml"))
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(HaveLen(11), "one CRD for each kind")
	seen := map[string]bool{}
	var out []rule
	for _, file := range files {
		data, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		crd := &apiextensionsv1.CustomResourceDefinition{}
		Expect(yaml.UnmarshalStrict(data, crd)).To(Succeed())
		walk(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, func(s *apiextensionsv1.JSONSchemaProps) {
			for _, v := range s.XValidations {
				text := v.Message + v.MessageExpression
				if !seen[text] {
					seen[text] = true
					out = append(out, rule{text: text})
				}
			}
		})
	}
	return out
}

func walk(s *apiextensionsv1.JSONSchemaProps, visit func(*apiextensionsv1.JSONSchemaProps)) {
	visit(s)
	for name := range s.Properties {
		p := s.Properties[name]
		walk(&p, visit)
	}
	if s.Items != nil && s.Items.Schema != nil {
		walk(s.Items.Schema, visit)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		walk(s.AdditionalProperties.Schema, visit)
	}
}
