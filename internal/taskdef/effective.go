// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// ECS's defaults (API_HealthCheck, API_ContainerDefinition).
const (
	defaultInterval    = 30
	defaultTimeout     = 5
	defaultRetries     = 3
	defaultStopTimeout = 30
	// defaultAttemptPeriod is restartPolicy.restartAttemptPeriod (API_ContainerRestartPolicy).
	defaultAttemptPeriod = 300
)

// The two forms of a health check's command.
const (
	Cmd      = "CMD"
	CmdShell = "CMD-SHELL"
)

// Effective gives td its effective values. It fails only for amounts that can't be read; [Validate] finds everything else.
func Effective(td *ecsv1.TaskDefinitionFields) (Task, error) {
	t := Task{NetworkMode: orElse(string(td.NetworkMode), Bridge)}
	var err error
	if td.Cpu != "" {
		if t.CPU, err = ParseCPU(td.Cpu); err != nil {
			return Task{}, err
		}
	}
	if td.Memory != "" {
		if t.Memory, err = ParseMemory(td.Memory); err != nil {
			return Task{}, err
		}
	}
	t.TaskRole, t.ExecutionRole = role(td.TaskRoleArn), role(td.ExecutionRoleArn)
	for i := range td.ContainerDefinitions {
		t.Containers = append(t.Containers, container(&td.ContainerDefinitions[i], t.NetworkMode))
		t.Containers[i].DependsOn = dependencies(td, i)
	}
	return t, nil
}

func container(in *ecsv1.ContainerDefinition, networkMode string) Container {
	c := Container{
		Name:                   in.Name,
		Image:                  in.Image,
		EntryPoint:             in.EntryPoint,
		Command:                in.Command,
		WorkingDirectory:       in.WorkingDirectory,
		User:                   in.User,
		CPU:                    int64(value(in.Cpu, 0)),
		Memory:                 int64(value(in.Memory, 0)),
		MemoryReservation:      int64(value(in.MemoryReservation, 0)),
		Essential:              value(in.Essential, true),
		HealthCheck:            healthCheck(in.HealthCheck),
		StopTimeout:            int64(value(in.StopTimeout, defaultStopTimeout)),
		StopTimeoutGiven:       in.StopTimeout != nil,
		StartTimeout:           int64(value(in.StartTimeout, 0)),
		Restart:                restartPolicy(in.RestartPolicy),
		InitProcess:            in.LinuxParameters != nil && value(in.LinuxParameters.InitProcessEnabled, false),
		ReadonlyRootFilesystem: value(in.ReadonlyRootFilesystem, false),
	}
	for _, u := range in.Ulimits {
		c.Ulimits = append(c.Ulimits, Ulimit{Name: string(u.Name), Soft: u.SoftLimit, Hard: u.HardLimit})
	}
	for _, v := range in.Environment {
		c.Environment = append(c.Environment, Variable{Name: v.Name, Value: v.Value})
	}
	c.Secrets = secrets(in.Secrets)
	if in.LogConfiguration != nil {
		c.LogSecrets = secrets(in.LogConfiguration.SecretOptions)
	}
	c.EnvironmentFiles = environmentFiles(in.EnvironmentFiles)
	c.Credentials = credentials(in.RepositoryCredentials)
	c.MountPoints, c.VolumesFrom = mountPoints(in), volumesFrom(in)
	for _, p := range in.PortMappings {
		c.Ports = append(c.Ports, port(p, networkMode))
	}
	return c
}

// dependencies of the i-th container. One that names no container is left out; [Validate] refuses it.
func dependencies(td *ecsv1.TaskDefinitionFields, i int) []Dependency {
	var out []Dependency
	for _, d := range td.ContainerDefinitions[i].DependsOn {
		k := slices.IndexFunc(td.ContainerDefinitions, func(c ecsv1.ContainerDefinition) bool { return c.Name == d.ContainerName })
		if k >= 0 {
			out = append(out, Dependency{Container: k, Condition: string(d.Condition)})
		}
	}
	return out
}

func restartPolicy(in *ecsv1.ContainerRestartPolicy) *RestartPolicy {
	if in == nil || !in.Enabled {
		return nil
	}
	return &RestartPolicy{IgnoredExitCodes: in.IgnoredExitCodes, AttemptPeriod: int64(value(in.RestartAttemptPeriod, defaultAttemptPeriod))}
}

// port: a protocol that is neither tcp nor udp counts as tcp, silently, as in ECS (API_PortMapping). With awsvpc and host the host
// port is the container port.
func port(in ecsv1.PortMapping, networkMode string) Port {
	p := Port{
		Container: value(in.ContainerPort, 0),
		Host:      value(in.HostPort, 0),
		Protocol:  TCP,
		Name:      in.Name,
		Range:     in.ContainerPortRange,
	}
	if strings.EqualFold(in.Protocol, UDP) {
		p.Protocol = UDP
	}
	if p.Host == 0 && (networkMode == AWSVPC || networkMode == Host) {
		p.Host = p.Container
	}
	return p
}

func healthCheck(in *ecsv1.HealthCheck) *HealthCheck {
	if in == nil {
		return nil
	}
	return &HealthCheck{
		Command:     in.Command,
		Interval:    value(in.Interval, defaultInterval),
		Timeout:     value(in.Timeout, defaultTimeout),
		Retries:     value(in.Retries, defaultRetries),
		StartPeriod: value(in.StartPeriod, 0),
	}
}

// Bounds reads the port's range. ok is false for a port without one and for a range that is none.
func (p Port) Bounds() (first, last int32, ok bool) {
	from, to, found := strings.Cut(p.Range, "-")
	a, errA := strconv.ParseUint(from, 10, 16)
	b, errB := strconv.ParseUint(to, 10, 16)
	if !found || errA != nil || errB != nil || a == 0 || a >= b {
		return 0, 0, false
	}
	return int32(a), int32(b), true
}

// InRange reports whether port lies in the mapped range.
func (p Port) InRange(port int32) bool {
	first, last, ok := p.Bounds()
	return ok && port >= first && port <= last
}

// String names the port as messages do: 80/tcp.
func (p Port) String() string {
	if p.Range != "" {
		return p.Range + "/" + p.Protocol
	}
	return fmt.Sprintf("%d/%s", p.Container, p.Protocol)
}

func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
