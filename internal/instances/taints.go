// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// tolerates reports whether a pod with these tolerations may be put on the node: none of its taints keeps new pods away.
func tolerates(tolerations []corev1.Toleration, node *corev1.Node) bool {
	for i := range node.Spec.Taints {
		taint := &node.Spec.Taints[i]
		if taint.Effect != corev1.TaintEffectNoSchedule && taint.Effect != corev1.TaintEffectNoExecute {
			continue
		}
		if !slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool { return toleratesTaint(t, taint) }) {
			return false
		}
	}
	return true
}

// toleratesTaint is Kubernetes' rule (concepts: taints and tolerations). The one in component-helpers wants a logger, which pure code has none of.
func toleratesTaint(t corev1.Toleration, taint *corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	switch t.Operator {
	case "", corev1.TolerationOpEqual:
		return t.Value == taint.Value
	case corev1.TolerationOpExists:
		return true
	case corev1.TolerationOpLt, corev1.TolerationOpGt:
		has, ok := number(taint.Value)
		than, also := number(t.Value)
		return ok && also && (t.Operator == corev1.TolerationOpLt && has < than || t.Operator == corev1.TolerationOpGt && has > than)
	}
	return false
}

// number reads a decimal number as Kubernetes does here: 05 and +5 are none.
func number(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == text
}
