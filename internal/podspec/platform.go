// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// fargateStorage is what a Fargate task has without ephemeralStorage, in GiB (API_EphemeralStorage).
const fargateStorage = 20

// platform is what node labels say of an operating system family. There is no label for FULL and CORE.
type platform struct{ os, build string }

var platforms = map[ecsv1.OSFamily]platform{
	ecsv1.OSFamilyLinux:                 {os: "linux"},
	ecsv1.OSFamilyWindowsServer2016Full: {"windows", "10.0.14393"},
	ecsv1.OSFamilyWindowsServer2019Full: {"windows", "10.0.17763"},
	ecsv1.OSFamilyWindowsServer2019Core: {"windows", "10.0.17763"},
	ecsv1.OSFamilyWindowsServer2004Core: {"windows", "10.0.19041"},
	ecsv1.OSFamilyWindowsServer20h2Core: {"windows", "10.0.19042"},
	ecsv1.OSFamilyWindowsServer2022Full: {"windows", "10.0.20348"},
	ecsv1.OSFamilyWindowsServer2022Core: {"windows", "10.0.20348"},
	ecsv1.OSFamilyWindowsServer2025Full: {"windows", "10.0.26100"},
	ecsv1.OSFamilyWindowsServer2025Core: {"windows", "10.0.26100"},
}

// mapRuntimePlatform chooses nodes by operating system and architecture. What is left out means LINUX and X86_64 where runtimePlatform is given,
// and for Fargate, which chooses the machine. A task for EC2 without runtimePlatform goes to any container instance of its cluster, as in ECS,
// where one keeps Windows and ARM tasks apart by placement constraints.
func mapRuntimePlatform(t *translation, out *corev1.PodTemplateSpec) {
	given := t.in.TaskDefinition.RuntimePlatform
	if given == nil && !t.fargate() {
		return
	}
	family, arch := ecsv1.OSFamilyLinux, ecsv1.CPUArchitectureX86_64
	if given != nil {
		if given.OperatingSystemFamily != "" {
			family = given.OperatingSystemFamily
		}
		if given.CpuArchitecture != "" {
			arch = given.CpuArchitecture
		}
	}
	labels := map[string]string{corev1.LabelOSStable: platforms[family].os, corev1.LabelArchStable: "amd64"}
	if arch == ecsv1.CPUArchitectureARM64 {
		labels[corev1.LabelArchStable] = "arm64"
	}
	if build := platforms[family].build; build != "" {
		labels[corev1.LabelWindowsBuild] = build
	}
	if out.Spec.NodeSelector == nil {
		out.Spec.NodeSelector = map[string]string{}
	}
	maps.Copy(out.Spec.NodeSelector, labels)
}

// mapEphemeralStorage limits what all containers of the task write together. The kubelet holds a pod to the sum of its containers' limits, so one
// limit on the first container is the task's. What is asked for by number is set aside on the node; the 20 GiB that a Fargate task has
// without asking are a ceiling only.
func mapEphemeralStorage(t *translation, out *corev1.PodTemplateSpec) {
	given := t.in.TaskDefinition.EphemeralStorage
	if given == nil && !t.fargate() {
		return
	}
	size, reserved := int64(fargateStorage), int64(0)
	if given != nil {
		size, reserved = int64(given.SizeInGiB), int64(given.SizeInGiB)
		t.warn("ephemeralStorage.sizeInGiB", Approximated, "a task that writes more than its ephemeral storage is evicted and replaced; on Fargate its writes fail")
	}
	r := &out.Spec.Containers[0].Resources
	set(&r.Limits, corev1.ResourceEphemeralStorage, gibibytes(size))
	set(&r.Requests, corev1.ResourceEphemeralStorage, gibibytes(reserved))
}

func gibibytes(n int64) resource.Quantity { return *resource.NewQuantity(n<<30, resource.BinarySI) }

// mapNamespaces: whose processes and whose shared memory a task's containers see.
func mapNamespaces(t *translation, out *corev1.PodTemplateSpec) {
	switch t.in.TaskDefinition.PidMode {
	case ecsv1.PidModeHost:
		out.Spec.HostPID = true
	case ecsv1.PidModeTask:
		yes := true
		out.Spec.ShareProcessNamespace = &yes
	}
	switch t.in.TaskDefinition.IpcMode {
	case ecsv1.IpcModeHost:
		out.Spec.HostIPC = true
	case ecsv1.IpcModeTask: // what a pod does
	case ecsv1.IpcModeNone:
		t.warn("ipcMode", Approximated, "the containers of a pod share IPC with each other, and with no other pod; ipcMode none would give each container its own and no /dev/shm")
	}
	if on := t.in.TaskDefinition.EnableFaultInjection; on != nil && *on {
		t.warn("enableFaultInjection", NoEffect, "the fault injection endpoints are part of the task metadata endpoint, which isn't served: nothing answers at ECS_AGENT_URI")
	}
}
