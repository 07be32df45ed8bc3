// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapResources: a container's cpu is a share in ECS on Linux, not a ceiling, so it is a request without a limit. memory is a ceiling;
// memoryReservation, or memory where there is none, is what placement takes, and that is the request.
//
// cpu 256, memory 512, memoryReservation 128: requests cpu 250m, memory 128Mi; limits memory 512Mi.
func mapResources(_ *translation, _ int, in taskdef.Container, out *corev1.Container) {
	if in.CPU > 0 {
		set(&out.Resources.Requests, corev1.ResourceCPU, millis(containerMillis(in.CPU)))
	}
	if reserved := in.ReservedMemory(); reserved > 0 {
		set(&out.Resources.Requests, corev1.ResourceMemory, mebibytes(reserved))
	}
	if in.Memory > 0 {
		set(&out.Resources.Limits, corev1.ResourceMemory, mebibytes(in.Memory))
	}
}

// mapTaskResources: the task's cpu and memory are both what placement takes and the ceiling for all its containers together. A pod
// says exactly that where Kubernetes has pod-level resources. Where it hasn't, they are shared out, see shareCPU and shareMemory.
func mapTaskResources(t *translation, out *corev1.PodTemplateSpec) {
	cpu, memory := taskMillis(t.task.CPU), t.task.Memory
	if t.in.Features.PodLevelResources {
		var r corev1.ResourceRequirements
		if cpu > 0 {
			set(&r.Requests, corev1.ResourceCPU, millis(cpu))
			set(&r.Limits, corev1.ResourceCPU, millis(cpu))
		}
		if memory > 0 {
			set(&r.Requests, corev1.ResourceMemory, mebibytes(memory))
			set(&r.Limits, corev1.ResourceMemory, mebibytes(memory))
		}
		if cpu > 0 || memory > 0 {
			out.Spec.Resources = &r
		}
		return
	}
	if cpu > 0 {
		t.shareCPU(cpu, out.Spec.Containers)
		t.warn("cpu", Approximated, "Kubernetes older than 1.34 has no limit for a pod as a whole: each container may use the task's cpu, together they may exceed it")
	}
	if memory > 0 {
		t.shareMemory(memory, out.Spec.Containers)
	}
}

// shareCPU makes the requests add up to the task's cpu and gives each container the task's cpu as its limit. What the containers
// leave goes in equal parts to those without a cpu of their own, or to the first one if all have one.
//
// Task cpu 1024; app has 512, log and init have none: requests 500m, 250m, 250m; limits 1000m each.
func (t *translation) shareCPU(total int64, out []corev1.Container) {
	own := make([]int64, len(out))
	var open []int
	for i, c := range t.task.Containers {
		if c.CPU == 0 {
			open = append(open, i)
			continue
		}
		own[i] = containerMillis(c.CPU)
	}
	if len(open) == 0 {
		open = []int{0}
	}
	for i, part := range divide(total-sum(own), open, len(out)) {
		if own[i]+part > 0 {
			set(&out[i].Resources.Requests, corev1.ResourceCPU, millis(own[i]+part))
		}
		set(&out[i].Resources.Limits, corev1.ResourceCPU, millis(total))
	}
}

// shareMemory makes the requests add up to the task's memory as far as the containers' own ceilings allow. What they leave goes
// in equal parts to the containers without memory and memoryReservation; if there is none, to the others in order, each up to
// its ceiling. A container without memory has the task's memory as its limit.
//
// Task memory 2048; app has memory 1024, memoryReservation 512; log has none: requests 512Mi, 1536Mi; limits 1024Mi, 2048Mi.
func (t *translation) shareMemory(total int64, out []corev1.Container) {
	reserved, limit := make([]int64, len(out)), make([]int64, len(out))
	var open []int
	for i, c := range t.task.Containers {
		reserved[i], limit[i] = c.ReservedMemory(), c.Memory
		if limit[i] == 0 {
			limit[i] = total
		}
		if reserved[i] == 0 {
			open = append(open, i)
		}
	}
	rest := max(0, total-sum(reserved))
	for i, part := range divide(rest, open, len(out)) {
		reserved[i] += part
		rest -= part
	}
	for i := range out {
		more := min(rest, limit[i]-reserved[i])
		reserved[i], rest = reserved[i]+more, rest-more
		if reserved[i] > 0 {
			set(&out[i].Resources.Requests, corev1.ResourceMemory, mebibytes(reserved[i]))
		}
		set(&out[i].Resources.Limits, corev1.ResourceMemory, mebibytes(limit[i]))
	}
	if rest > 0 {
		t.warn("memory", Approximated, "Kubernetes older than 1.34 reserves memory by container, and the containers' own memory adds up to %d MiB less than the task's: "+
			"placement takes %d MiB", rest, total-rest)
	}
}

// divide gives total in equal whole parts to the places of open, the first ones getting what doesn't divide: 7 over {0, 2} of 3 is
// 4, 0, 3.
func divide(total int64, open []int, places int) []int64 {
	out := make([]int64, places)
	n := int64(len(open))
	for k, i := range open {
		if total <= 0 {
			break
		}
		out[i] = total / n
		if int64(k) < total%n {
			out[i]++
		}
	}
	return out
}

func sum(all []int64) int64 {
	var total int64
	for _, n := range all {
		total += n
	}
	return total
}

// unitsPerVCPU: 1024 CPU units are 1000 millicores.
const unitsPerVCPU = 1024

// taskMillis rounds up and containerMillis down, so that containers whose units fit into the task's still fit in millicores: three
// of 341 units, 333m each, in a task of 1024, 1000m. Rounded up, 334m each, they wouldn't.
func taskMillis(units int64) int64 { return (units*1000 + unitsPerVCPU - 1) / unitsPerVCPU }

func containerMillis(units int64) int64 { return max(1, units*1000/unitsPerVCPU) }

func millis(n int64) resource.Quantity { return *resource.NewMilliQuantity(n, resource.DecimalSI) }

func mebibytes(n int64) resource.Quantity { return *resource.NewQuantity(n<<20, resource.BinarySI) }

func set(list *corev1.ResourceList, name corev1.ResourceName, q resource.Quantity) {
	if *list == nil {
		*list = corev1.ResourceList{}
	}
	(*list)[name] = q
}
