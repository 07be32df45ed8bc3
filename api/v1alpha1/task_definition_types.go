// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NetworkMode is how a task's containers are connected.
// +kubebuilder:validation:Enum=bridge;host;awsvpc;none
type NetworkMode string

// The values of NetworkMode.
const (
	NetworkModeBridge NetworkMode = "bridge"
	NetworkModeHost   NetworkMode = "host"
	NetworkModeAwsvpc NetworkMode = "awsvpc"
	NetworkModeNone   NetworkMode = "none"
)

// PidMode says whose processes a task's containers see.
// +kubebuilder:validation:Enum=host;task
type PidMode string

// The values of PidMode.
const (
	PidModeHost PidMode = "host"
	PidModeTask PidMode = "task"
)

// IpcMode says with whom a task's containers share System V and POSIX IPC.
// +kubebuilder:validation:Enum=host;task;none
type IpcMode string

// The values of IpcMode.
const (
	IpcModeHost IpcMode = "host"
	IpcModeTask IpcMode = "task"
	IpcModeNone IpcMode = "none"
)

// Compatibility is a launch type that a task definition can be checked against.
// +kubebuilder:validation:Enum=EC2;FARGATE;EXTERNAL;MANAGED_INSTANCES
type Compatibility string

// The values of Compatibility.
const (
	CompatibilityEC2              Compatibility = "EC2"
	CompatibilityFargate          Compatibility = "FARGATE"
	CompatibilityExternal         Compatibility = "EXTERNAL"
	CompatibilityManagedInstances Compatibility = "MANAGED_INSTANCES"
)

// CPUArchitecture is the processor architecture a task needs.
// +kubebuilder:validation:Enum=X86_64;ARM64
type CPUArchitecture string

// The values of CPUArchitecture.
const (
	CPUArchitectureX86_64 CPUArchitecture = "X86_64"
	CPUArchitectureARM64  CPUArchitecture = "ARM64"
)

// OSFamily is the operating system a task needs.
// +kubebuilder:validation:Enum=LINUX;WINDOWS_SERVER_2016_FULL;WINDOWS_SERVER_2019_FULL;WINDOWS_SERVER_2019_CORE;WINDOWS_SERVER_2004_CORE;WINDOWS_SERVER_20H2_CORE;WINDOWS_SERVER_2022_FULL;WINDOWS_SERVER_2022_CORE;WINDOWS_SERVER_2025_FULL;WINDOWS_SERVER_2025_CORE
type OSFamily string

// The values of OSFamily.
const (
	OSFamilyLinux                 OSFamily = "LINUX"
	OSFamilyWindowsServer2016Full OSFamily = "WINDOWS_SERVER_2016_FULL"
	OSFamilyWindowsServer2019Full OSFamily = "WINDOWS_SERVER_2019_FULL"
	OSFamilyWindowsServer2019Core OSFamily = "WINDOWS_SERVER_2019_CORE"
	OSFamilyWindowsServer2004Core OSFamily = "WINDOWS_SERVER_2004_CORE"
	OSFamilyWindowsServer20h2Core OSFamily = "WINDOWS_SERVER_20H2_CORE"
	OSFamilyWindowsServer2022Full OSFamily = "WINDOWS_SERVER_2022_FULL"
	OSFamilyWindowsServer2022Core OSFamily = "WINDOWS_SERVER_2022_CORE"
	OSFamilyWindowsServer2025Full OSFamily = "WINDOWS_SERVER_2025_FULL"
	OSFamilyWindowsServer2025Core OSFamily = "WINDOWS_SERVER_2025_CORE"
)

// TaskDefinitionPlacementConstraintType is the kind of a constraint in a task definition.
// +kubebuilder:validation:Enum=memberOf
type TaskDefinitionPlacementConstraintType string

// The values of TaskDefinitionPlacementConstraintType.
const (
	TaskDefinitionPlacementConstraintTypeMemberOf TaskDefinitionPlacementConstraintType = "memberOf"
)

// ProxyConfigurationType is the kind of a proxy.
// +kubebuilder:validation:Enum=APPMESH
type ProxyConfigurationType string

// The values of ProxyConfigurationType.
const (
	ProxyConfigurationTypeAPPMESH ProxyConfigurationType = "APPMESH"
)

// TaskDefinitionState is the life of a registered revision as ECS names it.
// +kubebuilder:validation:Enum=ACTIVE;INACTIVE;DELETE_IN_PROGRESS
type TaskDefinitionState string

