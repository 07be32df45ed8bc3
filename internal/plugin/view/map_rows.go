// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// narrowestRows is how wide a column has to be for zones to stand side by side.
const narrowestRows = 60

func rowsAbreast(zones []Zone, c Canvas) (width int, columns bool) {
	width = (c.Width - gap*2*(len(zones)-1)) / max(len(zones), 1)
	if width < narrowestRows || len(zones) < 2 {
		return c.Width, false
	}
	return width, true
}

func (m Map) rowsHigh(zones []Zone, c Canvas) int {
	_, columns := rowsAbreast(zones, c)
	high, sum := 0, 0
	for _, z := range zones {
		high, sum = max(high, len(z.Instances)+1), sum+len(z.Instances)+1
	}
	if columns {
		return high
	}
	return sum
}

// rows draws each instance on one line.
func (m Map) rows(zones []Zone, c Canvas) []line {
	width, columns := rowsAbreast(zones, c)
	var all [][]line
	var out []line
	name := nameWidth(zones, width)
	for n, title := range m.titles(zones, width, c) {
		part := []line{title}
		for _, i := range zones[n].Instances {
			part = append(part, m.oneLine(i, name, width, c))
		}
		all, out = append(all, part), append(out, part...)
	}
	if columns {
		return beside(all, width+gap)
	}
	return out
}

// nameWidth is that of the longest name, and no more than a quarter of the line.
func nameWidth(zones []Zone, width int) int {
	longest := 0
	for _, z := range zones {
		for _, i := range z.Instances {
			longest = max(longest, len(i.Name))
		}
	}
	return min(longest, width/4)
}

func (m Map) oneLine(i Machine, name, width int, c Canvas) line {
	trouble, colour := i.trouble()
	mark := cell{' ', style{}}
	if trouble != "" {
		mark = cell{rune(trouble[0]), style{text: colour, bold: true}}
	}
	out := say(style{text: colour}, "%s", i.Name).cut(name, c).fit(name, blank)
	out = append(out, blank, mark, blank)
	small := 6
	if width >= 72 {
		small = 10
	}
	out = append(out, m.gauge("cpu", i.CPU, small+9, c)...)
	out = append(out, blank)
	out = append(out, m.gauge("mem", i.Memory, small+9, c)...)
	out = append(out, blank)
	if rest := width - len(out); rest > 0 {
		out = append(out, m.row(i.Blocks, m.by(i).All, rest, c)...)
	}
	return out.cut(width, c)
}

// The signs of instances on a heat map: how much is taken, in tenths.
const (
	heatASCII   = ".123456789#"
	heatUnicode = "·▁▂▃▄▅▆▇▇██"
)

// heat draws each instance as one character, zone by zone.
func (m Map) heat(zones []Zone, c Canvas) []line {
	var out []line
	for n, title := range m.titles(zones, c.Width, c) {
		out = append(out, title)
		l := line{}
		for _, i := range zones[n].Instances {
			if len(l) == c.Width {
				out, l = append(out, l), line{}
			}
			l = append(l, m.spot(i, c))
		}
		out = append(out, l)
	}
	return out
}

func (m Map) spot(i Machine, c Canvas) cell {
	if trouble, colour := i.trouble(); trouble != "" {
		return cell{rune(trouble[0]), style{text: colour, bold: true}}
	}
	a := m.by(i)
	tenth := int(min(max(a.percent()/10, 0), 10))
	if tenth == 0 && a.Taken > 0 {
		tenth = 1
	}
	if c.Unicode {
		return cell{[]rune(heatUnicode)[tenth], style{text: a.colour()}}
	}
	return cell{rune(heatASCII[tenth]), style{text: a.colour()}}
}

// scale is the legend of a heat map.
func (m Map) scale(c Canvas) []line {
	words := []line{say(style{text: quiet}, "%s taken:", m.word())}
	for _, p := range []int64{0, 20, 40, 60, 80, 100} {
		sign := m.spot(Machine{Status: ecsv1.ContainerInstanceStateActive, Agent: true, CPU: Amount{p, 100}, Memory: Amount{p, 100}}, c)
		words = append(words, append(line{sign}, say(style{text: quiet}, " %d%%", p)...))
	}
	words = append(words, say(style{text: warn}, "D draining"), say(style{text: bad}, "N no agent"), say(style{text: quiet}, "%s", fmt.Sprintf("--form %s shows tasks", FormLines)))
	return flow(words, "  ", 0, c)
}
