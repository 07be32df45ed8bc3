// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "time"

// EarlySuccess lets a rolling deployment be successful before its last task is healthy (API reference, DeploymentEarlySuccessCriteria).
type EarlySuccess struct {
	Enabled bool
	// HealthyPercent of the desired count has to be healthy, rounded up, one task at least.
	HealthyPercent int32
	// Deferred: older tasks may go afterwards, for as long as [CleanupTime]. Otherwise they must have gone.
	Deferred bool
}

// CleanupTime is how long after an early success older tasks are tried to be stopped.
const CleanupTime = 14 * 24 * time.Hour

// Needs is how many tasks have to be healthy: 50 % of 3 tasks are 2, and 0 % of them 1.
func (e EarlySuccess) Needs(desired int32) int32 {
	return max(1, Percentages{MinimumHealthy: e.HealthyPercent}.Lower(desired))
}

// Met reports whether the target has enough healthy tasks for that.
func (e EarlySuccess) Met(o Observation) bool {
	target, sources := o.split()
	left := sum(sources, func(r Revision) int32 { return r.placed() + r.Stopping })
	return e.Enabled && target.Healthy >= e.Needs(o.Desired) && (e.Deferred || left == 0)
}

// CleanupOver reports whether older tasks have been tried to be stopped for long enough after a deployment succeeded at that time. What is left of them stays.
func (e EarlySuccess) CleanupOver(succeeded, now time.Time) bool {
	return e.Enabled && now.After(succeeded.Add(CleanupTime))
}

// Bake is the time after a rolling deployment has all its tasks, in which alarms and the circuit breaker can end it still.
type Bake struct {
	Time time.Duration
	// Began is when the target had all its tasks and no older one was left, zero before.
	Began time.Time
}

// Ends is when it is over, for one that has begun or begins now.
func (b Bake) Ends(now time.Time) time.Time {
	if b.Began.IsZero() {
		return now.Add(b.Time)
	}
	return b.Began.Add(b.Time)
}

// Over reports whether there is nothing more to wait for.
func (b Bake) Over(now time.Time) bool { return b.Time <= 0 || !now.Before(b.Ends(now)) }