// The values of TaskDefinitionState.
const (
	TaskDefinitionStateActive           TaskDefinitionState = "ACTIVE"
	TaskDefinitionStateInactive         TaskDefinitionState = "INACTIVE"
	TaskDefinitionStateDeleteInProgress TaskDefinitionState = "DELETE_IN_PROGRESS"
)

// TaskDefinitionFields is the body of RegisterTaskDefinition. TaskDefinition.spec and
// TaskDefinitionRevision.spec.taskDefinition share it.
type TaskDefinitionFields struct {
	// family groups the revisions of one task definition; services name it. Unset means metadata.name. Letters,
	// digits, hyphens and underscores, at most 255. It can't change once the object exists.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Family string `json:"family,omitempty"`

	// containerDefinitions are the containers of one task: 1 to 10, with different names, at least one of them
	// essential. They become the containers of one pod.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	ContainerDefinitions []ContainerDefinition `json:"containerDefinitions"`

	// cpu is the CPU for the whole task, as a string: units ("1024") or vCPUs ("1 vCPU"); 1024 units are one vCPU. It
	// is a ceiling on Linux. Unset means no ceiling, which Fargate refuses. EC2 takes 128 to 196608 units, Fargate the
	// sizes of its table.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[vV][cC][pP][uU])$`
	Cpu string `json:"cpu,omitempty"`

	// memory is the memory for the whole task, as a string: MiB ("2048") or GB ("2 GB"). Unset is allowed outside
	// Fargate if each container has memory or memoryReservation.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[gG][bB])$`
	Memory string `json:"memory,omitempty"`

	// networkMode is awsvpc, bridge, host or none. Unset means bridge on Linux. On Kubernetes awsvpc and bridge both
	// give the task a pod address of its own; host uses the node's network. Containers of one pod share one network
	// namespace, so two of them can't listen on the same port, whatever the mode.
	// +optional
	NetworkMode NetworkMode `json:"networkMode,omitempty"`

	// requiresCompatibilities lists the launch types this task definition must be valid for; it is refused if it
	// isn't. Unset means no such check.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	RequiresCompatibilities []Compatibility `json:"requiresCompatibilities,omitempty"`

	// taskRoleArn is the IAM role that the application in the containers acts as. Unset means no role.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskRoleArn string `json:"taskRoleArn,omitempty"`

	// executionRoleArn is the IAM role used to pull images, to write logs and to read secrets before the application
	// starts. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ExecutionRoleArn string `json:"executionRoleArn,omitempty"`

	// volumes are the volumes that containers mount through mountPoints[].sourceVolume. Unset means none.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Volumes []Volume `json:"volumes,omitempty"`

	// placementConstraints limit the container instances that tasks may run on, in addition to those of the service.
	// At most 10. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []TaskDefinitionPlacementConstraint `json:"placementConstraints,omitempty"`

	// pidMode is host (processes of the node) or task (all containers of the task see each other). Unset means that
	// each container sees its own processes only. Fargate takes task only.
	// +optional
	PidMode PidMode `json:"pidMode,omitempty"`

	// ipcMode is host, task or none. Unset leaves it to the runtime; on Kubernetes the containers of one pod always
	// share IPC. Fargate refuses it.
	// +optional
	IpcMode IpcMode `json:"ipcMode,omitempty"`

	// proxyConfiguration describes an App Mesh proxy. App Mesh has reached its end of life and the operator does not
	// act on this.
	// +optional
	ProxyConfiguration *ProxyConfiguration `json:"proxyConfiguration,omitempty"`

	// inferenceAccelerators are Elastic Inference devices. The service behind them is retired and the operator does
	// not act on this.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	InferenceAccelerators []InferenceAccelerator `json:"inferenceAccelerators,omitempty"`

	// ephemeralStorage is the scratch space of the task. Unset means 20 GiB on Fargate.
	// +optional
	EphemeralStorage *EphemeralStorage `json:"ephemeralStorage,omitempty"`

	// runtimePlatform is the operating system and processor the task needs. Unset means LINUX on X86_64.
	// +optional
	RuntimePlatform *RuntimePlatform `json:"runtimePlatform,omitempty"`

	// enableFaultInjection opens the agent's fault injection endpoints to the task. Unset means false.
	// +optional
	EnableFaultInjection *bool `json:"enableFaultInjection,omitempty"`

	// tags are up to 50 tags of the task definition; they reach tasks if propagateTags says TASK_DEFINITION.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`
}

