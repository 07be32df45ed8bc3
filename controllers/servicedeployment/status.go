// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// setStatus computes the status from what was seen and planned, and gives what ended the deployment early if something did just now.
func setStatus(sd *ecsv1.ServiceDeployment, seen observed, plan plan, applyErr error, scope arn.Scope) *deploy.Abort {
	s, now := &sd.Status, metav1.NewTime(seen.now)
	uid, ordinal, name := string(seen.service.UID), service.Ordinal(sd), service.Name(seen.service)
	s.ObservedGeneration = new(sd.Generation)
	s.DeploymentId = names.DeploymentID(uid, ordinal)
	s.ServiceDeploymentArn = scope.ServiceDeployment(service.Cluster(seen.service), name, names.ServiceDeploymentID(uid, ordinal))
	if s.CreatedAt == nil {
		s.CreatedAt = new(sd.CreationTimestamp)
	}
	abort := advance(s, seen, plan, scope)
	s.LifecycleHookDetails = seen.hooks.Runs
	if seen.drives() {
		counts(s, seen, plan, scope)
	} else {
		handOver(s)
	}
	conditions.Set(&s.Conditions, sd.Generation, now, outcome(s, seen, plan, applyErr))
	conditions.Flag(&s.Conditions, ecsv1.ConditionWeightsContested, seen.traffic.contested, sd.Generation, now)
	s.StatusReason = clip(s.StatusReason)
	return abort
}

// maxReason is the longest statusReason, in characters.
const maxReason = 1024

func clip(text string) string {
	if all := []rune(text); len(all) > maxReason {
		return string(all[:maxReason-1]) + "…"
	}
	return text
}

// handOver leaves to the newer deployment what this one counted.
func handOver(s *ecsv1.ServiceDeploymentStatus) {
	s.DesiredTaskCount, s.RunningTaskCount, s.PendingTaskCount, s.HealthyTaskCount = 0, 0, 0, 0
	s.SourceServiceRevisions, s.TargetServiceRevision = nil, nil
}

// mostSources are listed, the newest: beside the target they make the 10 deployments that a service's status holds.
const mostSources = 9

// counts fills in the numbers of tasks, of the target and of each source that has any.
func counts(s *ecsv1.ServiceDeploymentStatus, seen observed, plan plan, scope arn.Scope) {
	s.DesiredTaskCount = seen.desired()
	s.SourceServiceRevisions = nil
	s.TargetServiceRevision = nil
	for _, r := range seen.revisions {
		summary := ecsv1.ServiceRevisionSummary{
			Name: r.object.Name,
			Arn: scope.ServiceRevision(service.Cluster(seen.service), service.Name(seen.service),
				names.ServiceRevisionID(string(seen.service.UID), r.object.Spec.Revision)),
			RequestedTaskCount: seen.requested(r),
			RunningTaskCount:   r.tasks.running,
			PendingTaskCount:   r.tasks.pending,
		}
		weigh(&summary, seen, plan.staged)
		switch {
		case r.object.Name == seen.sd.Spec.TargetServiceRevision:
			s.TargetServiceRevision = &summary
			s.RunningTaskCount, s.PendingTaskCount = r.tasks.running, r.tasks.pending
			s.HealthyTaskCount = r.tasks.healthy
		case s.Rollback != nil && r.object.Name == s.Rollback.ServiceRevision || seen.requested(r)+r.tasks.running+r.tasks.pending+r.tasks.stopping > 0:
			s.SourceServiceRevisions = append(s.SourceServiceRevisions, summary)
		}
	}
	// With more the status would be refused, and nobody would be told anything. All of them are planned for, listed or not.
	if surplus := len(s.SourceServiceRevisions) - mostSources; surplus > 0 {
		s.SourceServiceRevisions = s.SourceServiceRevisions[surplus:]
	}
}

// unwell is a revision with unhealthy tasks: the goal, or else the newest of those that have any; nil where all is well, and for a service
// that goes, which replaces none.
func (o observed) unwell() *revision {
	if o.service.DeletionTimestamp != nil {
		return nil
	}
	if goal := o.goal(); goal != nil && len(goal.tasks.unhealthy) > 0 {
		return goal
	}
	for i := len(o.revisions) - 1; i >= 0; i-- {
		if len(o.revisions[i].tasks.unhealthy) > 0 {
			return &o.revisions[i]
		}
	}
	return nil
}

// outcome says how the deployment stands, and in StatusReason what it waits for. First match wins.
func outcome(s *ecsv1.ServiceDeploymentStatus, seen observed, plan plan, applyErr error) conditions.Outcome {
	if !seen.drives() {
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonSuperseded, Message: "history: a newer deployment drives the service"}}
	}
	goal := seen.goal()
	if goal == nil {
		s.StatusReason = "waiting for service revision " + service.Goal(seen.sd)
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: s.StatusReason}}
	}
	if deploy.IsFrozen(s.Status) {
		return failed(s, seen, applyErr)
	}
	s.StatusReason = plan.rolling.Why
	out := standing(s, seen, *goal, plan, applyErr)
	if s.Rollback != nil {
		return returned(s, seen, out)
	}
	return out
}

