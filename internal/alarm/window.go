// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"math"
	"time"
)

// Window is the evaluation range: so many times, a period apart, the last of which is the time of the evaluation. It slides: with a period
// of five minutes, the datapoint that is evaluated at 12:06 is that of 12:01 to 12:06.
type Window struct {
	// At is the time of the evaluation, which is the end of the newest period.
	At     time.Time
	Period time.Duration
	Count  int
}

// Window is the evaluation range of the evaluation that is due at a time: evaluations are aligned to full minutes, to 10 seconds, or to hours.
func (s Settings) Window(now time.Time) Window {
	return Window{At: now.UTC().Truncate(s.Interval()), Period: s.Period, Count: s.Range()}
}

// Begin is the time of the oldest datapoint.
func (w Window) Begin() time.Time { return w.At.Add(-time.Duration(w.Count-1) * w.Period) }

// Length is the time that the window covers.
func (w Window) Length() time.Duration { return time.Duration(w.Count) * w.Period }

// Sample is a number at a time.
type Sample struct {
	At    time.Time
	Value float64
}

// Place puts samples into the slots of the window, the oldest first. A slot without a number is NaN, and so is one with the number NaN:
// PromQL divides 0 by 0 where there was nothing to measure. Samples that are at no time of the window aren't of it.
func (w Window) Place(samples []Sample) []float64 {
	slots := make([]float64, w.Count)
	for i := range slots {
		slots[i] = math.NaN()
	}
	for _, s := range samples {
		since := s.At.Sub(w.Begin())
		if since < 0 || since%w.Period != 0 || int(since/w.Period) >= w.Count {
			continue
		}
		slots[since/w.Period] = s.Value
	}
	return slots
}

// time is that of a slot.
func (w Window) time(slot int) time.Time { return w.Begin().Add(time.Duration(slot) * w.Period) }
