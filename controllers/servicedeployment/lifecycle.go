// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// The state of a deployment is decided from what is seen and stored with the count of its failed tasks. What follows from it, another goal or no more launches, is done
// in a later look, when the stored state is seen: the change of it is an event.

// frozen: the deployment failed and doesn't go back, or is about to fail for images that nobody knows.
func (o observed) frozen() bool {
	target := o.target()
	return deploy.IsFrozen(o.sd.Status.Status) || deploy.GoesForward(o.sd.Status.Status) && target != nil && service.NotResolved(&target.object.Spec) != ""
}

// advance moves the deployment on, and gives what ended it early if something did just now.
func advance(s *ecsv1.ServiceDeploymentStatus, seen observed, plan plan, scope arn.Scope) *deploy.Abort {
	now := metav1.NewTime(seen.now)
	after := tally(s, seen)
	watch := seen.watch(plan, after)
	var alarms *ecsv1.ServiceDeploymentAlarms
	watch.Alarms, alarms = seen.alarmsOf(s)
	life := deploy.Life{
		State: s.Status, Superseded: !seen.drives(), Settled: seen.stands(plan),
		Startable: seen.goal() != nil && plan.invalid == nil && plan.missing == nil,
		Back:      seen.named(seen.completed) != nil, Gone: watch.Gone != "",
	}
	if deploy.GoesForward(s.Status) && seen.drives() {
		life.Abort = watch.Abort()
	}
	gone := watch.Gone
	if p := plan.staged; p != nil {
		life.Abort, life.Back, life.Gone, gone = p.Abort, p.Next != nil && p.Next.Back, p.Ended == deploy.RollbackFailed, p.Why
	}
	bake(s, seen, plan, now)
	life.Done = seen.done(s, plan)
	if seen.drives() {
		remember(s, after)
		monitor(s, watch.Breaker, life.Abort)
		s.Alarms = alarms
	}
	if to := life.Next(); to != s.Status {
		if !deploy.GoesForward(to) {
			concludeAlarms(s.Alarms, watch.Alarms, life.Abort)
		}
		enter(s, to, entering{seen: seen, scope: scope, life: life, gone: gone, now: now})
	}
	stand(s, plan.staged)
	return life.Abort
}

// watch is what may end the deployment early, but for its alarms.
func (o observed) watch(p plan, t deploy.Tally) deploy.Watch {
	w := deploy.Watch{Breaker: service.Breaker(o.service, o.desired())}
	w.Stop, _ = service.StopType(o.sd)
	w.Breaker.Failures = t.Failures
	if goal := o.goal(); goal != nil && len(goal.tasks.sighting.Failed) > 0 {
		w.Breaker.Last = goal.tasks.sighting.Failed[0].Why
	}
	if target := o.target(); target != nil {
		w.Images = service.NotResolved(&target.object.Spec)
	}
	if p.invalid != nil && p.invalid.Reason == ecsv1.ReasonTaskDefinitionNotFound {
		w.Gone = p.invalid.Message
	}
	return w
}

// stands reports whether nothing is left to do for a deployment that stops: the newer one has taken over, or no count has to change any more.
func (o observed) stands(p plan) bool {
	if !o.drives() {
		return o.newest != nil && o.newest.Status.TargetServiceRevision != nil
	}
	return len(p.scale)+len(p.marks) == 0 && p.pace == nil
}

// done reports whether the goal has all that is asked for: its tasks, and on the way forward the bake time, or what the early success criteria want.
func (o observed) done(s *ecsv1.ServiceDeploymentStatus, p plan) bool {
	switch {
	case p.staged != nil:
		return p.staged.Ended == deploy.Succeeded || p.staged.Ended == deploy.RolledBack
	case p.create != nil || p.daemonSet != nil || p.invalid != nil || p.missing != nil || o.goal() == nil:
		return false
	case !deploy.GoesForward(s.Status):
		return p.rolling.Deployed
	case !service.IsDaemon(o.service) && service.EarlySuccess(o.service).Met(observation(o, *o.goal())):
		return true
	}
	return p.rolling.Deployed && o.bake(s).Over(o.now)
}

