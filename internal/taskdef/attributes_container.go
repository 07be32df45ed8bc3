// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

type containerAttribute struct {
	name string
	from source
	when func(td *ecsv1.TaskDefinitionFields, d *ecsv1.ContainerDefinition) bool
}

// containerAttributes are what one container needs of the agent. Docker's API has a row for each field that ECS learned with a newer version of
// it: a definition names all versions that it needs, not only the highest.
var containerAttributes = []containerAttribute{
	// images
	{oldCapability + "ecr-auth", observed, each(fromECR)},
	{capability + "execution-role-ecr-pull", observed, func(td *ecsv1.TaskDefinitionFields, d *ecsv1.ContainerDefinition) bool {
		return td.ExecutionRoleArn != "" && fromECR(d)
	}},
	{capability + "private-registry-authentication.secretsmanager", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return d.RepositoryCredentials != nil })},
	// a digest in place of a tag; seen once, with nothing else in the definition that could be the cause
	{dockerAPI + "1.21", observed, each(func(d *ecsv1.ContainerDefinition) bool { return strings.Contains(d.Image, "@sha256:") })},

	// resources
	{dockerAPI + "1.21", observed, each(func(d *ecsv1.ContainerDefinition) bool { return d.MemoryReservation != nil })},
	{dockerAPI + "1.18", observed, each(func(d *ecsv1.ContainerDefinition) bool { return len(d.Ulimits) > 0 })},

	// environment
	{capability + "env-files.s3", observed, each(func(d *ecsv1.ContainerDefinition) bool { return len(d.EnvironmentFiles) > 0 })},
	{capability + "secrets.ssm.environment-variables", observed, each(func(d *ecsv1.ContainerDefinition) bool { return hasSecret(d.Secrets, arn.ParameterStore) })},
	{capability + "secrets.asm.environment-variables", observed, each(func(d *ecsv1.ContainerDefinition) bool { return hasSecret(d.Secrets, arn.SecretsManager) })},

	// life
	{capability + "container-ordering", observed, each(func(d *ecsv1.ContainerDefinition) bool {
		return len(d.DependsOn) > 0 || d.StartTimeout != nil || d.StopTimeout != nil
	})},
	{capability + "container-health-check", observed, each(func(d *ecsv1.ContainerDefinition) bool { return d.HealthCheck != nil })},
	{dockerAPI + "1.24", observed, each(func(d *ecsv1.ContainerDefinition) bool {
		return d.HealthCheck != nil && d.HealthCheck.StartPeriod == nil
	})},
	{dockerAPI + "1.29", observed, each(func(d *ecsv1.ContainerDefinition) bool {
		return d.HealthCheck != nil && d.HealthCheck.StartPeriod != nil
	})},
	{capability + "container-restart-policy", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return d.RestartPolicy != nil && d.RestartPolicy.Enabled })},

	// logs
	{capability + "execution-role-awslogs", observed, func(td *ecsv1.TaskDefinitionFields, d *ecsv1.ContainerDefinition) bool {
		return td.ExecutionRoleArn != "" && d.LogConfiguration != nil && d.LogConfiguration.LogDriver == ecsv1.LogDriverAwslogs
	}},
	{dockerAPI + "1.28", observed, each(func(d *ecsv1.ContainerDefinition) bool { return logOption(d, LogMode, LogBufferSize) })},
	{dockerAPI + "1.29", observed, each(func(d *ecsv1.ContainerDefinition) bool { return logOption(d, "awslogs-create-group") })},
	{dockerAPI + "1.29", inferred, each(func(d *ecsv1.ContainerDefinition) bool {
		return logOption(d, "awslogs-datetime-format", "awslogs-multiline-pattern")
	})},
	{capability + "logging-driver.awsfirelens.log-driver-buffer-limit", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return logOption(d, LogBufferLimit) })},
	{capability + "secrets.ssm.bootstrap.log-driver", inferred, each(func(d *ecsv1.ContainerDefinition) bool {
		return d.LogConfiguration != nil && hasSecret(d.LogConfiguration.SecretOptions, arn.ParameterStore)
	})},
	{capability + "secrets.asm.bootstrap.log-driver", inferred, each(func(d *ecsv1.ContainerDefinition) bool {
		return d.LogConfiguration != nil && hasSecret(d.LogConfiguration.SecretOptions, arn.SecretsManager)
	})},
	{capability + "firelens.fluentd", observed, routerIs(func(f *ecsv1.FirelensConfiguration) bool { return f.Type == ecsv1.FirelensConfigurationTypeFluentd })},
	{capability + "firelens.fluentbit", observed, routerIs(func(f *ecsv1.FirelensConfiguration) bool { return f.Type == ecsv1.FirelensConfigurationTypeFluentbit })},
	{capability + "firelens.options.config.file", inferred, routerIs(func(f *ecsv1.FirelensConfiguration) bool { return f.Options[RouterConfigType] == "file" })},
	{capability + "firelens.options.config.s3", inferred, routerIs(func(f *ecsv1.FirelensConfiguration) bool { return f.Options[RouterConfigType] == "s3" })},

	// network
	{capability + "network.container-port-range", inferred, each(func(d *ecsv1.ContainerDefinition) bool {
		return slices.ContainsFunc(d.PortMappings, func(p ecsv1.PortMapping) bool { return p.ContainerPortRange != "" })
	})},

	// what ECS took from Docker in 2015, all at once. user is among it and asks for nothing: two answers have it without 1.17.
	{dockerAPI + "1.17", observed, each(func(d *ecsv1.ContainerDefinition) bool {
		return value(d.Privileged, false) || value(d.DisableNetworking, false) || d.WorkingDirectory != "" || len(d.DnsServers)+len(d.DnsSearchDomains) > 0
	})},
	{dockerAPI + "1.17", inferred, each(func(d *ecsv1.ContainerDefinition) bool {
		return value(d.ReadonlyRootFilesystem, false) || d.Hostname != "" || len(d.ExtraHosts) > 0
	})},
	{dockerAPI + "1.18", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return len(d.DockerLabels) > 0 })},

	// Linux
	{oldCapability + "privileged-container", observed, each(func(d *ecsv1.ContainerDefinition) bool { return value(d.Privileged, false) })},
	{dockerAPI + "1.22", observed, linux(func(p *ecsv1.LinuxParameters) bool { return p.SharedMemorySize != nil })},
	{dockerAPI + "1.22", inferred, linux(func(p *ecsv1.LinuxParameters) bool { return len(p.Tmpfs) > 0 })},
	{dockerAPI + "1.25", observed, linux(func(p *ecsv1.LinuxParameters) bool { return value(p.InitProcessEnabled, false) })},
	{dockerAPI + "1.32", observed, linux(func(p *ecsv1.LinuxParameters) bool { return p.MaxSwap != nil || p.Swappiness != nil })},
	{dockerAPI + "1.23", observed, securityOption("no-new-privileges")},
	{oldCapability + "apparmor", inferred, securityOption("apparmor:")},
	{oldCapability + "selinux", inferred, securityOption("label:")},
	{capability + "gmsa", inferred, securityOption("credentialspec:")},
	{capability + "gmsa", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return credentialSpec(d, "credentialspec:") })},
	{capability + "gmsa-domainless", inferred, each(func(d *ecsv1.ContainerDefinition) bool { return credentialSpec(d, "credentialspecdomainless:") })},
}

