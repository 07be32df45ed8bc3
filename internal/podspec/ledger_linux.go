// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// linuxRows are what a container may do to its kernel.
var linuxRows = slices.Concat(
	notYet(containerPath+"linuxParameters", "containers[].securityContext.capabilities", "", "capabilities.add", "capabilities.drop"),
	notYet(containerPath+"linuxParameters", "a device plugin's resource", "", "devices[].hostPath", "devices[].containerPath", "devices[].permissions"),
	notYet(containerPath+"linuxParameters", "shareProcessNamespace", "", "initProcessEnabled"),
	notYet(containerPath+"linuxParameters", "volumes[].emptyDir with medium Memory", "", "sharedMemorySize", "tmpfs[].containerPath", "tmpfs[].size", "tmpfs[].mountOptions"),
	notYet(containerPath+"linuxParameters", "", "a pod can't say how much it may swap", "maxSwap", "swappiness"),
	notYet(containerPath+"ulimits[]", "", "a pod has no such field", "name", "softLimit", "hardLimit"),
	notYet(containerPath+"systemControls[]", "securityContext.sysctls", "", "namespace", "value"),
)
