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

// TaskSpec is the body of RunTask for one task, or of StartTask if containerInstances is given.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec: a task never changes; run another Task"
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || !has(self.capacityProviderStrategy) || size(self.capacityProviderStrategy) == 0",message="launchType: give either launchType or capacityProviderStrategy; take one out",fieldPath=".launchType"
// +kubebuilder:validation:XValidation:rule="!has(self.containerInstances) || size(self.containerInstances) == 0 || (!has(self.launchType) && (!has(self.capacityProviderStrategy) || size(self.capacityProviderStrategy) == 0) && (!has(self.placementConstraints) || size(self.placementConstraints) == 0) && (!has(self.placementStrategy) || size(self.placementStrategy) == 0))",message="containerInstances: the instance is chosen already; take launchType, capacityProviderStrategy, placementConstraints and placementStrategy out",fieldPath=".containerInstances"
// +kubebuilder:validation:XValidation:rule="!has(self.containerInstances) || size(self.containerInstances) == 0 || !has(self.startedBy) || size(self.startedBy) <= 36",message="startedBy: at most 36 characters with containerInstances; shorten it",fieldPath=".startedBy"
// +kubebuilder:validation:XValidation:rule="!has(self.propagateTags) || self.propagateTags != 'SERVICE'",message="propagateTags: a single task has no service; use TASK_DEFINITION or NONE",fieldPath=".propagateTags"
// +kubebuilder:validation:XValidation:rule="!has(self.group) || !(self.group.startsWith('family:') || self.group.startsWith('service:'))",message="group: names that begin with family: or service: are reserved; choose another",fieldPath=".group"
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || self.launchType != 'FARGATE' || ((!has(self.placementConstraints) || size(self.placementConstraints) == 0) && (!has(self.placementStrategy) || size(self.placementStrategy) == 0))",message="placementConstraints and placementStrategy: Fargate has no container instances to choose from; take them out",fieldPath=".placementConstraints"
type TaskSpec struct {
	// taskDefinition is what to run: family (its newest ACTIVE revision), family:revision or an ARN.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255}(:[1-9][0-9]*)?)$')",message="taskDefinition: write family, family:revision or an ARN; a family has letters, digits, hyphens and underscores"
	TaskDefinition string `json:"taskDefinition"`

	// cluster is the name or ARN of the cluster to run in. Unset means the cluster named default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster,omitempty"`

	// launchType is EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES. It excludes capacityProviderStrategy.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderStrategy chooses the capacity provider. It excludes launchType.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.filter(i, has(i.base) && i.base > 0).size() <= 1",message="capacityProviderStrategy[].base: only one item can have a base; take it out of the others"
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || self.exists(i, has(i.weight) && i.weight > 0)",message="capacityProviderStrategy[].weight: at least one item needs a weight above 0; set one"
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x.capacityProvider == y.capacityProvider))",message="capacityProviderStrategy[].capacityProvider: a provider is listed twice; join the two items"
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`

	// containerInstances is the container instance to run on, by name, ID or ARN: the task is then started as by
	// StartTask, past placement. StartTask takes ten, one task each; a Task object is one task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:items:MinLength=1
	ContainerInstances []string `json:"containerInstances,omitempty"`

	// networkConfiguration is required with network mode awsvpc in ECS. Kubernetes needs none.
	// +optional
	NetworkConfiguration *NetworkConfiguration `json:"networkConfiguration,omitempty"`

	// overrides change parts of the task definition for this task.
	// +optional
	Overrides *TaskOverride `json:"overrides,omitempty"`

	// placementConstraints limit the container instances; at most 10. StartTask takes none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []PlacementConstraint `json:"placementConstraints,omitempty"`

	// placementStrategy says which of them to prefer; at most 5. StartTask takes none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	PlacementStrategy []PlacementStrategy `json:"placementStrategy,omitempty"`

	// platformVersion is the Fargate platform version. Unset means LATEST. On Kubernetes it has no effect.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// group is a name that placement can refer to. Unset means family:FAMILY. Names that begin with family: or
	// service: are reserved.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Group string `json:"group,omitempty"`

	// startedBy is who or what started the task: letters, digits, hyphens, underscores and slashes, at most 128, or 36
	// with containerInstances.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_/-]*$`
	StartedBy string `json:"startedBy,omitempty"`

	// propagateTags copies the tags of the task definition. Unset means NONE. SERVICE is refused: a single task has no
	// service.
	// +optional
	PropagateTags PropagateTags `json:"propagateTags,omitempty"`

	// enableECSManagedTags adds the tag aws:ecs:clusterName. Unset means false.
	// +optional
	EnableECSManagedTags *bool `json:"enableECSManagedTags,omitempty"`

	// enableExecuteCommand allows ECS Exec in the task. Unset means false.
	// +optional
	EnableExecuteCommand *bool `json:"enableExecuteCommand,omitempty"`

	// volumeConfigurations give the task definition's volume with configuredAtLaunch its settings.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1
	VolumeConfigurations []TaskVolumeConfiguration `json:"volumeConfigurations,omitempty"`

	// tags are up to 50 tags of the task.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`
}

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

	// lastStatus is where the task is: PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING,
	// DEPROVISIONING, STOPPED, DELETED.
	// +optional
	LastStatus TaskState `json:"lastStatus,omitempty"`

	// desiredStatus is RUNNING or STOPPED.
	// +optional
	DesiredStatus TaskDesiredStatus `json:"desiredStatus,omitempty"`

	// healthStatus is UNHEALTHY if an essential container is, else UNKNOWN if one is unknown, else HEALTHY.
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

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Task is a task that someone ran: RunTask or StartTask as an object. One object is one task and one pod; it outlives
// the pod by an hour. The tasks of a service are its pods and have no such object.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=etask,categories=ecs
// +kubebuilder:printcolumn:name="Task definition",type=string,JSONPath=`.spec.taskDefinition`
// +kubebuilder:printcolumn:name="Last status",type=string,JSONPath=`.status.lastStatus`
// +kubebuilder:printcolumn:name="Desired status",type=string,JSONPath=`.status.desiredStatus`
// +kubebuilder:printcolumn:name="Health",type=string,JSONPath=`.status.healthStatus`
// +kubebuilder:printcolumn:name="Stop code",type=string,JSONPath=`.status.stopCode`
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.cluster`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.stoppedReason`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Task struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of RunTask. It can't change: run another task instead.
	// +required
	Spec TaskSpec `json:"spec"`

	// status is what has become of the task.
	// +optional
	Status TaskStatus `json:"status,omitzero"`
}

// TaskList is a list of Task.
//
// +kubebuilder:object:root=true
type TaskList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Task `json:"items"`
}
