// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// DeploymentLifecycleHookStatus is how far a run of a lifecycle hook is.
// +kubebuilder:validation:Enum=AWAITING_ACTION;IN_PROGRESS;SUCCEEDED;FAILED;TIMED_OUT
type DeploymentLifecycleHookStatus string

// The values of DeploymentLifecycleHookStatus.
const (
	DeploymentLifecycleHookStatusAwaitingAction DeploymentLifecycleHookStatus = "AWAITING_ACTION"
	DeploymentLifecycleHookStatusInProgress     DeploymentLifecycleHookStatus = "IN_PROGRESS"
	DeploymentLifecycleHookStatusSucceeded      DeploymentLifecycleHookStatus = "SUCCEEDED"
	DeploymentLifecycleHookStatusFailed         DeploymentLifecycleHookStatus = "FAILED"
	DeploymentLifecycleHookStatusTimedOut       DeploymentLifecycleHookStatus = "TIMED_OUT"
)

// ServiceDeploymentAlarms is the state of the alarms of a deployment.
type ServiceDeploymentAlarms struct {
	// status is MONITORING, MONITORING_COMPLETE, TRIGGERED, or DISABLED where
	// alarms aren't enabled or one fired already when the deployment began.
	// +optional
	Status RollbackMonitorsStatus `json:"status,omitempty"`

	// alarmNames are the alarms that the deployment watches.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=255
	AlarmNames []string `json:"alarmNames,omitempty"`

	// triggeredAlarmNames are those that are, or were, in ALARM.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=255
	TriggeredAlarmNames []string `json:"triggeredAlarmNames,omitempty"`
}

// Rollback says where a deployment goes back to, and why.
type Rollback struct {
	// reason says why.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// serviceRevisionArn is the revision that it goes back to.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ServiceRevisionArn string `json:"serviceRevisionArn,omitempty"`

	// serviceRevision is the name of its ServiceRevision object.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServiceRevision string `json:"serviceRevision,omitempty"`

	// startedAt is when it began to go back.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
}

// DeploymentLifecycleHookDetail is one run of a lifecycle hook.
type DeploymentLifecycleHookDetail struct {
	// hookId names the run: a hook at one stage, and at one step of it.
	// ContinueServiceDeployment names it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	HookId string `json:"hookId"`

	// targetType is AWS_LAMBDA or PAUSE.
	// +optional
	TargetType DeploymentLifecycleHookTargetType `json:"targetType,omitempty"`

	// targetArn is whom the hook asks. Unset for PAUSE.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TargetArn string `json:"targetArn,omitempty"`

	// status is AWAITING_ACTION (PAUSE), IN_PROGRESS, SUCCEEDED, FAILED or
	// TIMED_OUT.
	// +optional
	Status DeploymentLifecycleHookStatus `json:"status,omitempty"`

	// expiresAt is when timeoutAction is taken if nothing is decided by then.
	// +optional
	ExpiresAt *metav1.Time `json:"expiresAt,omitempty"`

	// timeoutAction is ROLLBACK or CONTINUE.
	// +optional
	TimeoutAction DeploymentLifecycleHookAction `json:"timeoutAction,omitempty"`

	// lifecycleStage is the stage that it runs at.
	// +optional
	LifecycleStage DeploymentLifecycleHookStage `json:"lifecycleStage,omitempty"`

	// statusReason says why it stands so, in a sentence.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	StatusReason string `json:"statusReason,omitempty"`

	// startedAt is when it was first asked, or began to wait for an answer.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// finishedAt is when it was decided.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`

	// nextAt is when it is asked again, after an answer of IN_PROGRESS.
	// +optional
	NextAt *metav1.Time `json:"nextAt,omitempty"`

	// calls counts the calls of the hook that are over, each with an answer or without one. Unset
	// means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Calls *int32 `json:"calls,omitempty"`

	// unansweredCalls counts the latest calls, one after the other, that reached
	// nobody. Unset means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	UnansweredCalls *int32 `json:"unansweredCalls,omitempty"`

	// hookDetails are the fields of the hook's own that go with the next call: those of the
	// service's hook with those that its answers gave.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	HookDetails *runtime.RawExtension `json:"hookDetails,omitempty"`
}

// ServiceDeploymentKubernetes is what the operator remembers of a deployment
// beside what ECS shows, so that it can be stopped at any moment.
type ServiceDeploymentKubernetes struct {
	// lifecycleStageStartedAt is when the stage, or its present step, began.
	// +optional
	LifecycleStageStartedAt *metav1.Time `json:"lifecycleStageStartedAt,omitempty"`

	// trafficStep is the step of the traffic shift, from 1 on: CANARY has 2, LINEAR
	// as many as its stepPercent makes. Unset before the first.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	TrafficStep *int32 `json:"trafficStep,omitempty"`

	// trafficShiftedAt is when the present step's share of production traffic was
	// first seen to go to the target revision. The step's bake time counts from
	// then. Unset before.
	// +optional
	TrafficShiftedAt *metav1.Time `json:"trafficShiftedAt,omitempty"`

	// countedTasks are the failed tasks that failedTasks and the circuit breaker
	// have counted and whose pods were still there when the last of them was, by the
	// first block of their pods' UID.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1000
	// +kubebuilder:validation:items:MaxLength=36
	CountedTasks []string `json:"countedTasks,omitempty"`

	// reachedRunning says that a task of the target revision has been RUNNING, so
	// that tasks that can't start aren't counted any more.
	// +optional
	ReachedRunning *bool `json:"reachedRunning,omitempty"`

	// failedLaunches are how many rounds of tasks in a row failed to start. The
	// pause before the next grows with it. Unset means none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	FailedLaunches *int32 `json:"failedLaunches,omitempty"`

	// failedLaunchAt is when the first task of the last such round was seen to
	// fail.
	// +optional
	FailedLaunchAt *metav1.Time `json:"failedLaunchAt,omitempty"`

	// lastLaunchAt is when the newest task of that round was made, by the
	// apiserver's clock.
	// +optional
	LastLaunchAt *metav1.Time `json:"lastLaunchAt,omitempty"`

	// toldAt is when an event last said what keeps the deployment from being ready.
	// Six hours later it is said again. Unset where there is no such event.
	// +optional
	ToldAt *metav1.Time `json:"toldAt,omitempty"`
}
