// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Normal writes td in one of its equal forms: what it says in words that ECS reads alike becomes the same word, and what ECS fills in
// by itself is taken out. Two task definitions with equal normal forms run alike, so a change from one to the other is none. ECS makes a
// revision for each call; an object that is applied again and again must not.
//
// Alike are amounts ("1 vCPU", "1024"; "2GB", "2048"), a default and its absence, and the order of tags and requiresCompatibilities.
// Everything else counts, and the order of lists does too. td isn't changed.
func Normal(td *ecsv1.TaskDefinitionFields) ecsv1.TaskDefinitionFields {
	out := *td.DeepCopy()
	if units, err := ParseCPU(out.Cpu); err == nil {
		out.Cpu = strconv.FormatInt(units, 10)
	}
	if mib, err := ParseMemory(out.Memory); err == nil {
		out.Memory = strconv.FormatInt(mib, 10)
	}
	drop(&out.EnableFaultInjection, false)
	slices.Sort(out.RequiresCompatibilities)
	slices.SortFunc(out.Tags, func(a, b ecsv1.Tag) int { return cmp.Compare(a.Key, b.Key) })
	mode := orElse(string(out.NetworkMode), Bridge)
	for i := range out.ContainerDefinitions {
		normalContainer(&out.ContainerDefinitions[i], mode)
	}
	return out
}

func normalContainer(c *ecsv1.ContainerDefinition, networkMode string) {
	drop(&c.Cpu, 0)
	drop(&c.Essential, true)
	for _, flag := range []**bool{&c.Privileged, &c.ReadonlyRootFilesystem, &c.Interactive, &c.PseudoTerminal, &c.DisableNetworking} {
		drop(flag, false)
	}
	for i := range c.PortMappings {
		p := &c.PortMappings[i]
		if strings.EqualFold(p.Protocol, UDP) {
			p.Protocol = UDP
		} else {
			p.Protocol = "" // anything else is tcp
		}
		drop(&p.HostPort, 0)
		if (networkMode == AWSVPC || networkMode == Host) && p.ContainerPort != nil {
			drop(&p.HostPort, *p.ContainerPort)
		}
	}
	for i := range c.MountPoints {
		drop(&c.MountPoints[i].ReadOnly, false)
	}
	for i := range c.VolumesFrom {
		drop(&c.VolumesFrom[i].ReadOnly, false)
	}
	if h := c.HealthCheck; h != nil {
		drop(&h.Interval, defaultInterval)
		drop(&h.Timeout, defaultTimeout)
		drop(&h.Retries, defaultRetries)
	}
}

// drop takes a value out that says what its absence says.
func drop[T comparable](p **T, absent T) {
	if *p != nil && **p == absent {
		*p = nil
	}
}
