// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// TaskOverride changes parts of the task definition for one task.
type TaskOverride struct {
	// containerOverrides are changes of single containers.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ContainerOverrides []ContainerOverride `json:"containerOverrides,omitempty"`

	// cpu replaces the task's CPU.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[vV][cC][pP][uU])$`
	Cpu string `json:"cpu,omitempty"`

	// memory replaces the task's memory.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[gG][bB])$`
	Memory string `json:"memory,omitempty"`

	// taskRoleArn replaces the task role.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskRoleArn string `json:"taskRoleArn,omitempty"`

	// executionRoleArn replaces the execution role.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ExecutionRoleArn string `json:"executionRoleArn,omitempty"`

	// ephemeralStorage replaces the size of the scratch space.
	// +optional
	EphemeralStorage *EphemeralStorage `json:"ephemeralStorage,omitempty"`

	// inferenceAcceleratorOverrides replaces Elastic Inference devices. The
	// operator does not act on this.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	InferenceAcceleratorOverrides []InferenceAcceleratorOverride `json:"inferenceAcceleratorOverrides,omitempty"`
}

// ContainerOverride changes one container for one task.
type ContainerOverride struct {
	// name is the container.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// command replaces the command.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	// +kubebuilder:validation:items:MaxLength=8192
	Command []string `json:"command,omitempty"`

	// environment adds variables, or replaces those of the same name.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	Environment []KeyValuePair `json:"environment,omitempty"`

	// environmentFiles replaces the files of variables.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	EnvironmentFiles []EnvironmentFile `json:"environmentFiles,omitempty"`

	// cpu replaces the CPU units.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=196608
	Cpu *int32 `json:"cpu,omitempty"`

	// memory replaces the hard limit in MiB.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	Memory *int32 `json:"memory,omitempty"`

	// memoryReservation replaces what is set aside in MiB.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	MemoryReservation *int32 `json:"memoryReservation,omitempty"`

	// resourceRequirements replaces the devices.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitempty"`
}

// InferenceAcceleratorOverride replaces an Elastic Inference device.
type InferenceAcceleratorOverride struct {
	// deviceName is the device of the task definition.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	DeviceName string `json:"deviceName,omitempty"`

	// deviceType is the type to use.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	DeviceType string `json:"deviceType,omitempty"`
}
