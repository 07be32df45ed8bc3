// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

const (
	// defaultTimeout of a run, in minutes (API reference, DeploymentLifecycleHook).
	defaultTimeout = 1440
	// defaultDelay before a hook that answered IN_PROGRESS is asked again.
	defaultDelay = 30 * time.Second
)

// again is how long is waited before a call that reached nobody is repeated: an endpoint may be restarted, and is given 2 minutes and 15
// seconds. ECS has no such rule, since a Lambda function is always there; what fails in any other way fails at once, as it does there.
var again = []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute}

// leftBehind is why a run ends without a decision.
const leftBehind = "the deployment went on or back without waiting for it"

// run is a run with the hook that it is of.
type run struct {
	in    *Input
	place int
	ecsv1.DeploymentLifecycleHookDetail
}

func hookID(uid string, hooks []ecsv1.DeploymentLifecycleHook, place int, at Moment) string {
	prefix := "lambda"
	if hooks[place].TargetType == ecsv1.DeploymentLifecycleHookTargetTypePause {
		prefix = "pause"
	}
	moment := fmt.Sprintf("%s/%d", at.Stage, at.Step)
	if at.Back {
		moment += "/back"
	}
	return names.HookID(prefix, uid, place, moment)
}

func (r *run) hook() *ecsv1.DeploymentLifecycleHook { return &r.in.Hooks[r.place] }

func (r *run) pauses() bool { return r.TargetType == ecsv1.DeploymentLifecycleHookTargetTypePause }

func decided(r *ecsv1.DeploymentLifecycleHookDetail) bool {
	return r.Status != ecsv1.DeploymentLifecycleHookStatusAwaitingAction && r.Status != ecsv1.DeploymentLifecycleHookStatusInProgress
}

// begin makes the run. What earlier runs of the hook answered in this deployment goes with it.
func (r *run) begin(id string, now time.Time, earlier []ecsv1.DeploymentLifecycleHookDetail) {
	hook := r.hook()
	minutes, action := int32(defaultTimeout), ecsv1.DeploymentLifecycleHookActionRollback
	if t := hook.TimeoutConfiguration; t != nil {
		if t.TimeoutInMinutes != nil {
			minutes = *t.TimeoutInMinutes
		}
		if t.Action != "" {
			action = t.Action
		}
	}
	r.DeploymentLifecycleHookDetail = ecsv1.DeploymentLifecycleHookDetail{
		HookId:         id,
		TargetType:     ecsv1.DeploymentLifecycleHookTargetTypeAwsLambda,
		TargetArn:      hook.HookTargetArn,
		Status:         ecsv1.DeploymentLifecycleHookStatusInProgress,
		LifecycleStage: r.in.Moment.Stage,
		StartedAt:      new(metav1.NewTime(now)),
		ExpiresAt:      new(metav1.NewTime(now.Add(time.Duration(minutes) * time.Minute))),
		TimeoutAction:  action,
	}
	if hook.TargetType == ecsv1.DeploymentLifecycleHookTargetTypePause {
		r.TargetType, r.Status = hook.TargetType, ecsv1.DeploymentLifecycleHookStatusAwaitingAction
		return
	}
	r.HookDetails = inherited(hook.HookDetails, id, earlier)
}

// step takes what there is of an answer or a decision, and ends the run when its time is over.
func (r *run) step(now time.Time) {
	if decided(&r.DeploymentLifecycleHookDetail) {
		return
	}
	if r.pauses() {
		r.decide(now)
	} else {
		r.take(now)
	}
	if decided(&r.DeploymentLifecycleHookDetail) || now.Before(r.ExpiresAt.Time) {
		return
	}
	minutes := int(r.ExpiresAt.Sub(r.StartedAt.Time) / time.Minute)
	r.end(ecsv1.DeploymentLifecycleHookStatusTimedOut, now, "nothing was decided within "+strconv.Itoa(minutes)+" minutes; timeoutConfiguration.action is "+string(r.TimeoutAction))
}

func (r *run) decide(now time.Time) {
	switch r.in.Decisions[r.HookId] {
	case ecsv1.DeploymentLifecycleHookActionContinue:
		r.end(ecsv1.DeploymentLifecycleHookStatusSucceeded, now, "continued by "+ecsv1.AnnotationContinueDeployment)
	case ecsv1.DeploymentLifecycleHookActionRollback:
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, "rolled back by "+ecsv1.AnnotationContinueDeployment)
	}
}

