// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// exception is an inexact field of which some values are exact. The ledger's row speaks of the worst of them.
type exception struct {
	// when says which values are, for docs/fields.md.
	when string
	// judge gives "" for a value that is exact, or why it isn't; [asTheRowSays] leaves that to the row. nil is for a field of which
	// translation warns whenever a value isn't exact.
	judge func(value) string
}

const asTheRowSays = "as the row says"

// value is a place in a task definition.
type value struct {
	td *ecsv1.TaskDefinitionFields
	at []int // the indexes in its path
}

func (v value) container() *ecsv1.ContainerDefinition { return &v.td.ContainerDefinitions[v.at[0]] }

func (v value) alone() bool { return len(v.td.ContainerDefinitions) == 1 }

// only: the launch types of requiresCompatibilities are among these, and there is one.
func (v value) only(allowed ...ecsv1.Compatibility) bool {
	given := v.td.RequiresCompatibilities
	return len(given) > 0 && !slices.ContainsFunc(given, func(c ecsv1.Compatibility) bool { return !slices.Contains(allowed, c) })
}

// exactIf makes a judge of a question.
func exactIf(is func(value) bool) func(value) string {
	return func(v value) string {
		if is(v) {
			return ""
		}
		return asTheRowSays
	}
}

const unlessWarned = "where no warning names it"

// exceptions by the path of their row.
var exceptions = map[string]exception{
	"networkMode": {"awsvpc, host, and bridge with one container", exactIf(func(v value) bool {
		mode := string(v.td.NetworkMode)
		return mode == taskdef.AWSVPC || mode == taskdef.Host || mode == taskdef.Bridge && v.alone()
	})},
	containerPath + "portMappings[].hostPort": {"a fixed port, and any with awsvpc or host", exactIf(func(v value) bool {
		fixed := v.container().PortMappings[v.at[1]].HostPort
		mode := string(v.td.NetworkMode)
		return fixed != nil && *fixed > 0 || mode == taskdef.AWSVPC || mode == taskdef.Host
	})},
	containerPath + "portMappings[].containerPortRange": {"awsvpc", exactIf(func(v value) bool { return string(v.td.NetworkMode) == taskdef.AWSVPC })},
	containerPath + "disableNetworking":                 {"false", exactIf(func(v value) bool { off := v.container().DisableNetworking; return off == nil || !*off })},
	containerPath + "hostname":                          {"a DNS label in a task of one container", exactIf(value.alone)},
	containerPath + "dnsServers":                        {"up to 3 in a task of one container", exactIf(value.alone)},
	containerPath + "dnsSearchDomains": {"with dnsServers, in a task of one container", exactIf(func(v value) bool {
		return v.alone() && len(v.container().DnsServers) > 0
	})},
	containerPath + "extraHosts[].hostname":  {"a DNS name in a task of one container", exactIf(value.alone)},
	containerPath + "extraHosts[].ipAddress": {"an address in a task of one container", exactIf(value.alone)},

	"executionRoleArn": {"a task for which nothing is fetched or sent with it", judgeExecutionRole},
	"ipcMode": {"host and task", exactIf(func(v value) bool {
		return v.td.IpcMode == ecsv1.IpcModeHost || v.td.IpcMode == ecsv1.IpcModeTask
	})},
	"runtimePlatform.operatingSystemFamily": {"LINUX", exactIf(func(v value) bool { return v.td.RuntimePlatform.OperatingSystemFamily == ecsv1.OSFamilyLinux })},

	containerPath + "logConfiguration.logDriver":           {"awslogs and awsfirelens", judgeLogDriver},
	containerPath + "logConfiguration.options":             {"of awsfirelens; of awslogs, the group, which is made where it is missing, region and stream prefix", judgeLogOptions},
	containerPath + "firelensConfiguration.options":        {"on Fargate or external instances, or without metadata, and without a file in S3", judgeRouterOptions},
	containerPath + "resourceRequirements[].type":          {"GPU", exactIf(countsGPUs)},
	containerPath + "resourceRequirements[].value":         {"a number of GPUs", exactIf(countsGPUs)},
	containerPath + "dockerSecurityOptions":                {unlessWarned, nil},
	containerPath + "systemControls[].namespace":           {unlessWarned, nil},
	containerPath + "systemControls[].value":               {unlessWarned, nil},
	containerPath + "linuxParameters.maxSwap":              {"0", exactIf(func(v value) bool { return *v.container().LinuxParameters.MaxSwap == 0 })},
	containerPath + "linuxParameters.tmpfs[].mountOptions": {unlessWarned, nil},
	"volumes[].name":          {unlessWarned, nil},
	dockerPath + "driver":     {"local", nil},
	dockerPath + "driverOpts": {unlessWarned, nil},
}

// countsGPUs: so many GPUs, each for the container alone.
func countsGPUs(v value) bool {
	r := v.container().ResourceRequirements[v.at[1]]
	_, err := strconv.ParseInt(r.Value, 10, 32)
	return err == nil && r.Type == ecsv1.ResourceTypeGPU
}

