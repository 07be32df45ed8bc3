// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"cmp"
	"fmt"
	"strings"
)

// Reason is why a deployment ends before it is done.
type Reason string

// The reasons, in the order in which they are asked for.
const (
	StopRequested  Reason = "StopRequested"
	HookFailed     Reason = "HookFailed"
	AlarmFiring    Reason = "AlarmFiring"
	CircuitBreaker Reason = "CircuitBreaker"
	ImagesNotKnown Reason = "ImagesNotKnown"
	TargetGone     Reason = "TargetGone"
)

// StopType is how somebody wants a deployment to stop (API reference, StopServiceDeployment).
type StopType string

// ROLLBACK goes back; ABORT leaves all tasks as they are.
const (
	StopRollback StopType = "ROLLBACK"
	StopAbort    StopType = "ABORT"
)

// Watch is all that can end a deployment early. The zero value ends none.
type Watch struct {
	// Stop is what somebody asked for, "" for nothing.
	Stop StopType
	// Hook says of a lifecycle hook that failed, or took too long and is to end the deployment then, which one and why; "" for none.
	Hook    string
	Alarms  Alarms
	Breaker Breaker
	// Images says which images have no digest though they are to have one; "" for none.
	Images string
	// Gone is why the target revision can't be made any more, "" while it can.
	Gone string
}

// Alarms are those of a deployment.
type Alarms struct {
	// Enabled and Rollback are the service's, as they are now.
	Enabled, Rollback bool
	// Ignored: one was in ALARM already when the deployment began, so that none of them counts for all of it.
	Ignored bool
	// Firing are the names of those in ALARM.
	Firing []string
}

// Abort is the early end of a deployment.
type Abort struct {
	Reason Reason
	// Why is a sentence for people, without a full stop.
	Why string
	// Rollback: it is to go back to the last deployment that was completed.
	Rollback bool
}

// aborts end a deployment early. First match wins: whoever asks for a stop outranks every signal, and of the circuit breaker and the alarms the one that
// trips first decides with its own rollback.
var aborts = []struct {
	reason Reason
	when   func(Watch) bool
	why    func(Watch) string
	back   func(Watch) bool
}{
	{
		StopRequested, func(w Watch) bool { return w.Stop != "" },
		func(w Watch) string {
			return fmt.Sprintf("StopServiceDeployment with stopType %s was asked for", w.Stop)
		},
		func(w Watch) bool { return w.Stop == StopRollback },
	},
	{
		HookFailed, func(w Watch) bool { return w.Hook != "" },
		func(w Watch) string { return w.Hook },
		func(Watch) bool { return true },
	},
	{
		AlarmFiring, func(w Watch) bool { return w.Alarms.Enabled && !w.Alarms.Ignored && len(w.Alarms.Firing) > 0 },
		func(w Watch) string { return "in ALARM: " + strings.Join(w.Alarms.Firing, ", ") },
		func(w Watch) bool { return w.Alarms.Rollback },
	},
	{
		CircuitBreaker, func(w Watch) bool { return w.Breaker.Tripped() },
		func(w Watch) string {
			return fmt.Sprintf("%d tasks failed, and the circuit breaker ends the deployment at %d: %s",
				w.Breaker.Failures, w.Breaker.Threshold, cmp.Or(w.Breaker.Last, "their pods tell more"))
		},
		func(w Watch) bool { return w.Breaker.Rollback },
	},
	{
		ImagesNotKnown, func(w Watch) bool { return w.Images != "" },
		func(w Watch) string { return w.Images },
		func(w Watch) bool { return w.Breaker.Enabled && w.Breaker.Rollback },
	},
	{
		TargetGone, func(w Watch) bool { return w.Gone != "" },
		func(w Watch) string { return w.Gone },
		func(w Watch) bool { return w.Breaker.Enabled && w.Breaker.Rollback },
	},
}

// Abort is the first reason to end the deployment early, nil where there is none. It is asked only of a deployment that goes forward: what is
// successful, or on its way back, isn't aborted.
func (w Watch) Abort() *Abort {
	for _, a := range aborts {
		if a.when(w) {
			return &Abort{Reason: a.reason, Why: a.why(w), Rollback: a.back(w)}
		}
	}
	return nil
}
