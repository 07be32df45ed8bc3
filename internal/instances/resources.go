// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// amounts reads a list of Kubernetes quantities in the engine's measures.
func amounts(list corev1.ResourceList) placement.Resources {
	var out placement.Resources
	for name, q := range list {
		switch name {
		case corev1.ResourceCPU:
			out.MilliCPU = q.MilliValue()
		case corev1.ResourceMemory:
			out.Memory = q.Value()
		case capacity.GPU:
			out.GPU = q.Value()
		case corev1.ResourcePods:
			out.Pods = q.Value()
		default:
			if out.Other == nil {
				out.Other = map[string]int64{}
			}
			out.Other[string(name)] = q.Value()
		}
	}
	return out
}

// needs is what a pod takes, itself among the pods included.
func needs(pod *corev1.Pod) placement.Resources {
	out := amounts(capacity.Requests(pod))
	out.Pods = 1
	return out
}

func subtract(from *placement.Resources, what placement.Resources) {
	from.MilliCPU -= what.MilliCPU
	from.Memory -= what.Memory
	from.GPU -= what.GPU
	from.Pods -= what.Pods
	for name, n := range what.Other {
		if from.Other == nil {
			from.Other = map[string]int64{}
		}
		from.Other[name] -= n
	}
}

// ports are the host ports of a pod. SCTP, which ECS doesn't know, counts as TCP.
func ports(pod *corev1.Pod) []placement.Port {
	var out []placement.Port
	for _, p := range capacity.HostPorts(pod) {
		out = append(out, placement.Port{Number: p.HostPort, UDP: p.Protocol == corev1.ProtocolUDP})
	}
	return out
}

// Fingerprint is equal for pods of one template that take the same: admission may give them different requests.
func Fingerprint(pod *corev1.Pod) string {
	n := needs(pod)
	return fmt.Sprint(n.MilliCPU, n.Memory, n.GPU, n.Other)
}
