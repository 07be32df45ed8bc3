// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapEssential keeps the kubelet from restarting a container in place, which ECS never does unless the task definition asks for
// it. A Deployment's pods must have restartPolicy Always; a container can say Never for itself where Kubernetes knows container
// restart rules.
//
// That an essential container's end is the task's end is the operator's doing (internal/taskstate, Over). The list of them is an
// annotation of the pod.
func mapEssential(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	path := container(i, "essential")
	if t.in.Service != nil {
		if t.in.Features.ContainerRestartRules {
			never := corev1.ContainerRestartPolicyNever
			out.RestartPolicy = &never
		} else if in.Essential {
			t.warn(path, Approximated, "Kubernetes older than 1.35 restarts container %s in place when it exits, for the moment until the operator deletes the pod", in.Name)
		} else {
			t.warn(path, Approximated, "Kubernetes older than 1.35 restarts container %s in place when it exits; ECS leaves it stopped", in.Name)
		}
	}
	if !in.Essential {
		t.warn(path, Approximated, "when container %s exits, Kubernetes calls the pod not Ready and takes it out of its load balancers; "+
			"in ECS the task goes on as before. Let the container wait instead of exiting", in.Name)
	}
}
