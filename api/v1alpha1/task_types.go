// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TaskSpec is the body of RunTask for one task, or of StartTask if
// containerInstances is given.
// +kubebuilder:validation:XValidation:rule="self.taskDefinition == oldSelf.taskDefinition && (has(self.cluster) ? has(oldSelf.cluster) && self.cluster == oldSelf.cluster : !has(oldSelf.cluster)) && (has(self.launchType) ? has(oldSelf.launchType) && self.launchType == oldSelf.launchType : !has(oldSelf.launchType)) && (has(self.capacityProviderStrategy) ? has(oldSelf.capacityProviderStrategy) && self.capacityProviderStrategy == oldSelf.capacityProviderStrategy : !has(oldSelf.capacityProviderStrategy)) && (has(self.containerInstances) ? has(oldSelf.containerInstances) && self.containerInstances == oldSelf.containerInstances : !has(oldSelf.containerInstances)) && (has(self.networkConfiguration) ? has(oldSelf.networkConfiguration) && self.networkConfiguration == oldSelf.networkConfiguration : !has(oldSelf.networkConfiguration)) && (has(self.overrides) ? has(oldSelf.overrides) && self.overrides == oldSelf.overrides : !has(oldSelf.overrides)) && (has(self.placementConstraints) ? has(oldSelf.placementConstraints) && self.placementConstraints == oldSelf.placementConstraints : !has(oldSelf.placementConstraints)) && (has(self.placementStrategy) ? has(oldSelf.placementStrategy) && self.placementStrategy == oldSelf.placementStrategy : !has(oldSelf.placementStrategy)) && (has(self.platformVersion) ? has(oldSelf.platformVersion) && self.platformVersion == oldSelf.platformVersion : !has(oldSelf.platformVersion)) && (has(self.group) ? has(oldSelf.group) && self.group == oldSelf.group : !has(oldSelf.group)) && (has(self.startedBy) ? has(oldSelf.startedBy) && self.startedBy == oldSelf.startedBy : !has(oldSelf.startedBy)) && (has(self.propagateTags) ? has(oldSelf.propagateTags) && self.propagateTags == oldSelf.propagateTags : !has(oldSelf.propagateTags)) && (has(self.enableECSManagedTags) ? has(oldSelf.enableECSManagedTags) && self.enableECSManagedTags == oldSelf.enableECSManagedTags : !has(oldSelf.enableECSManagedTags)) && (has(self.enableExecuteCommand) ? has(oldSelf.enableExecuteCommand) && self.enableExecuteCommand == oldSelf.enableExecuteCommand : !has(oldSelf.enableExecuteCommand)) && (has(self.volumeConfigurations) ? has(oldSelf.volumeConfigurations) && self.volumeConfigurations == oldSelf.volumeConfigurations : !has(oldSelf.volumeConfigurations)) && (has(self.tags) ? has(oldSelf.tags) && self.tags == oldSelf.tags : !has(oldSelf.tags))",message="spec: a task never changes; run another Task. What can be set is kubernetes.desiredStatus, to stop it"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.kubernetes) || !has(oldSelf.kubernetes.desiredStatus) || oldSelf.kubernetes.desiredStatus != 'STOPPED' || (has(self.kubernetes) && has(self.kubernetes.desiredStatus) && self.kubernetes.desiredStatus == 'STOPPED')",message="kubernetes.desiredStatus: a stopped task doesn't run again; run another Task",fieldPath=".kubernetes"
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || !has(self.capacityProviderStrategy) || size(self.capacityProviderStrategy) == 0",message="launchType: give either launchType or capacityProviderStrategy; take one out",fieldPath=".launchType"
// +kubebuilder:validation:XValidation:rule="!has(self.containerInstances) || size(self.containerInstances) == 0 || (!has(self.launchType) && (!has(self.capacityProviderStrategy) || size(self.capacityProviderStrategy) == 0) && (!has(self.placementConstraints) || size(self.placementConstraints) == 0) && (!has(self.placementStrategy) || size(self.placementStrategy) == 0))",message="containerInstances: the instance is chosen already; take launchType, capacityProviderStrategy, placementConstraints and placementStrategy out",fieldPath=".containerInstances"
// +kubebuilder:validation:XValidation:rule="!has(self.containerInstances) || size(self.containerInstances) == 0 || !has(self.startedBy) || size(self.startedBy) <= 36",message="startedBy: at most 36 characters with containerInstances; shorten it",fieldPath=".startedBy"
// +kubebuilder:validation:XValidation:rule="!has(self.propagateTags) || self.propagateTags != 'SERVICE'",message="propagateTags: a single task has no service; use TASK_DEFINITION or NONE",fieldPath=".propagateTags"
// +kubebuilder:validation:XValidation:rule="!has(self.group) || !(self.group.startsWith('family:') || self.group.startsWith('service:'))",message="group: names that begin with family: or service: are reserved; choose another",fieldPath=".group"
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || self.launchType != 'FARGATE' || ((!has(self.placementConstraints) || size(self.placementConstraints) == 0) && (!has(self.placementStrategy) || size(self.placementStrategy) == 0))",message="placementConstraints and placementStrategy: Fargate has no container instances to choose from; take them out",fieldPath=".placementConstraints"
type TaskSpec struct {
	// taskDefinition is what to run: family (its newest ACTIVE revision),
	// family:revision or an ARN.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255}(:[1-9][0-9]*)?)$')",message="taskDefinition: write family, family:revision or an ARN; a family has letters, digits, hyphens and underscores"
	TaskDefinition string `json:"taskDefinition"`

	// cluster is the name or ARN of the cluster to run in. Unset means the cluster
	// named default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster,omitempty"`

	// launchType is EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES. It excludes
	// capacityProviderStrategy.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderStrategy chooses the capacity provider. It excludes
	// launchType.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.filter(i, has(i.base) && i.base > 0).size() <= 1",message="capacityProviderStrategy[].base: only one item can have a base; take it out of the others"
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || self.exists(i, has(i.weight) && i.weight > 0)",message="capacityProviderStrategy[].weight: at least one item needs a weight above 0; set one"
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x.capacityProvider == y.capacityProvider))",message="capacityProviderStrategy[].capacityProvider: a provider is listed twice; join the two items"
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`

	// containerInstances is the container instance to run on, by name, ID or ARN:
	// the task is then started as by StartTask, past placement. StartTask takes
	// ten, one task each; a Task object is one task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:items:MinLength=1
	ContainerInstances []string `json:"containerInstances,omitempty"`

	// networkConfiguration is required with network mode awsvpc in ECS. Kubernetes
	// needs none.
	// +optional
	NetworkConfiguration *NetworkConfiguration `json:"networkConfiguration,omitempty"`

	// overrides change parts of the task definition for this task.
	// +optional
	Overrides *TaskOverride `json:"overrides,omitempty"`

	// placementConstraints limit the container instances; at most 10. StartTask
	// takes none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []PlacementConstraint `json:"placementConstraints,omitempty"`

	// placementStrategy says which of them to prefer; at most 5. StartTask takes
	// none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	PlacementStrategy []PlacementStrategy `json:"placementStrategy,omitempty"`

	// platformVersion is the Fargate platform version. Unset means LATEST. On
	// Kubernetes it has no effect.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// group is a name that placement can refer to. Unset means family:FAMILY.
	// Names that begin with family: or service: are reserved.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Group string `json:"group,omitempty"`

	// startedBy is who or what started the task: letters, digits, hyphens,
	// underscores and slashes, at most 128, or 36 with containerInstances.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_/-]*$`
	StartedBy string `json:"startedBy,omitempty"`

	// propagateTags copies the tags of the task definition. Unset means NONE.
	// SERVICE is refused: a single task has no service. It has no effect so far.
	// +optional
	PropagateTags PropagateTags `json:"propagateTags,omitempty"`

	// enableECSManagedTags adds the tag aws:ecs:clusterName. Unset means false. It
	// has no effect so far.
	// +optional
	EnableECSManagedTags *bool `json:"enableECSManagedTags,omitempty"`

	// enableExecuteCommand allows ECS Exec in the task. Unset means false. It has
	// no effect: kubectl exec works by the rights of whoever runs it.
	// +optional
	EnableExecuteCommand *bool `json:"enableExecuteCommand,omitempty"`

	// volumeConfigurations give the task definition's volume with
	// configuredAtLaunch its settings.
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

	// kubernetes is what ECS says by other calls than RunTask: it stops the task.
	// It is the only part of the spec that can change.
	// +optional
	Kubernetes *TaskKubernetes `json:"kubernetes,omitempty"`
}

// TaskKubernetes is what a Task has beyond the body of RunTask.
type TaskKubernetes struct {
	// desiredStatus STOPPED stops the task, as StopTask does, and keeps the
	// object for an hour. Unset means RUNNING. A stopped task doesn't run again.
	// +optional
	DesiredStatus TaskDesiredStatus `json:"desiredStatus,omitempty"`

	// reason is what stoppedReason says of a task that is stopped by
	// desiredStatus: StopTask's reason. Unset means "Task stopped by user".
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`
}

// Task is a task that someone ran: RunTask or StartTask as an object. One
// object is one task and one pod; it outlives the pod by an hour. The tasks of
// a service are its pods and have no such object.
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

	// spec is the body of RunTask. Only its part kubernetes can change: run
	// another task instead.
	// +required
	Spec TaskSpec `json:"spec"`

	// status is what has become of the task.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
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