// bake is the bake time of a rolling deployment, and when it began.
func (o observed) bake(s *ecsv1.ServiceDeploymentStatus) deploy.Bake {
	b := deploy.Bake{Time: service.BakeTime(o.service)}
	if k := s.Kubernetes; s.LifecycleStage == ecsv1.ServiceDeploymentLifecycleStageBakeTime && k != nil && k.LifecycleStageStartedAt != nil {
		b.Began = k.LifecycleStageStartedAt.Time
	}
	return b
}

// bakeEnds is when the bake time of a deployment that waits for nothing else is over, zero for none.
func (o observed) bakeEnds(p plan) time.Time {
	b := o.bake(&o.sd.Status)
	if !o.drives() || !deploy.GoesForward(o.sd.Status.Status) || !p.rolling.Deployed || b.Over(o.now) {
		return time.Time{}
	}
	return b.Ends(o.now)
}

// bake begins the bake time when the target has all its tasks.
func bake(s *ecsv1.ServiceDeploymentStatus, seen observed, p plan, now metav1.Time) {
	if p.staged != nil || !seen.drives() || !deploy.GoesForward(s.Status) || !p.rolling.Deployed || service.BakeTime(seen.service) == 0 || s.LifecycleStage != "" {
		return
	}
	s.LifecycleStage = ecsv1.ServiceDeploymentLifecycleStageBakeTime
	if s.Kubernetes == nil {
		s.Kubernetes = &ecsv1.ServiceDeploymentKubernetes{}
	}
	s.Kubernetes.LifecycleStageStartedAt = &now
}

// cleanupIsOver: the deployment was successful before its sources were gone, and has tried for long enough to stop what is left of them. With the service all goes.
func (o observed) cleanupIsOver() bool {
	s := o.sd.Status
	return o.service.DeletionTimestamp == nil && s.Status == ecsv1.ServiceDeploymentStateSuccessful && s.FinishedAt != nil && service.EarlySuccess(o.service).CleanupOver(s.FinishedAt.Time, o.now)
}

// monitor tells how the circuit breaker stands.
func monitor(s *ecsv1.ServiceDeploymentStatus, b deploy.Breaker, abort *deploy.Abort) {
	is := s.DeploymentCircuitBreaker
	switch {
	case is.Status == ecsv1.RollbackMonitorsStatusTriggered:
	case abort != nil && (abort.Reason == deploy.CircuitBreaker || abort.Reason == deploy.ImagesNotKnown):
		is.Status = ecsv1.RollbackMonitorsStatusTriggered
	case !deploy.GoesForward(s.Status) || abort != nil:
		if is.Status == ecsv1.RollbackMonitorsStatusMonitoring {
			is.Status = ecsv1.RollbackMonitorsStatusMonitoringComplete
		}
		return // its numbers stay those of the deployment
	case b.Enabled:
		is.Status = ecsv1.RollbackMonitorsStatusMonitoring
	default:
		is.Status = ecsv1.RollbackMonitorsStatusDisabled
	}
	if deploy.GoesForward(s.Status) {
		is.Threshold = b.Threshold
	}
}

// entering is what a new state is entered with.
type entering struct {
	seen  observed
	scope arn.Scope
	life  deploy.Life
	gone  string
	now   metav1.Time
}

// enter writes what a new state says.
func enter(s *ecsv1.ServiceDeploymentStatus, to ecsv1.ServiceDeploymentState, with entering) {
	s.Status, s.UpdatedAt = to, &with.now
	switch to {
	case ecsv1.ServiceDeploymentStatePending, ecsv1.ServiceDeploymentStateInProgress:
		s.RolloutState, s.RolloutStateReason = ecsv1.DeploymentRolloutStateInProgress, fmt.Sprintf("ECS deployment %s in progress.", s.DeploymentId)
		if s.StartedAt == nil {
			s.StartedAt = &with.now
		}
	case ecsv1.ServiceDeploymentStateSuccessful:
		s.RolloutState, s.RolloutStateReason = ecsv1.DeploymentRolloutStateCompleted, fmt.Sprintf("ECS deployment %s completed.", s.DeploymentId)
		s.FinishedAt, s.LifecycleStage = &with.now, ""
		if s.StartedAt == nil {
			s.StartedAt = &with.now
		}
	case ecsv1.ServiceDeploymentStateStopRequested:
		with.stop(s)
	case ecsv1.ServiceDeploymentStateStopped:
		s.StoppedAt, s.FinishedAt = &with.now, &with.now
	case ecsv1.ServiceDeploymentStateRollbackRequested, ecsv1.ServiceDeploymentStateRollbackInProgress:
		with.turn(s)
	case ecsv1.ServiceDeploymentStateRollbackSuccessful:
		s.FinishedAt = &with.now
	case ecsv1.ServiceDeploymentStateRollbackFailed:
		s.FinishedAt, s.StatusReason = &with.now, with.gone
	}
}

