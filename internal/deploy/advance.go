// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"time"
)

// No stage, nor step, takes longer beside its own wait and its hooks, which have their own limits; and no deployment takes longer in all.
const (
	stageLimit      = 24 * time.Hour
	deploymentLimit = 30 * 24 * time.Hour
)

// TimedOut is the reason of a deployment that stood at a stage for too long.
const TimedOut Reason = "TimedOut"

// advance interprets the row at which the deployment stands: is it to end early? else, is the row done and are its hooks done? then the next
// row from the next look on, else what the row wants.
func (o StagedObservation) advance() StagedPlan {
	row := o.row()
	plan := StagedPlan{}
	plan.Production, plan.Test = o.shares(row)
	o.count(&plan.Plan, func(r Revision) crew { return o.crew(row, r) })
	if abort := o.abort(row); abort != nil {
		return o.turn(*abort)
	}
	hooksWait := row.hook && o.HooksWait != ""
	switch done := row.done.holds(o); {
	case done && !hooksWait:
		next := o.following(row)
		if next == nil {
			return o.end(plan)
		}
		plan.Why = fmt.Sprintf("%s is done", row.name)
		return plan.to(o, *next)
	case done:
		plan.Why = o.HooksWait
	default:
		plan.Why = "waiting for " + row.done.waits(o)
	}
	if o.overdue(row, hooksWait) {
		return o.turn(Abort{Reason: TimedOut, Why: fmt.Sprintf("%s takes longer than it may: %s", row.name, plan.Why), Rollback: true})
	}
	plan.Progress, plan.LookAgain = Waiting, o.lookAgain(row, hooksWait)
	if row.again != "" && o.Standing.Shifted.IsZero() && o.atStep() {
		next := o.Standing
		next.Shifted = o.Now
		plan.Next = &next
	}
	return plan
}

// abort is why a deployment that goes forward ends early, nil where nothing ends it. What is decided ends early by request alone.
func (o StagedObservation) abort(row stage) *Abort {
	watch := o.Watch
	switch {
	case o.Standing.Back:
		return nil
	case row.committed:
		watch = Watch{Stop: watch.Stop}
	}
	return watch.Abort()
}

// turn sends a deployment back, or ends it where it stands if it isn't to go back, has nowhere to go, or doesn't get back.
func (o StagedObservation) turn(abort Abort) StagedPlan {
	plan := o.hold(abort.Why)
	switch {
	case o.Standing.Back:
		plan.Ended = RollbackFailed
	case !abort.Rollback || !o.MayGoBack:
		plan.Ended, plan.Abort = Failed, &abort
	default:
		plan.Abort = &abort
		return plan.to(o, o.reverse())
	}
	return plan
}

// end is the plan of a deployment whose last row is done.
func (o StagedObservation) end(plan StagedPlan) StagedPlan {
	plan.Progress = Complete
	if o.Standing.Back {
		plan.Ended, plan.Why = RolledBack, "the deployment has gone back, and no task of the new revision is left"
		return plan
	}
	plan.Ended, plan.Deployed = Succeeded, true
	plan.Why = "all traffic goes to the new revision, and no older task is left"
	if !o.Production.Exists {
		plan.Why = "no older task is left"
	}
	return plan
}

// overdue reports whether the row takes longer than it may. Hooks have limits of their own, but for that of the deployment.
func (o StagedObservation) overdue(row stage, hooksWait bool) bool {
	switch {
	case row.committed:
		return false
	case !o.Standing.Back && o.Now.After(o.Began.Add(deploymentLimit)):
		return true
	}
	return !hooksWait && o.Now.After(o.limit(row))
}

func (o StagedObservation) limit(row stage) time.Time {
	since := o.Standing.Since
	if row.done.at != nil {
		since = latest(since, row.done.at(o))
	}
	return since.Add(stageLimit)
}

// lookAgain is when the row may be done, or takes too long, by the passing of time alone.
func (o StagedObservation) lookAgain(row stage, hooksWait bool) time.Time {
	if row.done.at != nil {
		if at := row.done.at(o); at.After(o.Now) {
			return at
		}
	}
	if row.committed || hooksWait {
		return time.Time{}
	}
	return o.limit(row).Add(time.Second)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
