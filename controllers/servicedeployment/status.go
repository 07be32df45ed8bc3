// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// setStatus computes the status from what was seen and planned.
func setStatus(sd *ecsv1.ServiceDeployment, seen observed, plan plan, applyErr error, scope arn.Scope) {
	s, now := &sd.Status, metav1.NewTime(seen.now)
	uid, ordinal, name := string(seen.service.UID), service.Ordinal(sd), service.Name(seen.service)
	s.ObservedGeneration = new(sd.Generation)
	s.DeploymentId = names.DeploymentID(uid, ordinal)
	s.ServiceDeploymentArn = scope.ServiceDeployment(service.Cluster(seen.service), name, names.ServiceDeploymentID(uid, ordinal))
	if s.CreatedAt == nil {
		s.CreatedAt = new(sd.CreationTimestamp)
	}
	if !seen.drives() {
		supersede(s, seen, now)
	} else {
		progress(s, seen, plan, now)
		counts(s, seen, scope)
	}
	conditions.Set(&s.Conditions, sd.Generation, now, outcome(s, seen, plan, applyErr))
	conditions.Flag(&s.Conditions, ecsv1.ConditionWeightsContested, seen.traffic.contested, sd.Generation, now)
	s.StatusReason = clip(s.StatusReason)
}

// maxReason is the longest statusReason, in characters.
const maxReason = 1024

func clip(text string) string {
	if all := []rune(text); len(all) > maxReason {
		return string(all[:maxReason-1]) + "…"
	}
	return text
}

// supersede ends a deployment that a newer one took over from before it was complete. What it counted is the newer one's now.
func supersede(s *ecsv1.ServiceDeploymentStatus, seen observed, now metav1.Time) {
	s.DesiredTaskCount, s.RunningTaskCount, s.PendingTaskCount, s.HealthyTaskCount, s.FailedTasks = 0, 0, 0, 0, 0
	s.SourceServiceRevisions, s.TargetServiceRevision = nil, nil
	if s.Status == ecsv1.ServiceDeploymentStateSuccessful || s.Status == ecsv1.ServiceDeploymentStateStopped {
		return
	}
	s.Status = ecsv1.ServiceDeploymentStateStopped
	s.StoppedAt, s.FinishedAt = &now, &now
	s.RolloutState = ecsv1.DeploymentRolloutStateFailed
	s.StatusReason = "superseded by a newer deployment"
	if seen.newest != nil {
		s.StatusReason = "superseded by " + seen.newest.Name
	}
	s.RolloutStateReason = fmt.Sprintf("ECS deployment %s %s.", s.DeploymentId, s.StatusReason)
}

// progress moves the deployment through PENDING, IN_PROGRESS and SUCCESSFUL. Once successful it stays so, whatever becomes of its tasks.
func progress(s *ecsv1.ServiceDeploymentStatus, seen observed, plan plan, now metav1.Time) {
	switch {
	case s.Status == ecsv1.ServiceDeploymentStateSuccessful:
		return
	case plan.rolling.Deployed && plan.create == nil && plan.daemonSet == nil && plan.invalid == nil && plan.missing == nil:
		s.Status = ecsv1.ServiceDeploymentStateSuccessful
		s.RolloutState = ecsv1.DeploymentRolloutStateCompleted
		s.RolloutStateReason = fmt.Sprintf("ECS deployment %s completed.", s.DeploymentId)
		s.FinishedAt = &now
	case plan.invalid != nil || plan.missing != nil || seen.target() == nil:
		s.Status = ecsv1.ServiceDeploymentStatePending
		s.RolloutState = ecsv1.DeploymentRolloutStateInProgress
		s.RolloutStateReason = fmt.Sprintf("ECS deployment %s in progress.", s.DeploymentId)
	default:
		s.Status = ecsv1.ServiceDeploymentStateInProgress
		s.RolloutState = ecsv1.DeploymentRolloutStateInProgress
		s.RolloutStateReason = fmt.Sprintf("ECS deployment %s in progress.", s.DeploymentId)
	}
	if s.StartedAt == nil {
		s.StartedAt = &now
	}
}

// mostSources are listed, the newest: beside the target they make the 10 deployments that a service's status holds.
const mostSources = 9

