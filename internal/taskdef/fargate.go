// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"slices"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// fargateSizes are the amounts of memory, in MiB, that go with an amount of CPU, in units: from, to, in steps of; or a list.
var fargateSizes = map[int64]struct {
	from, to, step int64
	list           []int64
	windows        bool
}{
	256:   {list: []int64{512, 1024, 2048}},
	512:   {from: 1024, to: 4096, step: 1024},
	1024:  {from: 2048, to: 8192, step: 1024, windows: true},
	2048:  {from: 4096, to: 16384, step: 1024, windows: true},
	4096:  {from: 8192, to: 30720, step: 1024, windows: true},
	8192:  {from: 16384, to: 61440, step: 4096},
	16384: {from: 32768, to: 122880, step: 8192},
	32768: {list: []int64{61440, 122880, 249856}},
}

// fargateTimeout is the longest stopTimeout and startTimeout, in seconds.
const fargateTimeout = 120

// fargateRefusals are what Fargate doesn't take, in the order of the CRD's rules.
var fargateRefusals = []refusal{
	fargate("networkMode", "Fargate takes awsvpc only", func(td *ecsv1.TaskDefinitionFields) bool { return td.NetworkMode != ecsv1.NetworkModeAwsvpc }),
	fargate("cpu", "Fargate requires that 'cpu' be defined at the task level", func(td *ecsv1.TaskDefinitionFields) bool { return td.Cpu == "" }),
	fargate("memory", "Fargate requires that 'memory' be defined at the task level", func(td *ecsv1.TaskDefinitionFields) bool { return td.Memory == "" }),
	fargate("memory", "No Fargate configuration exists for given values", noFargateSize),
	fargate("cpu", "Windows on Fargate takes 1024, 2048 or 4096 units", func(td *ecsv1.TaskDefinitionFields) bool {
		cpu, given := taskCPU(td)
		return given && windows(td) && !fargateSizes[cpu].windows
	}),
	fargate("pidMode", "Fargate takes task only", func(td *ecsv1.TaskDefinitionFields) bool { return td.PidMode != "" && td.PidMode != ecsv1.PidModeTask }),
	fargate("ipcMode", "Fargate doesn't take it", func(td *ecsv1.TaskDefinitionFields) bool { return td.IpcMode != "" }),
	fargate("placementConstraints", "Fargate has no container instances to choose from", func(td *ecsv1.TaskDefinitionFields) bool { return len(td.PlacementConstraints) > 0 }),
	fargate("containerDefinitions[].privileged", "Fargate doesn't allow it", anyContainer(func(d *ecsv1.ContainerDefinition) bool { return value(d.Privileged, false) })),
	fargate("containerDefinitions[].disableNetworking", "Fargate doesn't take it", anyContainer(func(d *ecsv1.ContainerDefinition) bool { return value(d.DisableNetworking, false) })),
	fargate("containerDefinitions[].dnsServers and dnsSearchDomains", "Fargate doesn't take them", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		return len(d.DnsServers)+len(d.DnsSearchDomains) > 0
	})),
	fargate("containerDefinitions[].dockerSecurityOptions", "Fargate doesn't take them", anyContainer(func(d *ecsv1.ContainerDefinition) bool { return len(d.DockerSecurityOptions) > 0 })),
	fargate("containerDefinitions[].resourceRequirements", "Fargate has no GPU", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		return slices.ContainsFunc(d.ResourceRequirements, func(r ecsv1.ResourceRequirement) bool { return r.Type == ecsv1.ResourceTypeGPU })
	})),
	fargate("containerDefinitions[].linuxParameters", "Fargate doesn't take maxSwap, swappiness, sharedMemorySize, devices and tmpfs", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		p := d.LinuxParameters
		return p != nil && (p.MaxSwap != nil || p.Swappiness != nil || p.SharedMemorySize != nil || len(p.Devices)+len(p.Tmpfs) > 0)
	})),
	fargate("containerDefinitions[].linuxParameters.capabilities.add", "Fargate adds SYS_PTRACE only", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		p := d.LinuxParameters
		return p != nil && p.Capabilities != nil && slices.ContainsFunc(p.Capabilities.Add, func(name string) bool { return name != "SYS_PTRACE" })
	})),
	fargate("containerDefinitions[].stopTimeout and startTimeout", "Fargate allows at most 120 seconds", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		return value(d.StopTimeout, 0) > fargateTimeout || value(d.StartTimeout, 0) > fargateTimeout
	})),
	fargate("containerDefinitions[].logConfiguration.logDriver", "Fargate knows awslogs, splunk and awsfirelens",
		logsTo(ecsv1.LogDriverAwslogs, ecsv1.LogDriverSplunk, ecsv1.LogDriverAwsfirelens)),
	fargate("containerDefinitions[].logConfiguration.options", "awslogs on Fargate needs awslogs-stream-prefix", anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		if d.LogConfiguration == nil || d.LogConfiguration.LogDriver != ecsv1.LogDriverAwslogs {
			return false
		}
		_, given := d.LogConfiguration.Options["awslogs-stream-prefix"]
		return !given
	})),
	fargate("volumes", "Fargate takes neither dockerVolumeConfiguration nor host.sourcePath", func(td *ecsv1.TaskDefinitionFields) bool {
		return slices.ContainsFunc(td.Volumes, func(v ecsv1.Volume) bool {
			return v.DockerVolumeConfiguration != nil || v.Host != nil && v.Host.SourcePath != ""
		})
	}),
}

func fargate(field, why string, refuses func(*ecsv1.TaskDefinitionFields) bool) refusal {
	return refusal{ecsv1.CompatibilityFargate, field, why, refuses}
}

// noFargateSize: cpu 1024 goes with 2048 to 8192 MiB in steps of 1024, so 1024 units with 2560 MiB are no size.
func noFargateSize(td *ecsv1.TaskDefinitionFields) bool {
	cpu, given := taskCPU(td)
	if !given {
		return false
	}
	size, known := fargateSizes[cpu]
	memory, err := ParseMemory(td.Memory)
	if !known || err != nil {
		return !known
	}
	if size.list != nil {
		return !slices.Contains(size.list, memory)
	}
	return memory < size.from || memory > size.to || memory%size.step != 0
}
