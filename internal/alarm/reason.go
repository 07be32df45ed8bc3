// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Reasons that no datapoint stands for. They begin with CloudWatch's word for it.
const (
	ReasonCreated = "Unchecked: Initial alarm creation"
	// ReasonNotAsked is for an alarm whose Prometheus couldn't be asked for so long that nothing is known of its whole evaluation range.
	ReasonNotAsked = "Insufficient Data: Prometheus could not be asked for the whole evaluation range."
	// ReasonNotEvaluated is for an alarm that has to be mended.
	ReasonNotEvaluated = "Insufficient Data: the alarm could not be evaluated; its condition Stalled says why."
)

// Unchecked reports whether a state was never come to by an evaluation.
func Unchecked(reason string) bool { return reason == "" || reason == ReasonCreated }

// mostListed is how many datapoints a reason lists.
const mostListed = 5

// words of a comparison: "3 datapoints were greater than the threshold".
var words = map[ecsv1.AlarmComparisonOperator]string{
	ecsv1.AlarmComparisonOperatorGreaterThanOrEqualToThreshold: "greater than or equal to",
	ecsv1.AlarmComparisonOperatorGreaterThanThreshold:          "greater than",
	ecsv1.AlarmComparisonOperatorLessThanThreshold:             "less than",
	ecsv1.AlarmComparisonOperatorLessThanOrEqualToThreshold:    "less than or equal to",
}

// reason says in CloudWatch's words what led to the state, such as: Threshold Crossed: 2 out of the last 3 datapoints [7.0 (26/11/26 17:05:00),
// 6.0 (26/11/26 17:03:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).
func (s Settings) reason(v Verdict, from ecsv1.AlarmStateValue) string {
	if v.State == ecsv1.AlarmStateValueInsufficientData {
		return fmt.Sprintf("Insufficient Data: %s unknown.", count(v.Missing, "datapoint"))
	}
	telling := telling(v)
	var b strings.Builder
	b.WriteString("Threshold Crossed: ")
	switch {
	case len(v.Evaluated) == 0:
		fmt.Fprintf(&b, "no datapoints were received for %d %s", v.Missing, plural(v.Missing, "period", "periods"))
	case len(telling) == 0:
		fmt.Fprintf(&b, "%s received for %d periods", count(len(v.Evaluated), "datapoint"), s.EvaluationPeriods)
	default:
		not := "not "
		if v.State == ecsv1.AlarmStateValueAlarm {
			not = ""
		}
		fmt.Fprintf(&b, "%s [%s] %s %s%s the threshold (%s)", s.some(len(telling)), list(telling), plural(len(telling), "was", "were"), not, words[s.Comparison], number(s.Threshold))
	}
	b.WriteString(s.filled(v))
	b.WriteString(s.minimum(v, from))
	return b.String() + "."
}

// telling are the datapoints that speak for the state.
func telling(v Verdict) []Datapoint {
	var out []Datapoint
	for _, d := range v.Evaluated {
		if d.Breaching == (v.State == ecsv1.AlarmStateValueAlarm) {
			out = append(out, d)
		}
	}
	return out
}

// some names so many of N: all of them without saying so.
func (s Settings) some(n int) string {
	if n == s.EvaluationPeriods {
		return fmt.Sprintf("%d %s", n, plural(n, "datapoint", "datapoints"))
	}
	return fmt.Sprintf("%d out of the last %d datapoints", n, s.EvaluationPeriods)
}

// filled says what missing datapoints were treated as.
func (s Settings) filled(v Verdict) string {
	as := map[ecsv1.AlarmMissingData]string{ecsv1.AlarmMissingDataBreaching: "Breaching", ecsv1.AlarmMissingDataNotBreaching: "NonBreaching"}[s.MissingData]
	switch {
	case v.Missing == 0:
		return ""
	case as == "":
		return fmt.Sprintf(" and %s missing", count(v.Missing, "datapoint"))
	}
	return fmt.Sprintf(" and %s treated as [%s]", count(v.Missing, "missing datapoint"), as)
}

// minimum says how many datapoints a change of the state takes, where that isn't all.
func (s Settings) minimum(v Verdict, from ecsv1.AlarmStateValue) string {
	if s.DatapointsToAlarm == s.EvaluationPeriods || from == v.State || from == ecsv1.AlarmStateValueInsufficientData {
		return ""
	}
	least := s.DatapointsToAlarm
	if v.State == ecsv1.AlarmStateValueOK {
		least = s.EvaluationPeriods - s.DatapointsToAlarm + 1
	}
	return fmt.Sprintf(" (minimum %d %s for %s -> %s transition)", least, plural(least, "datapoint", "datapoints"), from, v.State)
}

func list(datapoints []Datapoint) string {
	var out []string
	for i, d := range datapoints {
		if i == mostListed {
			out = append(out, fmt.Sprintf("and %d older", len(datapoints)-i))
			break
		}
		out = append(out, fmt.Sprintf("%s (%s)", number(d.Value), d.At.Format("02/01/06 15:04:05")))
	}
	return strings.Join(out, ", ")
}

// number writes 5 as 5.0, as CloudWatch does.
func number(value float64) string {
	text := strconv.FormatFloat(value, 'g', -1, 64)
	if value == math.Trunc(value) && !strings.ContainsAny(text, "eIN") {
		return text + ".0"
	}
	return text
}

// count says that 1 datapoint was, or 2 datapoints were.
func count(n int, what string) string {
	return fmt.Sprintf("%d %s", n, plural(n, what+" was", what+"s were"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
