// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// What a launch type refuses is said twice: by CEL rules for task definitions that ask for it, and by internal/taskdef for
// status.compatibilities of all others. Each sample that is a task definition is tried with each launch type.
var _ = Describe("A launch type", func() {
	for _, launchType := range []ecsv1.Compatibility{
		ecsv1.CompatibilityEC2, ecsv1.CompatibilityFargate, ecsv1.CompatibilityExternal, ecsv1.CompatibilityManagedInstances,
	} {
		It(string(launchType)+" refuses the same by CEL and by internal/taskdef", func(ctx SpecContext) {
			refused := 0
			for _, path := range append(samplePaths("good"), samplePaths("bad")...) {
				td := lastTaskDefinition(path)
				if td == nil || tryWith(ctx, td) != nil {
					continue // no launch type takes it
				}
				fields := &ecsv1.TaskDefinition{}
				err := tryWith(ctx, td, launchType)
				Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(td.Object, fields)).To(Succeed())
				problems := taskdef.Refusals(&fields.Spec.TaskDefinitionFields, launchType)
				if onlyGo(problems) {
					Expect(err).NotTo(HaveOccurred(), path)
					continue
				}
				Expect(err != nil).To(Equal(len(problems) > 0), "%s: the apiserver says %v, internal/taskdef %v", path, err, problems)
				if err != nil {
					refused++
				}
			}
			if launchType != ecsv1.CompatibilityEC2 { // which takes all of them
				Expect(refused).To(BeNumerically(">", 0), "none of the samples says anything")
			}
		})
	}
})

// onlyGo: what keeps a definition from Fargate is an image that needs the execution role, which CEL doesn't look at.
func onlyGo(problems taskdef.Problems) bool {
	for _, p := range problems {
		if !strings.HasSuffix(p.Path, ".image") && !strings.HasSuffix(p.Path, ".repositoryCredentials") {
			return false
		}
	}
	return len(problems) > 0
}

// lastTaskDefinition is what a sample ends with, nil if that isn't a task definition.
func lastTaskDefinition(path string) *unstructured.Unstructured {
	GinkgoHelper()
	manifests := readSample(path).manifests
	if len(manifests) == 0 || manifests[len(manifests)-1].GetKind() != "TaskDefinition" {
		return nil
	}
	return manifests[len(manifests)-1].DeepCopy()
}

// tryWith asks the apiserver about td with these launch types in requiresCompatibilities.
func tryWith(ctx context.Context, td *unstructured.Unstructured, launchTypes ...ecsv1.Compatibility) error {
	GinkgoHelper()
	unstructured.RemoveNestedField(td.Object, "spec", "requiresCompatibilities")
	if len(launchTypes) > 0 {
		var all []any
		for _, l := range launchTypes {
			all = append(all, string(l))
		}
		Expect(unstructured.SetNestedSlice(td.Object, all, "spec", "requiresCompatibilities")).To(Succeed())
	}
	err := strict.Create(ctx, td.DeepCopy(), client.DryRunAll)
	if err != nil {
		Expect(apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)).To(BeTrue(), "%v", err)
	}
	return err
}
