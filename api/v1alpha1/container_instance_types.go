// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ContainerInstanceDesiredStatus is what UpdateContainerInstancesState takes.
// +kubebuilder:validation:Enum=ACTIVE;DRAINING
type ContainerInstanceDesiredStatus string

// The values of ContainerInstanceDesiredStatus.
const (
	ContainerInstanceDesiredStatusActive   ContainerInstanceDesiredStatus = "ACTIVE"
	ContainerInstanceDesiredStatusDraining ContainerInstanceDesiredStatus = "DRAINING"
)

// ContainerInstanceState is the life of a container instance as ECS names it.
// +kubebuilder:validation:Enum=REGISTERING;REGISTRATION_FAILED;ACTIVE;DRAINING;DEREGISTERING;INACTIVE
type ContainerInstanceState string

// The values of ContainerInstanceState.
const (
	ContainerInstanceStateRegistering        ContainerInstanceState = "REGISTERING"
	ContainerInstanceStateRegistrationFailed ContainerInstanceState = "REGISTRATION_FAILED"
	ContainerInstanceStateActive             ContainerInstanceState = "ACTIVE"
	ContainerInstanceStateDraining           ContainerInstanceState = "DRAINING"
	ContainerInstanceStateDeregistering      ContainerInstanceState = "DEREGISTERING"
	ContainerInstanceStateInactive           ContainerInstanceState = "INACTIVE"
)

// ResourceName is a resource that tasks take from a container instance.
// +kubebuilder:validation:Enum=CPU;MEMORY;PORTS;PORTS_UDP;GPU
type ResourceName string

// The values of ResourceName.
const (
	ResourceNameCPU      ResourceName = "CPU"
	ResourceNameMemory   ResourceName = "MEMORY"
	ResourceNamePorts    ResourceName = "PORTS"
	ResourceNamePortsUdp ResourceName = "PORTS_UDP"
	ResourceNameGPU      ResourceName = "GPU"
)

// ResourceValueType says which of the value fields counts.
// +kubebuilder:validation:Enum=INTEGER;STRINGSET
type ResourceValueType string

// The values of ResourceValueType.
const (
	ResourceValueTypeInteger   ResourceValueType = "INTEGER"
	ResourceValueTypeStringset ResourceValueType = "STRINGSET"
)

// InstanceHealthCheckState is the outcome of a health check of a container
// instance.
// +kubebuilder:validation:Enum=OK;IMPAIRED;INSUFFICIENT_DATA;INITIALIZING
type InstanceHealthCheckState string

// The values of InstanceHealthCheckState.
const (
	InstanceHealthCheckStateOK               InstanceHealthCheckState = "OK"
	InstanceHealthCheckStateImpaired         InstanceHealthCheckState = "IMPAIRED"
	InstanceHealthCheckStateInsufficientData InstanceHealthCheckState = "INSUFFICIENT_DATA"
	InstanceHealthCheckStateInitializing     InstanceHealthCheckState = "INITIALIZING"
)

// InstanceHealthCheckType is what a health check of a container instance looks
// at.
// +kubebuilder:validation:Enum=CONTAINER_RUNTIME;ACCELERATED_COMPUTE;DAEMON;AGENT_CONNECTIVITY
type InstanceHealthCheckType string

// The values of InstanceHealthCheckType.
const (
	InstanceHealthCheckTypeContainerRuntime   InstanceHealthCheckType = "CONTAINER_RUNTIME"
	InstanceHealthCheckTypeAcceleratedCompute InstanceHealthCheckType = "ACCELERATED_COMPUTE"
	InstanceHealthCheckTypeDaemon             InstanceHealthCheckType = "DAEMON"
	InstanceHealthCheckTypeAgentConnectivity  InstanceHealthCheckType = "AGENT_CONNECTIVITY"
)

// ContainerInstanceSpec is what is wanted of a container instance.
// +kubebuilder:validation:XValidation:rule="self.cluster == oldSelf.cluster",message="cluster: an instance can't move; delete it and let the other cluster choose the node",fieldPath=".cluster"
// +kubebuilder:validation:XValidation:rule="self.nodeName == oldSelf.nodeName",message="nodeName: an instance is one node; it can't change",fieldPath=".nodeName"
type ContainerInstanceSpec struct {
	// cluster is the cluster it is registered in. It can't change: an instance
	// moves by being deleted and registered anew.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Cluster string `json:"cluster"`

	// nodeName is the Node behind it. It can't change.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	NodeName string `json:"nodeName"`

	// attributes are up to ten attributes of your own, beside those taken from the
	// node's labels. Placement can ask for them.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Attributes []InstanceAttribute `json:"attributes,omitempty"`

	// status is ACTIVE or DRAINING. Unset means ACTIVE. A DRAINING instance gets
	// no new tasks and its service tasks are replaced elsewhere.
	// +optional
	Status ContainerInstanceDesiredStatus `json:"status,omitempty"`

	// kubernetes holds what only Kubernetes has.
	// +optional
	Kubernetes *ContainerInstanceKubernetes `json:"kubernetes,omitempty"`
}

// ContainerInstanceKubernetes is what a container instance needs to know about
// Kubernetes.
type ContainerInstanceKubernetes struct {
	// forceDeregistration is the force flag of DeregisterContainerInstance: when the
	// object is deleted, tasks that run there go on and are no longer looked after,
	// and services start others in their place. Unset means that an instance with
	// tasks isn't deregistered before they are gone.
	// +optional
	ForceDeregistration *bool `json:"forceDeregistration,omitempty"`
}

