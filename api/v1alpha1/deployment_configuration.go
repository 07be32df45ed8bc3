// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"
)

// DeploymentStrategy is how a new revision takes over.
// +kubebuilder:validation:Enum=ROLLING;BLUE_GREEN;LINEAR;CANARY
type DeploymentStrategy string

// The values of DeploymentStrategy.
const (
	DeploymentStrategyRolling   DeploymentStrategy = "ROLLING"
	DeploymentStrategyBlueGreen DeploymentStrategy = "BLUE_GREEN"
	DeploymentStrategyLinear    DeploymentStrategy = "LINEAR"
	DeploymentStrategyCanary    DeploymentStrategy = "CANARY"
)

// ThresholdType says how a circuit breaker's threshold is counted.
// +kubebuilder:validation:Enum=COUNT;BOUNDED_PERCENT;UNBOUNDED_PERCENT
type ThresholdType string

// The values of ThresholdType.
const (
	ThresholdTypeCount            ThresholdType = "COUNT"
	ThresholdTypeBoundedPercent   ThresholdType = "BOUNDED_PERCENT"
	ThresholdTypeUnboundedPercent ThresholdType = "UNBOUNDED_PERCENT"
)

// ServiceRevisionCleanup says whether a deployment waits for the old revision
// to be removed.
// +kubebuilder:validation:Enum=BLOCKING;DEFERRED
type ServiceRevisionCleanup string

// The values of ServiceRevisionCleanup.
const (
	ServiceRevisionCleanupBlocking ServiceRevisionCleanup = "BLOCKING"
	ServiceRevisionCleanupDeferred ServiceRevisionCleanup = "DEFERRED"
)

// DeploymentLifecycleHookStage is a stage at which a hook can run.
// +kubebuilder:validation:Enum=RECONCILE_SERVICE;PRE_SCALE_UP;POST_SCALE_UP;TEST_TRAFFIC_SHIFT;POST_TEST_TRAFFIC_SHIFT;PRE_PRODUCTION_TRAFFIC_SHIFT;PRODUCTION_TRAFFIC_SHIFT;POST_PRODUCTION_TRAFFIC_SHIFT
type DeploymentLifecycleHookStage string

// The values of DeploymentLifecycleHookStage.
const (
	DeploymentLifecycleHookStageReconcileService           DeploymentLifecycleHookStage = "RECONCILE_SERVICE"
	DeploymentLifecycleHookStagePreScaleUp                 DeploymentLifecycleHookStage = "PRE_SCALE_UP"
	DeploymentLifecycleHookStagePostScaleUp                DeploymentLifecycleHookStage = "POST_SCALE_UP"
	DeploymentLifecycleHookStageTestTrafficShift           DeploymentLifecycleHookStage = "TEST_TRAFFIC_SHIFT"
	DeploymentLifecycleHookStagePostTestTrafficShift       DeploymentLifecycleHookStage = "POST_TEST_TRAFFIC_SHIFT"
	DeploymentLifecycleHookStagePreProductionTrafficShift  DeploymentLifecycleHookStage = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	DeploymentLifecycleHookStageProductionTrafficShift     DeploymentLifecycleHookStage = "PRODUCTION_TRAFFIC_SHIFT"
	DeploymentLifecycleHookStagePostProductionTrafficShift DeploymentLifecycleHookStage = "POST_PRODUCTION_TRAFFIC_SHIFT"
)

// DeploymentLifecycleHookTargetType is what a hook does.
// +kubebuilder:validation:Enum=AWS_LAMBDA;PAUSE
type DeploymentLifecycleHookTargetType string

// The values of DeploymentLifecycleHookTargetType.
const (
	DeploymentLifecycleHookTargetTypeAwsLambda DeploymentLifecycleHookTargetType = "AWS_LAMBDA"
	DeploymentLifecycleHookTargetTypePause     DeploymentLifecycleHookTargetType = "PAUSE"
)

// DeploymentLifecycleHookAction is what happens when a hook takes too long.
// +kubebuilder:validation:Enum=ROLLBACK;CONTINUE
type DeploymentLifecycleHookAction string

// The values of DeploymentLifecycleHookAction.
const (
	DeploymentLifecycleHookActionRollback DeploymentLifecycleHookAction = "ROLLBACK"
	DeploymentLifecycleHookActionContinue DeploymentLifecycleHookAction = "CONTINUE"
)

