// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ResourceType is a kind of device.
// +kubebuilder:validation:Enum=GPU;InferenceAccelerator;NeuronDevice
type ResourceType string

// The values of ResourceType.
const (
	ResourceTypeGPU                  ResourceType = "GPU"
	ResourceTypeInferenceAccelerator ResourceType = "InferenceAccelerator"
	ResourceTypeNeuronDevice         ResourceType = "NeuronDevice"
)

// EnvironmentFileType is where an environment file lies.
// +kubebuilder:validation:Enum=s3
type EnvironmentFileType string

// The values of EnvironmentFileType.
const (
	EnvironmentFileTypes3 EnvironmentFileType = "s3"
)

// ContainerCondition is what one container waits for in another.
// +kubebuilder:validation:Enum=START;COMPLETE;SUCCESS;HEALTHY
type ContainerCondition string

// The values of ContainerCondition.
const (
	ContainerConditionStart    ContainerCondition = "START"
	ContainerConditionComplete ContainerCondition = "COMPLETE"
	ContainerConditionSuccess  ContainerCondition = "SUCCESS"
	ContainerConditionHealthy  ContainerCondition = "HEALTHY"
)

// KeyValuePair is a name with a value.
type KeyValuePair struct {
	// name is the name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Name string `json:"name"`

	// value is the value. Unset means empty.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Value string `json:"value,omitempty"`
}

// EnvironmentFile is a file of NAME=value lines.
type EnvironmentFile struct {
	// value is the ARN of an object whose name ends in .env.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.endsWith('.env')",message="environmentFiles[].value: the file's name must end in .env; rename it"
	Value string `json:"value"`

	// type is s3.
	// +required
	Type EnvironmentFileType `json:"type"`
}

// Secret is a value that is read from a secret store.
type Secret struct {
	// name is the name of the environment variable or log option to fill.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Name string `json:"name"`

	// valueFrom says where it comes from: the name or ARN of an SSM parameter, or
	// a Secrets Manager ARN, to which a JSON key, a version stage and a version ID
	// may be appended.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ValueFrom string `json:"valueFrom"`
}

// RepositoryCredentials is a login for an image repository.
type RepositoryCredentials struct {
	// credentialsParameter is the ARN or name of the secret that holds username
	// and password.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	CredentialsParameter string `json:"credentialsParameter"`
}

// HealthCheck is a command run in the container again and again.
type HealthCheck struct {
	// command begins with CMD (run as is) or CMD-SHELL (run by the container's
	// shell). Exit code 0 means healthy.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=8192
	// +kubebuilder:validation:XValidation:rule="self[0] in ['CMD', 'CMD-SHELL'] && size(self) > 1",message=`healthCheck.command: it must begin with CMD or CMD-SHELL and a command must follow; write it like ["CMD-SHELL", "curl -f http://localhost/"]`
	Command []string `json:"command"`

	// interval is the seconds between two runs, 5 to 300. Unset means 30.
	// +optional
	// +kubebuilder:validation:Minimum=5
	// +kubebuilder:validation:Maximum=300
	Interval *int32 `json:"interval,omitempty"`

	// timeout is the seconds a run may take, 2 to 60. Unset means 5.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=60
	Timeout *int32 `json:"timeout,omitempty"`

	// retries is how many failures in a row make the container UNHEALTHY, 1 to 10.
	// Unset means 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	Retries *int32 `json:"retries,omitempty"`

	// startPeriod is the seconds after the start in which failures don't count, 0
	// to 300. Unset means 0. A success ends it early.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=300
	StartPeriod *int32 `json:"startPeriod,omitempty"`
}

// ContainerDependency is one thing a container waits for.
type ContainerDependency struct {
	// containerName is another container of the same task.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ContainerName string `json:"containerName"`

	// condition is START (it runs), COMPLETE (it has ended), SUCCESS (it has ended
	// with 0) or HEALTHY (its health check passed).
	// +required
	Condition ContainerCondition `json:"condition"`
}

