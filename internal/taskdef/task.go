// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package taskdef gives a task definition its effective values and checks what one object's CEL rules can't.
//
// A task definition as people write it leaves most fields out, and ECS gives each a default: essential is true, protocol is tcp, a
// health check looks each 30 seconds. These defaults never go into the stored object, so that manifests keep showing what was
// written; [Effective] computes them whenever they are needed. Amounts are numbers here: CPU in units of 1/1024 vCPU, memory in MiB.
//
// What a task takes from its instance follows from these (DG/task_definition_parameters, DG/task-placement):
//
//	CPU     the task's cpu if given, else the sum over its containers
//	memory  the task's memory if given, else the sum over its containers of memoryReservation, or memory where there is none
package taskdef

import "github.com/ecs-operator/ecs-operator/internal/arn"

// Task is a task definition's effective values. An amount of 0 was not given.
type Task struct {
	CPU         int64 // units
	Memory      int64 // MiB
	NetworkMode string
	PidMode     string
	Containers  []Container
	// TaskRole and ExecutionRole are nil where the task definition names none.
	TaskRole      *arn.RoleRef
	ExecutionRole *arn.RoleRef
}

// Container is a container definition's effective values. An amount of 0 was not given.
type Container struct {
	Name                   string
	Image                  string
	EntryPoint             []string
	Command                []string
	WorkingDirectory       string
	User                   string
	Environment            []Variable
	CPU                    int64 // units; a share weight on Linux, not a limit
	Memory                 int64 // MiB, the hard limit
	MemoryReservation      int64 // MiB, the soft limit and what placement reserves
	Essential              bool
	Ports                  []Port
	HealthCheck            *HealthCheck
	StopTimeout            int64 // seconds
	StopTimeoutGiven       bool  // false where StopTimeout is the default
	StartTimeout           int64 // seconds; how long others wait for this one
	DependsOn              []Dependency
	Restart                *RestartPolicy // nil unless enabled
	Ulimits                []Ulimit
	InitProcess            bool
	ReadonlyRootFilesystem bool
	Secrets                []Secret
	// LogSecrets are the secretOptions of the log configuration; their names are options of the log driver.
	LogSecrets []Secret
	// EnvironmentFiles are objects in S3 as BUCKET/KEY; of two that name one variable the first counts.
	EnvironmentFiles []string
	// Credentials are for the image's registry; nil for none.
	Credentials *arn.SecretRef
	// MountPoints are the container's own. Task.Mounts has those of volumesFrom, too.
	MountPoints []Mount
	VolumesFrom []VolumesFrom
}

// Dependency is a container that another waits for: START, COMPLETE, SUCCESS or HEALTHY.
type Dependency struct {
	// Container by its place in the task definition.
	Container int
	Condition string
}

// RestartPolicy is one that is enabled.
type RestartPolicy struct {
	IgnoredExitCodes []int32
	AttemptPeriod    int64 // seconds that the command must have run
}

// Ulimit is one limit; -1 is unlimited.
type Ulimit struct {
	Name       string
	Soft, Hard int64
}

// Variable is one of a container's environment variables.
type Variable struct{ Name, Value string }

// Port is one port mapping.
type Port struct {
	Container int32
	// Host is 0 for a port that ECS chooses (bridge), and Container's number where the network mode says so.
	Host     int32
	Protocol string // tcp or udp
	Name     string
	// Range stands in place of Container: "8000-8010".
	Range string
}

// HealthCheck is a container health check. Times are in seconds.
type HealthCheck struct {
	Command     []string
	Interval    int32
	Timeout     int32
	Retries     int32
	StartPeriod int32
}

// Network modes (API_RegisterTaskDefinition networkMode).
const (
	Bridge = "bridge"
	AWSVPC = "awsvpc"
	Host   = "host"
	None   = "none"
)

// Transport protocols (API_PortMapping protocol).
const (
	TCP = "tcp"
	UDP = "udp"
)

// ReservedCPU is what placement takes from an instance, in units. A task without cpu whose containers have 256 and 128: 384.
func (t Task) ReservedCPU() int64 {
	if t.CPU > 0 {
		return t.CPU
	}
	var sum int64
	for _, c := range t.Containers {
		sum += c.CPU
	}
	return sum
}

// ReservedMemory is what placement takes from an instance, in MiB. A task without memory, one container with memory 512 and
// memoryReservation 128, another with memory 256 alone: 128 + 256 = 384.
func (t Task) ReservedMemory() int64 {
	if t.Memory > 0 {
		return t.Memory
	}
	var sum int64
	for _, c := range t.Containers {
		sum += c.ReservedMemory()
	}
	return sum
}

// ReservedMemory is the container's memoryReservation, or its memory where there is none.
func (c Container) ReservedMemory() int64 {
	if c.MemoryReservation > 0 {
		return c.MemoryReservation
	}
	return c.Memory
}

// ChecksHealth reports whether an essential container has a health check, so that the task's own health says when it is healthy.
func (t Task) ChecksHealth() bool {
	for _, c := range t.Containers {
		if c.Essential && c.HealthCheck != nil {
			return true
		}
	}
	return false
}
