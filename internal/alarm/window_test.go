// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"math"
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestInterval(t *testing.T) {
	for name, tc := range map[string]struct {
		period  time.Duration
		periods int
		want    time.Duration
	}{
		"ten seconds":                     {10 * time.Second, 1, 10 * time.Second},
		"half a minute, ten times":        {30 * time.Second, 10, 10 * time.Second},
		"a minute":                        {time.Minute, 1, time.Minute},
		"five minutes":                    {5 * time.Minute, 3, time.Minute},
		"a day in all":                    {time.Hour, 24, time.Minute},
		"more than a day in all":          {time.Hour, 25, time.Hour},
		"half a minute for a whole day":   {30 * time.Second, 2880, 10 * time.Second},
		"one period that is a week as it": {7 * 24 * time.Hour, 1, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Settings{Period: tc.period, EvaluationPeriods: tc.periods}).Interval(); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWindow(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 6, 42, 5, time.UTC)
	for name, tc := range map[string]struct {
		period          time.Duration
		wantAt, wantOld time.Time
	}{
		"slides with the minutes": {5 * time.Minute, time.Date(2026, 11, 26, 12, 6, 0, 0, time.UTC), time.Date(2026, 11, 26, 11, 46, 0, 0, time.UTC)},
		"and with ten seconds":    {30 * time.Second, time.Date(2026, 11, 26, 12, 6, 40, 0, time.UTC), time.Date(2026, 11, 26, 12, 4, 40, 0, time.UTC)},
		"and with the hours":      {24 * time.Hour, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			w := Settings{Period: tc.period, EvaluationPeriods: 3}.Window(now)
			if !w.At.Equal(tc.wantAt) || !w.Begin().Equal(tc.wantOld) || w.Count != 5 {
				t.Errorf("got %d from %s to %s, want 5 from %s to %s", w.Count, w.Begin(), w.At, tc.wantOld, tc.wantAt)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	w := Window{At: noon, Period: time.Minute, Count: 3}
	at := func(minutes int, value float64) Sample {
		return Sample{At: noon.Add(time.Duration(minutes) * time.Minute), Value: value}
	}
	for name, tc := range map[string]struct {
		samples []Sample
		want    []float64
	}{
		"none":                     {nil, []float64{math.NaN(), math.NaN(), math.NaN()}},
		"all":                      {[]Sample{at(-2, 1), at(-1, 2), at(0, 3)}, []float64{1, 2, 3}},
		"a gap":                    {[]Sample{at(-2, 1), at(0, 3)}, []float64{1, math.NaN(), 3}},
		"NaN is a gap":             {[]Sample{at(-2, 1), at(-1, math.NaN()), at(0, math.Inf(1))}, []float64{1, math.NaN(), math.Inf(1)}},
		"before, after, between":   {[]Sample{at(-3, 1), at(1, 2), {At: noon.Add(-time.Second), Value: 3}}, []float64{math.NaN(), math.NaN(), math.NaN()}},
		"in whatever time zone":    {[]Sample{{At: noon.In(time.FixedZone("", 3600)), Value: 3}}, []float64{math.NaN(), math.NaN(), 3}},
		"the last of two for one":  {[]Sample{at(0, 1), at(0, 2)}, []float64{math.NaN(), math.NaN(), 2}},
		"as they come, unsorted":   {[]Sample{at(0, 3), at(-2, 1)}, []float64{1, math.NaN(), 3}},
		"from long before the age": {[]Sample{{At: time.Time{}, Value: 1}}, []float64{math.NaN(), math.NaN(), math.NaN()}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.Place(tc.samples)
			for i := range tc.want {
				if got[i] != tc.want[i] && !(math.IsNaN(got[i]) && math.IsNaN(tc.want[i])) {
					t.Fatalf("got %v, want %v", got, tc.want)
				}
			}
		})
	}
}

func TestSettingsOf(t *testing.T) {
	threshold, err := ecsv1.ParseDecimal("0.25")
	if err != nil {
		t.Fatal(err)
	}
	spec := &ecsv1.AlarmSpec{Threshold: threshold, Period: 30, EvaluationPeriods: 4, ComparisonOperator: ecsv1.AlarmComparisonOperatorLessThanThreshold}
	want := Settings{Comparison: ecsv1.AlarmComparisonOperatorLessThanThreshold, Threshold: 0.25, Period: 30 * time.Second, EvaluationPeriods: 4, DatapointsToAlarm: 4, MissingData: ecsv1.AlarmMissingDataMissing}
	if got := SettingsOf(spec); got != want {
		t.Errorf("unset means all of N, and missing: got %+v, want %+v", got, want)
	}
	spec.DatapointsToAlarm, spec.TreatMissingData = new(int32(2)), ecsv1.AlarmMissingDataIgnore
	want.DatapointsToAlarm, want.MissingData = 2, ecsv1.AlarmMissingDataIgnore
	if got := SettingsOf(spec); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
