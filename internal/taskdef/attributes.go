// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"maps"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Prefixes of what an agent says it can do. The first is the older one and no new names are made with it
// (amazon-ecs-agent, agent/app/agent_capability.go).
const (
	oldCapability = "com.amazonaws.ecs.capability."
	capability    = "ecs.capability."
	dockerAPI     = oldCapability + "docker-remote-api."
)

// maxAttributeName is the length of a name (API_Attribute).
const maxAttributeName = 128

// Attributes are what an instance's agent has to be able to do for the task, as RegisterTaskDefinition answers in requiresAttributes,
// sorted by name. A name stands once, however many containers need it.
func Attributes(td *ecsv1.TaskDefinitionFields) []ecsv1.Attribute {
	needed := map[string]bool{}
	for _, row := range taskAttributes {
		if row.when(td) {
			needed[row.name] = true
		}
	}
	for i := range td.ContainerDefinitions {
		d := &td.ContainerDefinitions[i]
		for _, row := range containerAttributes {
			if row.when(td, d) {
				needed[row.name] = true
			}
		}
		if d.LogConfiguration != nil {
			needed[oldCapability+"logging-driver."+string(d.LogConfiguration.LogDriver)] = true
			needed[dockerAPI+logDriverAPI[d.LogConfiguration.LogDriver]] = true
		}
	}
	for _, v := range td.Volumes {
		if v.DockerVolumeConfiguration != nil {
			needed[capability+"docker-plugin."+strings.ReplaceAll(orElse(v.DockerVolumeConfiguration.Driver, "local"), ":", ".")] = true
		}
	}
	var out []ecsv1.Attribute
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if len(name) <= maxAttributeName {
			out = append(out, ecsv1.Attribute{Name: name})
		}
	}
	return out
}

// source says where a row is from.
type source string

// ECS doesn't publish the rules. Most rows were read off answers of the real service that stand in public repositories, a definition beside
// its requiresAttributes; docs/design/0010 lists them. The others follow from the agent's own list of what it can do, whose names say which
// field needs them, or from "requires version 1.xx of the Docker Remote API" in API_ContainerDefinition.
const (
	observed source = "observed"
	inferred source = "inferred"
)

type taskAttribute struct {
	name string
	from source
	when func(*ecsv1.TaskDefinitionFields) bool
}

var taskAttributes = []taskAttribute{
	{capability + "task-eni", observed, networkIs(ecsv1.NetworkModeAwsvpc)},
	{dockerAPI + "1.18", observed, networkIs(ecsv1.NetworkModeAwsvpc)},
	{oldCapability + "task-iam-role", observed, func(td *ecsv1.TaskDefinitionFields) bool { return td.TaskRoleArn != "" }},
	{oldCapability + "task-iam-role-network-host", observed, func(td *ecsv1.TaskDefinitionFields) bool {
		return td.TaskRoleArn != "" && td.NetworkMode == ecsv1.NetworkModeHost
	}},
	{capability + "pid-ipc-namespace-sharing", observed, func(td *ecsv1.TaskDefinitionFields) bool { return td.PidMode != "" || td.IpcMode != "" }},
	{capability + "extensible-ephemeral-storage", observed, func(td *ecsv1.TaskDefinitionFields) bool { return td.EphemeralStorage != nil }},
	{capability + "fault-injection", inferred, func(td *ecsv1.TaskDefinitionFields) bool { return value(td.EnableFaultInjection, false) }},
	{capability + "increased-task-cpu-limit", inferred, func(td *ecsv1.TaskDefinitionFields) bool {
		cpu, given := taskCPU(td)
		return given && cpu > 10*unitsPerVCPU
	}},
	{capability + "efs", observed, anyVolume(func(v *ecsv1.Volume) bool { return v.EfsVolumeConfiguration != nil })},
	{capability + "efsAuth", observed, anyVolume(func(v *ecsv1.Volume) bool { return v.EfsVolumeConfiguration != nil })},
	{dockerAPI + "1.25", observed, anyVolume(func(v *ecsv1.Volume) bool {
		return v.EfsVolumeConfiguration != nil || v.DockerVolumeConfiguration != nil
	})},
	{capability + "fsxWindowsFileServer", inferred, anyVolume(func(v *ecsv1.Volume) bool { return v.FsxWindowsFileServerVolumeConfiguration != nil })},
	{capability + "storage.s3-files", inferred, anyVolume(func(v *ecsv1.Volume) bool { return v.S3filesVolumeConfiguration != nil })},
	{capability + "storage.ebs-task-volume-attach", inferred, anyVolume(func(v *ecsv1.Volume) bool { return value(v.ConfiguredAtLaunch, false) })},
}

func anyVolume(is func(*ecsv1.Volume) bool) func(*ecsv1.TaskDefinitionFields) bool {
	return func(td *ecsv1.TaskDefinitionFields) bool {
		for i := range td.Volumes {
			if is(&td.Volumes[i]) {
				return true
			}
		}
		return false
	}
}

// logDriverAPI is the Docker API that a driver came with, by the agent's table; awslogs and awsfirelens are as observed.
var logDriverAPI = map[ecsv1.LogDriver]string{
	ecsv1.LogDriverJsonFile:    "1.18",
	ecsv1.LogDriverSyslog:      "1.18",
	ecsv1.LogDriverJournald:    "1.19",
	ecsv1.LogDriverAwslogs:     "1.19",
	ecsv1.LogDriverAwsfirelens: "1.19",
	ecsv1.LogDriverGelf:        "1.20",
	ecsv1.LogDriverFluentd:     "1.20",
	ecsv1.LogDriverSplunk:      "1.22",
}

// hasSecret: one of the secrets is in that store.
func hasSecret(secrets []ecsv1.Secret, store string) bool {
	return slices.ContainsFunc(secrets, func(s ecsv1.Secret) bool {
		ref, err := arn.ParseSecret(s.ValueFrom)
		return err == nil && ref.Store == store
	})
}

// logOption: the log configuration has one of these options.
func logOption(d *ecsv1.ContainerDefinition, names ...string) bool {
	return d.LogConfiguration != nil && slices.ContainsFunc(names, func(name string) bool {
		_, given := d.LogConfiguration.Options[name]
		return given
	})
}
