// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

// answer is what came of asking at a minute.
type answer struct {
	value   float64
	failure *Failure
	problem *conditions.Reason
}

func TestStatusOverTime(t *testing.T) {
	down, refused := answer{failure: unavailable("didn't answer within 10s")}, answer{failure: invalidQuery("1:1: parse error")}
	for name, tc := range map[string]struct {
		answers []answer
		want    []string // one line for each answer: the state, Ready's reason, the evaluation state, whether it was written
	}{
		"good, bad, good": {
			[]answer{{value: 1}, {value: 9}, {value: 9}, {value: 1}},
			[]string{"OK Ready - written", "ALARM Ready - written", "ALARM Ready - at rest", "OK Ready - written"},
		},
		"no data at first, which replaces what an alarm begins with": {
			[]answer{{value: math.NaN()}, {value: math.NaN()}},
			[]string{"INSUFFICIENT_DATA Ready - written", "INSUFFICIENT_DATA Ready - at rest"},
		},
		"an unreachable Prometheus keeps an alarm from ending, until nothing is known of its whole range": {
			[]answer{{value: 9}, down, down, down, down, down, {value: 1}},
			[]string{
				"ALARM Ready - written", "ALARM PrometheusUnavailable EVALUATION_FAILURE written", "ALARM PrometheusUnavailable EVALUATION_FAILURE at rest",
				"ALARM PrometheusUnavailable EVALUATION_FAILURE at rest", "INSUFFICIENT_DATA PrometheusUnavailable EVALUATION_FAILURE written",
				"INSUFFICIENT_DATA PrometheusUnavailable EVALUATION_FAILURE at rest", "OK Ready - written",
			},
		},
		"and never makes one fire": {
			[]answer{{value: 1}, down, down, down, down, down},
			[]string{
				"OK Ready - written", "OK PrometheusUnavailable EVALUATION_FAILURE written", "OK PrometheusUnavailable EVALUATION_FAILURE at rest",
				"OK PrometheusUnavailable EVALUATION_FAILURE at rest", "INSUFFICIENT_DATA PrometheusUnavailable EVALUATION_FAILURE written",
				"INSUFFICIENT_DATA PrometheusUnavailable EVALUATION_FAILURE at rest",
			},
		},
		"what can't be evaluated is unknown at once": {
			[]answer{{value: 9}, refused, refused, {value: 9}},
			[]string{"ALARM Ready - written", "INSUFFICIENT_DATA InvalidQuery EVALUATION_ERROR written", "INSUFFICIENT_DATA InvalidQuery EVALUATION_ERROR at rest", "ALARM Ready - written"},
		},
		"other words of theirs are no news": {
			[]answer{{failure: severalSeries(`{pod="a"}`, `{pod="b"}`)}, {failure: severalSeries(`{pod="c"}`, `{pod="d"}`)}},
			[]string{"INSUFFICIENT_DATA SeveralSeries EVALUATION_ERROR written", "INSUFFICIENT_DATA SeveralSeries EVALUATION_ERROR at rest"},
		},
		"nobody to ask": {
			[]answer{{value: 1}, {problem: &conditions.Reason{Reason: ecsv1.ReasonClusterNotFound, Message: "gone"}}},
			[]string{"OK Ready - written", "INSUFFICIENT_DATA ClusterNotFound EVALUATION_ERROR written"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, seen := minutely(func(a *ecsv1.Alarm, _ *observed) { a.Status = ecsv1.AlarmStatus{} })
			var got []string
			for minute, answer := range tc.answers {
				seen.now = noon.Add(time.Duration(minute) * time.Minute)
				seen.reading.Window = seen.request.Settings.Window(seen.now)
				seen.reading.Slots = []float64{math.NaN(), math.NaN(), answer.value}
				seen.reading.Failure, seen.problem = answer.failure, answer.problem
				before := a.DeepCopy()
				setStatus(a, seen, arn.DefaultScope)
				got = append(got, summary(before, a))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func summary(before, a *ecsv1.Alarm) string {
	written := "written"
	if equality.Semantic.DeepEqual(before.Status, a.Status) {
		written = "at rest"
	}
	state := string(a.Status.EvaluationState)
	if state == "" {
		state = "-"
	}
	return fmt.Sprintf("%s %s %s %s", a.Status.StateValue, meta.FindStatusCondition(a.Status.Conditions, ecsv1.ConditionReady).Reason, state, written)
}

func TestANewAlarm(t *testing.T) {
	a, seen := minutely(func(a *ecsv1.Alarm, o *observed) { a.Status, o.reading = ecsv1.AlarmStatus{}, Reading{} })
	setStatus(a, seen, arn.DefaultScope)
	s := a.Status
	if s.StateValue != ecsv1.AlarmStateValueInsufficientData || s.StateReason != "Unchecked: Initial alarm creation" || !s.StateTransitionedTimestamp.Time.Equal(seen.now) {
		t.Errorf("got %s since %s: %s", s.StateValue, s.StateTransitionedTimestamp, s.StateReason)
	}
	if s.AlarmArn != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors" {
		t.Errorf("got %s", s.AlarmArn)
	}
	if !meta.IsStatusConditionTrue(s.Conditions, ecsv1.ConditionReconciling) {
		t.Errorf("it isn't Reconciling: %v", s.Conditions)
	}
}

func TestWhatLedToAStateIsKept(t *testing.T) {
	a, seen := minutely(func(_ *ecsv1.Alarm, o *observed) {
		o.request.Settings.EvaluationPeriods, o.request.Settings.DatapointsToAlarm = 12, 12
		o.reading.Window = o.request.Settings.Window(noon)
		o.reading.Slots = make([]float64, o.reading.Window.Count)
		for i := range o.reading.Slots {
			o.reading.Slots[i] = 6.5
		}
	})
	setStatus(a, seen, arn.DefaultScope)
	data := a.Status.StateReasonData
	if len(data.EvaluatedDatapoints) != 10 || !data.QueryDate.Time.Equal(noon) {
		t.Fatalf("got %d datapoints of %s", len(data.EvaluatedDatapoints), data.QueryDate)
	}
	if first := data.EvaluatedDatapoints[0]; first.Value != "6.5" || !first.Timestamp.Time.Equal(noon) {
		t.Errorf("the newest is first: got %v", first)
	}
	if !strings.HasPrefix(a.Status.StateReason, "Threshold Crossed: 12 datapoints [6.5 (01/05/26 12:00:00), ") {
		t.Errorf("got %s", a.Status.StateReason)
	}
}
