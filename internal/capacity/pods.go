// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	corev1 "k8s.io/api/core/v1"
	podresources "k8s.io/component-helpers/resource"
)

// GPU is the extended resource that stands for ECS's GPU.
const GPU = gpu

// Requests is what a pod takes of its node, counted as the scheduler counts: containers, init containers, pod-level resources and overhead,
// and of a pod that is being resized the larger of what it has and what it wants.
func Requests(pod *corev1.Pod) corev1.ResourceList {
	return podresources.PodRequests(pod, podresources.PodResourcesOptions{
		UseStatusResources: true, InPlacePodLevelResourcesVerticalScalingEnabled: true, // without the features, there is nothing in the status
	})
}

// HostPorts are the ports of the node that a pod takes.
func HostPorts(pod *corev1.Pod) []corev1.ContainerPort { return hostPorts(pod) }

// ReservedPorts are the TCP ports that ECS counts as taken on every instance.
func ReservedPorts() []int32 { return reserved }

// Ended reports whether a pod has ended, and so takes nothing of its node any more.
func Ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}
