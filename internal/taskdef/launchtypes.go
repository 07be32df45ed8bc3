// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// launchTypes in the order that status.compatibilities has them.
var launchTypes = []ecsv1.Compatibility{
	ecsv1.CompatibilityEC2, ecsv1.CompatibilityFargate, ecsv1.CompatibilityExternal, ecsv1.CompatibilityManagedInstances,
}

// Compatibilities are all launch types that a valid task definition can be run with, asked for in requiresCompatibilities or not.
func Compatibilities(td *ecsv1.TaskDefinitionFields) []ecsv1.Compatibility {
	var out []ecsv1.Compatibility
	for _, launchType := range launchTypes {
		if len(Refusals(td, launchType)) == 0 {
			out = append(out, launchType)
		}
	}
	return out
}

// Refusals says what keeps td from a launch type: nothing for one that it is compatible with. A task definition that asks for the launch
// type is refused for the same reasons by the CRD's CEL rules, and by [Validate] for those that CEL doesn't say; test/integration/schema
// applies all samples both ways and holds the two together.
func Refusals(td *ecsv1.TaskDefinitionFields, launchType ecsv1.Compatibility) Problems {
	var out Problems
	for _, row := range refusals {
		if row.launchType == launchType && row.refuses(td) {
			out = append(out, Problem{Path: row.field, Message: row.why})
		}
	}
	if launchType == ecsv1.CompatibilityFargate {
		out = append(out, withoutExecutionRole(td)...)
	}
	return out
}

// refusal is one thing that a launch type doesn't take.
type refusal struct {
	launchType ecsv1.Compatibility
	field      string
	why        string
	refuses    func(*ecsv1.TaskDefinitionFields) bool
}

// refusals: DG/fargate-tasks-services and DG/task_definition_parameters for Fargate, DG/ecs-anywhere for EXTERNAL,
// DG/task_definition_parameters-managed-instances. EC2 takes all that is a task definition.
var refusals = slices.Concat(fargateRefusals, []refusal{
	{ecsv1.CompatibilityEC2, "cpu", "128 to 196608 units", cpuOutOfRange},
	{ecsv1.CompatibilityExternal, "cpu", "128 to 196608 units", cpuOutOfRange},
	{ecsv1.CompatibilityExternal, "networkMode", "an external instance has no network interfaces to give away: bridge, host or none", networkIs(ecsv1.NetworkModeAwsvpc)},
	{ecsv1.CompatibilityManagedInstances, "cpu", "128 to 196608 units", cpuOutOfRange},
	{ecsv1.CompatibilityManagedInstances, "networkMode", "awsvpc, host or none", func(td *ecsv1.TaskDefinitionFields) bool {
		if td.NetworkMode == "" { // awsvpc for those who ask for managed instances, bridge for the others
			return !slices.Contains(td.RequiresCompatibilities, ecsv1.CompatibilityManagedInstances)
		}
		return td.NetworkMode == ecsv1.NetworkModeBridge
	}},
	{ecsv1.CompatibilityManagedInstances, "runtimePlatform.operatingSystemFamily", "LINUX", windows},
	{ecsv1.CompatibilityManagedInstances, "containerDefinitions[].logConfiguration.logDriver", "awslogs, splunk, awsfirelens or json-file",
		logsTo(ecsv1.LogDriverAwslogs, ecsv1.LogDriverSplunk, ecsv1.LogDriverAwsfirelens, ecsv1.LogDriverJsonFile)},
})

// withoutExecutionRole: Fargate's agent has no instance role to fall back on.
func withoutExecutionRole(td *ecsv1.TaskDefinitionFields) Problems {
	if td.ExecutionRoleArn != "" {
		return nil
	}
	var out Problems
	add := func(i int, field, what string) {
		out = append(out, Problem{at(i, field), "Fargate requires task definition to have execution role ARN to support " + what + ". Set executionRoleArn"})
	}
	for i, d := range td.ContainerDefinitions {
		if strings.Contains(d.Image, ecrHost) {
			add(i, "image", "ECR images")
		}
		if len(d.Secrets) > 0 {
			add(i, "secrets", "secrets")
		}
		if d.RepositoryCredentials != nil {
			add(i, "repositoryCredentials", "private registry credentials")
		}
		if l := d.LogConfiguration; l != nil && l.LogDriver == ecsv1.LogDriverAwslogs {
			add(i, "logConfiguration.logDriver", "log driver awslogs")
		}
	}
	return out
}

// ecrHost is part of the name of every private ECR registry.
const ecrHost = ".dkr.ecr."

func networkIs(mode ecsv1.NetworkMode) func(*ecsv1.TaskDefinitionFields) bool {
	return func(td *ecsv1.TaskDefinitionFields) bool { return td.NetworkMode == mode }
}

// anyContainer: one container is enough.
func anyContainer(is func(*ecsv1.ContainerDefinition) bool) func(*ecsv1.TaskDefinitionFields) bool {
	return func(td *ecsv1.TaskDefinitionFields) bool {
		for i := range td.ContainerDefinitions {
			if is(&td.ContainerDefinitions[i]) {
				return true
			}
		}
		return false
	}
}

// logsTo: a container logs to none of these drivers.
func logsTo(drivers ...ecsv1.LogDriver) func(*ecsv1.TaskDefinitionFields) bool {
	return anyContainer(func(d *ecsv1.ContainerDefinition) bool {
		return d.LogConfiguration != nil && !slices.Contains(drivers, d.LogConfiguration.LogDriver)
	})
}

func windows(td *ecsv1.TaskDefinitionFields) bool {
	return td.RuntimePlatform != nil && td.RuntimePlatform.OperatingSystemFamily != "" && td.RuntimePlatform.OperatingSystemFamily != ecsv1.OSFamilyLinux
}

// cpuOutOfRange: less than an eighth of a vCPU, or more than any instance has (API_RegisterTaskDefinition cpu).
func cpuOutOfRange(td *ecsv1.TaskDefinitionFields) bool {
	cpu, given := taskCPU(td)
	return given && (cpu < 128 || cpu > 196608)
}

func taskCPU(td *ecsv1.TaskDefinitionFields) (units int64, given bool) {
	n, err := ParseCPU(td.Cpu)
	return n, err == nil
}
