// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deploy plans service deployments as counts of tasks per service revision.
//
// It knows neither pods nor Kubernetes: an Observation says what each revision has, a Plan says how many tasks each should
// have next. Plans are absolute, so making one twice from the same facts asks for the same thing, and they move on what was
// observed, never on what was just asked for.
//
// Vocabulary, as in the ECS developer guide ("Deploy Amazon ECS services by replacing tasks"):
//
//   - the target revision is the one being deployed (PRIMARY); every other is a source (ACTIVE) until its last task is gone;
//   - wanted: how many tasks a revision is to have, as last planned;
//   - replacing: how many more it was asked to run than that, or fewer, while some are replaced by others of the same revision;
//   - pending, running, stopping: tasks by state; no task is in two of them;
//   - healthy: those of the running tasks that pass their health checks; unhealthy: those that don't. A running task may be neither,
//     as long as it isn't known;
//   - leaving: those of the running tasks that can't stay where they are, since their container instance is DRAINING; relocating: those that
//     are to be elsewhere, for the balance of Availability Zones. Both are replaced by tasks of their own revision, as unhealthy ones are.
package deploy

import "slices"

// Revision is what one service revision has.
type Revision struct {
	// Ordinal numbers the revisions of a service from 1.
	Ordinal int64
	Wanted  int32
	// Replacing is what the revision was asked to run beyond Wanted: more while new tasks start before others stop, fewer
	// while some have stopped to make room for their replacements. What it was asked for is the sum, and that it is told apart is what
	// brings a source back to its count: nothing but its own past says how many tasks it should have.
	Replacing int32

	Pending int32
	Running int32
	Healthy int32
	// Unhealthy counts running tasks that failed their health checks and are to be replaced: not those within their grace period,
	// and not those of which it isn't known.
	Unhealthy int32
	// Leaving counts running tasks that aren't unhealthy and can't stay; LeavingHealthy those of them that are healthy. They stop as soon as
	// the lower bound allows, before their replacements are there or after it.
	Leaving, LeavingHealthy int32
	// Relocating counts healthy tasks, not leaving ones, that stop once the revision has as many others healthy as are wanted.
	Relocating int32
	// Stuck counts pending tasks that won't start as things are: no container instance takes them, or their image isn't there.
	Stuck    int32
	Stopping int32
	// Protected counts running tasks, not unhealthy ones, that aren't to be stopped for a deployment or a lower count.
	Protected int32
	// Retiring counts pending tasks that failed to start and whose pause is over: they stop, and then others are launched.
	Retiring int32
	// Cooling counts places that are to stay empty for a while, since the tasks in them ended soon after their start.
	Cooling int32
}

// live counts the tasks that are there and not on their way out.
func (r Revision) live() int32 { return r.Pending + r.Running }

// asked is how many tasks the revision was last asked to run.
func (r Revision) asked() int32 { return r.Wanted + r.Replacing }

// placed is how many tasks the revision takes up: those it has, or those it was asked for and hasn't got yet.
func (r Revision) placed() int32 { return max(r.asked(), r.live()) }

// held is how many places are the revision's: also that of an unhealthy task which was stopped to make room for its replacement.
func (r Revision) held() int32 { return max(r.Wanted, r.placed()) }

// stays counts healthy tasks that are neither leaving nor relocating.
func (r Revision) stays() int32 { return r.Healthy - r.LeavingHealthy - r.Relocating }

// outgoing counts the tasks in whose place others of the revision are to be.
func (r Revision) outgoing() int32 { return r.Unhealthy + r.Leaving + r.Relocating }

// sound counts healthy tasks that will stay. Kubernetes stops tasks that aren't ready first, so of more tasks than wanted
// the healthy ones survive, but never more than wanted.
func (r Revision) sound() int32 { return min(r.Healthy, r.Wanted) }

// loose counts the wanted tasks that may stop: those that aren't protected.
func (r Revision) loose() int32 { return max(0, r.Wanted-r.Protected) }

// frail counts the wanted tasks that aren't healthy.
func (r Revision) frail() int32 { return r.Wanted - r.sound() }

// Observation is everything a rolling deployment is planned from.
type Observation struct {
	// Desired is the service's desiredCount.
	Desired int32
	Bounds  Percentages
	// Target is the ordinal of the revision being deployed.
	Target int64
	// Revisions holds the target and every source that still has tasks, in order of their ordinals.
	Revisions []Revision
	// Frozen: the deployment failed and doesn't go back, so that nothing is launched any more.
	Frozen bool
	// KeepSources: the time is over in which sources were to go after an early success, and what is left of them stays.
	KeepSources bool
}

// split returns the target and the sources. A target that isn't listed has nothing yet.
func (o Observation) split() (Revision, []Revision) {
	target := Revision{Ordinal: o.Target}
	var sources []Revision
	for _, r := range o.Revisions {
		if r.Ordinal == o.Target {
			target = r
			continue
		}
		sources = append(sources, r)
	}
	return target, sources
}

// atHome relocates nothing: where no task can be started before another stops, balance isn't worth it.
func (o Observation) atHome() Observation {
	o.Revisions = slices.Clone(o.Revisions)
	for i := range o.Revisions {
		o.Revisions[i].Relocating = 0
	}
	return o
}

// Progress says how far a deployment is.
type Progress string

// A deployment moves, waits for tasks to become healthy or to stop, is blocked by its own percentages, is complete, or has failed and is left as it is.
const (
	Moving   Progress = "Moving"
	Waiting  Progress = "Waiting"
	Blocked  Progress = "Blocked"
	Complete Progress = "Complete"
	Frozen   Progress = "Frozen"
)

// Plan is how many tasks each revision should have next.
type Plan struct {
	// Wanted holds a count for each revision of the observation, and for the target.
	Wanted map[int64]int32
	// Replacing holds, of those that replace others of their revision, how many more than Wanted they are to run meanwhile, or fewer.
	Replacing map[int64]int32
	// Deployed: the target has its tasks, all healthy, and no older task is left. Some of them may have to leave their instance yet.
	Deployed bool
	Progress Progress
	// Why is one sentence for people.
	Why string
}

// Asked is how many tasks a revision is to run now.
func (p Plan) Asked(ordinal int64) int32 { return p.Wanted[ordinal] + p.Replacing[ordinal] }
