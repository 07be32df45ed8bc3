// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"slices"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// State is the status of a deployment, as DescribeServiceDeployments has it.
type State = ecsv1.ServiceDeploymentState

const (
	pending            = ecsv1.ServiceDeploymentStatePending
	inProgress         = ecsv1.ServiceDeploymentStateInProgress
	successful         = ecsv1.ServiceDeploymentStateSuccessful
	stopRequested      = ecsv1.ServiceDeploymentStateStopRequested
	stopped            = ecsv1.ServiceDeploymentStateStopped
	rollbackRequested  = ecsv1.ServiceDeploymentStateRollbackRequested
	rollbackInProgress = ecsv1.ServiceDeploymentStateRollbackInProgress
	rollbackSuccessful = ecsv1.ServiceDeploymentStateRollbackSuccessful
	rollbackFailed     = ecsv1.ServiceDeploymentStateRollbackFailed
)

// Life is what the next state of a deployment depends on, whatever its strategy.
type Life struct {
	// State as it was stored last, "" for a deployment that nobody has looked at.
	State State
	// Superseded: a newer deployment drives the service.
	Superseded bool
	// Settled: nothing is left to be done of what stopping asks for: no count has to change, and where it is superseded, the newer one has taken its tasks over.
	Settled bool
	// Startable: the revision that it goes to is there, and its tasks can be made.
	Startable bool
	// Abort ends it early. It is asked for only on the way forward.
	Abort *Abort
	// Back: there is a revision to go back to.
	Back bool
	// Gone: the revision that it goes back to can't be made any more.
	Gone bool
	// Done: the revision that it goes to has all that its strategy asks for.
	Done bool
}

// returns: it is aborted, and goes back.
func (l Life) returns() bool { return l.Abort != nil && l.Abort.Rollback && l.Back }

// lives is how deployments go on. First match wins; a row without `from` is about each state that isn't an end.
var lives = []struct {
	from []State
	when func(Life) bool
	to   State
}{
	{[]State{stopRequested}, func(l Life) bool { return l.Settled }, stopped},
	{nil, func(l Life) bool { return l.Superseded }, stopRequested},
	{[]State{stopRequested}, always, stopRequested},
	{[]State{rollbackRequested}, always, rollbackInProgress},
	{[]State{rollbackInProgress}, func(l Life) bool { return l.Gone }, rollbackFailed},
	{[]State{rollbackInProgress}, func(l Life) bool { return l.Done }, rollbackSuccessful},
	{[]State{rollbackInProgress}, always, rollbackInProgress},
	// What is left goes forward.
	{nil, func(l Life) bool { return l.returns() && l.Abort.Reason == StopRequested }, rollbackRequested},
	{nil, Life.returns, rollbackInProgress},
	{nil, func(l Life) bool { return l.Abort != nil }, stopRequested}, // also where there is nothing to go back to
	{nil, func(l Life) bool { return l.Done }, successful},
	{nil, func(l Life) bool { return !l.Startable }, pending},
	{nil, always, inProgress},
}

func always(Life) bool { return true }

// Next is the state after this look. It is stored before anything follows from it.
func (l Life) Next() State {
	if Ended(l.State) {
		return l.State
	}
	for _, row := range lives {
		if (row.from == nil || slices.Contains(row.from, l.State)) && row.when(l) {
			return row.to
		}
	}
	return l.State // the last row fits all
}

// Ended reports whether a deployment stays in that state for ever.
func Ended(s State) bool {
	return slices.Contains([]State{successful, stopped, rollbackSuccessful, rollbackFailed}, s)
}

// GoesForward reports whether a deployment in that state is on its way to its target revision, so that it can be aborted.
func GoesForward(s State) bool { return slices.Contains([]State{"", pending, inProgress}, s) }

// GoesBack reports whether a deployment in that state goes back to an earlier revision, or went.
func GoesBack(s State) bool {
	return slices.Contains([]State{rollbackRequested, rollbackInProgress, rollbackSuccessful}, s)
}

// IsFrozen reports whether a deployment in that state launches nothing any more, though it drives its service.
func IsFrozen(s State) bool {
	return slices.Contains([]State{stopRequested, stopped, rollbackFailed}, s)
}
