// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapNetworkMode: awsvpc is what a pod has, an address of its own. host is the node's network. bridge gives each ECS container
// an address behind the instance's; a pod's containers share one, so that two of them can't listen on the same port. none leaves a
// loopback: the operator makes a NetworkPolicy that lets nothing in or out.
func mapNetworkMode(t *translation, out *corev1.PodTemplateSpec) {
	switch t.task.NetworkMode {
	case taskdef.Host:
		out.Spec.HostNetwork = true
		out.Spec.DNSPolicy = corev1.DNSClusterFirstWithHostNet
	case taskdef.None:
		t.cutOff("networkMode")
	case taskdef.Bridge:
		t.warnSharedPorts()
	}
	t.mapDisableNetworking()
}

// cutOff asks for a NetworkPolicy that denies all.
func (t *translation) cutOff(path string) {
	t.needs.NoNetwork = true
	t.warn(path, Approximated, "a pod always has a network: a NetworkPolicy lets nothing in or out, which counts where the cluster's network plugin enforces it")
}

// mapDisableNetworking: a pod has one network for all its containers. Where none of them wants any, it is cut off as with networkMode none.
func (t *translation) mapDisableNetworking() {
	var without []int
	for i := range t.task.Containers {
		if off := t.definition(i).DisableNetworking; off != nil && *off {
			without = append(without, i)
		}
	}
	switch {
	case len(without) == 0 || t.needs.NoNetwork:
	case len(without) == len(t.task.Containers):
		t.cutOff(container(0, "disableNetworking"))
	default:
		for _, i := range without {
			t.warn(container(i, "disableNetworking"), NoEffect, "the containers of a pod share one network: container %s has that of the others. Give it a task of its own to cut it off",
				t.task.Containers[i].Name)
		}
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
