// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// tasksWidth is the width of a bar of tasks.
const tasksWidth = 12

// head says which deployment it is and how far.
func (d *DeploymentState) head(s ServiceState, c Canvas) []line {
	out := about("deployment", " ", d.words(s), c)
	if len(d.Stages) == 0 {
		return out
	}
	what := "stages"
	if d.Back {
		what = "going back"
	}
	return append(out, about(what, "  ", d.stages(s, c), c)...)
}

// body is all that there is to know of it beyond that.
func (d *DeploymentState) body(s ServiceState, c Canvas) []line {
	out := append([]line{{}}, d.tasks(c).lines()...)
	if watched := d.watched(s, c); len(watched) > 0 {
		out = append(append(out, line{}), watched...)
	}
	if len(d.Hooks) == 0 {
		return out
	}
	out = append(append(out, line{}), d.hooks(s).lines()...)
	for _, h := range d.Hooks {
		if h.Answer != "" {
			out = append(out, about("answer", " ", sentence(style{bold: true}, h.Answer), c)...)
		}
	}
	return out
}

// watched is what keeps the deployment within bounds and ends it early.
func (d *DeploymentState) watched(s ServiceState, c Canvas) []line {
	var out []line
	if b := d.Bounds; b != nil {
		out = append(out, about("bounds", " ", sentence(style{}, fmt.Sprintf("at least %d healthy, at most %s (%d%% to %d%% of %d)",
			b.Least, counted(int(b.Most), "task"), b.MinimumHealthyPercent, b.MaximumPercent, s.DesiredCount)), c)...)
	}
	if b := d.CircuitBreaker; b != nil {
		out = append(out, about("breaker", " ", []line{say(style{text: monitorColour(b.Status)}, "%s", b.Status),
			say(style{}, "%d of %d failed tasks", b.FailureCount, b.Threshold)}, c)...)
	}
	if a := d.Alarms; a != nil {
		words := []line{say(style{text: monitorColour(a.Status)}, "%s", a.Status), say(style{}, "%s", strings.Join(a.AlarmNames, ", "))}
		if len(a.TriggeredAlarmNames) > 0 {
			words = append(words, say(style{text: bad}, "in ALARM: %s", strings.Join(a.TriggeredAlarmNames, ", ")))
		}
		out = append(out, about("alarms", " ", words, c)...)
	}
	return out
}

// words: web-2 CANARY IN_PROGRESS for 12m.
func (d *DeploymentState) words(s ServiceState) []line {
	out := []line{say(style{bold: true}, "%s", d.Name), say(style{}, "%s", d.Strategy), say(style{text: deploymentColour(d.Status)}, "%s", d.Status)}
	switch {
	case d.StartedAt == nil:
	case d.FinishedAt == nil:
		out = append(out, say(style{}, "for %s", span(s.now.Sub(d.StartedAt.Time))))
	default:
		out = append(out, say(style{}, "%s ago, after %s", span(s.now.Sub(d.FinishedAt.Time)), span(d.FinishedAt.Sub(d.StartedAt.Time))))
	}
	return out
}

func (d *DeploymentState) stages(s ServiceState, c Canvas) []line {
	var out []line
	for _, stage := range d.Stages {
		sign, look := c.glyph('○', '.'), style{text: quiet}
		switch stage.State {
		case stageDone:
			sign, look = c.glyph('●', 'x'), style{text: good}
		case stagePresent:
			sign, look = c.glyph('▶', '>'), style{text: warn, bold: true}
			if d.Back {
				sign = c.glyph('◀', '<')
			}
		case stageStopped:
			sign, look = c.glyph('■', '!'), style{text: bad, bold: true}
		}
		l := say(look, "%c %s", sign, stage.Stage)
		if stage.Step > 0 {
			l = l.say(style{}, " step %d of %d", stage.Step, stage.Steps)
		}
		if stage.Since != nil {
			l = l.say(style{}, " for %s", span(s.now.Sub(stage.Since.Time)))
		}
		out = append(out, l)
	}
	return out
}

