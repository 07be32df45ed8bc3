// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "testing"

var states = []State{pending, inProgress, successful, stopRequested, stopped, rollbackRequested, rollbackInProgress, rollbackSuccessful, rollbackFailed}

func TestHowADeploymentGoesOn(t *testing.T) {
	stop := &Abort{Reason: StopRequested, Rollback: true}
	breaker := &Abort{Reason: CircuitBreaker, Rollback: true}
	for name, tc := range map[string]struct {
		life Life
		want State
	}{
		"new, and nothing can be made yet":              {Life{}, pending},
		"new, and tasks can be made":                    {Life{Startable: true}, inProgress},
		"what it needs has gone again":                  {Life{State: inProgress}, pending},
		"all tasks are there":                           {Life{State: inProgress, Startable: true, Done: true}, successful},
		"nothing was to be started":                     {Life{Startable: true, Done: true}, successful},
		"successful, whatever becomes of its tasks":     {Life{State: successful, Abort: breaker, Back: true}, successful},
		"successful, and superseded":                    {Life{State: successful, Superseded: true}, successful},
		"superseded on its way":                         {Life{State: inProgress, Startable: true, Superseded: true, Settled: true}, stopRequested},
		"superseded before it began":                    {Life{Superseded: true, Settled: true}, stopRequested},
		"superseded, and the newer one doesn't know":    {Life{State: stopRequested, Superseded: true}, stopRequested},
		"superseded, and its tasks were taken over":     {Life{State: stopRequested, Superseded: true, Settled: true}, stopped},
		"superseded on its way back":                    {Life{State: rollbackInProgress, Superseded: true, Done: true}, stopRequested},
		"superseded, rather than aborted":               {Life{State: inProgress, Superseded: true, Abort: breaker, Back: true}, stopRequested},
		"the breaker trips":                             {Life{State: inProgress, Startable: true, Abort: breaker, Back: true}, rollbackInProgress},
		"the breaker trips, and nothing was completed":  {Life{State: inProgress, Startable: true, Abort: breaker}, stopRequested},
		"the breaker trips, and isn't to roll back":     {Life{State: inProgress, Startable: true, Abort: &Abort{Reason: CircuitBreaker}, Back: true}, stopRequested},
		"the breaker trips as the last task is healthy": {Life{State: inProgress, Startable: true, Done: true, Abort: breaker, Back: true}, rollbackInProgress},
		"failed, and tasks are still being stopped":     {Life{State: stopRequested, Done: true}, stopRequested},
		"failed, and all is done":                       {Life{State: stopRequested, Settled: true}, stopped},
		"failed for good":                               {Life{State: stopped, Startable: true, Done: true}, stopped},
		"somebody wants to go back":                     {Life{State: inProgress, Startable: true, Abort: stop, Back: true}, rollbackRequested},
		"somebody wants to go back before it began":     {Life{State: pending, Abort: stop, Back: true}, rollbackRequested},
		"somebody wants to go back, and can't":          {Life{State: inProgress, Startable: true, Abort: stop}, stopRequested},
		"somebody wants it to stop":                     {Life{State: inProgress, Startable: true, Abort: &Abort{Reason: StopRequested}, Back: true}, stopRequested},
		"it begins to go back":                          {Life{State: rollbackRequested, Done: true}, rollbackInProgress},
		"it goes back, and can't be aborted":            {Life{State: rollbackInProgress, Startable: true, Abort: breaker, Back: true}, rollbackInProgress},
		"it has gone back":                              {Life{State: rollbackInProgress, Startable: true, Done: true}, rollbackSuccessful},
		"it can't go back":                              {Life{State: rollbackInProgress, Gone: true}, rollbackFailed},
		"gone back for good":                            {Life{State: rollbackSuccessful, Superseded: true}, rollbackSuccessful},
		"neither on nor back, for good":                 {Life{State: rollbackFailed, Startable: true, Done: true}, rollbackFailed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.life.Next(); got != tc.want {
				t.Errorf("goes on as %s, want %s", got, tc.want)
			}
		})
	}
}

// everyLife is all that can be said of a deployment in a state.
func everyLife(state State, look func(Life)) {
	aborts := []*Abort{nil, {Reason: StopRequested, Rollback: true}, {Reason: StopRequested}, {Reason: CircuitBreaker, Rollback: true}, {Reason: CircuitBreaker}}
	for bits := range 1 << 6 {
		is := func(n int) bool { return bits>>n&1 == 1 }
		for _, a := range aborts {
			look(Life{State: state, Superseded: is(0), Settled: is(1), Startable: is(2), Back: is(3), Gone: is(4), Done: is(5), Abort: a})
		}
	}
}

func TestEachStateIsReachedAndTheEndsStay(t *testing.T) {
	reached := map[State]bool{}
	for next := []State{""}; len(next) > 0; next = next[1:] {
		everyLife(next[0], func(l Life) {
			if to := l.Next(); !reached[to] {
				reached[to] = true
				next = append(next, to)
			}
		})
	}
	for _, s := range states {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
	}
	if len(reached) != len(states) {
		t.Errorf("%v are reached, of which some aren't states", reached)
	}
	for _, s := range states {
		leaves := false
		everyLife(s, func(l Life) { leaves = leaves || l.Next() != s })
		if leaves == Ended(s) {
			t.Errorf("%s: leaves it %t, is an end %t", s, leaves, Ended(s))
		}
	}
}

// Whatever happens to a deployment, it ends: from each state there is a way to an end, and none goes forward again once it has turned.
func TestNoDeploymentThatTurnedGoesForwardAgain(t *testing.T) {
	for _, s := range states {
		everyLife(s, func(l Life) {
			if to := l.Next(); !GoesForward(s) && GoesForward(to) {
				t.Errorf("%s goes on as %s", s, to)
			}
		})
		var kinds int
		for _, is := range []bool{GoesForward(s), GoesBack(s), IsFrozen(s), s == successful} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%s is of %d kinds, want 1 of forward, back, frozen and successful", s, kinds)
		}
	}
}
