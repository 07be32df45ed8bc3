// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServiceDeploymentState is the life of a service deployment as ECS names it.
// +kubebuilder:validation:Enum=PENDING;IN_PROGRESS;SUCCESSFUL;STOP_REQUESTED;STOPPED;ROLLBACK_REQUESTED;ROLLBACK_IN_PROGRESS;ROLLBACK_SUCCESSFUL;ROLLBACK_FAILED
type ServiceDeploymentState string

// The values of ServiceDeploymentState.
const (
	ServiceDeploymentStatePending            ServiceDeploymentState = "PENDING"
	ServiceDeploymentStateInProgress         ServiceDeploymentState = "IN_PROGRESS"
	ServiceDeploymentStateSuccessful         ServiceDeploymentState = "SUCCESSFUL"
	ServiceDeploymentStateStopRequested      ServiceDeploymentState = "STOP_REQUESTED"
	ServiceDeploymentStateStopped            ServiceDeploymentState = "STOPPED"
	ServiceDeploymentStateRollbackRequested  ServiceDeploymentState = "ROLLBACK_REQUESTED"
	ServiceDeploymentStateRollbackInProgress ServiceDeploymentState = "ROLLBACK_IN_PROGRESS"
	ServiceDeploymentStateRollbackSuccessful ServiceDeploymentState = "ROLLBACK_SUCCESSFUL"
	ServiceDeploymentStateRollbackFailed     ServiceDeploymentState = "ROLLBACK_FAILED"
)

// ServiceDeploymentLifecycleStage is the stage a deployment stands at.
// +kubebuilder:validation:Enum=RECONCILE_SERVICE;PRE_SCALE_UP;SCALE_UP;POST_SCALE_UP;TEST_TRAFFIC_SHIFT;POST_TEST_TRAFFIC_SHIFT;PRE_PRODUCTION_TRAFFIC_SHIFT;PRODUCTION_TRAFFIC_SHIFT;POST_PRODUCTION_TRAFFIC_SHIFT;BAKE_TIME;CLEAN_UP
type ServiceDeploymentLifecycleStage string

// The values of ServiceDeploymentLifecycleStage.
const (
	ServiceDeploymentLifecycleStageReconcileService           ServiceDeploymentLifecycleStage = "RECONCILE_SERVICE"
	ServiceDeploymentLifecycleStagePreScaleUp                 ServiceDeploymentLifecycleStage = "PRE_SCALE_UP"
	ServiceDeploymentLifecycleStageScaleUp                    ServiceDeploymentLifecycleStage = "SCALE_UP"
	ServiceDeploymentLifecycleStagePostScaleUp                ServiceDeploymentLifecycleStage = "POST_SCALE_UP"
	ServiceDeploymentLifecycleStageTestTrafficShift           ServiceDeploymentLifecycleStage = "TEST_TRAFFIC_SHIFT"
	ServiceDeploymentLifecycleStagePostTestTrafficShift       ServiceDeploymentLifecycleStage = "POST_TEST_TRAFFIC_SHIFT"
	ServiceDeploymentLifecycleStagePreProductionTrafficShift  ServiceDeploymentLifecycleStage = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	ServiceDeploymentLifecycleStageProductionTrafficShift     ServiceDeploymentLifecycleStage = "PRODUCTION_TRAFFIC_SHIFT"
	ServiceDeploymentLifecycleStagePostProductionTrafficShift ServiceDeploymentLifecycleStage = "POST_PRODUCTION_TRAFFIC_SHIFT"
	ServiceDeploymentLifecycleStageBakeTime                   ServiceDeploymentLifecycleStage = "BAKE_TIME"
	ServiceDeploymentLifecycleStageCleanUp                    ServiceDeploymentLifecycleStage = "CLEAN_UP"
)

// RollbackMonitorsStatus is the state of a watch that can end a deployment.
// +kubebuilder:validation:Enum=TRIGGERED;MONITORING;MONITORING_COMPLETE;DISABLED
type RollbackMonitorsStatus string

