// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// nvidiaGPU is what NVIDIA's device plugin offers: a whole GPU, given to one container.
const nvidiaGPU = "nvidia.com/gpu"

// claims are the ResourceClaimTemplates of a namespace that stand for devices which can't be counted: all of a node's, and parts of one.
// docs/spec/devices.md has them.
const (
	allGPUs   = "ecs-gpu-all"
	allNeuron = "ecs-neuron-all"
	sharedGPU = "ecs-gpu-mps-" // and the MiB; and, where given, "-" and the percentage
)

// mapResourceRequirements: a number of GPUs is an extended resource, which gives each GPU to one container as ECS does. ALL and shared GPUs
// are resource claims.
func mapResourceRequirements(t *translation, out *corev1.PodTemplateSpec) {
	claimed := map[string]bool{}
	for i := range t.task.Containers {
		c := &out.Spec.Containers[i]
		t.mapDevices(i, c)
		for j, r := range t.definition(i).ResourceRequirements {
			field := container(i, fmt.Sprintf("resourceRequirements[%d]", j))
			if n, err := strconv.ParseInt(r.Value, 10, 32); err == nil && r.Type == ecsv1.ResourceTypeGPU {
				set(&c.Resources.Limits, nvidiaGPU, *resource.NewQuantity(n, resource.DecimalSI))
				continue
			}
			name := claimTemplate(r)
			if !claimed[name] {
				claimed[name] = true
				out.Spec.ResourceClaims = append(out.Spec.ResourceClaims, corev1.PodResourceClaim{Name: name, ResourceClaimTemplateName: &name})
			}
			c.Resources.Claims = append(c.Resources.Claims, corev1.ResourceClaim{Name: name})
			t.warn(field, Approximated, "a pod asks for this by a resource claim: the namespace needs the ResourceClaimTemplate %s, Kubernetes 1.34 or newer and the vendor's driver, "+
				"or the task waits for them. See docs/spec/devices.md", name)
		}
	}
}

// claimTemplate names the ResourceClaimTemplate of a requirement that isn't a number.
func claimTemplate(r ecsv1.ResourceRequirement) string {
	switch {
	case r.Type == ecsv1.ResourceTypeNeuronDevice:
		return allNeuron
	case r.SharingStrategy == nil || r.SharingStrategy.NvidiaMps == nil:
		return allGPUs
	}
	mps := r.SharingStrategy.NvidiaMps
	name := sharedGPU + strconv.Itoa(int(mps.Memory))
	if mps.MaxComputePercent != nil {
		name += "-" + strconv.Itoa(int(*mps.MaxComputePercent))
	}
	return name
}