// DeploymentConfiguration says how a new revision replaces the old one.
// +kubebuilder:validation:XValidation:rule="!has(self.strategy) || self.strategy != 'BLUE_GREEN' || has(self.bakeTimeInMinutes)",message="bakeTimeInMinutes: BLUE_GREEN needs it; set 0 for no bake time",fieldPath=".bakeTimeInMinutes"
// +kubebuilder:validation:XValidation:rule="!has(self.linearConfiguration) || (has(self.strategy) && self.strategy == 'LINEAR')",message="linearConfiguration: it goes with strategy LINEAR only; set strategy: LINEAR, or take it out",fieldPath=".linearConfiguration"
// +kubebuilder:validation:XValidation:rule="!has(self.canaryConfiguration) || (has(self.strategy) && self.strategy == 'CANARY')",message="canaryConfiguration: it goes with strategy CANARY only; set strategy: CANARY, or take it out",fieldPath=".canaryConfiguration"
// +kubebuilder:validation:XValidation:rule="!has(self.earlySuccessCriteria) || !has(self.strategy) || self.strategy == 'ROLLING'",message="earlySuccessCriteria: it goes with strategy ROLLING only; take it out",fieldPath=".earlySuccessCriteria"
// +kubebuilder:validation:XValidation:rule="!has(self.earlySuccessCriteria) || !has(self.earlySuccessCriteria.healthyPercent) || self.earlySuccessCriteria.healthyPercent >= (has(self.minimumHealthyPercent) ? self.minimumHealthyPercent : 100)",message="earlySuccessCriteria.healthyPercent: it can't be less than minimumHealthyPercent (100 when unset); raise it, or lower minimumHealthyPercent",fieldPath=".earlySuccessCriteria.healthyPercent"
// +kubebuilder:validation:XValidation:rule="!has(self.lifecycleHooks) || size(self.lifecycleHooks) == 0 || (has(self.strategy) && self.strategy != 'ROLLING')",message="lifecycleHooks: they go with BLUE_GREEN, LINEAR and CANARY only; take them out, or set strategy",fieldPath=".lifecycleHooks"
// +kubebuilder:validation:XValidation:rule="!has(self.lifecycleHooks) || (self.lifecycleHooks.filter(h, has(h.targetType) && h.targetType == 'PAUSE').size() <= 10 && self.lifecycleHooks.filter(h, !has(h.targetType) || h.targetType != 'PAUSE').size() <= 10)",message="lifecycleHooks: at most 10 of targetType AWS_LAMBDA and 10 of PAUSE; take some out",fieldPath=".lifecycleHooks"
type DeploymentConfiguration struct {
	// strategy is ROLLING, BLUE_GREEN, LINEAR or CANARY. Unset means ROLLING.
	// +optional
	Strategy DeploymentStrategy `json:"strategy,omitempty"`

	// minimumHealthyPercent is the least share of desiredCount that stays healthy
	// while a rolling deployment replaces tasks, rounded up to whole tasks. Unset
	// means 100, for DAEMON 0. Example: 50 of 3 tasks keeps 2.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MinimumHealthyPercent *int32 `json:"minimumHealthyPercent,omitempty"`

	// maximumPercent is the largest share of desiredCount that may exist while a
	// rolling deployment replaces tasks, rounded down to whole tasks; tasks that
	// are stopping count. Unset means 200, for DAEMON 100. Example: 150 of 3 tasks
	// allows 4.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=2147483647
	MaximumPercent *int32 `json:"maximumPercent,omitempty"`

	// deploymentCircuitBreaker ends a deployment whose tasks keep failing. Unset
	// means that it tries for ever.
	// +optional
	DeploymentCircuitBreaker *DeploymentCircuitBreaker `json:"deploymentCircuitBreaker,omitempty"`

	// alarms end a deployment when an alarm fires. Unset means none.
	// +optional
	Alarms *DeploymentAlarms `json:"alarms,omitempty"`

	// bakeTimeInMinutes is how long both revisions stay after the switch, 0 to
	// 1440 minutes. BLUE_GREEN needs it. Unset means 3 minutes for ROLLING with
	// alarms, and none otherwise.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1440
	BakeTimeInMinutes *int32 `json:"bakeTimeInMinutes,omitempty"`

	// lifecycleHooks run at stages of a BLUE_GREEN, LINEAR or CANARY deployment
	// and can stop it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	LifecycleHooks []DeploymentLifecycleHook `json:"lifecycleHooks,omitempty"`

	// linearConfiguration is for LINEAR: equal steps of traffic.
	// +optional
	LinearConfiguration *LinearConfiguration `json:"linearConfiguration,omitempty"`

	// canaryConfiguration is for CANARY: a small share of traffic first, then the
	// rest.
	// +optional
	CanaryConfiguration *CanaryConfiguration `json:"canaryConfiguration,omitempty"`

	// earlySuccessCriteria lets a rolling deployment count as done before the last
	// task is healthy.
	// +optional
	EarlySuccessCriteria *DeploymentEarlySuccessCriteria `json:"earlySuccessCriteria,omitempty"`
}