// each is a condition that looks at the container alone.
func each(is func(*ecsv1.ContainerDefinition) bool) func(*ecsv1.TaskDefinitionFields, *ecsv1.ContainerDefinition) bool {
	return func(_ *ecsv1.TaskDefinitionFields, d *ecsv1.ContainerDefinition) bool { return is(d) }
}

func routerIs(is func(*ecsv1.FirelensConfiguration) bool) func(*ecsv1.TaskDefinitionFields, *ecsv1.ContainerDefinition) bool {
	return each(func(d *ecsv1.ContainerDefinition) bool {
		return d.FirelensConfiguration != nil && is(d.FirelensConfiguration)
	})
}

func linux(is func(*ecsv1.LinuxParameters) bool) func(*ecsv1.TaskDefinitionFields, *ecsv1.ContainerDefinition) bool {
	return each(func(d *ecsv1.ContainerDefinition) bool { return d.LinuxParameters != nil && is(d.LinuxParameters) })
}

func securityOption(prefix string) func(*ecsv1.TaskDefinitionFields, *ecsv1.ContainerDefinition) bool {
	return each(func(d *ecsv1.ContainerDefinition) bool {
		return slices.ContainsFunc(d.DockerSecurityOptions, func(o string) bool { return strings.HasPrefix(o, prefix) })
	})
}

func credentialSpec(d *ecsv1.ContainerDefinition, prefix string) bool {
	return slices.ContainsFunc(d.CredentialSpecs, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func fromECR(d *ecsv1.ContainerDefinition) bool { return strings.Contains(d.Image, ecrHost) }