// The values of RollbackMonitorsStatus.
const (
	RollbackMonitorsStatusTriggered          RollbackMonitorsStatus = "TRIGGERED"
	RollbackMonitorsStatusMonitoring         RollbackMonitorsStatus = "MONITORING"
	RollbackMonitorsStatusMonitoringComplete RollbackMonitorsStatus = "MONITORING_COMPLETE"
	RollbackMonitorsStatusDisabled           RollbackMonitorsStatus = "DISABLED"
)

// ServiceDeploymentSpec says from where to where a deployment goes. Nothing in
// it can change.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec: a service deployment never changes; change the Service, which starts the next one"
type ServiceDeploymentSpec struct {
	// service is the name of the Service object, in the same namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Service string `json:"service"`

	// targetServiceRevision is the name of the ServiceRevision to reach.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	TargetServiceRevision string `json:"targetServiceRevision"`

	// sourceServiceRevisions are the names of the ServiceRevisions that had tasks
	// when it began. Unset means none: the service's first deployment.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:MinLength=1
	SourceServiceRevisions []string `json:"sourceServiceRevisions,omitempty"`

	// deploymentConfiguration is the service's when the deployment began.
	// +optional
	DeploymentConfiguration *DeploymentConfiguration `json:"deploymentConfiguration,omitempty"`
}

