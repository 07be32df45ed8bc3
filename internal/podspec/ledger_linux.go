// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// linuxRows are what a container may do to its kernel.
var linuxRows = slices.Concat(
	rows(containerPath+"linuxParameters", NotYetMapped, "containers[].securityContext.capabilities", "", "capabilities.add", "capabilities.drop"),
	rows(containerPath+"linuxParameters", NotYetMapped, "a device plugin's resource", "", "devices[].hostPath", "devices[].containerPath", "devices[].permissions"),
	rows(containerPath+"linuxParameters", NotYetMapped, "shareProcessNamespace", "", "initProcessEnabled"),
	rows(containerPath+"linuxParameters", NotYetMapped, "volumes[].emptyDir with medium Memory", "", "sharedMemorySize", "tmpfs[].containerPath", "tmpfs[].size", "tmpfs[].mountOptions"),
	rows(containerPath+"linuxParameters", NotYetMapped, "", "a pod can't say how much it may swap", "maxSwap", "swappiness"),
	rows(containerPath+"ulimits[]", NotYetMapped, "", "a pod has no such field", "name", "softLimit", "hardLimit"),
	rows(containerPath+"systemControls[]", NotYetMapped, "securityContext.sysctls", "", "namespace", "value"),
)
