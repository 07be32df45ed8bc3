// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alarm decides the state of an alarm as CloudWatch does.
//
// A datapoint is the value of the query at the end of a period. An evaluation retrieves the newest datapoints of the evaluation range, which
// is longer than the N (evaluationPeriods) that are needed, since some may be missing. It evaluates the N newest real ones; where there are
// fewer, missing ones are filled in as treatMissingData says. With M (datapointsToAlarm) of the N breaching, the alarm is in ALARM.
//
// The rules and tables are those of CW/alarm-evaluation and CW/alarms-and-missing-data (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring).
package alarm

import (
	"cmp"
	"math"
	"strconv"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Settings are those of an alarm, with what unset means filled in.
type Settings struct {
	Comparison ecsv1.AlarmComparisonOperator
	Threshold  float64
	Period     time.Duration
	// EvaluationPeriods and DatapointsToAlarm are N and M.
	EvaluationPeriods, DatapointsToAlarm int
	MissingData                          ecsv1.AlarmMissingData
}

// defaultCluster is what ECS uses when none is named.
const defaultCluster = "default"

// Name is the name that deployments refer to.
func Name(a *ecsv1.Alarm) string { return cmp.Or(a.Spec.AlarmName, a.Name) }

// Cluster is the ECS name of the cluster whose Prometheus is asked.
func Cluster(a *ecsv1.Alarm) string {
	return arn.ShortName(cmp.Or(a.Spec.Kubernetes.Cluster, defaultCluster))
}

// SettingsOf reads a spec.
func SettingsOf(spec *ecsv1.AlarmSpec) Settings {
	threshold, err := strconv.ParseFloat(spec.Threshold.String(), 64)
	if err != nil {
		threshold = math.NaN() // a Decimal always is a number
	}
	s := Settings{
		Comparison:        spec.ComparisonOperator,
		Threshold:         threshold,
		Period:            time.Duration(spec.Period) * time.Second,
		EvaluationPeriods: int(spec.EvaluationPeriods),
		DatapointsToAlarm: int(spec.EvaluationPeriods),
		MissingData:       cmp.Or(spec.TreatMissingData, ecsv1.AlarmMissingDataMissing),
	}
	if spec.DatapointsToAlarm != nil {
		s.DatapointsToAlarm = int(*spec.DatapointsToAlarm)
	}
	return s
}

// Interval is the time from one evaluation to the next: an alarm of high resolution, whose period is less than a minute, is evaluated every
// 10 seconds; one whose periods together last more than a day, every hour; all others every minute, those with a period of five minutes too.
func (s Settings) Interval() time.Duration {
	switch {
	case s.Period < time.Minute:
		return 10 * time.Second
	case s.Period*time.Duration(s.EvaluationPeriods) > 24*time.Hour:
		return time.Hour
	}
	return time.Minute
}

// extraDatapoints are retrieved beyond N. How many CloudWatch retrieves it doesn't tell, "depends on the length of the alarm period";
// in all its examples it is 5 for an N of 3.
const extraDatapoints = 2

// Range is how many datapoints are retrieved.
func (s Settings) Range() int { return s.EvaluationPeriods + extraDatapoints }

// breaching compares a real datapoint with the threshold.
func (s Settings) breaching(value float64) bool {
	switch s.Comparison {
	case ecsv1.AlarmComparisonOperatorGreaterThanOrEqualToThreshold:
		return value >= s.Threshold
	case ecsv1.AlarmComparisonOperatorGreaterThanThreshold:
		return value > s.Threshold
	case ecsv1.AlarmComparisonOperatorLessThanThreshold:
		return value < s.Threshold
	case ecsv1.AlarmComparisonOperatorLessThanOrEqualToThreshold:
		return value <= s.Threshold
	}
	return false
}
