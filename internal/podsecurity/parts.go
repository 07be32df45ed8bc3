// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podsecurity

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// part is a piece of a pod, with the fields that it comes from.
type part struct {
	// name is for a piece that comes from no field.
	name string
	spec *corev1.PodSpec
	// paths are the fields that a check which refuses the piece is about.
	paths func(policy.CheckID) []string
	// privileged is a container's that has all rights: that is what is wrong with it, whatever else a check finds.
	privileged bool
}

// field is a part that comes from one field.
func field(spec corev1.PodSpec, path string) part {
	return part{spec: &spec, paths: func(policy.CheckID) []string { return []string{path} }}
}

// parts takes a pod apart. Each container keeps what the pod says for all of them.
func parts(td *ecsv1.TaskDefinitionFields, template *corev1.PodTemplateSpec) []part {
	whole := &template.Spec
	out := []part{
		field(corev1.PodSpec{HostNetwork: whole.HostNetwork}, "networkMode"),
		field(corev1.PodSpec{HostPID: whole.HostPID}, "pidMode"),
		field(corev1.PodSpec{HostIPC: whole.HostIPC}, "ipcMode"),
	}
	for _, v := range whole.Volumes {
		out = append(out, part{
			name:  "volume " + v.Name,
			spec:  &corev1.PodSpec{Volumes: []corev1.Volume{v}},
			paths: func(policy.CheckID) []string { return volumePaths(td, v) },
		})
	}
	var shared corev1.PodSecurityContext
	if whole.SecurityContext != nil {
		shared = *whole.SecurityContext
	}
	for _, s := range shared.Sysctls {
		out = append(out, part{
			name:  "sysctl " + s.Name,
			spec:  &corev1.PodSpec{SecurityContext: &corev1.PodSecurityContext{Sysctls: []corev1.Sysctl{s}}},
			paths: func(policy.CheckID) []string { return sysctlPaths(td, s.Name) },
		})
	}
	shared.Sysctls = nil
	names := taskstate.ContainerNames(template.Annotations)
	for _, c := range slices.Concat(whole.InitContainers, whole.Containers) {
		spec := &corev1.PodSpec{SecurityContext: &shared, Containers: []corev1.Container{c}}
		i := slices.IndexFunc(td.ContainerDefinitions, func(d ecsv1.ContainerDefinition) bool { return cmp.Or(names[c.Name], c.Name) == d.Name })
		if i < 0 {
			out = append(out, part{name: "container " + c.Name, spec: spec, paths: func(policy.CheckID) []string { return nil }})
			continue
		}
		d := &td.ContainerDefinitions[i]
		out = append(out, part{
			name:       "container " + d.Name,
			spec:       spec,
			paths:      func(id policy.CheckID) []string { return containerPaths(id, i, d) },
			privileged: d.Privileged != nil && *d.Privileged,
		})
	}
	return out
}

// volumePaths: a directory of the host comes from a volume or from a device.
func volumePaths(td *ecsv1.TaskDefinitionFields, v corev1.Volume) []string {
	if v.HostPath == nil {
		if i := slices.IndexFunc(td.Volumes, func(d ecsv1.Volume) bool { return d.Name == v.Name }); i >= 0 {
			return []string{fmt.Sprintf("volumes[%d]", i)}
		}
		return nil
	}
	var out []string
	for i, d := range td.Volumes {
		if d.Host != nil && d.Host.SourcePath == v.HostPath.Path {
			out = append(out, fmt.Sprintf("volumes[%d].host.sourcePath", i))
		}
	}
	for i, c := range td.ContainerDefinitions {
		if c.LinuxParameters == nil {
			continue
		}
		for j, d := range c.LinuxParameters.Devices {
			if d.HostPath == v.HostPath.Path {
				out = append(out, container(i, fmt.Sprintf("linuxParameters.devices[%d].hostPath", j)))
			}
		}
	}
	return out
}

func sysctlPaths(td *ecsv1.TaskDefinitionFields, name string) []string {
	var out []string
	for i, c := range td.ContainerDefinitions {
		for j, s := range c.SystemControls {
			if s.Namespace == name {
				out = append(out, container(i, fmt.Sprintf("systemControls[%d].namespace", j)))
			}
		}
	}
	return out
}

func containerPaths(id policy.CheckID, i int, d *ecsv1.ContainerDefinition) []string {
	if id == "hostPorts" {
		var out []string
		for j, p := range d.PortMappings {
			if p.HostPort != nil && *p.HostPort != 0 {
				out = append(out, container(i, fmt.Sprintf("portMappings[%d].hostPort", j)))
			}
		}
		return out
	}
	row, known := rows[id]
	if !known || row.field == "" {
		return nil
	}
	return []string{container(i, row.field)}
}

func container(i int, field string) string {
	return fmt.Sprintf("containerDefinitions[%d].%s", i, field)
}
