// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// AsksForGroups reports whether an expression asks about the tasks on an instance, so that pods have to be read.
func AsksForGroups(e query.Expr) bool {
	switch e := e.(type) {
	case query.And:
		return slices.ContainsFunc(e, AsksForGroups)
	case query.Or:
		return slices.ContainsFunc(e, AsksForGroups)
	case query.Not:
		return AsksForGroups(e.Expr)
	case query.Term:
		return e.Subject == query.TaskGroup
	}
	return false
}

// GroupsOf gives the task groups of the tasks on each node. Tasks that are stopping or have ended count for none.
func GroupsOf(pods []corev1.Pod) map[string][]string {
	out := map[string][]string{}
	for i := range pods {
		pod := &pods[i]
		group := groupOf(pod)
		if group == "" || pod.Spec.NodeName == "" || pod.DeletionTimestamp != nil || ended(pod) {
			continue
		}
		if on := pod.Spec.NodeName; !slices.Contains(out[on], group) {
			out[on] = append(out[on], group)
		}
	}
	return out
}

// groupOf a task, "" for a pod that is none.
func groupOf(pod *corev1.Pod) string {
	switch {
	case pod.Labels[ecsv1.LabelCluster] == "":
		return ""
	case pod.Annotations[ecsv1.AnnotationTaskGroup] != "":
		return pod.Annotations[ecsv1.AnnotationTaskGroup]
	case pod.Labels[ecsv1.LabelService] != "":
		return "service:" + pod.Labels[ecsv1.LabelService]
	}
	return "family:" + pod.Labels[ecsv1.LabelFamily]
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}