// counts fills in the numbers of tasks, of the target and of each source that has any.
func counts(s *ecsv1.ServiceDeploymentStatus, seen observed, scope arn.Scope) {
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
		switch {
		case r.object.Name == seen.sd.Spec.TargetServiceRevision:
			s.TargetServiceRevision = &summary
			s.RunningTaskCount, s.PendingTaskCount = r.tasks.running, r.tasks.pending
			s.HealthyTaskCount, s.FailedTasks = r.tasks.healthy, r.tasks.failing+r.tasks.short
		case seen.requested(r)+r.tasks.running+r.tasks.pending+r.tasks.stopping > 0:
			s.SourceServiceRevisions = append(s.SourceServiceRevisions, summary)
		}
	}
	// With more the status would be refused, and nobody would be told anything. All of them are planned for, listed or not.
	if surplus := len(s.SourceServiceRevisions) - mostSources; surplus > 0 {
		s.SourceServiceRevisions = s.SourceServiceRevisions[surplus:]
	}
}

// unwell is a revision with unhealthy tasks: the target, or else the newest of those that have any; nil where all is well, and for a service
// that goes, which replaces none.
func (o observed) unwell() *revision {
	if o.service.DeletionTimestamp != nil {
		return nil
	}
	if target := o.target(); target != nil && len(target.tasks.unhealthy) > 0 {
		return target
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
	target := seen.target()
	if target == nil {
		s.StatusReason = "waiting for service revision " + seen.sd.Spec.TargetServiceRevision
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: s.StatusReason}}
	}
	s.StatusReason = plan.rolling.Why
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
	case plan.rolling.Progress == deploy.Complete:
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: plan.rolling.Why}}
	case plan.rolling.Progress == deploy.Blocked:
		s.StatusReason = "spec.deploymentConfiguration: " + plan.rolling.Why
		if left := seen.left(); left != "" {
			s.StatusReason += "; " + left
		}
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: ecsv1.ReasonDeploymentStuck, Message: s.StatusReason}}
	}
	return conditions.Outcome{Reconciling: waiting(s, seen, *target, plan)}
}

// waiting says what is wrong with the tasks that a deployment waits for, if anything is. First match wins.
func waiting(s *ecsv1.ServiceDeploymentStatus, seen observed, target revision, plan plan) *conditions.Reason {
	reason, t, of := ecsv1.ReasonProgressing, target.tasks, target.object.Spec.TaskDefinition
	switch unwell := seen.unwell(); {
	case target.refused() != "":
		reason, s.StatusReason = ecsv1.ReasonTasksRefused, fmt.Sprintf("Kubernetes refuses tasks of %s: %s", of, target.refused())
	case t.cooling > 0:
		reason, s.StatusReason = ecsv1.ReasonTasksFailedToStart, fmt.Sprintf("%d tasks of %s ended soon after their start: %s. "+
			"Others are started in their place after a pause; kubectl logs of their pods tells more", t.short, of, t.shortWhy)
	case t.failing > 0:
		reason, s.StatusReason = ecsv1.ReasonTasksFailedToStart, fmt.Sprintf("%d tasks of %s can't be started: %s",
			t.failing, of, seen.needs(plan).Explain(t.failingWhy, seen.sd.Namespace))
	case t.unplaced > 0:
		reason, s.StatusReason = ecsv1.ReasonTasksNotPlaced, fmt.Sprintf("%d tasks find no container instance: %s",
			t.unplaced, strings.TrimPrefix(t.unplacedWhy, taskstate.NotPlaced+" a task because "))
	case unwell != nil:
		reason, s.StatusReason = ecsv1.ReasonTasksUnhealthy, fmt.Sprintf("%d tasks of %s are unhealthy and are replaced: %s",
			len(unwell.tasks.unhealthy), unwell.object.Spec.TaskDefinition, unwell.tasks.longestUnhealthy().failure.StoppedReason)
	case seen.left() != "":
		reason, s.StatusReason = ecsv1.ReasonTasksLeaving, seen.left()+"; others are started elsewhere in their place"
	}
	return &conditions.Reason{Reason: reason, Message: s.StatusReason}
}
