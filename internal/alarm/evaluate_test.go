// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"math"
	"strings"
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const (
	ok      = ecsv1.AlarmStateValueOK
	firing  = ecsv1.AlarmStateValueAlarm
	unknown = ecsv1.AlarmStateValueInsufficientData
	retain  = ecsv1.AlarmStateValue("retain")
)

// treatments in the order of CloudWatch's columns.
var treatments = []ecsv1.AlarmMissingData{
	ecsv1.AlarmMissingDataMissing, ecsv1.AlarmMissingDataIgnore, ecsv1.AlarmMissingDataBreaching, ecsv1.AlarmMissingDataNotBreaching,
}

// row is one of CloudWatch's tables: 0 is a datapoint within the threshold, X is breaching, - is missing; the newest is on the right.
type row struct {
	datapoints string
	missing    int // of those that are necessary
	want       [4]ecsv1.AlarmStateValue
}

// The tables of "How alarm state is evaluated when data is missing" (CW/alarms-and-missing-data, the edition that has Metrics Insights alarms at its
// end), with an evaluation range of 5; below each, the examples of "Avoiding premature transitions to alarm state" on the same page, which says of them
// only that missing data doesn't make them ALARM; and then rows of an earlier edition (awsdocs/amazon-cloudwatch-user-guide,
// doc_source/AlarmThatSendsEmail.md). Both editions have the same tables.
var documented = map[string]struct {
	m, n int
	rows []row
}{
	"3 out of 3": {3, 3, []row{
		{"0 - X - X", 0, [4]ecsv1.AlarmStateValue{ok, ok, ok, ok}},
		{"0 - - - -", 2, [4]ecsv1.AlarmStateValue{ok, ok, ok, ok}},
		{"- - - - -", 3, [4]ecsv1.AlarmStateValue{unknown, retain, firing, ok}},
		{"0 X X - X", 0, [4]ecsv1.AlarmStateValue{firing, firing, firing, firing}},
		{"- - X - -", 2, [4]ecsv1.AlarmStateValue{firing, retain, firing, ok}},

		{"- - - - X", 2, [4]ecsv1.AlarmStateValue{unknown, retain, firing, ok}},
		{"- - - X -", 2, [4]ecsv1.AlarmStateValue{unknown, retain, firing, ok}},
		{"- - - X 0", 1, [4]ecsv1.AlarmStateValue{ok, ok, ok, ok}},
		{"- - X - 0", 1, [4]ecsv1.AlarmStateValue{ok, ok, ok, ok}},

		{"- - - - 0", 2, [4]ecsv1.AlarmStateValue{ok, ok, ok, ok}},
		{"X - - - -", 2, [4]ecsv1.AlarmStateValue{firing, retain, firing, ok}},
	}},
	"2 out of 3": {2, 3, []row{
		{"0 - X - X", 0, [4]ecsv1.AlarmStateValue{firing, firing, firing, firing}},
		{"0 0 X 0 X", 0, [4]ecsv1.AlarmStateValue{firing, firing, firing, firing}},
		{"0 - X - -", 1, [4]ecsv1.AlarmStateValue{ok, ok, firing, ok}},
		{"- - - - 0", 2, [4]ecsv1.AlarmStateValue{ok, ok, firing, ok}},
		{"- - - X -", 2, [4]ecsv1.AlarmStateValue{firing, retain, firing, ok}},

		{"- - - - X", 2, [4]ecsv1.AlarmStateValue{unknown, retain, firing, ok}},
	}},
}

func settings(m, n int, missing ecsv1.AlarmMissingData) Settings {
	return Settings{
		Comparison: ecsv1.AlarmComparisonOperatorGreaterThanThreshold, Threshold: 5, Period: 5 * time.Minute,
		EvaluationPeriods: n, DatapointsToAlarm: m, MissingData: missing,
	}
}

