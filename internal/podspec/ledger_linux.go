// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// linuxRows are what a container may do to its kernel.
var linuxRows = slices.Concat(
	rows(Exact, containerPath+"linuxParameters", "containers[].securityContext.capabilities",
		"dropped first and added then, as in ECS: what is in both lists is there. Docker and containerd give the same fourteen without it", "capabilities.add", "capabilities.drop"),
	rows(Approximated, containerPath+"linuxParameters", "containers[].resources.limits[devices.ecs.pods.dev/...]",
		"nodes have to offer the device by a device plugin under a name made of path, containerPath and permissions (docs/spec/devices.md); else the task waits", "devices[].hostPath", "devices[].containerPath", "devices[].permissions"),
	[]Row{{containerPath + "linuxParameters.initProcessEnabled", Exact, "the launcher", "reaps orphans and passes signals on"}},
	rows(Exact, containerPath+"linuxParameters", "volumes[].emptyDir with medium Memory and a sizeLimit", "counts to the container's memory, as in Docker",
		"sharedMemorySize", "tmpfs[].containerPath", "tmpfs[].size"),
	rows(Approximated, containerPath+"linuxParameters", "containers[].volumeMounts[].readOnly", "ro only; a volume takes no other option of mount(8)", "tmpfs[].mountOptions"),
	rows(NoEffect, containerPath+"linuxParameters", "", "a pod can't say how much it may swap, nor how eagerly; the node's kubelet decides it. maxSwap 0 is what Kubernetes does anyway", "maxSwap", "swappiness"),
	[]Row{
		{containerPath + "ulimits[].name", Exact, "the launcher", "set before the command starts"},
		{containerPath + "ulimits[].softLimit", Exact, "the launcher", ""},
		{containerPath + "ulimits[].hardLimit", Exact, "the launcher", "one above what node runtimes give takes root and CAP_SYS_RESOURCE until the command starts"},
	},
	rows(Approximated, containerPath+"systemControls[]", "securityContext.sysctls of the pod",
		"they hold for the whole task, as in ECS with awsvpc and host; in bridge mode ECS sets them for each container. Those that Kubernetes calls unsafe need the kubelet's --allowed-unsafe-sysctls", "namespace", "value"),
)
