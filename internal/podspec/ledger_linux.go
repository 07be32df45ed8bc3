// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// linuxRows are what a container may do to its kernel.
var linuxRows = slices.Concat(
	notYet(containerPath+"linuxParameters", "containers[].securityContext.capabilities", "", "capabilities.add", "capabilities.drop"),
	notYet(containerPath+"linuxParameters", "a device plugin's resource", "", "devices[].hostPath", "devices[].containerPath", "devices[].permissions"),
	[]Row{{containerPath + "linuxParameters.initProcessEnabled", Exact, "the launcher", "reaps orphans and passes signals on"}},
	notYet(containerPath+"linuxParameters", "volumes[].emptyDir with medium Memory", "", "sharedMemorySize", "tmpfs[].containerPath", "tmpfs[].size", "tmpfs[].mountOptions"),
	notYet(containerPath+"linuxParameters", "", "a pod can't say how much it may swap", "maxSwap", "swappiness"),
	[]Row{
		{containerPath + "ulimits[].name", Exact, "the launcher", "set before the command starts"},
		{containerPath + "ulimits[].softLimit", Exact, "the launcher", ""},
		{containerPath + "ulimits[].hardLimit", Exact, "the launcher", "one above what node runtimes give takes root and CAP_SYS_RESOURCE until the command starts"},
	},
	notYet(containerPath+"systemControls[]", "securityContext.sysctls", "", "namespace", "value"),
)
