// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"slices"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// PastDeployment is a line of a service's history.
type PastDeployment struct {
	Name           string        `json:"name"`
	ID             string        `json:"id,omitempty"`
	TaskDefinition string        `json:"taskDefinition,omitempty"`
	Strategy       string        `json:"strategy"`
	Status         string        `json:"status"`
	StartedAt      *time.Time    `json:"startedAt,omitempty"`
	FinishedAt     *time.Time    `json:"finishedAt,omitempty"`
	Duration       time.Duration `json:"-"`
	Seconds        int64         `json:"durationSeconds,omitempty"`
	FailedTasks    int32         `json:"failedTasks"`
	Reason         string        `json:"reason,omitempty"`
}

// History are the deployments of a service, newest first.
func History(scene ServiceScene) []PastDeployment {
	all := slices.Clone(scene.Deployments)
	slices.SortFunc(all, func(a, b ecsv1.ServiceDeployment) int { return cmp.Compare(service.Ordinal(&b), service.Ordinal(&a)) })
	out := []PastDeployment{}
	for i := range all {
		sd := &all[i]
		s := &sd.Status
		d := PastDeployment{
			Name: sd.Name, ID: s.DeploymentId, TaskDefinition: scene.named(sd.Spec.TargetServiceRevision).TaskDefinition, Strategy: StrategyOf(sd, &scene.Service),
			Status: string(cmp.Or(s.Status, ecsv1.ServiceDeploymentStatePending)), FailedTasks: s.FailedTasks, Reason: why(sd),
		}
		if s.StartedAt != nil {
			end := scene.Now
			if s.FinishedAt != nil {
				end, d.FinishedAt = s.FinishedAt.Time, &s.FinishedAt.Time
			}
			d.StartedAt, d.Duration = &s.StartedAt.Time, max(end.Sub(s.StartedAt.Time), 0)
			d.Seconds = int64(d.Duration.Seconds())
		}
		out = append(out, d)
	}
	return out
}

// why a deployment ended as it did, or what it waits for.
func why(sd *ecsv1.ServiceDeployment) string {
	s := &sd.Status
	switch {
	case s.Rollback != nil:
		return cmp.Or(s.Rollback.Reason, s.StatusReason)
	case s.Status == ecsv1.ServiceDeploymentStateSuccessful:
		return "" // what becomes of its tasks later isn't history
	}
	return cmp.Or(s.StatusReason, s.RolloutStateReason)
}

// Deployments is the table of a history.
func Deployments(all []PastDeployment, now time.Time, c Canvas) string {
	t := &table{head: []string{"DEPLOYMENT", "RUNS", "STRATEGY", "STATUS", "STARTED", "TOOK", "FAILED TASKS", "REASON"}}
	for _, d := range all {
		started, took := "", ""
		if d.StartedAt != nil {
			started, took = span(now.Sub(*d.StartedAt))+" ago", span(d.Duration)
			if d.FinishedAt == nil {
				took += " so far"
			}
		}
		row := []line{say(style{bold: true}, "%s", d.Name), say(style{}, "%s", d.TaskDefinition), say(style{}, "%s", d.Strategy), say(style{text: deploymentColour(d.Status)}, "%s", d.Status)}
		for _, text := range []string{started, took} {
			row = append(row, say(style{}, "%s", text))
		}
		t.rows = append(t.rows, append(row, say(style{}, "%d", d.FailedTasks), say(style{}, "%s", d.Reason)))
	}
	lines := t.lines()
	if c.Width > 0 {
		for i := range lines {
			lines[i] = lines[i].cut(c.Width, c)
		}
	}
	return c.write(lines)
}
