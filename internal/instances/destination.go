// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Gated reports whether a pod waits for the operator to choose its instance.
func Gated(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == ecsv1.GatePlacement })
}

// Destination is the node that a pod is on, or the only one that it can get to: "" where that is open, and for one that will get nowhere,
// since it is deleted before it was bound.
func Destination(pod *corev1.Pod) string {
	switch {
	case pod.Spec.NodeName != "":
		return pod.Spec.NodeName
	case pod.DeletionTimestamp != nil || Gated(pod):
		return ""
	}
	return onlyNode(pod)
}

// InFlight reports whether the operator has placed a pod that isn't bound yet.
func InFlight(pod *corev1.Pod) bool {
	return pod.Spec.NodeName == "" && pod.Annotations[ecsv1.AnnotationContainerInstance] != "" && Destination(pod) != ""
}

// onlyNode is the node that all terms of a pod's required node affinity name; they are alternatives.
func onlyNode(pod *corev1.Pod) string {
	only := ""
	for _, term := range RequiredTerms(pod) {
		name := named(term)
		if name == "" || only != "" && only != name {
			return ""
		}
		only = name
	}
	return only
}

func named(term corev1.NodeSelectorTerm) string {
	for _, f := range term.MatchFields {
		if f.Key == metav1.ObjectNameField && f.Operator == corev1.NodeSelectorOpIn && len(f.Values) == 1 {
			return f.Values[0]
		}
	}
	return ""
}