// take takes the answer to the latest call. What stands for a Lambda function that nobody knows fails before it is called.
func (r *run) take(now time.Time) {
	if _, problem := Resolve(r.TargetArn, r.in.Functions); problem != "" {
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, "hookTargetArn: "+problem)
		return
	}
	answer, ok := r.in.Answers[r.HookId]
	if !ok || answer.Call != r.number() {
		return
	}
	r.Calls, r.NextAt = new(r.number()+1), nil
	if answer.Unreached {
		r.repeat(answer.Failure, now)
		return
	}
	r.UnansweredCalls = nil
	if answer.Failure != "" {
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, answer.Failure)
		return
	}
	reply, problem := parse(answer.Body)
	details, tooMuch := merged(r.HookDetails, reply.HookDetails)
	switch {
	case problem != "":
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, problem)
	case reply.HookStatus == ecsv1.DeploymentLifecycleHookStatusInProgress && tooMuch:
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, fmt.Sprintf("its hookDetails are more than %d KiB by now; keep them elsewhere", mostDetails>>10))
	case reply.HookStatus == ecsv1.DeploymentLifecycleHookStatusInProgress:
		r.HookDetails, r.StatusReason = details, clip("answered IN_PROGRESS"+reply.reason())
		r.NextAt = new(metav1.NewTime(now.Add(reply.delay())))
	default:
		r.end(reply.HookStatus, now, "answered "+string(reply.HookStatus)+reply.reason())
	}
}

// repeat asks again after a call that reached nobody, until that has been tried often enough.
func (r *run) repeat(why string, now time.Time) {
	tried := 1
	if r.UnansweredCalls != nil {
		tried += int(*r.UnansweredCalls)
	}
	r.UnansweredCalls = new(int32(tried)) //nolint:gosec // at most one more than the table has rows
	r.StatusReason = clip(fmt.Sprintf("call %d of %d reached nobody: %s", tried, len(again)+1, why))
	if tried > len(again) {
		r.end(ecsv1.DeploymentLifecycleHookStatusFailed, now, r.StatusReason)
		return
	}
	r.NextAt = new(metav1.NewTime(now.Add(again[tried-1])))
}

// number of the call that is to be made, or is under way.
func (r *run) number() int32 {
	if r.Calls == nil {
		return 0
	}
	return *r.Calls
}

func (r *run) call() Call {
	target, _ := Resolve(r.TargetArn, r.in.Functions)
	first := r.number()
	if r.UnansweredCalls != nil {
		first -= *r.UnansweredCalls
	}
	execution := names.HookExecutionID(r.HookId)
	return Call{
		HookID: r.HookId, ExecutionID: execution, Number: r.number(), IdempotencyKey: fmt.Sprintf("%s-%d", execution, first),
		Target: target, Body: r.in.body(execution, r.HookDetails), Until: r.ExpiresAt.Time,
	}
}

// verdict of one run, with what is to be told.
func (r *run) verdict() (Verdict, string) {
	name := fmt.Sprintf("lifecycleHooks[%d] (%s) at %s", r.place, r.target(), r.in.Moment)
	switch {
	case r.pauses() && !decided(&r.DeploymentLifecycleHookDetail):
		return Waiting, fmt.Sprintf("waits for somebody to answer %s: set the annotation %s to %s to continue, or to %s=ROLLBACK",
			name, ecsv1.AnnotationContinueDeployment, r.HookId, r.HookId)
	case !decided(&r.DeploymentLifecycleHookDetail) && r.StatusReason != "":
		return Waiting, fmt.Sprintf("waits for %s, which %s", name, r.StatusReason)
	case !decided(&r.DeploymentLifecycleHookDetail):
		return Waiting, "waits for " + name
	case Stops(&r.DeploymentLifecycleHookDetail):
		return Failed, fmt.Sprintf("%s is %s: %s", name, r.Status, r.StatusReason)
	}
	return Passed, ""
}

func (r *run) target() string {
	if r.pauses() {
		return string(r.TargetType)
	}
	return r.TargetArn
}

func (r *run) end(status ecsv1.DeploymentLifecycleHookStatus, now time.Time, why string) {
	r.Status, r.StatusReason, r.FinishedAt, r.NextAt = status, clip(why), new(metav1.NewTime(now)), nil
}

// end closes a run that isn't decided, for a deployment that doesn't wait for it any more.
func end(r *ecsv1.DeploymentLifecycleHookDetail, now time.Time, why string) {
	if !decided(r) {
		r.Status, r.StatusReason, r.FinishedAt, r.NextAt = ecsv1.DeploymentLifecycleHookStatusFailed, why, new(metav1.NewTime(now)), nil
	}
}
