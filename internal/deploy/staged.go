// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Stage is a stage of a deployment that moves traffic, as ServiceDeployment.lifecycleStage has it.
type Stage = ecsv1.ServiceDeploymentLifecycleStage

// Whole is all traffic, in tenths of a percent.
const Whole int32 = 1000

// Standing is what is remembered of a deployment that moves traffic. Everything else is observed anew each time.
type Standing struct {
	// Stage is where it stands, "" before the first.
	Stage Stage
	// Step of the production traffic shift, from 1 on; 0 before the first.
	Step int32
	// Since is when the stage, or its present step, began.
	Since time.Time
	// Shifted is when the router was first seen to direct what the present step asks for; zero while it wasn't.
	Shifted time.Time
	// Back: it is on its way back.
	Back bool
}

// Ending is how a deployment ended, "" while it goes on.
type Ending string

// A deployment succeeds, has gone back, couldn't go back, or failed and stays as it is.
const (
	Succeeded      Ending = "Succeeded"
	RolledBack     Ending = "RolledBack"
	RollbackFailed Ending = "RollbackFailed"
	Failed         Ending = "Failed"
)

// Router is what is observed of one kind of traffic, production or test.
type Router struct {
	// Exists is false where there is no such traffic to direct.
	Exists bool
	// Target is the share that is directed to the target revision, in tenths of a percent. The rest goes to the source.
	Target int32
	// Settled: that is what happens, and each task of the receiving side is there for it.
	Settled bool
	// Why is what it waits for until it is settled.
	Why string
}

// at reports whether that share is what happens.
func (r Router) at(share int32) bool { return !r.Exists || r.Settled && r.Target == share }

// StagedObservation is everything a BLUE_GREEN, CANARY or LINEAR deployment is planned from.
type StagedObservation struct {
	Now      time.Time
	Schedule Schedule
	// Bake is how long both revisions stay after the shift.
	Bake time.Duration
	// Desired is the service's desiredCount; Bounds are the percentages by which unhealthy tasks of one revision are replaced by others of it.
	Desired int32
	Bounds  Percentages
	// Target is the ordinal of the revision being deployed, Source that of the one that it takes over from, 0 where there is none. Keep picks it.
	Target, Source int64
	// Lost is the name of the target where there is no such revision any more, "" where there is.
	Lost string
	// MayGoBack: the source is what the last completed deployment brought.
	MayGoBack bool
	// Revisions holds the target, the source and all others that still have tasks, in order of their ordinals.
	Revisions        []Revision
	Production, Test Router
	// Elsewhere are the ordinals of revisions beside these two that production traffic goes to, as the router reports.
	Elsewhere []int64
	// HooksWait says what hooks of the present stage, or step, are waited for; "" once all have passed. One that failed is in Watch.
	HooksWait string
	Watch     Watch
	Standing  Standing
	// Began is when the deployment began.
	Began time.Time
	// Ended is how it ended, "" while it goes on.
	Ended Ending
	// Deleting: the service goes, with all of its tasks.
	Deleting bool
}

// StagedPlan is what is to be next: counts, shares of the target, and the state if it is another.
type StagedPlan struct {
	Plan
	Production, Test int32
	// Still: traffic is left as it is, whatever that is.
	Still bool
	// Next is the state to store, nil where it stays.
	Next *Standing
	// Abort is why it goes back or fails from now on.
	Abort *Abort
	// Ended is how the deployment ends now.
	Ended Ending
	// LookAgain is when the passing of time alone changes something, zero for never.
	LookAgain time.Time
}

// Staged plans the next step of a deployment that moves traffic, and keeps a service where such a deployment has left it.
func Staged(o StagedObservation) StagedPlan {
	switch {
	case o.Deleting:
		return o.close()
	case o.Ended != "":
		return o.rest()
	case o.Lost != "" && o.Standing.Stage != cleanUp: // traffic may go to it still, which can't be seen
		return o.hold("waiting for service revision " + o.Lost + ", which is gone, to be made again")
	case o.Standing.Stage == "":
		return o.begin()
	}
	return o.advance()
}

// begin finds the first stage. Nothing moves before it is stored.
func (o StagedObservation) begin() StagedPlan {
	plan := o.hold("the deployment begins")
	first := stages[0].name
	if len(o.sources()) < 2 {
		first = stages[1].name
	}
	return plan.to(o, Standing{Stage: first})
}

// rest is the plan of a deployment that has ended. One that succeeded or has gone back keeps its revision at the desired count, as a
// rolling one does; one that failed starts nothing more and leaves traffic where it is.
func (o StagedObservation) rest() StagedPlan {
	target, share := o.Target, Whole
	switch {
	case o.Ended == RolledBack:
		target, share = o.Source, 0
	case o.Ended != Succeeded:
		return o.hold("the deployment failed, and nothing is started until the service changes")
	}
	rolling := Rolling(Observation{Desired: o.Desired, Bounds: o.Bounds, Target: target, Revisions: o.Revisions})
	return StagedPlan{Plan: rolling, Production: share, Test: share}
}

// hold leaves all as it is: no revision gets more tasks than it has places for, and those that fail are replaced by others of their revision.
func (o StagedObservation) hold(why string) StagedPlan {
	plan := StagedPlan{Plan: Plan{Progress: Waiting, Why: why}, Production: o.Production.Target, Test: o.Test.Target, Still: true}
	o.count(&plan.Plan, func(Revision) crew { return asItIs })
	return plan
}

// close stops all tasks of a service that goes.
func (o StagedObservation) close() StagedPlan {
	plan := StagedPlan{Plan: Plan{Progress: Moving, Why: "the service goes"}, Production: o.Production.Target, Test: o.Test.Target, Still: true}
	o.count(&plan.Plan, func(Revision) crew { return nobody })
	return plan
}

// to moves the plan's deployment on to another state, from the next look on.
func (p StagedPlan) to(o StagedObservation, next Standing) StagedPlan {
	next.Since = o.Now
	p.Next, p.LookAgain, p.Progress = &next, o.Now, Moving
	return p
}

func (o StagedObservation) revision(ordinal int64) Revision {
	for _, r := range o.Revisions {
		if r.Ordinal == ordinal {
			return r
		}
	}
	return Revision{Ordinal: ordinal}
}

func (o StagedObservation) target() Revision { return o.revision(o.Target) }
func (o StagedObservation) source() Revision { return o.revision(o.Source) }

// sources are the revisions other than the target that have tasks, or are to have some.
func (o StagedObservation) sources() []Revision {
	var out []Revision
	for _, r := range o.Revisions {
		if r.Ordinal != o.Target && r.there() {
			out = append(out, r)
		}
	}
	return out
}

// there reports whether the revision has tasks, also such that stop, or is to have some.
func (r Revision) there() bool { return r.held()+r.Stopping > 0 }

// Keep picks the source, which the target takes over from: the revision that most production traffic goes to; where that isn't known, the one that was
// deployed last to the end, and else the one with most healthy tasks, of equals the newest. 0 where no other revision has tasks.
func Keep(revisions []Revision, target, carrying, completed int64) int64 {
	var best Revision
	for _, r := range revisions {
		switch {
		case r.Ordinal == target || !r.there():
		case r.Ordinal == carrying:
			return r.Ordinal
		case best.Ordinal == 0 || r.Ordinal == completed || best.Ordinal != completed && r.Healthy >= best.Healthy:
			best = r
		}
	}
	return best.Ordinal
}
