// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package schema lets a real apiserver judge the API: every rule of the CRDs has a sample that it accepts and one that
// it refuses with a message that helps.
package schema

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const sampleNamespace = "schema-samples"

var (
	cfg *rest.Config
	// strict is a client that refuses unknown fields, as kubectl does.
	strict client.Client
)

func TestSchema(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Schema Suite")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		Fail("KUBEBUILDER_ASSETS is not set, so there is no apiserver to ask; run make test-integration")
	}
	env := &envtest.Environment{
		CRDDirectoryPaths:     []string{crdDirectory()},
		ErrorIfCRDPathMissing: true,
	}
	var err error
	cfg, err = env.Start()
	Expect(err).NotTo(HaveOccurred(), "the apiserver must accept the CRDs, the cost of their rules included")
	DeferCleanup(env.Stop)

	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(ecsv1.AddToScheme(scheme)).To(Succeed())
	plain, err := client.New(cfg, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	strict = client.WithFieldValidation(plain, metav1.FieldValidationStrict)
	Expect(strict.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: sampleNamespace}})).To(Succeed())
})

func crdDirectory() string { return filepath.Join("..", "..", "..", "config", "crd", "bases") }
