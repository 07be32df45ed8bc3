// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var _ = Describe("The log collector", func() {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "config", "logging", "*.yaml"))
	if err != nil || len(files) < 4 {
		panic("no manifests in config/logging")
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		It("is what Kubernetes takes: "+filepath.Base(file), func(ctx SpecContext) {
			f, err := os.Open(file)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(f.Close)
			decoder := yaml.NewYAMLOrJSONDecoder(f, 4096)
			for {
				obj := &unstructured.Unstructured{}
				err := decoder.Decode(&obj.Object)
				if errors.Is(err, io.EOF) {
					return
				}
				Expect(err).NotTo(HaveOccurred())
				if kind := obj.GetKind(); kind == "DaemonSet" || kind == "ServiceAccount" {
					obj.SetNamespace(metav1.NamespaceDefault) // kustomize puts them into ecs-logging, which a dry run doesn't make
				}
				strict := client.WithFieldValidation(admin, metav1.FieldValidationStrict)
				Expect(strict.Create(ctx, obj, client.DryRunAll)).To(Succeed())
			}
		})
	}
})
