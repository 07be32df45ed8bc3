// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// DeploymentState is a service deployment as it is shown.
type DeploymentState struct {
	Name     string `json:"name"`
	ID       string `json:"id,omitempty"`
	Strategy string `json:"strategy"`
	Status   string `json:"status"`
	// Back: it goes back, or went.
	Back       bool         `json:"back,omitempty"`
	Reason     string       `json:"reason,omitempty"`
	StartedAt  *metav1.Time `json:"startedAt,omitempty"`
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`
	Stages     []Stage      `json:"stages,omitempty"`
	Revisions  []Tasks      `json:"revisions,omitempty"`
	// Bounds are those of a rolling deployment.
	Bounds         *Bounds                                `json:"bounds,omitempty"`
	CircuitBreaker *ecsv1.ServiceDeploymentCircuitBreaker `json:"circuitBreaker,omitempty"`
	Alarms         *ecsv1.ServiceDeploymentAlarms         `json:"alarms,omitempty"`
	Hooks          []Hook                                 `json:"hooks,omitempty"`
}

// Tasks are the counts of a revision.
type Tasks struct {
	RevisionName `json:",inline"`
	Role         string `json:"role"`
	Desired      int32  `json:"desired"`
	Running      int32  `json:"running"`
	Pending      int32  `json:"pending"`
	// Healthy is known of the target.
	Healthy          *int32         `json:"healthy,omitempty"`
	ProductionWeight *ecsv1.Decimal `json:"productionWeight,omitempty"`
	TestWeight       *ecsv1.Decimal `json:"testWeight,omitempty"`
}

// Bounds are how many tasks a rolling deployment keeps and allows.
type Bounds struct {
	Least                 int32 `json:"least"`
	Most                  int32 `json:"most"`
	MinimumHealthyPercent int32 `json:"minimumHealthyPercent"`
	MaximumPercent        int32 `json:"maximumPercent"`
}

// Hook is a run of a lifecycle hook.
type Hook struct {
	ID        string       `json:"id"`
	Stage     string       `json:"stage,omitempty"`
	Status    string       `json:"status"`
	Asks      string       `json:"asks"`
	Reason    string       `json:"reason,omitempty"`
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	ExpiresAt *metav1.Time `json:"expiresAt,omitempty"`
	// Timeout is what happens where nobody has answered by then.
	Timeout string `json:"timeout,omitempty"`
	// Answer is the command that answers a pause.
	Answer string `json:"answer,omitempty"`
}

// StrategyOf a deployment, as people name it.
func StrategyOf(sd *ecsv1.ServiceDeployment, s *ecsv1.Service) string {
	if service.IsDaemon(s) {
		return string(ecsv1.SchedulingStrategyDaemon)
	}
	if c := sd.Spec.DeploymentConfiguration; c != nil && c.Strategy != "" {
		return string(c.Strategy)
	}
	return string(ecsv1.DeploymentStrategyRolling)
}

func deploymentState(scene ServiceScene, sd *ecsv1.ServiceDeployment) *DeploymentState {
	s := &sd.Status
	out := &DeploymentState{
		Name: sd.Name, ID: s.DeploymentId, Strategy: StrategyOf(sd, &scene.Service), Status: string(cmp.Or(s.Status, ecsv1.ServiceDeploymentStatePending)),
		Back: s.Rollback != nil, Reason: cmp.Or(s.StatusReason, s.RolloutStateReason), StartedAt: s.StartedAt, FinishedAt: s.FinishedAt,
		Stages: stagesOf(sd), Revisions: tasksOf(scene, sd), CircuitBreaker: s.DeploymentCircuitBreaker, Alarms: s.Alarms,
	}
	if out.Strategy == string(ecsv1.DeploymentStrategyRolling) {
		p, desired := service.Bounds(&scene.Service), service.Desired(&scene.Service)
		out.Bounds = &Bounds{Least: p.Lower(desired), Most: p.Upper(desired), MinimumHealthyPercent: p.MinimumHealthy, MaximumPercent: p.Maximum}
	}
	for i := range s.LifecycleHookDetails {
		out.Hooks = append(out.Hooks, hookOf(sd, &s.LifecycleHookDetails[i]))
	}
	return out
}

// tasksOf are the counts of the target and of each source, the target first.
func tasksOf(scene ServiceScene, sd *ecsv1.ServiceDeployment) []Tasks {
	s := &sd.Status
	back := ""
	if s.Rollback != nil {
		back = s.Rollback.ServiceRevision
	}
	target := Tasks{
		RevisionName: scene.named(sd.Spec.TargetServiceRevision), Role: "target", Desired: s.DesiredTaskCount,
		Running: s.RunningTaskCount, Pending: s.PendingTaskCount, Healthy: &s.HealthyTaskCount,
	}
	if summary := s.TargetServiceRevision; summary != nil {
		target.Desired = summary.RequestedTaskCount
		target.ProductionWeight, target.TestWeight = summary.RequestedProductionTrafficWeight, summary.RequestedTestTrafficWeight
	}
	if back != "" {
		target.Role = "failed"
	}
	out := []Tasks{target}
	for _, source := range s.SourceServiceRevisions {
		role := "source"
		if source.Name == back {
			role = "back to"
		}
		out = append(out, Tasks{
			RevisionName: scene.named(source.Name), Role: role, Desired: source.RequestedTaskCount,
			Running: source.RunningTaskCount, Pending: source.PendingTaskCount,
			ProductionWeight: source.RequestedProductionTrafficWeight, TestWeight: source.RequestedTestTrafficWeight,
		})
	}
	return out
}

func hookOf(sd *ecsv1.ServiceDeployment, d *ecsv1.DeploymentLifecycleHookDetail) Hook {
	out := Hook{
		ID: d.HookId, Stage: string(d.LifecycleStage), Status: string(d.Status), Reason: d.StatusReason, StartedAt: d.StartedAt,
		Asks: cmp.Or(d.TargetArn, "a person"),
	}
	if Waits(sd, d) {
		out.Answer = fmt.Sprintf("kubectl ecs continue %s --hook %s -n %s", sd.Spec.Service, d.HookId, sd.Namespace)
	}
	if d.FinishedAt == nil {
		out.ExpiresAt, out.Timeout = d.ExpiresAt, string(d.TimeoutAction)
	}
	return out
}

// Waits says of a hook run that it is a pause which nobody has answered.
func Waits(sd *ecsv1.ServiceDeployment, d *ecsv1.DeploymentLifecycleHookDetail) bool {
	return d.Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction && Answer(sd, d.HookId) == ""
}

// waitsFor says what has to happen next. First match wins.
func waitsFor(scene ServiceScene, d *DeploymentState) string {
	of := ready(scene.Service.Status.Conditions)
	if d == nil {
		return cmp.Or(of.Message, "the operator, which hasn't looked at the service yet")
	}
	if of.Status != metav1.ConditionTrue {
		for _, h := range d.Hooks {
			if h.Answer != "" {
				return fmt.Sprintf("an answer to hook %s at %s%s: %s", h.ID, h.Stage, h.expires(scene.Now), h.Answer)
			}
		}
		for _, h := range d.Hooks {
			if h.Status == string(ecsv1.DeploymentLifecycleHookStatusInProgress) {
				return fmt.Sprintf("hook %s at %s, which asks %s%s", h.ID, h.Stage, h.Asks, h.expires(scene.Now))
			}
		}
	}
	switch {
	case of.Status == metav1.ConditionTrue:
		return ""
	case isTrue(scene.Service.Status.Conditions, ecsv1.ConditionStalled):
		return "a change: " + of.Message
	}
	return cmp.Or(of.Message, d.Reason, "the operator")
}

// expires tells when a hook's time is over, and what happens then.
func (h Hook) expires(now time.Time) string {
	if h.ExpiresAt == nil {
		return ""
	}
	return fmt.Sprintf(" (%s in %s)", h.Timeout, span(h.ExpiresAt.Sub(now)))
}
