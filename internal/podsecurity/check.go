// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podsecurity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Violation is a field that the level forbids.
type Violation struct {
	// Path of the field, as a person finds it: containerDefinitions[1].privileged. "" where no single field is to blame.
	Path string
	// Message says what is forbidden and what to do.
	Message string
}

func (v Violation) String() string {
	if v.Path == "" {
		return v.Message
	}
	return v.Path + ": " + v.Message
}

// Violations are sorted by path.
type Violations []Violation

// Tell makes them one sentence about a namespace. tasks are whose they are, such as "tasks of web:3"; below comes before each path,
// such as "spec.".
func (all Violations) Tell(namespace string, level Level, tasks, below string) string {
	out := make([]string, 0, len(all))
	for _, v := range all {
		if v.Path != "" {
			v.Path = below + v.Path
		}
		out = append(out, v.String())
	}
	return fmt.Sprintf("namespace %s enforces Pod Security level %s, which forbids %s: %s. Or use a namespace whose label "+
		"pod-security.kubernetes.io/enforce allows it", namespace, level.Name(), tasks, strings.Join(out, "; "))
}

// Check finds what in a task definition the level forbids. template is what the task definition is translated to.
//
// A check of the library judges a whole pod and answers in text. To learn which field it is about, the pod is taken apart: a part
// that the check refuses when it is alone is to blame.
func Check(level Level, td *ecsv1.TaskDefinitionFields, template *corev1.PodTemplateSpec) Violations {
	if level.Name() == "" {
		return nil
	}
	if template.Spec.HostNetwork { // each port is one of the host's then, which says nothing new
		template = template.DeepCopy()
		for i := range template.Spec.Containers {
			template.Spec.Containers[i].Ports = nil
		}
	}
	var found Violations
	for _, check := range policy.DefaultChecks() {
		judge, err := policy.NewEvaluator([]policy.Check{check}, nil)
		if err != nil {
			continue // a set of one check, of the library's own, is a good set
		}
		refused := func(spec *corev1.PodSpec) string {
			result := policy.AggregateCheckResults(judge.EvaluatePod(level.enforced, &template.ObjectMeta, spec))
			return result.ForbiddenDetail()
		}
		if why := refused(&template.Spec); why != "" {
			found = append(found, blame(check.ID, why, td, template, refused)...)
		}
	}
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	// Checks of restricted repeat some of baseline; one per field says enough.
	return slices.CompactFunc(found, func(a, b Violation) bool { return a.Path == b.Path && a.Path != "" })
}

// blame finds the fields that one check refuses, or tells what the check said where it finds none.
func blame(id policy.CheckID, why string, td *ecsv1.TaskDefinitionFields, template *corev1.PodTemplateSpec, refused func(*corev1.PodSpec) string) Violations {
	var found Violations
	for _, part := range parts(td, template) {
		if refused(part.spec) == "" {
			continue
		}
		id := id
		if part.privileged {
			id = privileged
		}
		paths := part.paths(id)
		if len(paths) == 0 {
			found = append(found, Violation{Message: fmt.Sprintf("%s: Kubernetes says %s", part.name, why)})
		}
		for _, path := range paths {
			found = append(found, Violation{Path: path, Message: forbidden(id)})
		}
	}
	if len(found) == 0 {
		found = Violations{{Message: "Kubernetes says " + why}}
	}
	return found
}