// TaskDefinitionPlacementConstraint narrows the container instances for every task of the definition.
type TaskDefinitionPlacementConstraint struct {
	// type is memberOf, the only kind a task definition takes.
	// +required
	Type TaskDefinitionPlacementConstraintType `json:"type"`

	// expression is a condition in the cluster query language, such as `attribute:ecs.instance-type =~ t3.*`.
	// +optional
	// +kubebuilder:validation:MaxLength=2000
	Expression string `json:"expression,omitempty"`
}

// ProxyConfiguration names the container that proxies the task's traffic.
type ProxyConfiguration struct {
	// type is APPMESH, which is also what unset means.
	// +optional
	Type ProxyConfigurationType `json:"type,omitempty"`

	// containerName is the container that runs the proxy.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ContainerName string `json:"containerName"`

	// properties are the network parameters of the proxy, such as ProxyIngressPort and AppPorts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Properties []KeyValuePair `json:"properties,omitempty"`
}

// InferenceAccelerator is an Elastic Inference device.
type InferenceAccelerator struct {
	// deviceName is what containers refer to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DeviceName string `json:"deviceName"`

	// deviceType is the accelerator type.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DeviceType string `json:"deviceType"`
}

// EphemeralStorage is the size of the scratch space.
type EphemeralStorage struct {
	// sizeInGiB is 21 to 200 GiB, shared by all containers of the task.
	// +required
	// +kubebuilder:validation:Minimum=21
	// +kubebuilder:validation:Maximum=200
	SizeInGiB int32 `json:"sizeInGiB"`
}

// RuntimePlatform is what a task needs of its machine.
type RuntimePlatform struct {
	// cpuArchitecture is X86_64 or ARM64. Unset means X86_64. On Kubernetes it becomes the node label
	// kubernetes.io/arch.
	// +optional
	CpuArchitecture CPUArchitecture `json:"cpuArchitecture,omitempty"`

	// operatingSystemFamily is LINUX or a Windows release. Unset means LINUX. On Kubernetes it becomes the node label
	// kubernetes.io/os.
	// +optional
	OperatingSystemFamily OSFamily `json:"operatingSystemFamily,omitempty"`
}

// TaskDefinitionSpec is the body of RegisterTaskDefinition.
type TaskDefinitionSpec struct {
	TaskDefinitionFields `json:",inline"`
}

// TaskDefinitionStatus says which revision a task definition stands at.
type TaskDefinitionStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// family is the family in effect: spec.family or, without it, metadata.name.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Family string `json:"family,omitempty"`

	// latestRevision is the number of the newest revision that this object has registered. Numbers only grow and are
	// never used twice.
	// +optional
	LatestRevision *int64 `json:"latestRevision,omitempty"`

	// latestRevisionName is the name of the TaskDefinitionRevision object that holds it.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	LatestRevisionName string `json:"latestRevisionName,omitempty"`

	// taskDefinitionArn is the ARN of the newest revision.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinitionArn string `json:"taskDefinitionArn,omitempty"`

	// status is that of the newest revision.
	// +optional
	Status TaskDefinitionState `json:"status,omitempty"`

	// unmappedFields are the paths of fields that are set and have no effect on pods so far.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=512
	// +kubebuilder:validation:items:MaxLength=512
	UnmappedFields []string `json:"unmappedFields,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// TaskDefinition is one family of task definitions: the recipe for a task. Each change of spec is kept as an
// immutable TaskDefinitionRevision `family:N`, and services run revisions, never this object itself.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=td,categories=ecs
// +kubebuilder:printcolumn:name="Family",type=string,JSONPath=`.status.family`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.status.latestRevision`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Network",type=string,JSONPath=`.spec.networkMode`,priority=1
// +kubebuilder:printcolumn:name="CPU",type=string,JSONPath=`.spec.cpu`,priority=1
// +kubebuilder:printcolumn:name="Memory",type=string,JSONPath=`.spec.memory`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type TaskDefinition struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of RegisterTaskDefinition. A change registers a new revision.
	// +required
	Spec TaskDefinitionSpec `json:"spec"`

	// status is what the operator has registered.
	// +optional
	Status TaskDefinitionStatus `json:"status,omitzero"`
}

// TaskDefinitionList is a list of TaskDefinition.
//
// +kubebuilder:object:root=true
type TaskDefinitionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []TaskDefinition `json:"items"`
}
