// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// moreThanHeartbeats lets a node through of which something changed: one that only says again that it is alive changes nothing of its instance.
func moreThanHeartbeats() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*corev1.Node)
		after, same := e.ObjectNew.(*corev1.Node)
		return ok && same && !equality.Semantic.DeepEqual(withoutHeartbeats(before), withoutHeartbeats(after))
	}}
}

// withoutHeartbeats is the node without what changes by itself. What it shares with the node isn't changed.
func withoutHeartbeats(node *corev1.Node) corev1.Node {
	out := *node
	out.ResourceVersion, out.ManagedFields = "", nil
	out.Status.Conditions = make([]corev1.NodeCondition, len(node.Status.Conditions))
	for i, c := range node.Status.Conditions {
		c.LastHeartbeatTime = metav1.Time{}
		out.Status.Conditions[i] = c
	}
	return out
}