// standing says how the tasks of a deployment stand that goes on, or is over. First match wins.
func standing(s *ecsv1.ServiceDeploymentStatus, seen observed, goal revision, plan plan, applyErr error) conditions.Outcome {
	switch {
	case applyErr != nil:
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonFailed, Message: "trying again: " + applyErr.Error()}}
	case plan.invalid != nil:
		s.StatusReason = plan.invalid.Message
		return conditions.Outcome{Stalled: plan.invalid}
	case plan.missing != nil && plan.missing.Problem != nil:
		s.StatusReason = plan.missing.Problem.Message
		return conditions.Outcome{Stalled: plan.missing.Problem}
	case plan.missing != nil && plan.missing.Waiting != nil:
		s.StatusReason = plan.missing.Waiting.Message
		return conditions.Outcome{Reconciling: plan.missing.Waiting}
	case plan.rolling.Progress == deploy.Complete && s.LifecycleStage == ecsv1.ServiceDeploymentLifecycleStageBakeTime:
		s.StatusReason = "all tasks are healthy; the deployment bakes until " + seen.bake(s).Ends(seen.now).UTC().Format(time.RFC3339)
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: s.StatusReason}}
	case plan.rolling.Progress == deploy.Complete:
		if uneven := plan.rebalancing.uneven; uneven != "" {
			s.StatusReason += "; " + uneven
		}
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: s.StatusReason}}
	case plan.rolling.Progress == deploy.Blocked && seen.protects(goal) == "":
		s.StatusReason = "spec.deploymentConfiguration: " + plan.rolling.Why
		if left := seen.left(); left != "" {
			s.StatusReason += "; " + left
		}
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: ecsv1.ReasonDeploymentStuck, Message: s.StatusReason}}
	}
	return conditions.Outcome{Reconciling: waiting(s, seen, goal, plan)}
}

// waiting says what is wrong with the tasks that a deployment waits for, if anything is. First match wins.
func waiting(s *ecsv1.ServiceDeploymentStatus, seen observed, target revision, plan plan) *conditions.Reason {
	reason, t, of := ecsv1.ReasonProgressing, target.tasks, target.object.Spec.TaskDefinition
	switch unwell := seen.unwell(); {
	case target.refused() != "":
		reason, s.StatusReason = ecsv1.ReasonTasksRefused, fmt.Sprintf("Kubernetes refuses tasks of %s: %s", of, target.refused())
	case t.short > 1:
		reason, s.StatusReason = ecsv1.ReasonTasksFailedToStart, fmt.Sprintf("%d tasks of %s ended soon after their start: %s. "+
			"Others are started in their place after a pause; kubectl logs of their pods tells more", t.short, of, t.shortWhy)
	case t.failing == 0 && tallyOf(s).Tries > 0 && wasFailing(s) != "":
		reason, s.StatusReason = ecsv1.ReasonTasksFailedToStart, wasFailing(s) // others are being launched in their place
	case t.failing > 0:
		reason, s.StatusReason = ecsv1.ReasonTasksFailedToStart, fmt.Sprintf("%d tasks of %s can't be started: %s",
			t.failing, of, seen.needs(plan).Explain(t.failingWhy, seen.sd.Namespace))
	case t.unplaced > 0:
		reason, s.StatusReason = ecsv1.ReasonTasksNotPlaced, fmt.Sprintf("%d tasks find no container instance: %s",
			t.unplaced, strings.TrimPrefix(t.unplacedWhy, taskstate.NotPlaced+" a task because "))
	case unwell != nil:
		reason, s.StatusReason = ecsv1.ReasonTasksUnhealthy, fmt.Sprintf("%d tasks of %s are unhealthy and are replaced: %s",
			len(unwell.tasks.unhealthy), unwell.object.Spec.TaskDefinition, unwell.tasks.longestUnhealthy().failure.StoppedReason)
	case seen.protects(target) != "":
		reason, s.StatusReason = ecsv1.ReasonTasksProtected, seen.protects(target)
	case seen.left() != "":
		reason, s.StatusReason = ecsv1.ReasonTasksLeaving, seen.left()+"; others are started elsewhere in their place"
	case seen.hooks.Paused:
		reason = ecsv1.ReasonPaused // what is waited for says whom to answer, and how
	}
	for _, sentence := range seen.hooks.Ignored {
		s.StatusReason += "; " + sentence
	}
	if _, known := service.StopType(seen.sd); !known {
		s.StatusReason += fmt.Sprintf("; annotation %s is neither ROLLBACK nor ABORT, and stops nothing", ecsv1.AnnotationStopDeployment)
	}
	return &conditions.Reason{Reason: reason, Message: s.StatusReason}
}

// wasFailing is what was said last of tasks that can't be started, "" where something else was.
func wasFailing(s *ecsv1.ServiceDeploymentStatus) string {
	ready := meta.FindStatusCondition(s.Conditions, ecsv1.ConditionReady)
	if ready == nil || ready.Reason != ecsv1.ReasonTasksFailedToStart {
		return ""
	}
	return ready.Message
}

// said is what was said last of how the deployment stands, in full; statusReason may be shortened.
func said(sd *ecsv1.ServiceDeployment) string {
	ready := meta.FindStatusCondition(sd.Status.Conditions, ecsv1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Message
}
