// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const (
	// margin is the width of what a line is about.
	margin = 12
	// plainWidth is what lines are broken at where there is no terminal.
	plainWidth = 120
)

// Draw draws the state of a service.
func (s ServiceState) Draw(c Canvas) string { return c.write(s.lines(c)) }

// LiveService is the picture of a service that fills the window: what doesn't fit is left out of its end.
func LiveService(s ServiceState, notes []string, c Canvas) string {
	lines := s.lines(c)
	for _, note := range append(notes, "live; q ends") {
		if note != "" {
			lines = append(lines, say(style{text: quiet}, "%s", note))
		}
	}
	if c.Height > 0 && len(lines) > c.Height {
		lines = append(lines[:c.Height-1], say(style{text: quiet}, "%d lines more; a larger window shows them. q ends", len(lines)-c.Height+1))
	}
	for i := range lines {
		lines[i] = lines[i].cut(c.Width, c)
	}
	return c.write(lines)
}

func (s ServiceState) lines(c Canvas) []line {
	wide := c.Width
	if c.Width < 1 {
		c.Width = plainWidth
	}
	out := append([]line{s.title()}, about("runs", " ", s.runs(), c)...)
	if s.Deployment != nil {
		out = append(out, s.Deployment.head(s, c)...)
	}
	waits := []line{say(style{text: good}, "nothing")}
	if s.WaitsFor != "" {
		waits = sentence(style{bold: true}, s.WaitsFor)
	}
	out = append(out, about("waits for", " ", waits, c)...)
	for _, w := range s.Warnings {
		out = append(out, about("warning", " ", sentence(style{text: warn}, w), c)...)
	}
	if s.Deployment != nil {
		out = append(out, s.Deployment.body(s, c)...)
	}
	if len(s.Events) > 0 {
		out = append(out, line{})
		for i, e := range s.Events {
			out = append(out, about(map[int]string{0: "events"}[i], " ", e.words(s.now), c)...)
		}
	}
	if wide > 0 {
		for i := range out {
			out[i] = out[i].cut(wide, c)
		}
	}
	return out
}

func (s ServiceState) title() line {
	l := say(style{bold: true}, "%s", s.Name).say(style{}, "  in %s, cluster %s  ", s.Namespace, s.Cluster)
	colour := good
	if s.Status != ecsv1.ServiceStateActive {
		colour = warn
	}
	l = l.say(style{text: colour}, "%s", s.Status).say(style{}, "  %d of %d running", s.RunningCount, s.DesiredCount)
	if s.PendingCount > 0 {
		l = l.say(style{text: warn}, ", %d pending", s.PendingCount)
	}
	return l
}

// runs says which revision serves, and why it isn't that of the spec.
func (s ServiceState) runs() []line {
	out := []line{say(style{}, "%s", s.Runs)}
	if s.NotTheSpecs != "" {
		out = append(out, say(style{text: bad}, "not what the spec says:"))
		out = append(out, sentence(style{}, s.NotTheSpecs)...)
	}
	return out
}

// about is a line with what it is about in front.
func about(what, between string, words []line, c Canvas) []line {
	lines := flow(words, between, 0, Canvas{Width: max(c.Width-margin, 20), Unicode: c.Unicode})
	for i := range lines {
		lines[i] = append(say(style{text: quiet}, "%s", what).fit(margin, blank), lines[i]...)
		what = ""
	}
	return lines
}

// sentence makes words that can be put on several lines.
func sentence(s style, text string) []line {
	var out []line
	for word := range strings.FieldsSeq(text) {
		out = append(out, say(s, "%s", word))
	}
	return out
}

func (e EventLine) words(now time.Time) []line {
	s := style{}
	if e.Type == "Warning" {
		s.text = warn
	}
	out := []line{say(style{text: quiet}, "%-6s", span(now.Sub(e.At)))}
	out = append(out, sentence(s, e.Message)...)
	if e.Count > 1 {
		out = append(out, say(style{text: quiet}, "(%d times)", e.Count))
	}
	return out
}

// span is a time as kubectl writes it.
func span(d time.Duration) string { return duration.HumanDuration(max(d, 0)) }

func isTrue(list []metav1.Condition, kind string) bool { return meta.IsStatusConditionTrue(list, kind) }

// percent is a weight.
func percent(d *ecsv1.Decimal) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%s%%", d)
}