// ContainerRestartPolicy restarts a container without ending the task.
type ContainerRestartPolicy struct {
	// enabled turns the policy on.
	// +required
	Enabled bool `json:"enabled"`

	// ignoredExitCodes are exit codes that lead to no restart; at most 50. Unset
	// means none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	IgnoredExitCodes []int32 `json:"ignoredExitCodes,omitempty"`

	// restartAttemptPeriod is how many seconds the container must have run before
	// it may be restarted, 60 to 1800. Unset means 300.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=1800
	RestartAttemptPeriod *int32 `json:"restartAttemptPeriod,omitempty"`
}

// HostEntry is a line of /etc/hosts.
type HostEntry struct {
	// hostname is the name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Hostname string `json:"hostname"`

	// ipAddress is the address.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=45
	IpAddress string `json:"ipAddress"`
}

// MountPoint places a volume in a container.
type MountPoint struct {
	// sourceVolume is the name of one of the task's volumes.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	SourceVolume string `json:"sourceVolume,omitempty"`

	// containerPath is where it appears in the container.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	ContainerPath string `json:"containerPath,omitempty"`

	// readOnly forbids writing to it. Unset means false.
	// +optional
	ReadOnly *bool `json:"readOnly,omitempty"`
}

// VolumeFrom borrows the mounts of another container.
type VolumeFrom struct {
	// sourceContainer is that container.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	SourceContainer string `json:"sourceContainer,omitempty"`

	// readOnly forbids writing to them. Unset means false.
	// +optional
	ReadOnly *bool `json:"readOnly,omitempty"`
}

// ResourceRequirement asks for a device.
// +kubebuilder:validation:XValidation:rule="has(self.value) != has(self.sharingStrategy)",message="value: a device has either value or sharingStrategy; give one of them",fieldPath=".value"
// +kubebuilder:validation:XValidation:rule="self.type != 'GPU' || !has(self.value) || self.value.matches('^([1-9][0-9]{0,2}|ALL)$')",message="value: it doesn't fit type GPU; give a number of at least 1, or ALL",fieldPath=".value"
// +kubebuilder:validation:XValidation:rule="self.type != 'NeuronDevice' || !has(self.value) || self.value == 'ALL'",message="value: it doesn't fit type NeuronDevice; give ALL",fieldPath=".value"
// +kubebuilder:validation:XValidation:rule="self.type == 'GPU' || !has(self.sharingStrategy)",message="sharingStrategy: only type GPU can be shared; use value",fieldPath=".sharingStrategy"
type ResourceRequirement struct {
	// type is GPU, NeuronDevice or InferenceAccelerator.
	// +required
	Type ResourceType `json:"type"`

	// value is how many: a number or ALL for GPU, ALL for NeuronDevice. It
	// excludes sharingStrategy.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Value string `json:"value,omitempty"`

	// sharingStrategy shares one GPU among containers.
	// +optional
	SharingStrategy *SharingStrategy `json:"sharingStrategy,omitempty"`
}

// SharingStrategy is how a GPU is shared. Exactly one way is given.
// +kubebuilder:validation:XValidation:rule="has(self.nvidiaMps)",message="nvidiaMps: a sharing strategy needs it; set nvidiaMps.memory",fieldPath=".nvidiaMps"
type SharingStrategy struct {
	// nvidiaMps shares it through NVIDIA's Multi-Process Service.
	// +optional
	NvidiaMps *NvidiaMpsAllocation `json:"nvidiaMps,omitempty"`
}

// NvidiaMpsAllocation is a container's part of a shared GPU.
type NvidiaMpsAllocation struct {
	// memory is GPU memory in MiB. It must be free on one GPU.
	// +required
	// +kubebuilder:validation:Minimum=1
	Memory int32 `json:"memory"`

	// maxComputePercent is a ceiling for the GPU's compute time in percent. Unset
	// means what the MPS server has, 100 unless changed.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxComputePercent *int32 `json:"maxComputePercent,omitempty"`
}
