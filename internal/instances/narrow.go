// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RequiredTerms are the alternatives of a pod's required node affinity; nil where it has none.
func RequiredTerms(pod *corev1.Pod) []corev1.NodeSelectorTerm {
	a := pod.Spec.Affinity
	if a == nil || a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return nil
	}
	return a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
}

// Narrowed are the terms with the node's name in each. Kubernetes lets a gated pod's terms get more requirements, and nothing else. A term that asks
// for nothing matches nothing, and may not be changed at all.
func Narrowed(terms []corev1.NodeSelectorTerm, node string) []corev1.NodeSelectorTerm {
	name := corev1.NodeSelectorRequirement{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}
	if len(terms) == 0 {
		return []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{name}}}
	}
	out := slices.Clone(terms)
	for i := range out {
		if len(out[i].MatchExpressions)+len(out[i].MatchFields) > 0 {
			out[i].MatchFields = append(slices.Clone(out[i].MatchFields), name)
		}
	}
	return out
}
