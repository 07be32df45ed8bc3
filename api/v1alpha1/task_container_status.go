// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ManagedAgentName is a helper that runs beside a container.
// +kubebuilder:validation:Enum=ExecuteCommandAgent
type ManagedAgentName string

// The values of ManagedAgentName.
const (
	ManagedAgentNameExecuteCommandAgent ManagedAgentName = "ExecuteCommandAgent"
)

// TaskContainer is one container in DescribeTasks.
type TaskContainer struct {
	// name is its name in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name"`

	// containerArn is its ARN.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ContainerArn string `json:"containerArn,omitempty"`

	// lastStatus is PENDING, RUNNING or STOPPED.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	LastStatus string `json:"lastStatus,omitempty"`

	// image is its image.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Image string `json:"image,omitempty"`

	// imageDigest is the digest that runs.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	ImageDigest string `json:"imageDigest,omitempty"`

	// runtimeId is its ID on the node.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	RuntimeId string `json:"runtimeId,omitempty"`

	// exitCode is its exit code, once it has ended.
	// +optional
	ExitCode *int32 `json:"exitCode,omitempty"`

	// reason says why it ended or can't start, in ECS's words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// healthStatus is the outcome of its health check.
	// +optional
	HealthStatus HealthStatus `json:"healthStatus,omitempty"`

	// cpu is its CPU units.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Cpu string `json:"cpu,omitempty"`

	// memory is its hard limit in MiB.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Memory string `json:"memory,omitempty"`

	// memoryReservation is what is set aside for it in MiB.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	MemoryReservation string `json:"memoryReservation,omitempty"`

	// restartCount counts restarts in place.
	// +optional
	RestartCount *int32 `json:"restartCount,omitempty"`

	// networkBindings are the ports it is reachable at.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	NetworkBindings []NetworkBinding `json:"networkBindings,omitempty"`

	// networkInterfaces are its addresses.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitempty"`

	// managedAgents are helpers that run beside it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ManagedAgents []ManagedAgent `json:"managedAgents,omitempty"`

	// gpuIds are the GPUs given to it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=255
	GpuIds []string `json:"gpuIds,omitempty"`
}

// NetworkBinding is a port that a container is reachable at.
type NetworkBinding struct {
	// bindIP is the address.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	BindIP string `json:"bindIP,omitempty"`

	// containerPort is the container's port.
	// +optional
	ContainerPort *int32 `json:"containerPort,omitempty"`

	// containerPortRange is the container's range of ports.
	// +optional
	// +kubebuilder:validation:MaxLength=11
	ContainerPortRange string `json:"containerPortRange,omitempty"`

	// hostPort is the port at that address.
	// +optional
	HostPort *int32 `json:"hostPort,omitempty"`

	// hostPortRange is the range of ports at that address.
	// +optional
	// +kubebuilder:validation:MaxLength=11
	HostPortRange string `json:"hostPortRange,omitempty"`

	// protocol is tcp or udp.
	// +optional
	Protocol TransportProtocol `json:"protocol,omitempty"`
}

// NetworkInterface is an address of a container.
type NetworkInterface struct {
	// attachmentId is the attachment it comes from.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	AttachmentId string `json:"attachmentId,omitempty"`

	// privateIpv4Address is the IPv4 address: the pod's.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	PrivateIpv4Address string `json:"privateIpv4Address,omitempty"`

	// ipv6Address is the IPv6 address, if the pod has one.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	Ipv6Address string `json:"ipv6Address,omitempty"`
}

// ManagedAgent is a helper that runs beside a container.
type ManagedAgent struct {
	// name is which.
	// +optional
	Name ManagedAgentName `json:"name,omitempty"`

	// lastStatus is its state.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	LastStatus string `json:"lastStatus,omitempty"`

	// lastStartedAt is when it started last.
	// +optional
	LastStartedAt *metav1.Time `json:"lastStartedAt,omitempty"`

	// reason says why it is as it is.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`
}

// Attachment is something attached to a task.
type Attachment struct {
	// id is its ID.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Id string `json:"id,omitempty"`

	// type is ElasticNetworkInterface, AmazonElasticBlockStorage or the like.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Type string `json:"type,omitempty"`

	// status is its state.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Status string `json:"status,omitempty"`

	// details are its particulars.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Details []KeyValuePair `json:"details,omitempty"`
}