// InstanceAttribute is a property of a container instance.
type InstanceAttribute struct {
	// name is 1 to 128 letters, digits, hyphens, underscores, slashes and full
	// stops.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.\/-]+$`
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('ecs.') && !self.startsWith('com.amazonaws.ecs.')",message="attributes[].name: names that begin with ecs. and com.amazonaws.ecs. are built in; choose another"
	Name string `json:"name"`

	// value is at most 128 characters. Unset means that only the name counts.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Value string `json:"value,omitempty"`
}

// ContainerInstanceStatus is what DescribeContainerInstances says.
type ContainerInstanceStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// containerInstanceArn is the ARN of the instance.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ContainerInstanceArn string `json:"containerInstanceArn,omitempty"`

	// ec2InstanceId is the machine's ID, from the node's provider ID where there
	// is one.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Ec2InstanceId string `json:"ec2InstanceId,omitempty"`

	// status is ACTIVE or DRAINING in ordinary life; the others are the way in and
	// out.
	// +optional
	Status ContainerInstanceState `json:"status,omitempty"`

	// statusReason says why, where that isn't obvious.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	StatusReason string `json:"statusReason,omitempty"`

	// agentConnected says that the node reports. It takes the place of the ECS
	// agent's connection.
	// +optional
	AgentConnected bool `json:"agentConnected"`

	// registeredAt is when it was registered.
	// +optional
	RegisteredAt *metav1.Time `json:"registeredAt,omitempty"`

	// registeredResources is what the node has for tasks.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	RegisteredResources []Resource `json:"registeredResources,omitempty"`

	// remainingResources is what running and starting tasks leave of it.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	RemainingResources []Resource `json:"remainingResources,omitempty"`

	// runningTasksCount counts tasks that are to run and do.
	// +optional
	RunningTasksCount int32 `json:"runningTasksCount"`

	// pendingTasksCount counts tasks that are to run and don't so far.
	// +optional
	PendingTasksCount int32 `json:"pendingTasksCount"`

	// attributes are all attributes: built-in, from labels, and of your own.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Attributes []Attribute `json:"attributes,omitempty"`

	// capacityProviderName is the capacity provider the instance belongs to, if
	// any.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	CapacityProviderName string `json:"capacityProviderName,omitempty"`

	// versionInfo names the versions of the software on the node.
	// +optional
	VersionInfo *VersionInfo `json:"versionInfo,omitempty"`

	// healthStatus is the health of the node.
	// +optional
	HealthStatus *ContainerInstanceHealthStatus `json:"healthStatus,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Resource is an amount of one resource.
type Resource struct {
	// name is CPU (units of 1/1024), MEMORY (MiB), PORTS, PORTS_UDP (ports in use)
	// or GPU.
	// +required
	Name ResourceName `json:"name"`

	// type is INTEGER or STRINGSET.
	// +required
	Type ResourceValueType `json:"type"`

	// integerValue is the amount, if type is INTEGER.
	// +optional
	IntegerValue *int64 `json:"integerValue,omitempty"`

	// stringSetValue are the members, if type is STRINGSET.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	// +kubebuilder:validation:items:MaxLength=255
	StringSetValue []string `json:"stringSetValue,omitempty"`
}

// VersionInfo names versions.
type VersionInfo struct {
	// agentVersion is the kubelet's, which takes the agent's place.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	AgentVersion string `json:"agentVersion,omitempty"`

	// agentHash is the commit of the agent. The kubelet doesn't tell, and it stays
	// unset.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	AgentHash string `json:"agentHash,omitempty"`

	// dockerVersion is the container runtime's.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	DockerVersion string `json:"dockerVersion,omitempty"`
}

// ContainerInstanceHealthStatus is the health of a node.
type ContainerInstanceHealthStatus struct {
	// overallStatus is OK or what is worst among the details.
	// +optional
	OverallStatus InstanceHealthCheckState `json:"overallStatus,omitempty"`

	// details are the single checks.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=10
	Details []InstanceHealthCheckResult `json:"details,omitempty"`
}

// InstanceHealthCheckResult is the outcome of one check.
type InstanceHealthCheckResult struct {
	// type is what was looked at.
	// +required
	Type InstanceHealthCheckType `json:"type"`

	// status is the outcome.
	// +optional
	Status InstanceHealthCheckState `json:"status,omitempty"`

	// statusReason says why.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	StatusReason string `json:"statusReason,omitempty"`

	// lastStatusChange is when the outcome changed last.
	// +optional
	LastStatusChange *metav1.Time `json:"lastStatusChange,omitempty"`
}

// ContainerInstance is a Node that is registered in a Cluster. The operator
// makes one for each Node that the cluster chooses; people set attributes and
// drain it. Its name is the Node's.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ecsci,categories=ecs
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.cluster`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Agent",type=boolean,JSONPath=`.status.agentConnected`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningTasksCount`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pendingTasksCount`
// +kubebuilder:printcolumn:name="CPU left",type=integer,JSONPath=`.status.remainingResources[?(@.name=="CPU")].integerValue`
// +kubebuilder:printcolumn:name="Memory left",type=integer,JSONPath=`.status.remainingResources[?(@.name=="MEMORY")].integerValue`
// +kubebuilder:printcolumn:name="Node",type=string,JSONPath=`.spec.nodeName`,priority=1
// +kubebuilder:printcolumn:name="Instance ID",type=string,JSONPath=`.status.ec2InstanceId`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ContainerInstance struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what is wanted of the instance.
	// +required
	Spec ContainerInstanceSpec `json:"spec"`

	// status is what the operator has seen of the node.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status ContainerInstanceStatus `json:"status,omitzero"`
}

// ContainerInstanceList is a list of ContainerInstance.
//
// +kubebuilder:object:root=true
type ContainerInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ContainerInstance `json:"items"`
}
