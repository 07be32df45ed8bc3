// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"fmt"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// barWidth is the width of a bar in a table.
const barWidth = 8

// Instances is the table of container instances. Wide tells of the machine, too. Bars are drawn where there is a terminal that is wide enough.
func Instances(all []ecsv1.ContainerInstance, wide bool, c Canvas) string {
	t := instanceTable(all, wide, c, c.Width > 0)
	if c.Width > 0 && t.width() > c.Width {
		t = instanceTable(all, wide, c, false)
	}
	return c.write(t.lines())
}

func instanceTable(all []ecsv1.ContainerInstance, wide bool, c Canvas, bars bool) *table {
	t := &table{head: []string{"NAME", "CLUSTER", "STATUS", "AGENT", "ZONE", "TYPE", "CPU LEFT", "MEMORY LEFT", "RUNNING", "PENDING", "PROVIDER"}}
	if wide {
		t.head = append(t.head, "INSTANCE ID", "AGENT VERSION", "HEALTH", "ATTRIBUTES")
	}
	for n := range all {
		i := &all[n]
		status := StatusOf(i)
		row := []line{
			say(style{bold: true}, "%s", i.Name),
			say(style{}, "%s", i.Spec.Cluster),
			say(style{text: statusColour(status)}, "%s", status),
			agent(i),
			say(style{}, "%s", attribute(i, "ecs.availability-zone")),
			say(style{}, "%s", attribute(i, "ecs.instance-type")),
			left(AmountOf(i, ecsv1.ResourceNameCPU), c, bars),
			left(AmountOf(i, ecsv1.ResourceNameMemory), c, bars),
			say(style{}, "%d", i.Status.RunningTasksCount),
			say(style{}, "%d", i.Status.PendingTasksCount),
			say(style{}, "%s", i.Status.CapacityProviderName),
		}
		if wide {
			row = append(row, machine(i)...)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// machine is what the wide table has beyond the other.
func machine(i *ecsv1.ContainerInstance) []line {
	version, health := "", ecsv1.InstanceHealthCheckState("")
	if i.Status.VersionInfo != nil {
		version = i.Status.VersionInfo.AgentVersion
	}
	if i.Status.HealthStatus != nil {
		health = i.Status.HealthStatus.OverallStatus
	}
	var own []string
	for _, a := range i.Spec.Attributes {
		own = append(own, strings.TrimSuffix(a.Name+"="+a.Value, "="))
	}
	out := []line{}
	for _, text := range []string{i.Status.Ec2InstanceId, version, string(health), strings.Join(own, ",")} {
		out = append(out, say(style{}, "%s", text))
	}
	return out
}

// left is what remains of what there is, behind a bar of what is taken.
func left(a Amount, c Canvas, bars bool) line {
	text := fmt.Sprintf("%d/%d", a.Left(), a.All)
	if a.All == 0 {
		return line{}
	}
	if !bars {
		return say(style{}, "%s", text)
	}
	return append(c.bar(a, barWidth), say(style{}, " %s", text)...)
}

func agent(i *ecsv1.ContainerInstance) line {
	if i.Status.AgentConnected {
		return say(style{}, "true")
	}
	return say(style{text: bad}, "false")
}

func statusColour(s ecsv1.ContainerInstanceState) colour {
	switch s {
	case ecsv1.ContainerInstanceStateActive:
		return good
	case ecsv1.ContainerInstanceStateDraining, ecsv1.ContainerInstanceStateRegistering, ecsv1.ContainerInstanceStateDeregistering:
		return warn
	case ecsv1.ContainerInstanceStateRegistrationFailed, ecsv1.ContainerInstanceStateInactive:
	}
	return bad
}

// attribute of an instance, "" where it hasn't got it.
func attribute(i *ecsv1.ContainerInstance, name string) string {
	for _, a := range i.Status.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// table has columns as wide as what is in them.
type table struct {
	head []string
	rows [][]line
}

const between = 3 // blanks between columns, as kubectl has them

func (t *table) widths() []int {
	out := make([]int, len(t.head))
	for i, h := range t.head {
		out[i] = len(h)
		for _, row := range t.rows {
			out[i] = max(out[i], len(row[i]))
		}
	}
	return out
}

func (t *table) width() int {
	n := -between
	for _, w := range t.widths() {
		n += w + between
	}
	return n
}

// lines are those of the table; an empty cell is shown as kubectl shows it.
func (t *table) lines() []line {
	widths := t.widths()
	head := line{}
	for i, h := range t.head {
		head = append(head, say(style{text: quiet}, "%s", h).fit(widths[i]+between, blank)...)
	}
	out := []line{head}
	for _, row := range t.rows {
		l := line{}
		for i, text := range row {
			l = append(l, append(line{}, text...).fit(widths[i]+between, blank)...)
		}
		out = append(out, l)
	}
	return out
}

// zoneOf an instance, or what stands for none.
func zoneOf(i *ecsv1.ContainerInstance) string {
	return cmp.Or(attribute(i, "ecs.availability-zone"), "no zone")
}
