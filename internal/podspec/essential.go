// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapEssential keeps the kubelet from restarting a container in place, which ECS never does unless the task definition asks for
// it. A Deployment's pods must have restartPolicy Always; a container can say Never for itself where Kubernetes knows container
// restart rules.
//
// That an essential container's end is the task's end is the operator's doing (internal/taskstate, Over). The list of them is an
// annotation of the pod.
//
// A container that isn't essential may end while the task goes on. Its launcher stays up then, since a pod with a container that has
// ended isn't Ready. A task by itself has no traffic to lose, and ends by the end of its last container.
func mapEssential(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	if t.in.Service == nil {
		return
	}
	inPlace := ""
	if t.in.Features.ContainerRestartRules {
		never := corev1.ContainerRestartPolicyNever
		out.RestartPolicy = &never
	} else {
		inPlace = fmt.Sprintf("Kubernetes older than 1.35 restarts container %s in place when it exits", in.Name)
	}
	switch {
	case (in.Essential || t.order.isInit(i)) && inPlace != "":
		t.warn(container(i, "essential"), Approximated, "%s, for the moment until the operator deletes the pod", inPlace)
	case in.Essential || t.order.isInit(i):
	case inPlace != "":
		t.launcherIfKnown(i, "essential", inPlace+"; ECS leaves it stopped").Hold = true
	default:
		t.launcherIfKnown(i, "essential", fmt.Sprintf("when container %s exits, Kubernetes calls the pod not Ready and takes it out of its load balancers; "+
			"in ECS the task goes on as before. Let the container wait instead of exiting", in.Name)).Hold = true
	}
}
