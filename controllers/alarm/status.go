// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

// mostDatapoints are kept of an evaluation.
const mostDatapoints = 10

// setStatus computes the status from what was seen. Nothing in it changes while the state stays, so that at rest nothing is written.
func setStatus(a *ecsv1.Alarm, seen observed, scope arn.Scope) {
	s, now := &a.Status, metav1.NewTime(seen.now)
	s.AlarmArn = scope.Alarm(alarm.Name(a))
	if s.StateValue == "" {
		s.StateValue, s.StateReason, s.StateTransitionedTimestamp = ecsv1.AlarmStateValueInsufficientData, alarm.ReasonCreated, &now
	}
	outcome := conditions.Outcome{}
	switch {
	case seen.problem != nil:
		setUnevaluated(s, ecsv1.AlarmEvaluationStateError, 0, now)
		outcome.Stalled = seen.problem
	case seen.reading.Revision != seen.request.Revision || seen.reading.Ended.IsZero():
		outcome.Reconciling = &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: "The query was asked for the first time; the answer isn't there yet"}
	case seen.reading.Failure != nil:
		outcome = setFailure(a, seen, now)
	default:
		setVerdict(s, seen, now)
		outcome.Ready = conditions.Reason{Reason: ecsv1.ReasonReady, Message: fmt.Sprintf(
			"The Prometheus of Cluster %q is asked every %s", seen.cluster, everyWord(seen.request.Settings.Interval()))}
	}
	s.ObservedGeneration = new(a.Generation)
	conditions.Set(&s.Conditions, a.Generation, now, outcome)
}

// setVerdict evaluates the answer.
func setVerdict(s *ecsv1.AlarmStatus, seen observed, now metav1.Time) {
	s.EvaluationState, s.EvaluationStateTimestamp = "", nil
	v := seen.request.Settings.Evaluate(seen.reading.Window, seen.reading.Slots, s.StateValue)
	// What an alarm begins with is replaced by what its first evaluation came to, although the state may stay.
	if v.Retained || v.State == s.StateValue && !alarm.Unchecked(s.StateReason) {
		return
	}
	data := &ecsv1.AlarmStateReasonData{QueryDate: metav1.NewTime(seen.reading.Window.At)}
	for _, d := range v.Evaluated[:min(len(v.Evaluated), mostDatapoints)] {
		data.EvaluatedDatapoints = append(data.EvaluatedDatapoints, ecsv1.AlarmDatapoint{
			Timestamp: metav1.NewTime(d.At), Value: strconv.FormatFloat(d.Value, 'g', -1, 64),
		})
	}
	transition(s, v.State, v.Reason, data, now)
}

// setFailure keeps the state while Prometheus can't be asked: an alarm neither fires nor ends since nobody knows. What nobody has known for the whole
// evaluation range is unknown, and what can't be evaluated is so at once.
func setFailure(a *ecsv1.Alarm, seen observed, now metav1.Time) conditions.Outcome {
	s, failure := &a.Status, seen.reading.Failure
	why := &conditions.Reason{Reason: failure.Reason, Message: failure.Message}
	if failure.Retry {
		setUnevaluated(s, ecsv1.AlarmEvaluationStateFailure, seen.reading.Window.Length(), now)
		why.Message = fmt.Sprintf("The Prometheus of Cluster %q, %s, %s. The alarm isn't evaluated; it is tried again", seen.cluster, seen.request.URL, failure.Message)
		return conditions.Outcome{Reconciling: why}
	}
	// The text is Prometheus's own, and may name other series each time: of one failure it is kept as it was first.
	if old := meta.FindStatusCondition(s.Conditions, ecsv1.ConditionStalled); old != nil && old.Reason == why.Reason && old.ObservedGeneration == a.Generation {
		why.Message = old.Message
	}
	setUnevaluated(s, ecsv1.AlarmEvaluationStateError, 0, now)
	return conditions.Outcome{Stalled: why}
}

// setUnevaluated: after so long the state is INSUFFICIENT_DATA.
func setUnevaluated(s *ecsv1.AlarmStatus, state ecsv1.AlarmEvaluationState, after time.Duration, now metav1.Time) {
	if s.EvaluationState != state {
		s.EvaluationState, s.EvaluationStateTimestamp = state, &now
	}
	since := cmp.Or(s.EvaluationStateTimestamp, &now)
	if s.StateValue == ecsv1.AlarmStateValueInsufficientData || now.Sub(since.Time) < after {
		return
	}
	reason := alarm.ReasonNotAsked
	if state == ecsv1.AlarmEvaluationStateError {
		reason = alarm.ReasonNotEvaluated
	}
	transition(s, ecsv1.AlarmStateValueInsufficientData, reason, nil, now)
}

// transition sets the state with what led to it.
func transition(s *ecsv1.AlarmStatus, to ecsv1.AlarmStateValue, reason string, data *ecsv1.AlarmStateReasonData, now metav1.Time) {
	if s.StateValue != to {
		s.StateTransitionedTimestamp = &now
	}
	s.StateValue, s.StateReason, s.StateReasonData = to, reason, data
}

func everyWord(interval time.Duration) string {
	if word, known := map[time.Duration]string{time.Minute: "minute", time.Hour: "hour"}[interval]; known {
		return word
	}
	return fmt.Sprintf("%.0f seconds", interval.Seconds())
}
