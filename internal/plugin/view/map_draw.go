// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// The most instances that a form is good for: boxes where there is no height to keep to, lines in any case.
const (
	mostBoxes = 30
	mostLines = 200
)

// Draw draws the map. A form that isn't chosen is the one with most to see that fits.
func (m Map) Draw(c Canvas) string {
	if c.Width < 1 {
		c.Width = 80
	}
	lines := m.lines(c)
	if c.Fixed && len(lines) > c.Height && c.Height > 0 {
		more := fmt.Sprintf("%d lines more; a larger window or --cluster shows them", len(lines)-c.Height+1)
		lines = append(lines[:c.Height-1], say(style{text: quiet}, "%s", more).cut(c.Width, c))
	}
	return c.write(lines)
}

func (m Map) lines(c Canvas) []line {
	form := m.form(c)
	var out []line
	for i, part := range m.Clusters {
		if i > 0 {
			out = append(out, line{})
		}
		out = append(out, m.title(part, c)...)
		switch {
		case part.Instances == 0:
			out = append(out, say(style{text: warn}, "no container instances: the cluster's nodeSelector chooses no node"))
		case form == FormBoxes:
			out = append(out, m.boxes(part.Zones, c)...)
		case form == FormHeat:
			out = append(out, m.heat(part.Zones, c)...)
		default:
			out = append(out, m.rows(part.Zones, c)...)
		}
		out = append(out, m.waiting(part, c)...)
	}
	return append(out, m.legend(form, c)...)
}

// form chooses one, by the room that there is.
func (m Map) form(c Canvas) Form {
	if m.Form != FormAuto && m.Form != "" {
		return m.Form
	}
	instances, boxes, rows := 0, 0, 0
	around := len(m.legend(FormBoxes, c))
	for i, part := range m.Clusters {
		instances += part.Instances
		boxes += boxesHigh(part.Zones, c)
		rows += m.rowsHigh(part.Zones, c)
		around += len(m.title(part, c)) + len(m.waiting(part, c)) + min(i, 1)
	}
	switch {
	case c.Height == 0 && instances <= mostBoxes, c.Height > 0 && around+boxes <= c.Height:
		return FormBoxes
	case c.Fixed && around+rows > c.Height && instances >= c.Height, instances > mostLines:
		return FormHeat
	}
	return FormLines
}

// title says how the cluster is.
func (m Map) title(part ClusterPart, c Canvas) []line {
	words := []line{say(style{bold: true}, "%s", part.Name)}
	if status := cmp.Or(part.Status, ecsv1.ClusterStateProvisioning); status != ecsv1.ClusterStateActive {
		words = append(words, say(style{text: warn}, "%s", status))
	}
	instances := counted(part.Instances, "instance")
	if part.Draining > 0 {
		instances += fmt.Sprintf(" (%d draining)", part.Draining)
	}
	tasks := say(style{}, "%d running", part.Running)
	if part.Pending > 0 {
		tasks = tasks.say(style{text: warn}, " %d pending", part.Pending)
	}
	if n := part.unplaced(); n > 0 {
		tasks = tasks.say(style{text: bad}, " %d waiting", n)
	}
	words = append(words, say(style{}, "%s", instances), tasks, say(style{}, "cpu %d%% mem %d%%", part.CPU.percent(), part.Memory.percent()))
	return flow(words, "  ", 2, c)
}

func (p ClusterPart) unplaced() int {
	n := 0
	for _, w := range p.Waiting {
		n += w.Tasks
	}
	return n
}

// waiting are the tasks that have no place, with the reason.
func (m Map) waiting(part ClusterPart, c Canvas) []line {
	var out []line
	for _, w := range part.Waiting {
		l := m.block(Block{Owner: w.Owner, State: Pending, Tasks: w.Tasks}, max(len(strconv.Itoa(w.Tasks))+2, 3), c)
		l = append(say(style{text: bad}, "waiting "), l...)
		l = l.say(style{bold: true}, " %s ", m.Owners[w.Owner].label(m.Owners))
		words := []line{l}
		for word := range strings.FieldsSeq(w.Reason) {
			words = append(words, say(style{}, "%s", word))
		}
		lines := flow(words, " ", 8, c)
		if len(lines) > 3 {
			lines = lines[:3]
			lines[2] = lines[2].fit(max(c.Width-1, 1), blank).cut(c.Width-1, c).say(style{}, "%c", c.glyph('…', '~'))
		}
		out = append(out, lines...)
	}
	return out
}

// label names an owner, with its namespace where another has the same name.
func (o Owner) label(all []Owner) string {
	name := o.Name
	for _, x := range all {
		if x.Name == o.Name && x.Namespace != o.Namespace {
			name = o.Namespace + "/" + o.Name
		}
	}
	if o.Standalone {
		return name + " (tasks)"
	}
	return name
}

// legend says who the letters are, and what else there is to know.
func (m Map) legend(form Form, c Canvas) []line {
	if form == FormHeat {
		return m.scale(c)
	}
	words := []line{}
	stopping, pending := false, false
	for i, o := range m.Owners {
		l := m.block(Block{Owner: i, Tasks: 1}, 2, c)
		l = l.say(style{bold: true}, " %s", o.label(m.Owners)).say(style{}, " %d", o.Running)
		for _, more := range []struct {
			n    int
			sign string
		}{{o.Pending + o.Waiting, "+"}, {o.Stopping, "-"}} {
			if more.n > 0 {
				l = l.say(style{text: warn}, "%s%d", more.sign, more.n)
			}
		}
		stopping, pending = stopping || o.Stopping > 0, pending || o.Pending+o.Waiting > 0
		words = append(words, l)
	}
	rest := m.block(Block{Owner: others}, 1, c)
	words = append(words, rest.say(style{text: quiet}, " not ECS's, or not asked for"))
	if m.Service == "" {
		words[len(words)-1] = rest.say(style{text: quiet}, " other pods")
	}
	if pending {
		words = append(words, say(style{text: quiet}, "a%c +pending", c.glyph('░', '-')))
	}
	if stopping {
		words = append(words, say(style{text: quiet}, "a%c -stopping", c.glyph('▒', '~')))
	}
	words = append(words, say(style{text: quiet}, "width: %s", m.word()))
	return flow(words, "  ", 0, c)
}

// flow puts words side by side, and goes on below where there is no more room.
func flow(words []line, between string, indent int, c Canvas) []line {
	var out []line
	now := line{}
	for _, w := range words {
		if len(now) > 0 && len(now)+len(between)+len(w) > c.Width {
			out = append(out, now)
			now = line{}.fit(min(indent, c.Width/2), blank)
		} else if len(now) > 0 {
			now = now.say(style{}, "%s", between)
		}
		now = append(now, w...)
	}
	out = append(out, now)
	for i := range out {
		out[i] = out[i].cut(c.Width, c)
	}
	return out
}
