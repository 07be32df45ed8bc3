// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import corev1 "k8s.io/api/core/v1"

// RunningContainers counts the containers that run: a task is RUNNING when all do.
func RunningContainers(pod *corev1.Pod) (n int) {
	for _, s := range pod.Status.ContainerStatuses {
		if s.State.Running != nil {
			n++
		}
	}
	return n
}