// ServiceDeploymentStatus is what DescribeServiceDeployments says.
type ServiceDeploymentStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// serviceDeploymentArn is the ARN of the deployment.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ServiceDeploymentArn string `json:"serviceDeploymentArn,omitempty"`

	// deploymentId is ecs-svc/ and 19 digits, as in the deployments of a Service's
	// status and in its events.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	DeploymentId string `json:"deploymentId,omitempty"`

	// status is PENDING, IN_PROGRESS, SUCCESSFUL, STOP_REQUESTED, STOPPED or one
	// of ROLLBACK_*.
	// +optional
	Status ServiceDeploymentState `json:"status,omitempty"`

	// statusReason says why.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	StatusReason string `json:"statusReason,omitempty"`

	// rolloutState is IN_PROGRESS, COMPLETED or FAILED, as in deployments[] of the
	// service.
	// +optional
	RolloutState DeploymentRolloutState `json:"rolloutState,omitempty"`

	// rolloutStateReason says why, in ECS's words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	RolloutStateReason string `json:"rolloutStateReason,omitempty"`

	// lifecycleStage is the stage it stands at. A rolling deployment has none but
	// the last ones.
	// +optional
	LifecycleStage ServiceDeploymentLifecycleStage `json:"lifecycleStage,omitempty"`

	// createdAt is when it was asked for.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// startedAt is when its first task was asked for.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// finishedAt is when it ended, well or not.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`

	// stoppedAt is when it was stopped, if it was.
	// +optional
	StoppedAt *metav1.Time `json:"stoppedAt,omitempty"`

	// updatedAt is when it last changed its state.
	// +optional
	UpdatedAt *metav1.Time `json:"updatedAt,omitempty"`

	// desiredTaskCount is how many tasks the target revision should end with.
	// +optional
	DesiredTaskCount int32 `json:"desiredTaskCount"`

	// runningTaskCount counts tasks of the target revision in RUNNING.
	// +optional
	RunningTaskCount int32 `json:"runningTaskCount"`

	// pendingTaskCount counts tasks of the target revision on their way to
	// RUNNING.
	// +optional
	PendingTaskCount int32 `json:"pendingTaskCount"`

	// healthyTaskCount counts tasks of the target revision that count as healthy.
	// +optional
	HealthyTaskCount int32 `json:"healthyTaskCount"`

	// failedTasks counts tasks of the target revision that failed.
	// +optional
	FailedTasks int32 `json:"failedTasks"`

	// sourceServiceRevisions are the revisions that are being replaced.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	SourceServiceRevisions []ServiceRevisionSummary `json:"sourceServiceRevisions,omitempty"`

	// targetServiceRevision is the revision that takes over.
	// +optional
	TargetServiceRevision *ServiceRevisionSummary `json:"targetServiceRevision,omitempty"`

	// deploymentCircuitBreaker is the state of the circuit breaker.
	// +optional
	DeploymentCircuitBreaker *ServiceDeploymentCircuitBreaker `json:"deploymentCircuitBreaker,omitempty"`

	// alarms is the state of the alarms that can end the deployment. Unset means
	// that it watches none.
	// +optional
	Alarms *ServiceDeploymentAlarms `json:"alarms,omitempty"`

	// rollback says that the deployment goes back, or went, and why. Unset means
	// that it doesn't.
	// +optional
	Rollback *Rollback `json:"rollback,omitempty"`

	// lifecycleHookDetails are the runs of lifecycle hooks, oldest first.
	// +optional
	// +listType=map
	// +listMapKey=hookId
	// +kubebuilder:validation:MaxItems=100
	LifecycleHookDetails []DeploymentLifecycleHookDetail `json:"lifecycleHookDetails,omitempty"`

	// kubernetes is what the operator has to remember of a deployment beside what
	// ECS shows.
	// +optional
	Kubernetes *ServiceDeploymentKubernetes `json:"kubernetes,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ServiceRevisionSummary counts the tasks of a service revision.
type ServiceRevisionSummary struct {
	// name is the ServiceRevision object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// arn is its ARN.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Arn string `json:"arn,omitempty"`

	// requestedTaskCount is how many tasks should run.
	// +optional
	RequestedTaskCount int32 `json:"requestedTaskCount"`

	// runningTaskCount counts tasks in RUNNING.
	// +optional
	RunningTaskCount int32 `json:"runningTaskCount"`

	// pendingTaskCount counts tasks on their way to RUNNING.
	// +optional
	PendingTaskCount int32 `json:"pendingTaskCount"`

	// requestedProductionTrafficWeight is the share of production traffic in
	// percent that is directed to the revision, 0 to 100 in tenths. Unset where
	// the deployment moves no traffic.
	// +optional
	RequestedProductionTrafficWeight *Decimal `json:"requestedProductionTrafficWeight,omitempty"`

	// requestedTestTrafficWeight is the share of test traffic in percent that is
	// directed to the revision, 0 to 100 in tenths. Unset where there is no test
	// traffic.
	// +optional
	RequestedTestTrafficWeight *Decimal `json:"requestedTestTrafficWeight,omitempty"`
}

// ServiceDeploymentCircuitBreaker is the state of the circuit breaker.
type ServiceDeploymentCircuitBreaker struct {
	// status is TRIGGERED, MONITORING, MONITORING_COMPLETE or DISABLED.
	// +optional
	Status RollbackMonitorsStatus `json:"status,omitempty"`

	// failureCount counts failed tasks so far.
	// +optional
	FailureCount int32 `json:"failureCount"`

	// threshold is the count at which the deployment ends.
	// +optional
	Threshold int32 `json:"threshold"`
}

// ServiceDeployment is the record of one deployment: from which service
// revisions to which, how far it is and how it ended. The newest one of a
// service is its PRIMARY deployment. The operator makes it; nobody edits it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=esd,categories=ecs
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.spec.targetServiceRevision`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.rolloutState`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desiredTaskCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningTaskCount`
// +kubebuilder:printcolumn:name="Healthy",type=integer,JSONPath=`.status.healthyTaskCount`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.failedTasks`
// +kubebuilder:printcolumn:name="Stage",type=string,JSONPath=`.status.lifecycleStage`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ServiceDeployment struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec says from where to where. It can't change.
	// +required
	Spec ServiceDeploymentSpec `json:"spec"`

	// status is how far the deployment is.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status ServiceDeploymentStatus `json:"status,omitzero"`
}

// ServiceDeploymentList is a list of ServiceDeployment.
//
// +kubebuilder:object:root=true
type ServiceDeploymentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ServiceDeployment `json:"items"`
}
