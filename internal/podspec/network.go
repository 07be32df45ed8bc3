// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapNetworkMode: awsvpc is what a pod has, an address of its own. host is the node's network. bridge gives each ECS container
// an address behind the instance's; a pod's containers share one, so that two of them can't listen on the same port.
func mapNetworkMode(t *translation, out *corev1.PodTemplateSpec) {
	switch t.task.NetworkMode {
	case taskdef.Host:
		out.Spec.HostNetwork = true
	case taskdef.None:
		t.warn("networkMode", Approximated, "a pod always has a network; with networkMode none it isn't cut off yet. A NetworkPolicy that denies all does it")
	case taskdef.Bridge:
		t.warnSharedPorts()
	}
}

func (t *translation) warnSharedPorts() {
	owner := map[string]string{}
	for _, c := range t.task.Containers {
		for _, p := range c.Ports {
			key := fmt.Sprintf("%d/%s", p.Container, p.Protocol)
			first, taken := owner[key]
			if p.Container == 0 || first == c.Name {
				continue
			}
			if taken {
				t.warn("networkMode", Approximated, "containers %s and %s both listen on %s: in bridge mode each has its own network, in a pod they share one and the "+
					"second can't bind. Give one of them another port", first, c.Name, key)
				continue
			}
			owner[key] = c.Name
		}
	}
}
