// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// drawn is an alarm with a window of datapoints.
type drawn struct {
	Settings
	window  Window
	slots   []float64
	current ecsv1.AlarmStateValue
}

func draw(t *rapid.T) drawn {
	n := rapid.IntRange(1, 6).Draw(t, "n")
	d := drawn{Settings: settings(rapid.IntRange(1, n).Draw(t, "m"), n, rapid.SampledFrom(treatments).Draw(t, "treatMissingData"))}
	d.window = d.Window(noon)
	d.current = rapid.SampledFrom([]ecsv1.AlarmStateValue{"", ok, firing, unknown}).Draw(t, "current")
	for range d.Range() {
		d.slots = append(d.slots, rapid.SampledFrom([]float64{1, 9, math.NaN()}).Draw(t, "datapoint"))
	}
	return d
}

func (d drawn) verdict() Verdict { return d.Evaluate(d.window, d.slots, d.current) }

// count is how many of the newest real datapoints are breaching, and how many there are.
func (d drawn) count() (breaching, real int) {
	for _, value := range slices.Backward(d.slots) {
		if real == d.EvaluationPeriods {
			break
		}
		if !math.IsNaN(value) {
			real++
			if value > d.Threshold {
				breaching++
			}
		}
	}
	return breaching, real
}

func TestProperties(t *testing.T) {
	for sentence, holds := range map[string]func(*rapid.T, drawn){
		"with N real datapoints it is M of them that decide, whatever missing data are treated as": func(t *rapid.T, d drawn) {
			breaching, real := d.count()
			if real < d.EvaluationPeriods {
				return
			}
			want := ok
			if breaching >= d.DatapointsToAlarm {
				want = firing
			}
			if got := d.verdict(); got.State != want || got.Missing != 0 {
				t.Fatalf("got %+v, want %s", got, want)
			}
		},
		"another look at the same datapoints changes nothing": func(t *rapid.T, d drawn) {
			first := d.verdict()
			d.current = first.State
			if second := d.verdict(); second.State != first.State {
				t.Fatalf("%s became %s", first.State, second.State)
			}
		},
		"a datapoint that is breaching instead of good never ends an alarm": func(t *rapid.T, d drawn) {
			before := d.verdict()
			for i, value := range d.slots {
				if value == 1 && rapid.Bool().Draw(t, "worse") {
					d.slots[i] = 9
				}
			}
			if after := d.verdict(); before.State == firing && !before.Retained && after.State != firing {
				t.Fatalf("ALARM became %s", after.State)
			}
		},
		"missing data that aren't breaching let it fire only for M real datapoints": func(t *rapid.T, d drawn) {
			breaching, _ := d.count()
			if d.MissingData == ecsv1.AlarmMissingDataNotBreaching && (d.verdict().State == firing) != (breaching >= d.DatapointsToAlarm) {
				t.Fatalf("%d breaching: %s", breaching, d.verdict().State)
			}
		},
		"an alarm fires only for a real breaching datapoint, unless missing ones are breaching or it did before": func(t *rapid.T, d drawn) {
			breaching, _ := d.count()
			v := d.verdict()
			if v.State == firing && breaching == 0 && d.MissingData != ecsv1.AlarmMissingDataBreaching && (!v.Retained || d.current != firing) {
				t.Fatalf("fired for nothing: %+v", v)
			}
		},
		"only ignoring retains, and only missing is unknown": func(t *rapid.T, d drawn) {
			v := d.verdict()
			if v.Retained && d.MissingData != ecsv1.AlarmMissingDataIgnore {
				t.Fatal("retained")
			}
			if v.State == unknown && !v.Retained && d.MissingData != ecsv1.AlarmMissingDataMissing {
				t.Fatal("unknown")
			}
		},
	} {
		t.Run(sentence, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { holds(t, draw(t)) }) })
	}
}

// FuzzEvaluate gives alarms what an apiserver and a Prometheus let through.
func FuzzEvaluate(f *testing.F) {
	f.Add(int64(1764158400), int32(60), int32(3), int32(2), uint8(0), 5.0, []byte("0-X-X"))
	f.Add(int64(-1), int32(10), int32(8640), int32(8640), uint8(2), math.Inf(-1), []byte(""))
	f.Fuzz(func(t *testing.T, now int64, period, n, m int32, treatment uint8, value float64, points []byte) {
		if period < 10 || period > 604800 || n < 1 || n > 8640 || m < 1 || m > n || now < 0 || now > 1<<33 {
			return
		}
		s := Settings{
			Comparison: ecsv1.AlarmComparisonOperatorLessThanOrEqualToThreshold, Threshold: 0.5, Period: time.Duration(period) * time.Second,
			EvaluationPeriods: int(n), DatapointsToAlarm: int(m), MissingData: treatments[int(treatment)%len(treatments)],
		}
		w := s.Window(time.Unix(now, 0))
		var samples []Sample
		for i, b := range points {
			samples = append(samples, Sample{At: w.At.Add(-time.Duration(i) * s.Period), Value: value * float64(b)})
		}
		v := s.Evaluate(w, w.Place(samples), "")
		if v.State != ok && v.State != firing && v.State != unknown {
			t.Errorf("no state: %q", v.State)
		}
		if len(v.Reason) > 1023 || !v.Retained && v.Reason == "" {
			t.Errorf("a reason of %d characters: %s", len(v.Reason), v.Reason)
		}
		if len(v.Evaluated)+v.Missing != int(n) {
			t.Errorf("%d evaluated and %d missing aren't %d", len(v.Evaluated), v.Missing, n)
		}
	})
}
