// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapResources: a container's cpu is a share in ECS on Linux, not a ceiling, so it is a request without a limit. memory is a ceiling;
// memoryReservation, or memory where there is none, is what placement takes, and that is the request.
//
// cpu 256, memory 512, memoryReservation 128: requests cpu 250m, memory 128Mi; limits memory 512Mi. On Windows cpu is a ceiling too.
func mapResources(t *translation, _ int, in taskdef.Container, out *corev1.Container) {
	if in.CPU > 0 {
		set(&out.Resources.Requests, corev1.ResourceCPU, millis(containerMillis(in.CPU)))
		if t.windows() {
			set(&out.Resources.Limits, corev1.ResourceCPU, millis(containerMillis(in.CPU)))
		}
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
//
// Fargate's tasks have their size for themselves: requests are limits, which makes the pod Guaranteed. Windows ignores the task's size.
func mapTaskResources(t *translation, out *corev1.PodTemplateSpec) {
	if t.fargate() && t.in.Cluster.Kubernetes != nil && t.in.Cluster.Kubernetes.FargateRuntimeClassName != "" {
		name := t.in.Cluster.Kubernetes.FargateRuntimeClassName
		out.Spec.RuntimeClassName = &name
	}
	cpu, memory := taskMillis(t.task.CPU), t.task.Memory
	switch {
	case t.windows():
		return
	case t.podLevel():
		t.podResources(cpu, memory, out)
		return
	}
	if cpu > 0 {
		t.shareCPU(cpu, out.Spec.Containers)
	}
	if cpu > 0 && !t.fargate() {
		t.warn("cpu", Approximated, "Kubernetes older than 1.34 has no limit for a pod as a whole: each container may use the task's cpu, together they may exceed it")
	}
	if memory > 0 {
		t.shareMemory(memory, out.Spec.Containers)
	}
	if t.fargate() {
		t.guarantee(out.Spec.Containers)
	}
	if len(t.order.inits) > 0 {
		t.warn("containerDefinitions", Approximated, "Kubernetes older than 1.34 takes the larger of what init containers and what the others need: "+
			"placement takes less than the sum over all containers")
	}
}

// podLevel: the pod as a whole can say what it takes.
func (t *translation) podLevel() bool { return t.in.Features.PodLevelResources && !t.windows() }

func (t *translation) fargate() bool { return t.in.LaunchType == ecsv1.LaunchTypeFargate }

// podResources says what the task takes as a whole. Where it doesn't say so itself and some of its containers run before the others,
// placement still takes the sum over all; Kubernetes would take the larger of the two.
func (t *translation) podResources(cpu, memory int64, out *corev1.PodTemplateSpec) {
	var r corev1.ResourceRequirements
	if cpu > 0 {
		set(&r.Limits, corev1.ResourceCPU, millis(cpu))
	} else if len(t.order.inits) > 0 {
		for _, c := range t.task.Containers {
			if c.CPU > 0 {
				cpu += containerMillis(c.CPU)
			}
		}
	}
	if memory > 0 {
		set(&r.Limits, corev1.ResourceMemory, mebibytes(memory))
	} else if len(t.order.inits) > 0 {
		memory = t.task.ReservedMemory()
	}
	if cpu > 0 {
		set(&r.Requests, corev1.ResourceCPU, millis(cpu))
	}
	if memory > 0 {
		set(&r.Requests, corev1.ResourceMemory, mebibytes(memory))
	}
	if len(r.Requests) > 0 {
		out.Spec.Resources = &r
	}
}

// guarantee makes what each container requests its limit too.
func (t *translation) guarantee(out []corev1.Container) {
	for i := range out {
		out[i].Resources.Limits = maps.Clone(out[i].Resources.Requests)
	}
	t.warn("memory", Approximated, "Kubernetes older than 1.34 has no size for a pod as a whole: each container has its part of the Fargate task's size, and can't use what others leave")
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