// tasks is the table of revisions. Weights are columns where any is known.
func (d *DeploymentState) tasks(c Canvas) *table {
	t := &table{head: []string{"REVISION", "", "RUNS", "TASKS", "RUNNING", "HEALTHY"}}
	production, test := false, false
	for _, r := range d.Revisions {
		production, test = production || r.ProductionWeight != nil, test || r.TestWeight != nil
	}
	if production {
		t.head = append(t.head, "PROD")
	}
	if test {
		t.head = append(t.head, "TEST")
	}
	for _, r := range d.Revisions {
		running, healthy := say(style{}, "%d/%d", r.Running, r.Desired), line{}
		if r.Pending > 0 {
			running = running.say(style{text: warn}, " +%d", r.Pending)
		}
		if r.Healthy != nil {
			healthy = say(style{}, "%d", *r.Healthy)
		}
		row := []line{say(style{bold: true}, "%s", r.ServiceRevision), say(style{text: quiet}, "%s", r.Role), say(style{}, "%s", r.TaskDefinition), r.bar(c), running, healthy}
		if production {
			row = append(row, say(style{}, "%s", percent(r.ProductionWeight)))
		}
		if test {
			row = append(row, say(style{}, "%s", percent(r.TestWeight)))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// bar shows tasks that are healthy, that run, that come and that are lacking, of as many as there are to be.
func (r Tasks) bar(c Canvas) line {
	healthy := r.Running
	if r.Healthy != nil {
		healthy = min(*r.Healthy, r.Running)
	}
	all := int64(max(r.Desired, r.Running+r.Pending, 1))
	out, upTo := line{}, int64(0)
	for _, part := range []struct {
		tasks int32
		sign  rune
		of    colour
	}{{healthy, c.glyph('█', '#'), good}, {r.Running - healthy, c.glyph('▓', '='), warn}, {r.Pending, c.glyph('▒', '-'), warn}} {
		upTo += int64(part.tasks)
		out = out.fit(max(cells(upTo, all, tasksWidth), len(out)), cell{part.sign, style{text: part.of}})
	}
	return out.fit(tasksWidth, cell{c.glyph('░', '.'), style{text: quiet}})
}

func (d *DeploymentState) hooks(s ServiceState) *table {
	t := &table{head: []string{"HOOK", "STATUS", "STAGE", "SINCE", "TIMEOUT", "ASKS", ""}}
	for _, h := range d.Hooks {
		since, timeout := "", ""
		if h.StartedAt != nil {
			since = span(s.now.Sub(h.StartedAt.Time))
		}
		if h.ExpiresAt != nil {
			timeout = strings.Trim(h.expires(s.now), " ()")
		}
		row := []line{say(style{bold: true}, "%s", h.ID), say(style{text: hookColour(h.Status)}, "%s", h.Status)}
		for _, text := range []string{h.Stage, since, timeout, h.Asks, h.Reason} {
			row = append(row, say(style{}, "%s", text))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func hookColour(status string) colour {
	switch ecsv1.DeploymentLifecycleHookStatus(status) {
	case ecsv1.DeploymentLifecycleHookStatusSucceeded:
		return good
	case ecsv1.DeploymentLifecycleHookStatusAwaitingAction, ecsv1.DeploymentLifecycleHookStatusInProgress:
		return warn
	case ecsv1.DeploymentLifecycleHookStatusFailed, ecsv1.DeploymentLifecycleHookStatusTimedOut:
	}
	return bad
}

func deploymentColour(status string) colour {
	switch ecsv1.ServiceDeploymentState(status) {
	case ecsv1.ServiceDeploymentStateSuccessful:
		return good
	case ecsv1.ServiceDeploymentStatePending, ecsv1.ServiceDeploymentStateInProgress:
		return warn
	case ecsv1.ServiceDeploymentStateStopRequested, ecsv1.ServiceDeploymentStateStopped, ecsv1.ServiceDeploymentStateRollbackRequested,
		ecsv1.ServiceDeploymentStateRollbackInProgress, ecsv1.ServiceDeploymentStateRollbackSuccessful, ecsv1.ServiceDeploymentStateRollbackFailed:
	}
	return bad
}

func monitorColour(s ecsv1.RollbackMonitorsStatus) colour {
	switch s {
	case ecsv1.RollbackMonitorsStatusTriggered:
		return bad
	case ecsv1.RollbackMonitorsStatusMonitoring, ecsv1.RollbackMonitorsStatusMonitoringComplete:
		return good
	case ecsv1.RollbackMonitorsStatusDisabled:
	}
	return quiet
}
