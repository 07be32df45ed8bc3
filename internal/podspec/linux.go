// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// allCapabilities in a list stands for every capability there is.
const allCapabilities = "ALL"

// linuxParameters of the i-th container, empty where it has none.
func (t *translation) linuxParameters(i int) ecsv1.LinuxParameters {
	if p := t.definition(i).LinuxParameters; p != nil {
		return *p
	}
	return ecsv1.LinuxParameters{}
}

// definition is the i-th container as it was written.
func (t *translation) definition(i int) *ecsv1.ContainerDefinition {
	return &t.in.TaskDefinition.ContainerDefinitions[i]
}

// mapCapabilities: ECS drops first and adds then, so what is in both lists is there; container runtimes of Kubernetes add first. What is
// added is therefore taken out of what is dropped. With ALL added, Docker gives all but those that are dropped by name.
//
//	add NET_ADMIN, drop ALL                 -> NET_ADMIN alone, in both orders
//	add NET_ADMIN, drop NET_ADMIN, MKNOD    -> add NET_ADMIN, drop MKNOD
//	add ALL, drop ALL, MKNOD                -> add ALL, drop MKNOD
//
// Without either list, Docker and containerd give the same fourteen capabilities.
func mapCapabilities(in *ecsv1.KernelCapabilities) *corev1.Capabilities {
	if in == nil {
		return nil
	}
	add, drop := capabilities(in.Add), capabilities(in.Drop)
	if slices.Contains(add, allCapabilities) {
		add = []corev1.Capability{allCapabilities}
	}
	drop = slices.DeleteFunc(drop, func(c corev1.Capability) bool { return slices.Contains(add, c) })
	if len(add)+len(drop) == 0 {
		return nil
	}
	return &corev1.Capabilities{Add: add, Drop: drop}
}

// capabilities without the prefix CAP_, in capitals, each once.
func capabilities(in []string) []corev1.Capability {
	var out []corev1.Capability
	for _, name := range in {
		c := corev1.Capability(strings.TrimPrefix(strings.ToUpper(name), "CAP_"))
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// mapSwap says what is lost: a kubelet that lets pods swap gives each its part by its memory request.
func (t *translation) mapSwap(i int) {
	p := t.linuxParameters(i)
	if p.MaxSwap != nil && *p.MaxSwap > 0 {
		t.warn(container(i, "linuxParameters.maxSwap"), NoEffect, "a pod can't say how much it may swap; the node's kubelet decides it (memorySwap.swapBehavior), "+
			"and without that setting container %s has no swap", t.task.Containers[i].Name)
	}
	if p.MaxSwap != nil && *p.MaxSwap > 0 && p.Swappiness != nil {
		t.warn(container(i, "linuxParameters.swappiness"), NoEffect, "a pod can't say how eagerly it swaps; the node's own vm.swappiness counts")
	}
}
