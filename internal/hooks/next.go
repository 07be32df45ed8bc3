// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package hooks decides about the lifecycle hooks of a service deployment: whom to ask what, and whether the deployment may go on.
//
// A hook is an item of deploymentConfiguration.lifecycleHooks. A moment is where a deployment stands: a stage, a step of its traffic
// shift, on its way forwards or back. A run is one hook at one moment; it is an item of status.lifecycleHookDetails. A run of AWS_LAMBDA
// makes calls, one after the other, until an answer decides it; a run of PAUSE waits for a person. A run is decided once it is
// SUCCEEDED, FAILED or TIMED_OUT, and never changes after that.
//
// Everything here is computed from what is stored and what is known now. Nothing is asked here, and nobody is waited for.
package hooks

import (
	"fmt"
	"slices"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Moment is where a deployment stands when hooks run.
type Moment struct {
	Stage ecsv1.DeploymentLifecycleHookStage
	// Step of the traffic shift, from 1 on; 0 at stages and strategies without steps.
	Step int32
	// Back is set on the way back.
	Back bool
}

func (m Moment) String() string {
	out := string(m.Stage)
	if m.Step > 0 {
		out += fmt.Sprintf(" step %d", m.Step)
	}
	if m.Back {
		out += " on the way back"
	}
	return out
}

// Input is all that a decision is made from.
type Input struct {
	// Hooks of the deployment's configuration, as they were when it began.
	Hooks      []ecsv1.DeploymentLifecycleHook
	Moment     Moment
	Deployment Deployment
	// Functions are what stands for Lambda functions on the deployment's cluster.
	Functions []ecsv1.ClusterLambdaFunction
	// Runs are those that are stored.
	Runs []ecsv1.DeploymentLifecycleHookDetail
	// Answers to calls, by hookId, as long as they aren't stored.
	Answers map[string]Answer
	// Decisions of people, by hookId.
	Decisions map[string]ecsv1.DeploymentLifecycleHookAction
	Now       time.Time
}

// Verdict is what the hooks of a moment say about going on.
type Verdict int

// The verdicts.
const (
	Waiting Verdict = iota
	Passed
	Failed
)

func (v Verdict) String() string { return [...]string{"waiting", "passed", "failed"}[v] }

// Output is what is to be so.
type Output struct {
	// Runs to store.
	Runs []ecsv1.DeploymentLifecycleHookDetail
	// Calls that are to be under way. One that is under way already goes on; one that isn't listed any more ends.
	Calls   []Call
	Verdict Verdict
	// Why says in a sentence what is waited for, or what failed; it is "" where there is nothing to tell.
	Why string
	// Paused: people are waited for, and nobody else.
	Paused bool
	// Next is when time alone changes something; zero for never.
	Next time.Time
	// Ignored are sentences about decisions that were for nothing.
	Ignored []string
}

// Call is one call that is to be under way.
type Call struct {
	HookID      string
	ExecutionID string
	// Number of the call in its run, from 0 on. An answer to another isn't taken.
	Number int32
	// IdempotencyKey stays the same for a question that is repeated since nobody answered it, and is another for the next question.
	IdempotencyKey string
	Target         Target
	// Body is the JSON that a Lambda function would be invoked with.
	Body []byte
	// Until is when the run's time is over.
	Until time.Time
}

// Next decides what becomes of the hooks of the moment. Hooks of one moment run in parallel; all have to pass, and one that fails is enough.
func Next(in Input) Output {
	now := in.Now.Truncate(time.Second) // as a stored time has it
	out := Output{Verdict: Passed, Runs: slices.Clone(in.Runs)}
	current := map[string]bool{}
	for i := range in.Hooks {
		if slices.Contains(in.Hooks[i].LifecycleStages, in.Moment.Stage) {
			current[in.hookID(i)] = true
		}
	}
	for i := range out.Runs {
		if !current[out.Runs[i].HookId] {
			end(&out.Runs[i], now, leftBehind)
		}
	}
	people := 0
	for i := range in.Hooks {
		id := in.hookID(i)
		if !current[id] {
			continue
		}
		r := run{in: &in, place: i, DeploymentLifecycleHookDetail: out.stored(id)}
		if r.HookId == "" {
			r.begin(id, now, out.Runs)
		}
		r.step(now)
		out.store(r.DeploymentLifecycleHookDetail)
		out.judge(&r)
		if !decided(&r.DeploymentLifecycleHookDetail) {
			out.lookAgain(&r, now)
			if r.pauses() {
				people++
			}
		}
	}
	if out.Verdict == Failed {
		out.Calls = nil // what the others would say changes nothing any more
	}
	out.Paused = out.Verdict == Waiting && people > 0 && len(out.Calls) == 0 && out.undecided(current) == people
	out.Ignored = ignored(in.Decisions, out.Runs)
	out.Runs = bounded(out.Runs, current)
	return out
}

func (in *Input) hookID(place int) string {
	return hookID(in.Deployment.UID, in.Hooks, place, in.Moment)
}

func (out *Output) stored(id string) ecsv1.DeploymentLifecycleHookDetail {
	if i := indexOf(out.Runs, id); i >= 0 {
		return out.Runs[i]
	}
	return ecsv1.DeploymentLifecycleHookDetail{}
}

func (out *Output) store(r ecsv1.DeploymentLifecycleHookDetail) {
	if i := indexOf(out.Runs, r.HookId); i >= 0 {
		out.Runs[i] = r
		return
	}
	out.Runs = append(out.Runs, r)
}

func (out *Output) undecided(current map[string]bool) int {
	n := 0
	for i := range out.Runs {
		if current[out.Runs[i].HookId] && !decided(&out.Runs[i]) {
			n++
		}
	}
	return n
}

// judge adds a run to the verdict. The first that failed is told, else the first that is waited for.
func (out *Output) judge(r *run) {
	verdict, why := r.verdict()
	if verdict == Failed && out.Verdict != Failed || verdict == Waiting && out.Verdict == Passed {
		out.Verdict, out.Why = verdict, why
	}
}

// lookAgain makes the call that is due, and says when something changes by itself.
func (out *Output) lookAgain(r *run, now time.Time) {
	soonest := func(at time.Time) {
		if out.Next.IsZero() || at.Before(out.Next) {
			out.Next = at
		}
	}
	soonest(r.ExpiresAt.Time)
	switch {
	case r.pauses():
	case r.NextAt != nil && now.Before(r.NextAt.Time):
		soonest(r.NextAt.Time)
	default:
		out.Calls = append(out.Calls, r.call())
	}
}

func indexOf(runs []ecsv1.DeploymentLifecycleHookDetail, id string) int {
	return slices.IndexFunc(runs, func(r ecsv1.DeploymentLifecycleHookDetail) bool { return r.HookId == id })
}
