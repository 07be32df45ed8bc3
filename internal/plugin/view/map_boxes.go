// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const (
	boxHeight = 5
	// A box can't be narrower, and a second one is put beside it where both are this good to read.
	narrowest, comfortable = 24, 32
	// gap between columns.
	gap = 1
)

// boxes draws zones side by side, each instance a box; zones one below the other where they don't fit.
func (m Map) boxes(zones []Zone, c Canvas) []line {
	width := (c.Width - gap*(len(zones)-1)) / max(len(zones), 1)
	if width >= narrowest {
		var columns [][]line
		for i, title := range m.titles(zones, width, c) {
			columns = append(columns, append([]line{title}, m.zoneOfBoxes(zones[i], width, c)...))
		}
		return beside(columns, width)
	}
	var out []line
	for i, title := range m.titles(zones, c.Width, c) {
		out = append(append(out, title), m.zoneOfBoxes(zones[i], c.Width, c)...)
	}
	return out
}

// boxesHigh is how many lines boxes takes.
func boxesHigh(zones []Zone, c Canvas) int {
	width := (c.Width - gap*(len(zones)-1)) / max(len(zones), 1)
	high, sum := 0, 0
	for _, z := range zones {
		across := 0
		if width >= narrowest {
			across = abreast(width)
		} else {
			across = abreast(c.Width)
		}
		h := 1 + (len(z.Instances)+across-1)/across*boxHeight
		high, sum = max(high, h), sum+h
	}
	if width >= narrowest {
		return high
	}
	return sum
}

// abreast is how many boxes stand side by side.
func abreast(width int) int { return max((width+gap)/(comfortable+gap), 1) }

func (m Map) zoneOfBoxes(z Zone, width int, c Canvas) []line {
	var out []line
	across := abreast(width)
	each := (width - gap*(across-1)) / across
	for begin := 0; begin < len(z.Instances); begin += across {
		var row [][]line
		for _, i := range z.Instances[begin:min(begin+across, len(z.Instances))] {
			row = append(row, m.box(i, each, c))
		}
		out = append(out, beside(row, each)...)
	}
	return out
}

// beside puts columns of one width side by side.
func beside(columns [][]line, width int) []line {
	var out []line
	for n := 0; ; n++ {
		l, any := line{}, false
		for i, column := range columns {
			if i > 0 {
				l = l.fit(len(l)+gap, blank)
			}
			var part line
			if n < len(column) {
				part, any = column[n], true
			}
			l = append(l, append(line{}, part...).fit(width, blank)...)
		}
		if !any {
			return out
		}
		out = append(out, l)
	}
}

// titles are those of zones, each with as much as all of them have room for.
func (m Map) titles(zones []Zone, width int, c Canvas) []line {
	for detail := 2; ; detail-- {
		var out []line
		fits := true
		for _, z := range zones {
			t := m.zoneTitle(z, detail)
			fits = fits && len(t) <= width
			out = append(out, t.cut(width, c))
		}
		if fits || detail == 0 {
			return out
		}
	}
}

func (m Map) zoneTitle(z Zone, detail int) line {
	tasks, sum := 0, Amount{}
	for _, i := range z.Instances {
		sum = sum.plus(m.by(i))
		for _, b := range i.Blocks {
			if b.Owner != others && b.State != Stopping {
				tasks += b.Tasks
			}
		}
	}
	out := say(style{bold: true}, "%s", z.Name).say(style{}, " %s", counted(tasks, "task"))
	more := []string{", " + counted(len(z.Instances), "instance"), fmt.Sprintf(", %s %d%%", m.word(), sum.percent())}
	for _, words := range more[:detail] {
		out = out.say(style{text: quiet}, "%s", words)
	}
	return out
}

// word is the resource that widths stand for.
func (m Map) word() string {
	if m.By == ecsv1.ResourceNameCPU {
		return "cpu"
	}
	return "memory"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// border is the frame of a box: whole for an instance that takes tasks, broken for others.
type border struct{ left, right, topLeft, topRight, bottomLeft, bottomRight, level rune }

func (c Canvas) border(whole bool) border {
	switch {
	case c.Unicode && whole:
		return border{'│', '│', '┌', '┐', '└', '┘', '─'}
	case c.Unicode:
		return border{'┊', '┊', '┌', '┐', '└', '┘', '╌'}
	case whole:
		return border{'|', '|', '+', '+', '+', '+', '-'}
	}
	return border{':', ':', '+', '+', '+', '+', '~'}
}

// trouble is why an instance takes no tasks, "" where it does.
func (i Machine) trouble() (string, colour) {
	switch {
	case !i.Agent && i.Status == ecsv1.ContainerInstanceStateActive:
		return "NO AGENT", bad
	case i.Status != ecsv1.ContainerInstanceStateActive:
		return string(i.Status), warn
	}
	return "", none
}

func (m Map) box(i Machine, width int, c Canvas) []line {
	trouble, colour := i.trouble()
	edge := c.border(trouble == "")
	s, inner := style{text: quiet}, width-2
	if trouble != "" {
		s = style{text: colour}
	}
	title := say(style{bold: true}, " %s ", i.Name).cut(inner-len(trouble)-min(len(trouble), 2), c)
	if trouble != "" {
		title = title.say(style{text: colour, bold: true}, "%s ", trouble)
	}
	frame := func(left rune, content line, right rune, fill rune) line {
		out := line{{left, s}}
		out = append(out, content.fit(inner, cell{fill, s})...)
		return append(out, cell{right, s})
	}
	blocks := m.row(i.Blocks, m.by(i).All, inner, c)
	return []line{
		frame(edge.topLeft, title, edge.topRight, edge.level),
		frame(edge.left, m.gauge("cpu", i.CPU, inner, c), edge.right, ' '),
		frame(edge.left, m.gauge("mem", i.Memory, inner, c), edge.right, ' '),
		frame(edge.left, blocks, edge.right, ' '),
		frame(edge.bottomLeft, line{}, edge.bottomRight, edge.level),
	}
}

// gauge is a bar with what it is about before it and the percentage behind it.
func (m Map) gauge(what string, a Amount, width int, c Canvas) line {
	number := fmt.Sprintf("%4d%%", a.percent())
	if a.All == 0 {
		number = strings.Repeat(" ", 4) + "?"
	}
	out := say(style{text: quiet}, "%s ", what)
	out = append(out, c.bar(a, width-len(out)-len(number))...)
	return out.say(style{}, "%s", number)
}
