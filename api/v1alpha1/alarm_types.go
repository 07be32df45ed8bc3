// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AlarmComparisonOperator says how a datapoint is compared with the threshold.
// +kubebuilder:validation:Enum=GreaterThanOrEqualToThreshold;GreaterThanThreshold;LessThanThreshold;LessThanOrEqualToThreshold
type AlarmComparisonOperator string

// The values of AlarmComparisonOperator.
const (
	AlarmComparisonOperatorGreaterThanOrEqualToThreshold AlarmComparisonOperator = "GreaterThanOrEqualToThreshold"
	AlarmComparisonOperatorGreaterThanThreshold          AlarmComparisonOperator = "GreaterThanThreshold"
	AlarmComparisonOperatorLessThanThreshold             AlarmComparisonOperator = "LessThanThreshold"
	AlarmComparisonOperatorLessThanOrEqualToThreshold    AlarmComparisonOperator = "LessThanOrEqualToThreshold"
)

// AlarmMissingData says what a missing datapoint counts as.
// +kubebuilder:validation:Enum=breaching;notBreaching;ignore;missing
type AlarmMissingData string

// The values of AlarmMissingData.
const (
	AlarmMissingDataBreaching    AlarmMissingData = "breaching"
	AlarmMissingDataNotBreaching AlarmMissingData = "notBreaching"
	AlarmMissingDataIgnore       AlarmMissingData = "ignore"
	AlarmMissingDataMissing      AlarmMissingData = "missing"
)

// AlarmStateValue is what an alarm says.
// +kubebuilder:validation:Enum=OK;ALARM;INSUFFICIENT_DATA
type AlarmStateValue string

// The values of AlarmStateValue.
const (
	AlarmStateValueOK               AlarmStateValue = "OK"
	AlarmStateValueAlarm            AlarmStateValue = "ALARM"
	AlarmStateValueInsufficientData AlarmStateValue = "INSUFFICIENT_DATA"
)

// AlarmEvaluationState says why an alarm isn't evaluated.
// +kubebuilder:validation:Enum=EVALUATION_ERROR;EVALUATION_FAILURE
type AlarmEvaluationState string

// The values of AlarmEvaluationState.
const (
	AlarmEvaluationStateError   AlarmEvaluationState = "EVALUATION_ERROR"
	AlarmEvaluationStateFailure AlarmEvaluationState = "EVALUATION_FAILURE"
)

// AlarmSpec is the body of CloudWatch's PutMetricAlarm. The metric is a query.
// +kubebuilder:validation:XValidation:rule="!has(self.datapointsToAlarm) || self.datapointsToAlarm <= self.evaluationPeriods",message="datapointsToAlarm: it can't be greater than evaluationPeriods; lower it",fieldPath=".datapointsToAlarm"
// +kubebuilder:validation:XValidation:rule="self.period >= 3600 || self.period * self.evaluationPeriods <= 86400",message="evaluationPeriods: with a period of less than an hour, all periods together last a day at most; lower it, or take a longer period",fieldPath=".evaluationPeriods"
// +kubebuilder:validation:XValidation:rule="self.period < 3600 || self.period * self.evaluationPeriods <= 604800",message="evaluationPeriods: all periods together last seven days at most; lower it",fieldPath=".evaluationPeriods"
type AlarmSpec struct {
	// alarmName is the name that deployments refer to. Unset means metadata.name.
	// Of two Alarm objects of a namespace with the same, the older is the one. It
	// can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	AlarmName string `json:"alarmName,omitempty"`

	// alarmDescription is for people: what it means when this alarm fires, and what
	// to do. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	AlarmDescription string `json:"alarmDescription,omitempty"`

	// comparisonOperator says which datapoints are breaching:
	// GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold or
	// LessThanOrEqualToThreshold. The datapoint stands on the left.
	// +required
	ComparisonOperator AlarmComparisonOperator `json:"comparisonOperator"`

	// threshold is what datapoints are compared with, in the unit of the query:
	// a number such as 5 or 0.25, of at most 15 digits and 6 decimal places.
	// +required
	// +kubebuilder:validation:XValidation:rule="(self > -1000000000.0 && self < 1000000000.0) ? double(int(self * 1000000.0 + (self < 0.0 ? -0.5 : 0.5))) / 1000000.0 == self : (self > -1000000000000000.0 && self < 1000000000000000.0 && double(int(self)) == self)",message="threshold: it has more than 6 decimal places or 15 digits, or, beyond a thousand million, any places; round it"
	Threshold Decimal `json:"threshold"`

	// period is the seconds from one datapoint to the next: 10, 20, 30 or a
	// multiple of 60. An alarm with a period of less than a minute is evaluated
	// every 10 seconds, one whose periods last more than a day together every
	// hour, others every minute.
	// +required
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=604800
	// +kubebuilder:validation:XValidation:rule="self in [10, 20, 30] || self % 60 == 0",message="period: seconds are 10, 20, 30 or a multiple of 60; round it"
	Period int32 `json:"period"`

	// evaluationPeriods is how many of the newest datapoints are looked at: the N
	// of an alarm that fires when M of N datapoints are breaching.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=8640
	EvaluationPeriods int32 `json:"evaluationPeriods"`

	// datapointsToAlarm is how many of them have to be breaching, consecutive or
	// not: the M. Unset means all, which is evaluationPeriods.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=8640
	DatapointsToAlarm *int32 `json:"datapointsToAlarm,omitempty"`

	// treatMissingData says what a datapoint is that the query has no value for:
	// breaching, notBreaching, ignore (the alarm stays as it is) or missing (with no
	// datapoint at all the alarm is INSUFFICIENT_DATA). It matters only while fewer
	// than evaluationPeriods real datapoints can be had. Unset means missing.
	// +optional
	TreatMissingData AlarmMissingData `json:"treatMissingData,omitempty"`

	// kubernetes holds what only Kubernetes has: the query that takes the place of
	// CloudWatch's namespace, metricName, dimensions and statistic.
	// +required
	Kubernetes AlarmKubernetes `json:"kubernetes"`
}