// DeploymentCircuitBreaker ends a deployment whose tasks keep failing.
type DeploymentCircuitBreaker struct {
	// enable turns it on.
	// +required
	Enable bool `json:"enable"`

	// rollback goes back to the last deployment that was completed. Without it the
	// deployment is FAILED and stays.
	// +required
	Rollback bool `json:"rollback"`

	// resetOnHealthyTask starts the count anew whenever a task becomes healthy.
	// Unset means true.
	// +optional
	ResetOnHealthyTask *bool `json:"resetOnHealthyTask,omitempty"`

	// thresholdConfiguration says how many failures are too many. Unset means
	// BOUNDED_PERCENT of 50.
	// +optional
	ThresholdConfiguration *ThresholdConfiguration `json:"thresholdConfiguration,omitempty"`
}

// ThresholdConfiguration says how many failed tasks are too many.
// +kubebuilder:validation:XValidation:rule="self.type == 'COUNT' || self.value <= 100",message="value: a percentage is 1 to 100; lower it, or use type COUNT",fieldPath=".value"
type ThresholdConfiguration struct {
	// type is COUNT (value tasks), BOUNDED_PERCENT (value percent of desiredCount,
	// but 3 to 200 tasks) or UNBOUNDED_PERCENT (without these bounds).
	// +required
	Type ThresholdType `json:"type"`

	// value is the number or the percentage; percentages are 1 to 100. Example:
	// BOUNDED_PERCENT 50 of 25 tasks is 13.
	// +required
	// +kubebuilder:validation:Minimum=1
	Value int32 `json:"value"`
}

// DeploymentAlarms end a deployment when an alarm fires.
type DeploymentAlarms struct {
	// alarmNames are the alarms to watch. One that fires already when the
	// deployment begins makes the deployment ignore them all.
	// +required
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	AlarmNames []string `json:"alarmNames"`

	// enable turns it on.
	// +required
	Enable bool `json:"enable"`

	// rollback goes back to the last deployment that was completed.
	// +required
	Rollback bool `json:"rollback"`
}

// LinearConfiguration moves traffic in equal steps.
type LinearConfiguration struct {
	// stepPercent is the share of traffic in percent moved at each step: 3 to 100
	// in tenths, such as 10 or 12.5. Unset means 10.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 3.0 && self <= 100.0",message="linearConfiguration.stepPercent: it is out of bounds; set 3 to 100"
	// +kubebuilder:validation:XValidation:rule="double(int(self * 10.0 + 0.5)) / 10.0 == self",message="linearConfiguration.stepPercent: it moves in tenths, such as 10 or 12.5; round it"
	StepPercent *Decimal `json:"stepPercent,omitempty"`

	// stepBakeTimeInMinutes is the wait after each step but the last, 0 to 1440
	// minutes. Unset means 6.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1440
	StepBakeTimeInMinutes *int32 `json:"stepBakeTimeInMinutes,omitempty"`
}

// CanaryConfiguration moves a small share of traffic first, then the rest.
type CanaryConfiguration struct {
	// canaryPercent is the share of traffic in percent moved first: 0.1 to 100 in
	// tenths, such as 5 or 2.5. Unset means 5.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0.1 && self <= 100.0",message="canaryConfiguration.canaryPercent: it is out of bounds; set 0.1 to 100"
	// +kubebuilder:validation:XValidation:rule="double(int(self * 10.0 + 0.5)) / 10.0 == self",message="canaryConfiguration.canaryPercent: it moves in tenths, such as 5 or 2.5; round it"
	CanaryPercent *Decimal `json:"canaryPercent,omitempty"`

	// canaryBakeTimeInMinutes is the wait before the rest follows, 0 to 1440
	// minutes. Unset means 10.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1440
	CanaryBakeTimeInMinutes *int32 `json:"canaryBakeTimeInMinutes,omitempty"`
}

