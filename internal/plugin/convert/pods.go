// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	ecsservice "github.com/ecs-operator/ecs-operator/internal/service"
)

// podInput is what a task that runs by itself is translated from.
func (c *Converter) podInput(td *ecsv1.TaskDefinition) podspec.Input {
	on := c.platform()
	return podspec.Input{TaskDefinition: td.Spec.TaskDefinitionFields, LauncherImage: on.LauncherImage, Features: on.Features}
}

func family(td *ecsv1.TaskDefinition) string {
	if td.Spec.Family != "" {
		return td.Spec.Family
	}
	return td.Name
}

// Pods are what runs in the end: a pod for each service, with the service's settings, and one for each task definition that no service
// here uses. Refused objects have none.
func (c *Converter) Pods(objects []*Object) ([]*corev1.Pod, error) {
	definitions := map[string]*ecsv1.TaskDefinition{}
	for _, o := range objects {
		if td, ok := o.Object.(*ecsv1.TaskDefinition); ok && !o.Refused() {
			definitions[family(td)] = td
		}
	}
	inService := map[string]bool{}
	var services, standalone []*corev1.Pod
	var errs []error
	for _, o := range objects {
		s, ok := o.Object.(*ecsv1.Service)
		if !ok || o.Refused() {
			continue
		}
		ref, err := arn.ParseTaskDefinition(s.Spec.TaskDefinition)
		td := definitions[ref.Family]
		if err != nil || td == nil {
			c.note("%s: no pod for %s: its task definition %q isn't among the files", o.File, o.Name(), s.Spec.TaskDefinition)
			continue
		}
		inService[ref.Family] = true
		pod, err := c.servicePod(s, td)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", o.File, o.Name(), err))
			continue
		}
		services = append(services, pod)
	}
	for _, o := range objects {
		td, ok := o.Object.(*ecsv1.TaskDefinition)
		if !ok || o.Refused() || inService[family(td)] {
			continue
		}
		result, err := podspec.Translate(c.podInput(td))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", o.File, o.Name(), err))
			continue
		}
		standalone = append(standalone, c.pod(td.Name, result))
	}
	return append(standalone, services...), errors.Join(errs...)
}

// servicePod is a pod of the service's first revision with the family's first.
func (c *Converter) servicePod(s *ecsv1.Service, td *ecsv1.TaskDefinition) (*corev1.Pod, error) {
	revision := &ecsv1.TaskDefinitionRevision{}
	revision.Spec.Family, revision.Spec.Revision = family(td), 1
	revision.Spec.TaskDefinition = td.Spec.TaskDefinitionFields
	spec := ecsservice.Revision(s, revision)
	spec.Revision = 1
	result, err := ecsservice.Translate(&spec, &revision.Spec, c.platform())
	if err != nil {
		return nil, err
	}
	return c.pod(s.Name, result), nil
}

func (c *Converter) pod(name string, result podspec.Result) *corev1.Pod {
	meta := result.Template.ObjectMeta
	meta.Name, meta.Namespace = name, c.Namespace
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta,
		Spec:       result.Template.Spec,
	}
}