// judgeExecutionRole: what ECS's agent does with the role is done with other rights here.
func judgeExecutionRole(v value) string {
	var images, secrets, logs bool
	for _, c := range v.td.ContainerDefinitions {
		images = images || strings.Contains(c.Image, ".dkr.ecr.")
		secrets = secrets || len(c.Secrets) > 0 || len(c.EnvironmentFiles) > 0 || c.RepositoryCredentials != nil
		if f := c.FirelensConfiguration; f != nil && f.Options[taskdef.RouterConfigType] == "s3" {
			secrets = true
		}
		if l := c.LogConfiguration; l != nil {
			secrets, logs = secrets || len(l.SecretOptions) > 0, logs || l.LogDriver == ecsv1.LogDriverAwslogs
		}
	}
	var done []string
	for _, use := range []struct {
		is  bool
		how string
	}{
		{images, "images of ECR are pulled with the rights of the node or the pull secrets of the Cluster's role"},
		{secrets, "secrets and files are read with the rights of whoever puts them into the cluster"},
		{logs, "logs are sent with the rights of the log collector"},
	} {
		if use.is {
			done = append(done, use.how)
		}
	}
	if len(done) == 0 {
		return ""
	}
	return strings.Join(done, "; ") + ", whatever the role allows"
}

func judgeLogDriver(v value) string {
	switch v.container().LogConfiguration.LogDriver {
	case ecsv1.LogDriverAwsfirelens, ecsv1.LogDriverAwslogs:
		return ""
	case ecsv1.LogDriverJsonFile, ecsv1.LogDriverJournald:
		return "the output stays on its node, in the files of the container runtime, where kubectl logs finds it"
	case ecsv1.LogDriverSplunk, ecsv1.LogDriverFluentd, ecsv1.LogDriverGelf, ecsv1.LogDriverSyslog:
	}
	return asTheRowSays
}

// judgeLogOptions: those of a log router are its configuration. awslogs has some that nothing acts on.
func judgeLogOptions(v value) string {
	l := v.container().LogConfiguration
	if l.LogDriver == ecsv1.LogDriverAwsfirelens {
		return ""
	}
	if l.LogDriver != ecsv1.LogDriverAwslogs {
		return asTheRowSays
	}
	var differs []string
	if !strings.EqualFold(l.Options["awslogs-create-group"], "true") {
		differs = append(differs, "a missing log group doesn't keep the task from starting: its output is in kubectl logs alone until the group is there")
	}
	if l.Options["max-buffer-size"] != "" {
		differs = append(differs, "output waits on the node and not in the container's memory, so max-buffer-size changes nothing")
	}
	for _, name := range slices.Sorted(maps.Keys(l.Options)) {
		switch name {
		case "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "mode", "max-buffer-size":
		default:
			differs = append(differs, name+" has no effect in the collector")
		}
	}
	return strings.Join(differs, "; ")
}

// judgeRouterOptions: only instances of EC2 have an ID to add.
func judgeRouterOptions(v value) string {
	options := v.container().FirelensConfiguration.Options
	without := strings.EqualFold(options["enable-ecs-log-metadata"], "false")
	if without || v.only(ecsv1.CompatibilityFargate, ecsv1.CompatibilityExternal) {
		return ""
	}
	return "of what enable-ecs-log-metadata adds on instances of EC2, records have ecs_cluster, ecs_task_arn and ecs_task_definition, and no ec2_instance_id"
}

// AtHand is what becomes of the field at path of this very task definition; its row speaks of all. Path has indexes, as in
// containerDefinitions[0].image. The result is what translation made of td, nil for a task definition that is refused.
func AtHand(row Row, td *ecsv1.TaskDefinitionFields, result *Result, path string) Row {
	e, ok := exceptions[row.Path]
	if !ok || result == nil && e.judge == nil || result.warns(path) {
		return row
	}
	why := ""
	if e.judge != nil {
		why = e.judge(value{td, indexes(path)})
	}
	switch why {
	case "":
		row.Verdict, row.Why = Exact, ""
	case asTheRowSays:
	default:
		row.Why = why
	}
	return row
}

// warns of the field at path, of one above it or one below.
func (r *Result) warns(path string) bool {
	return r != nil && slices.ContainsFunc(r.Warnings, func(w Warning) bool { return touches(w.Path, path) })
}

// indexes in a path: containerDefinitions[1].portMappings[0].hostPort has 1 and 0.
func indexes(path string) []int {
	var out []int
	for part := range strings.SplitSeq(path, "[") {
		var n int
		if _, err := fmt.Sscanf(part, "%d]", &n); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// touches: what is said of one field is said of the other, which is the same, above it or below it. [] is any element.
func touches(said, path string) bool {
	a, b := strings.Split(said, "."), strings.Split(path, ".")
	for i := range min(len(a), len(b)) {
		name, index, indexed := strings.Cut(a[i], "[")
		other, place, placed := strings.Cut(b[i], "[")
		if name != other || indexed && placed && index != place && index != "]" && place != "]" {
			return false
		}
	}
	return true
}