// DeploymentEarlySuccessCriteria lets a rolling deployment count as done
// early.
type DeploymentEarlySuccessCriteria struct {
	// enable turns it on.
	// +required
	Enable bool `json:"enable"`

	// healthyPercent is the share of desiredCount that must be healthy, rounded
	// up, at least one task. It can't be less than minimumHealthyPercent. Unset
	// means 100.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	HealthyPercent *int32 `json:"healthyPercent,omitempty"`

	// sourceServiceRevisionCleanup is BLOCKING (the old tasks must be gone first)
	// or DEFERRED (they go later). Unset means BLOCKING.
	// +optional
	SourceServiceRevisionCleanup ServiceRevisionCleanup `json:"sourceServiceRevisionCleanup,omitempty"`
}

// DeploymentLifecycleHook is run at stages of a deployment.
// +kubebuilder:validation:XValidation:rule="(has(self.targetType) && self.targetType == 'PAUSE') || has(self.hookTargetArn)",message="hookTargetArn: AWS_LAMBDA needs it; set it, or use targetType PAUSE",fieldPath=".hookTargetArn"
// +kubebuilder:validation:XValidation:rule="!has(self.targetType) || self.targetType != 'PAUSE' || (!has(self.hookTargetArn) && !has(self.roleArn))",message="hookTargetArn and roleArn: PAUSE asks nobody; take them out",fieldPath=".hookTargetArn"
// +kubebuilder:validation:XValidation:rule="!has(self.targetType) || self.targetType != 'PAUSE' || !self.lifecycleStages.exists(s, s in ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'])",message="lifecycleStages: PAUSE can't run at TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT; use the stages before or after",fieldPath=".lifecycleStages"
// +kubebuilder:validation:XValidation:rule="(has(self.targetType) && self.targetType == 'PAUSE') || !has(self.timeoutConfiguration) || !has(self.timeoutConfiguration.timeoutInMinutes) || self.timeoutConfiguration.timeoutInMinutes <= 1440",message="timeoutConfiguration.timeoutInMinutes: AWS_LAMBDA allows at most 1440; lower it, or use PAUSE",fieldPath=".timeoutConfiguration.timeoutInMinutes"
type DeploymentLifecycleHook struct {
	// targetType is AWS_LAMBDA (ask someone) or PAUSE (wait for
	// ContinueServiceDeployment). Unset means AWS_LAMBDA.
	// +optional
	TargetType DeploymentLifecycleHookTargetType `json:"targetType,omitempty"`

	// hookTargetArn is whom to ask: an http:// or https:// URL, job/NAME for a Job
	// made of the suspended CronJob NAME, or the ARN of a Lambda function that the
	// Cluster has a substitute for. AWS_LAMBDA needs it, PAUSE takes none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	HookTargetArn string `json:"hookTargetArn,omitempty"`

	// roleArn is the IAM role to ask with. It has no effect here: nothing secret is
	// sent. PAUSE takes none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn,omitempty"`

	// lifecycleStages are the stages to run at. PAUSE can't run at
	// TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	LifecycleStages []DeploymentLifecycleHookStage `json:"lifecycleStages,omitempty"`

	// hookDetails are fields of your own that are handed to the hook each time.
	// Only an object is taken here.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	HookDetails *runtime.RawExtension `json:"hookDetails,omitempty"`

	// timeoutConfiguration says how long to wait for the hook. Unset means 1440
	// minutes, then ROLLBACK.
	// +optional
	TimeoutConfiguration *DeploymentLifecycleHookTimeoutConfiguration `json:"timeoutConfiguration,omitempty"`
}

// DeploymentLifecycleHookTimeoutConfiguration says how long to wait for a
// hook.
type DeploymentLifecycleHookTimeoutConfiguration struct {
	// timeoutInMinutes is 1 to 1440 minutes for AWS_LAMBDA, 1 to 20160 for PAUSE.
	// Unset means 1440.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20160
	TimeoutInMinutes *int32 `json:"timeoutInMinutes,omitempty"`

	// action is ROLLBACK or CONTINUE. Unset means ROLLBACK.
	// +optional
	Action DeploymentLifecycleHookAction `json:"action,omitempty"`
}
