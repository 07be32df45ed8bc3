// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "time"

// Schedule is how production traffic moves to the target: by steps, each with a share in tenths of a percent and a wait after it.
type Schedule struct {
	// step is what each step adds; 0 for all at once. rest: the second step takes all that is left.
	step int32
	rest bool
	wait time.Duration
}

// AllAtOnce is BLUE_GREEN: one step.
func AllAtOnce() Schedule { return Schedule{} }

// Canary is CANARY: a small share first, and after its bake time the rest.
func Canary(tenths int32, bake time.Duration) Schedule {
	return Schedule{step: tenths, rest: true, wait: bake}
}

// Linear is LINEAR: equal steps, the last of which may be smaller. 30 % makes 30, 60, 90 and 100.
func Linear(tenths int32, bake time.Duration) Schedule {
	return Schedule{step: tenths, wait: bake}
}

// Steps is how many steps there are.
func (s Schedule) Steps() int32 {
	switch {
	case s.step <= 0 || s.step >= Whole:
		return 1
	case s.rest:
		return 2
	}
	return (Whole + s.step - 1) / s.step
}

// Share is what the target has after a step, from 0, before the first, on.
func (s Schedule) Share(step int32) int32 {
	switch {
	case step <= 0:
		return 0
	case step >= s.Steps():
		return Whole
	}
	return step * s.step
}

// Next is when the step after this one may begin, if the shift was done then. Nothing is waited for after the last, where the bake time follows.
func (s Schedule) Next(step int32, shifted time.Time) time.Time {
	if step >= s.Steps() {
		return shifted
	}
	return shifted.Add(s.wait)
}
