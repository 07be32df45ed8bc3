// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "fmt"

// DaemonPercentages are those of a DAEMON service (API reference, DeploymentConfiguration): the console puts 50 for the minimum, the
// API 0.
var DaemonPercentages = Percentages{MinimumHealthy: 0, Maximum: 100}

// DaemonObservation is everything a daemon deployment is planned from: one task on each container instance.
type DaemonObservation struct {
	// Desired is how many container instances there are for the service.
	Desired int32
	Bounds  Percentages
	Target  Revision
	// Sources are the older revisions that have tasks.
	Sources []Revision
	// Frozen: the deployment failed and doesn't go back, so that no task is replaced any more.
	Frozen bool
	// Observed: the counts are those of the template that was given last.
	Observed bool
	// Choosing: container instances may be chosen for the service yet, so that none needn't be all there are.
	Choosing bool
}

// DaemonPlan is how a daemon deployment goes on.
type DaemonPlan struct {
	// MaxUnavailable is how many instances may be without a healthy task at a time. 0 lets no task be replaced.
	MaxUnavailable int32
	// Replace is the revision of which one unhealthy task is to be stopped, 0 for none. Another starts on its instance by itself.
	Replace  int64
	Progress Progress
	Why      string
}

// Daemon plans the next step of a daemon deployment. A task is stopped before another is started on its instance, so that what
// minimumHealthyPercent leaves is all the room there is: of 4 instances 50 % keep 2, and 2 at a time are replaced.
func Daemon(o DaemonObservation) DaemonPlan {
	if o.Frozen {
		return DaemonPlan{Progress: Frozen, Why: fmt.Sprintf("no task is replaced until the service changes; %d of the new revision and %d older ones stay", o.Target.live(), sum(o.Sources, Revision.live))}
	}
	plan := DaemonPlan{MaxUnavailable: o.Desired - o.Bounds.Lower(o.Desired)}
	if o.Observed {
		plan.Replace = o.replace()
	}
	old := sum(o.Sources, func(r Revision) int32 { return r.live() + r.Stopping })
	switch { // a task on an instance that takes no new ones, since it drains, is one more than is desired
	case !o.Observed:
		plan.Progress, plan.Why = Moving, "one task is wanted on each container instance"
	case o.Choosing && o.Desired == 0 && old == 0:
		plan.Progress, plan.Why = Waiting, "no container instance has been chosen for the service yet"
	case old == 0 && o.Target.Healthy >= o.Desired && o.Target.live() == o.Target.Healthy:
		plan.Progress, plan.Why = Complete, fmt.Sprintf("each of %d container instances has a healthy task and no older task is left", o.Desired)
	case plan.Replace != 0:
		plan.Progress, plan.Why = Moving, replacing(o.Target, o.Sources)
	case plan.MaxUnavailable == 0 && sum(o.Sources, Revision.live) > 0:
		plan.Progress, plan.Why = Blocked, o.Bounds.Explain(o.Desired)
	case unhealthy(o.Target, o.Sources) > 0:
		plan.Progress, plan.Why = Waiting, replacing(o.Target, o.Sources)
	case old > 0:
		plan.Progress, plan.Why = Waiting, fmt.Sprintf("%d of %d container instances have a healthy task of the new revision, %d have an older one", o.Target.Healthy, o.Desired, old)
	default:
		plan.Progress, plan.Why = Waiting, fmt.Sprintf("%d of %d container instances have a healthy task", o.Target.Healthy, o.Desired)
	}
	return plan
}

// replace picks the revision of an unhealthy task to be stopped: only where each instance has a task and none starts or stops, so that it is one at a time and
// a replacement is seen to the end. Stopping an unhealthy task costs no healthy one, so the lower bound needs no look. What takes the
// place of an older one is the target's, which is what the DaemonSet makes; so those wait until the target's own are well.
func (o DaemonObservation) replace() int64 {
	all := append([]Revision{o.Target}, o.Sources...)
	moving := sum(all, func(r Revision) int32 { return r.live() - r.Healthy - r.Unhealthy + r.Stopping })
	if moving > 0 || sum(all, Revision.live) < o.Desired {
		return 0
	}
	for _, r := range all {
		if r.Unhealthy > 0 {
			return r.Ordinal
		}
	}
	return 0
}