// AlarmKubernetes says what is asked, and whom.
type AlarmKubernetes struct {
	// query is PromQL, such as
	// sum(rate(http_requests_total{code=~"5.."}[1m])). It has to give one series
	// or none: wrap it in sum() or max(). Its value at a time is the datapoint
	// that ends there, so a range in it, such as [1m], is best as long as period.
	// No series, and NaN, are missing data.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=8192
	Query string `json:"query"`

	// cluster is the Cluster whose spec.kubernetes.prometheus is asked: its name or
	// its ARN. Unset means default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster,omitempty"`
}

// AlarmStatus is what CloudWatch's DescribeAlarms says.
type AlarmStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// alarmArn is the ARN of the alarm.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	AlarmArn string `json:"alarmArn,omitempty"`

	// stateValue is OK, ALARM or INSUFFICIENT_DATA, which every alarm begins with.
	// +optional
	StateValue AlarmStateValue `json:"stateValue,omitempty"`

	// stateReason says what led to the state, as of then.
	// +optional
	// +kubebuilder:validation:MaxLength=1023
	StateReason string `json:"stateReason,omitempty"`

	// stateReasonData are the datapoints that led to the state.
	// +optional
	StateReasonData *AlarmStateReasonData `json:"stateReasonData,omitempty"`

	// stateTransitionedTimestamp is when the state last became another.
	// +optional
	StateTransitionedTimestamp *metav1.Time `json:"stateTransitionedTimestamp,omitempty"`

	// evaluationState says why the alarm isn't evaluated: EVALUATION_ERROR where the
	// alarm has to be mended, EVALUATION_FAILURE where Prometheus can't be asked. It
	// is absent while all is well.
	// +optional
	EvaluationState AlarmEvaluationState `json:"evaluationState,omitempty"`

	// evaluationStateTimestamp is since when the alarm isn't evaluated.
	// +optional
	EvaluationStateTimestamp *metav1.Time `json:"evaluationStateTimestamp,omitempty"`

	// conditions say the same to Kubernetes tools: Ready means that the alarm is
	// evaluated, whatever its state; Reconciling that it isn't for now; Stalled that
	// it has to be mended.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// AlarmStateReasonData are the datapoints that led to a state.
type AlarmStateReasonData struct {
	// queryDate is the time of the evaluation: the end of the newest period.
	// +required
	QueryDate metav1.Time `json:"queryDate"`

	// evaluatedDatapoints are those that were looked at, the newest first; at most
	// 10 are kept.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	EvaluatedDatapoints []AlarmDatapoint `json:"evaluatedDatapoints,omitempty"`
}

// AlarmDatapoint is the value of the query at a time.
type AlarmDatapoint struct {
	// timestamp is the end of the datapoint's period.
	// +required
	Timestamp metav1.Time `json:"timestamp"`

	// value is the number as Prometheus writes it, which may be +Inf. It is absent
	// where there was none.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Value string `json:"value,omitempty"`
}

// Alarm watches a number that a Prometheus knows, with CloudWatch's rules. A
// deployment whose alarms have its name fails when it fires.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ecsalarm,categories=ecs
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.stateValue`
// +kubebuilder:printcolumn:name="Since",type=date,JSONPath=`.status.stateTransitionedTimestamp`
// +kubebuilder:printcolumn:name="Operator",type=string,JSONPath=`.spec.comparisonOperator`
// +kubebuilder:printcolumn:name="Threshold",type=number,JSONPath=`.spec.threshold`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.stateReason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="(has(self.spec.alarmName) ? self.spec.alarmName : self.metadata.name) == (has(oldSelf.spec.alarmName) ? oldSelf.spec.alarmName : oldSelf.metadata.name)",message="spec.alarmName: it can't change; make a new Alarm",fieldPath=".spec.alarmName"
type Alarm struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of PutMetricAlarm.
	// +required
	Spec AlarmSpec `json:"spec"`

	// status is what the last evaluation came to.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status AlarmStatus `json:"status,omitzero"`
}

// AlarmList is a list of Alarm.
//
// +kubebuilder:object:root=true
type AlarmList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Alarm `json:"items"`
}
