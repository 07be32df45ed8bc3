// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TaskState is the life of a task as ECS names it.
// +kubebuilder:validation:Enum=PROVISIONING;PENDING;ACTIVATING;RUNNING;DEACTIVATING;STOPPING;DEPROVISIONING;STOPPED;DELETED
type TaskState string

// The values of TaskState.
const (
	TaskStateProvisioning   TaskState = "PROVISIONING"
	TaskStatePending        TaskState = "PENDING"
	TaskStateActivating     TaskState = "ACTIVATING"
	TaskStateRunning        TaskState = "RUNNING"
	TaskStateDeactivating   TaskState = "DEACTIVATING"
	TaskStateStopping       TaskState = "STOPPING"
	TaskStateDeprovisioning TaskState = "DEPROVISIONING"
	TaskStateStopped        TaskState = "STOPPED"
	TaskStateDeleted        TaskState = "DELETED"
)

// TaskDesiredStatus is what a task should be.
// +kubebuilder:validation:Enum=RUNNING;STOPPED
type TaskDesiredStatus string

// The values of TaskDesiredStatus.
const (
	TaskDesiredStatusRunning TaskDesiredStatus = "RUNNING"
	TaskDesiredStatusStopped TaskDesiredStatus = "STOPPED"
)

// TaskStopCode says why a task ended, in a word.
// +kubebuilder:validation:Enum=TaskFailedToStart;EssentialContainerExited;UserInitiated;ServiceSchedulerInitiated;SpotInterruption;TerminationNotice;InfrastructureHealth
type TaskStopCode string

// The values of TaskStopCode.
const (
	TaskStopCodeTaskFailedToStart         TaskStopCode = "TaskFailedToStart"
	TaskStopCodeEssentialContainerExited  TaskStopCode = "EssentialContainerExited"
	TaskStopCodeUserInitiated             TaskStopCode = "UserInitiated"
	TaskStopCodeServiceSchedulerInitiated TaskStopCode = "ServiceSchedulerInitiated"
	TaskStopCodeSpotInterruption          TaskStopCode = "SpotInterruption"
	TaskStopCodeTerminationNotice         TaskStopCode = "TerminationNotice"
	TaskStopCodeInfrastructureHealth      TaskStopCode = "InfrastructureHealth"
)

// HealthStatus is the health of a container or a task.
// +kubebuilder:validation:Enum=HEALTHY;UNHEALTHY;UNKNOWN
type HealthStatus string

// The values of HealthStatus.
const (
	HealthStatusHealthy   HealthStatus = "HEALTHY"
	HealthStatusUnhealthy HealthStatus = "UNHEALTHY"
	HealthStatusUnknown   HealthStatus = "UNKNOWN"
)

// Connectivity says whether a task's node reports.
// +kubebuilder:validation:Enum=CONNECTED;DISCONNECTED
type Connectivity string

// The values of Connectivity.
const (
	ConnectivityConnected    Connectivity = "CONNECTED"
	ConnectivityDisconnected Connectivity = "DISCONNECTED"
)

// TaskStatus is what DescribeTasks says.
type TaskStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// taskArn is the ARN of the task.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskArn string `json:"taskArn,omitempty"`

	// clusterArn is the ARN of its cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ClusterArn string `json:"clusterArn,omitempty"`

	// taskDefinitionArn is the revision it runs.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinitionArn string `json:"taskDefinitionArn,omitempty"`

	// containerInstanceArn is the container instance it runs on.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ContainerInstanceArn string `json:"containerInstanceArn,omitempty"`

	// lastStatus is where the task is: PROVISIONING, PENDING, ACTIVATING, RUNNING,
	// DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED, DELETED.
	// +optional
	LastStatus TaskState `json:"lastStatus,omitempty"`

	// desiredStatus is RUNNING or STOPPED.
	// +optional
	DesiredStatus TaskDesiredStatus `json:"desiredStatus,omitempty"`

	// healthStatus is UNHEALTHY if an essential container is, else UNKNOWN if one
	// is unknown, else HEALTHY.
	// +optional
	HealthStatus HealthStatus `json:"healthStatus,omitempty"`

	// connectivity says whether the node reports.
	// +optional
	Connectivity Connectivity `json:"connectivity,omitempty"`

	// connectivityAt is when that changed last.
	// +optional
	ConnectivityAt *metav1.Time `json:"connectivityAt,omitempty"`

	// stopCode says why the task ended, in a word.
	// +optional
	StopCode TaskStopCode `json:"stopCode,omitempty"`

	// stoppedReason says it in a sentence, in ECS's words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	StoppedReason string `json:"stoppedReason,omitempty"`

	// endedBy is the container whose end was the end of the task: with exit code 0
	// the task is Complete.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	EndedBy string `json:"endedBy,omitempty"`

	// launchType is what the task runs on.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderName is the capacity provider that was chosen.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	CapacityProviderName string `json:"capacityProviderName,omitempty"`

	// availabilityZone is the zone of its node.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	AvailabilityZone string `json:"availabilityZone,omitempty"`

	// platformVersion is the platform version in effect.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// platformFamily is the operating system.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformFamily string `json:"platformFamily,omitempty"`

	// group is the group in effect.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Group string `json:"group,omitempty"`

	// startedBy is who or what started the task.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	StartedBy string `json:"startedBy,omitempty"`

	// cpu is the task's CPU in units.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Cpu string `json:"cpu,omitempty"`

	// memory is the task's memory in MiB.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Memory string `json:"memory,omitempty"`

	// enableExecuteCommand says whether ECS Exec is allowed.
	// +optional
	EnableExecuteCommand *bool `json:"enableExecuteCommand,omitempty"`

	// ephemeralStorage is the scratch space in effect.
	// +optional
	EphemeralStorage *EphemeralStorage `json:"ephemeralStorage,omitempty"`

	// containers are the containers of the task.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Containers []TaskContainer `json:"containers,omitempty"`

	// attachments are network interfaces and volumes of the task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Attachments []Attachment `json:"attachments,omitempty"`

	// attributes are attributes of the task, such as its processor architecture.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Attributes []Attribute `json:"attributes,omitempty"`

	// createdAt is when it entered PENDING.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// pullStartedAt is when pulling images began.
	// +optional
	PullStartedAt *metav1.Time `json:"pullStartedAt,omitempty"`

	// pullStoppedAt is when pulling images ended.
	// +optional
	PullStoppedAt *metav1.Time `json:"pullStoppedAt,omitempty"`

	// startedAt is when it entered RUNNING.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// stoppingAt is when it was asked to stop.
	// +optional
	StoppingAt *metav1.Time `json:"stoppingAt,omitempty"`

	// executionStoppedAt is when the first essential container ended.
	// +optional
	ExecutionStoppedAt *metav1.Time `json:"executionStoppedAt,omitempty"`

	// stoppedAt is when it entered STOPPED.
	// +optional
	StoppedAt *metav1.Time `json:"stoppedAt,omitempty"`

	// version grows with each change.
	// +optional
	Version *int64 `json:"version,omitempty"`

	// podName is the pod that runs the task.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	PodName string `json:"podName,omitempty"`

	// unmappedFields are fields of the spec that are set and have no effect so
	// far.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	// +kubebuilder:validation:items:MaxLength=512
	UnmappedFields []string `json:"unmappedFields,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled;
	// Complete or Failed once the task has ended by itself.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