// stop says why a deployment stops where it is: a newer one took over, or it failed and doesn't go back.
func (with entering) stop(s *ecsv1.ServiceDeploymentStatus) {
	s.RolloutState = ecsv1.DeploymentRolloutStateFailed
	if a := with.life.Abort; a != nil {
		s.StatusReason, s.RolloutStateReason = a.Why, failure(a.Reason)
		if a.Rollback {
			s.StatusReason += with.nowhere()
		}
		return
	}
	s.StatusReason = "superseded by a newer deployment"
	if newest := with.seen.newest; newest != nil {
		s.StatusReason = "superseded by " + newest.Name
	}
	s.RolloutStateReason = fmt.Sprintf("ECS deployment %s %s.", s.DeploymentId, s.StatusReason)
}

// nowhere says why a deployment that is to go back doesn't. One that moves traffic goes back to the revision that it took over from, or not at all.
func (with entering) nowhere() string {
	completed := with.seen.named(with.seen.completed)
	if completed == nil {
		return "; there is no completed deployment to go back to"
	}
	return fmt.Sprintf("; it stays where it is, with its traffic, since it didn't take over from %s, which was completed last. Deploy that again to have it back",
		with.seen.ofRevision(completed.object.Name))
}

// turn makes the revision that was completed last the goal, once. Its tasks begin with no failures.
func (with entering) turn(s *ecsv1.ServiceDeploymentStatus) {
	a := with.life.Abort
	if s.Rollback != nil || a == nil {
		return
	}
	seen := with.seen
	s.RolloutState, s.RolloutStateReason = ecsv1.DeploymentRolloutStateFailed, failure(a.Reason)
	s.Rollback = &ecsv1.Rollback{
		Reason: clip(a.Why), ServiceRevision: seen.completed, StartedAt: &with.now,
		ServiceRevisionArn: with.scope.ServiceRevision(service.Cluster(seen.service), service.Name(seen.service),
			names.ServiceRevisionID(string(seen.service.UID), seen.named(seen.completed).object.Spec.Revision)),
	}
	s.LifecycleStage = ""
	if k := s.Kubernetes; k != nil {
		k.CountedTasks, k.FailedLaunches, k.FailedLaunchAt, k.LastLaunchAt, k.LifecycleStageStartedAt = nil, nil, nil, nil, nil
	}
}

// failures are the rolloutStateReasons of deployments that failed; that of the circuit breaker is ECS's.
var failures = map[deploy.Reason]string{
	deploy.CircuitBreaker: "ECS deployment circuit breaker: tasks failed to start.",
	deploy.AlarmFiring:    "ECS deployment alarms: alarm detected.",
	deploy.ImagesNotKnown: "ECS deployment circuit breaker: image digests couldn't be resolved.",
	deploy.HookFailed:     "ECS deployment lifecycle hooks: a hook failed.",
	deploy.StopRequested:  "ECS deployment stop request: stopped.",
	deploy.TargetGone:     "ECS deployment: tasks can't be launched.",
	deploy.TimedOut:       "ECS deployment: a lifecycle stage timed out.",
}

func failure(r deploy.Reason) string { return failures[r] }

// deploymentID is the ecs-svc/ name of the deployment that brought a revision of the service.
func deploymentID(uid types.UID, r *revision) string {
	return names.DeploymentID(string(uid), r.object.Spec.Revision)
}
