// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"cmp"
	"math"
	"slices"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Datapoint is a real one that was evaluated.
type Datapoint struct {
	At        time.Time
	Value     float64
	Breaching bool
}

// Verdict is what an evaluation comes to.
type Verdict struct {
	State ecsv1.AlarmStateValue
	// Retained: the alarm stays as it is since what is missing is ignored.
	Retained bool
	// Reason says why in CloudWatch's words, "" where the state is retained.
	Reason string
	// Evaluated are the real datapoints that counted, the newest first.
	Evaluated []Datapoint
	// Missing is how many there were too few.
	Missing int
}

// Evaluate decides the state from the datapoints of a window, as [Window.Place] gives them. current is the state so far.
func (s Settings) Evaluate(w Window, slots []float64, current ecsv1.AlarmStateValue) Verdict {
	current = cmp.Or(current, ecsv1.AlarmStateValueInsufficientData)
	v := Verdict{Evaluated: s.newestReal(w, slots)}
	v.Missing = s.EvaluationPeriods - len(v.Evaluated)
	if v.State = s.state(w, v); v.State == "" {
		v.State, v.Retained = current, true
		return v
	}
	v.Reason = s.reason(v, current)
	return v
}

// newestReal are the newest real datapoints, the newest first, as many as are needed or can be had.
func (s Settings) newestReal(w Window, slots []float64) []Datapoint {
	var out []Datapoint
	for i, value := range slices.Backward(slots) {
		if len(out) == s.EvaluationPeriods {
			break
		}
		if !math.IsNaN(value) {
			out = append(out, Datapoint{At: w.time(i), Value: value, Breaching: s.breaching(value)})
		}
	}
	return out
}

// state is the table of CW/alarms-and-missing-data, "" for retaining the state. First match wins.
func (s Settings) state(w Window, v Verdict) ecsv1.AlarmStateValue {
	breaching := 0
	for _, d := range v.Evaluated {
		if d.Breaching {
			breaching++
		}
	}
	filled := 0
	if s.MissingData == ecsv1.AlarmMissingDataBreaching {
		filled = v.Missing
	}
	switch {
	case breaching+filled >= s.DatapointsToAlarm:
		return ecsv1.AlarmStateValueAlarm
	case breaching < len(v.Evaluated):
		return ecsv1.AlarmStateValueOK // a real datapoint within the threshold decides, whatever the missing ones may have been
	case s.MissingData == ecsv1.AlarmMissingDataIgnore:
		return ""
	case s.MissingData != ecsv1.AlarmMissingDataMissing:
		return ecsv1.AlarmStateValueOK
	case s.premature(w, v):
		return ecsv1.AlarmStateValueAlarm
	}
	return ecsv1.AlarmStateValueInsufficientData
}

// premature: nothing but breaching datapoints came, too few of them, and the oldest is at least M periods old. Had data come since, it would be in
// ALARM by now unless they had been good. A younger one, as in - - - - X, waits for the next datapoints.
func (s Settings) premature(w Window, v Verdict) bool {
	if len(v.Evaluated) == 0 {
		return false
	}
	oldest := v.Evaluated[len(v.Evaluated)-1]
	return !oldest.At.After(w.At.Add(-time.Duration(s.DatapointsToAlarm-1) * w.Period))
}