// slots reads 0 - X.
func slots(t testing.TB, text string) []float64 {
	t.Helper()
	var out []float64
	for field := range strings.FieldsSeq(text) {
		value, known := map[string]float64{"0": 1, "X": 9, "-": math.NaN()}[field]
		if !known {
			t.Fatalf("%q is no datapoint", field)
		}
		out = append(out, value)
	}
	return out
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestCloudWatchsTables(t *testing.T) {
	for name, table := range documented {
		for _, row := range table.rows {
			for i, treatment := range treatments {
				for _, current := range []ecsv1.AlarmStateValue{"", ok, firing, unknown} {
					t.Run(name+": "+row.datapoints+" with "+string(treatment)+" from "+string(current), func(t *testing.T) {
						s := settings(table.m, table.n, treatment)
						v := s.Evaluate(s.Window(noon), slots(t, row.datapoints), current)
						want := row.want[i]
						if retained := want == retain; retained != v.Retained {
							t.Errorf("retained %v, want %v", v.Retained, retained)
						}
						if want == retain {
							if want = current; want == "" {
								want = unknown
							}
						}
						if v.State != want || v.Missing != row.missing {
							t.Errorf("got %s with %d missing, want %s with %d: %s", v.State, v.Missing, want, row.missing, v.Reason)
						}
					})
				}
			}
		}
	}
}

func TestComparison(t *testing.T) {
	for operator, want := range map[ecsv1.AlarmComparisonOperator][3]bool{ // of 4, 5 and 6 with 5
		ecsv1.AlarmComparisonOperatorGreaterThanOrEqualToThreshold: {false, true, true},
		ecsv1.AlarmComparisonOperatorGreaterThanThreshold:          {false, false, true},
		ecsv1.AlarmComparisonOperatorLessThanThreshold:             {true, false, false},
		ecsv1.AlarmComparisonOperatorLessThanOrEqualToThreshold:    {true, true, false},
		"LessThanLowerThreshold":                                   {false, false, false},
	} {
		t.Run(string(operator), func(t *testing.T) {
			for i, value := range []float64{4, 5, 6} {
				s := Settings{Comparison: operator, Threshold: 5}
				if got := s.breaching(value); got != want[i] {
					t.Errorf("%v: got %v, want %v", value, got, want[i])
				}
			}
			inf := Settings{Comparison: operator, Threshold: 5}
			if greater := strings.HasPrefix(string(operator), "Greater"); inf.breaching(math.Inf(1)) != greater {
				t.Errorf("infinity is a number like others: want %v", greater)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	const breaching, not = ecsv1.AlarmMissingDataBreaching, ecsv1.AlarmMissingDataNotBreaching
	for name, tc := range map[string]struct {
		m, n       int
		missing    ecsv1.AlarmMissingData
		datapoints string
		from       ecsv1.AlarmStateValue
		want       string
	}{
		"one that fires": {1, 1, "", "0 0 X", ok,
			"Threshold Crossed: 1 datapoint [9.0 (26/11/26 12:00:00)] was greater than the threshold (5.0)."},
		"three, the newest first": {3, 3, "", "0 0 X X X", ok,
			"Threshold Crossed: 3 datapoints [9.0 (26/11/26 12:00:00), 9.0 (26/11/26 11:55:00), 9.0 (26/11/26 11:50:00)] were greater than the threshold (5.0)."},
		"M of N": {2, 3, "", "0 0 X 0 X", ok,
			"Threshold Crossed: 2 out of the last 3 datapoints [9.0 (26/11/26 12:00:00), 9.0 (26/11/26 11:50:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition)."},
		"M of N that ends": {2, 3, "", "0 0 X 0 0", firing,
			"Threshold Crossed: 2 out of the last 3 datapoints [1.0 (26/11/26 12:00:00), 1.0 (26/11/26 11:55:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition)."},
		"one that is good": {1, 1, "", "X X 0", firing,
			"Threshold Crossed: 1 datapoint [1.0 (26/11/26 12:00:00)] was not greater than the threshold (5.0)."},
		"none, breaching": {2, 2, breaching, "- - - -", ok,
			"Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."},
		"none, not breaching": {1, 1, not, "- - -", firing,
			"Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."},
		"some are missing": {1, 3, not, "- - - - X", ok,
			"Threshold Crossed: 1 out of the last 3 datapoints [9.0 (26/11/26 12:00:00)] was greater than the threshold (5.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition)."},
		"one was received, and doesn't speak for it": {2, 3, breaching, "- - - - 0", ok,
			"Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching] (minimum 2 datapoints for OK -> ALARM transition)."},
		"premature": {3, 3, "", "- - X - -", ok,
			"Threshold Crossed: 1 out of the last 3 datapoints [9.0 (26/11/26 11:50:00)] was greater than the threshold (5.0) and 2 datapoints were missing."},
		"nothing is known":  {3, 3, "", "- - - - -", ok, "Insufficient Data: 3 datapoints were unknown."},
		"one isn't known":   {1, 1, "", "- - -", ok, "Insufficient Data: 1 datapoint was unknown."},
		"nothing is needed": {3, 3, ecsv1.AlarmMissingDataIgnore, "- - - - -", ok, ""},
		"more than are listed": {7, 7, "", "0 0 X X X X X X X", ok,
			"Threshold Crossed: 7 datapoints [9.0 (26/11/26 12:00:00), 9.0 (26/11/26 11:55:00), 9.0 (26/11/26 11:50:00), 9.0 (26/11/26 11:45:00), 9.0 (26/11/26 11:40:00), and 2 older] were greater than the threshold (5.0)."},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.missing == "" {
				tc.missing = ecsv1.AlarmMissingDataMissing
			}
			s := settings(tc.m, tc.n, tc.missing)
			if got := s.Evaluate(s.Window(noon), slots(t, tc.datapoints), tc.from).Reason; got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
