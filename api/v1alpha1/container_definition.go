// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// VersionConsistency says whether a tag is pinned to a digest for the length of a deployment.
// +kubebuilder:validation:Enum=enabled;disabled
type VersionConsistency string

// The values of VersionConsistency.
const (
	VersionConsistencyEnabled  VersionConsistency = "enabled"
	VersionConsistencyDisabled VersionConsistency = "disabled"
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

// EnvironmentFileType is where an environment file lies.
// +kubebuilder:validation:Enum=s3
type EnvironmentFileType string

// The values of EnvironmentFileType.
const (
	EnvironmentFileTypes3 EnvironmentFileType = "s3"
)

// ResourceType is a kind of device.
// +kubebuilder:validation:Enum=GPU;InferenceAccelerator;NeuronDevice
type ResourceType string

// The values of ResourceType.
const (
	ResourceTypeGPU                  ResourceType = "GPU"
	ResourceTypeInferenceAccelerator ResourceType = "InferenceAccelerator"
	ResourceTypeNeuronDevice         ResourceType = "NeuronDevice"
)

// ContainerDefinition is one container of a task.
type ContainerDefinition struct {
	// name is unique in the task definition; letters, digits, hyphens and underscores, at most 255. The pod's
	// container carries it in lower case with hyphens for underscores, as Kubernetes demands.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// image is repository:tag or repository@sha256:digest, without a scheme. At most 255 characters, not counting the
	// digest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=330
	Image string `json:"image"`

	// cpu is the share of the task's CPU in units of 1/1024 vCPU. On Linux it is a weight, not a ceiling; on
	// Kubernetes it becomes the CPU request. Unset and 0 mean the smallest share.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=196608
	Cpu *int32 `json:"cpu,omitempty"`

	// memory is the hard limit in MiB; a container that uses more is killed. Unset means no limit but the task's. If
	// the task has no memory, each container needs memory or memoryReservation.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	Memory *int32 `json:"memory,omitempty"`

	// memoryReservation is what is set aside in MiB. It must be less than memory if both are given. Unset means that
	// memory itself is set aside.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	MemoryReservation *int32 `json:"memoryReservation,omitempty"`

	// portMappings are the ports the container listens on. Unset means none are published.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	PortMappings []PortMapping `json:"portMappings,omitempty"`

	// essential says that the task ends when this container does, whatever its exit code. Unset means true. At least
	// one container of a task must be essential.
	// +optional
	Essential *bool `json:"essential,omitempty"`

	// entryPoint replaces the image's ENTRYPOINT. If it is given without command, the image's CMD is dropped too.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=8192
	EntryPoint []string `json:"entryPoint,omitempty"`

	// command replaces the image's CMD.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	// +kubebuilder:validation:items:MaxLength=16384
	Command []string `json:"command,omitempty"`

	// workingDirectory is where the command starts. Unset means the image's.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	WorkingDirectory string `json:"workingDirectory,omitempty"`

	// environment are environment variables; the last of one name counts, and all of them win over environmentFiles.
	// Don't put secrets here.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	Environment []KeyValuePair `json:"environment,omitempty"`

	// environmentFiles are up to ten .env files to read variables from; the first file that names a variable wins.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	EnvironmentFiles []EnvironmentFile `json:"environmentFiles,omitempty"`

	// secrets are environment variables filled from a secret store when the container starts. A later change of the
	// secret does not reach a running container.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Secrets []Secret `json:"secrets,omitempty"`

	// repositoryCredentials is the login for a private image repository. Unset means anonymous, or what the node has.
	// +optional
	RepositoryCredentials *RepositoryCredentials `json:"repositoryCredentials,omitempty"`

	// healthCheck is a command that tells whether the container works. Unset means health UNKNOWN; a HEALTHCHECK in
	// the image is ignored.
	// +optional
	HealthCheck *HealthCheck `json:"healthCheck,omitempty"`

	// dependsOn delays this container until others have reached a condition; they stop in the reverse order.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	DependsOn []ContainerDependency `json:"dependsOn,omitempty"`

	// startTimeout is how many seconds the containers this one depends on may take. Fargate allows 2 to 120. Unset
	// leaves it to the platform.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=86400
	StartTimeout *int32 `json:"startTimeout,omitempty"`

	// stopTimeout is how many seconds the container has between the stop signal and being killed. Unset means 30.
	// Fargate allows at most 120. A pod has one such time, so the longest of its containers counts.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	StopTimeout *int32 `json:"stopTimeout,omitempty"`

	// restartPolicy restarts this container in place. Unset means that it isn't restarted.
	// +optional
	RestartPolicy *ContainerRestartPolicy `json:"restartPolicy,omitempty"`

	// links connect to other containers by name or name:alias in bridge mode. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=512
	Links []string `json:"links,omitempty"`

	// mountPoints place the task's volumes in this container.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	MountPoints []MountPoint `json:"mountPoints,omitempty"`

	// volumesFrom mount all volumes of another container of the task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	VolumesFrom []VolumeFrom `json:"volumesFrom,omitempty"`

	// logConfiguration says where the output goes. Unset means the container runtime's own log.
	// +optional
	LogConfiguration *LogConfiguration `json:"logConfiguration,omitempty"`

	// firelensConfiguration makes this container the log router for those with the awsfirelens driver.
	// +optional
	FirelensConfiguration *FirelensConfiguration `json:"firelensConfiguration,omitempty"`

	// linuxParameters are capabilities, devices and memory settings of Linux.
	// +optional
	LinuxParameters *LinuxParameters `json:"linuxParameters,omitempty"`

	// ulimits set process limits such as nofile. The Pod API has no place for them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Ulimits []Ulimit `json:"ulimits,omitempty"`

	// systemControls set kernel parameters. On Kubernetes they become the pod's sysctls and so hold for the whole
	// task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	SystemControls []SystemControl `json:"systemControls,omitempty"`

	// resourceRequirements ask for GPUs and other devices.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitempty"`

	// user is user, user:group, uid, uid:gid or a mix. Unset means the image's. Names must exist in the image;
	// Kubernetes takes numbers only.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	User string `json:"user,omitempty"`

	// privileged gives the container the powers of root on the node. Unset means false. Fargate refuses true.
	// +optional
	Privileged *bool `json:"privileged,omitempty"`

	// readonlyRootFilesystem mounts the container's root read-only. Unset means false.
	// +optional
	ReadonlyRootFilesystem *bool `json:"readonlyRootFilesystem,omitempty"`

	// interactive keeps standard input open. Unset means false.
	// +optional
	Interactive *bool `json:"interactive,omitempty"`

	// pseudoTerminal gives the container a terminal. Unset means false.
	// +optional
	PseudoTerminal *bool `json:"pseudoTerminal,omitempty"`

	// disableNetworking cuts the container off the network. Fargate refuses it, and the containers of a pod can't be
	// cut off one by one.
	// +optional
	DisableNetworking *bool `json:"disableNetworking,omitempty"`

	// hostname is the host name seen inside. It can't be set with network mode awsvpc. On Kubernetes it holds for the
	// whole pod.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Hostname string `json:"hostname,omitempty"`

	// dnsServers are name servers. Fargate refuses them. On Kubernetes they hold for the whole pod.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=253
	DnsServers []string `json:"dnsServers,omitempty"`

	// dnsSearchDomains are search domains. Fargate refuses them. On Kubernetes they hold for the whole pod.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	DnsSearchDomains []string `json:"dnsSearchDomains,omitempty"`

	// extraHosts are additional lines of /etc/hosts. They can't be set with network mode awsvpc.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	ExtraHosts []HostEntry `json:"extraHosts,omitempty"`

	// dockerLabels are labels of the container.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	DockerLabels map[string]string `json:"dockerLabels,omitempty"`

	// dockerSecurityOptions are SELinux, AppArmor and similar options such as no-new-privileges. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=1024
	DockerSecurityOptions []string `json:"dockerSecurityOptions,omitempty"`

	// credentialSpecs is a gMSA credential specification for Active Directory, at most one.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MaxLength=2048
	CredentialSpecs []string `json:"credentialSpecs,omitempty"`

	// versionConsistency says whether the image's tag is resolved to a digest once per deployment, so that all tasks
	// of it run the same bytes. Unset means enabled.
	// +optional
	VersionConsistency VersionConsistency `json:"versionConsistency,omitempty"`
}

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

	// valueFrom says where it comes from: the name or ARN of an SSM parameter, or a Secrets Manager ARN, to which a
	// JSON key, a version stage and a version ID may be appended.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ValueFrom string `json:"valueFrom"`
}

// RepositoryCredentials is a login for an image repository.
type RepositoryCredentials struct {
	// credentialsParameter is the ARN or name of the secret that holds username and password.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	CredentialsParameter string `json:"credentialsParameter"`
}

// HealthCheck is a command run in the container again and again.
type HealthCheck struct {
	// command begins with CMD (run as is) or CMD-SHELL (run by the container's shell). Exit code 0 means healthy.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=8192
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

	// retries is how many failures in a row make the container UNHEALTHY, 1 to 10. Unset means 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	Retries *int32 `json:"retries,omitempty"`

	// startPeriod is the seconds after the start in which failures don't count, 0 to 300. Unset means 0. A success
	// ends it early.
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

	// condition is START (it runs), COMPLETE (it has ended), SUCCESS (it has ended with 0) or HEALTHY (its health
	// check passed).
	// +required
	Condition ContainerCondition `json:"condition"`
}

// ContainerRestartPolicy restarts a container without ending the task.
type ContainerRestartPolicy struct {
	// enabled turns the policy on.
	// +required
	Enabled bool `json:"enabled"`

	// ignoredExitCodes are exit codes that lead to no restart; at most 50. Unset means none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	IgnoredExitCodes []int32 `json:"ignoredExitCodes,omitempty"`

	// restartAttemptPeriod is how many seconds the container must have run before it may be restarted, 60 to 1800.
	// Unset means 300.
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
type ResourceRequirement struct {
	// type is GPU, NeuronDevice or InferenceAccelerator.
	// +required
	Type ResourceType `json:"type"`

	// value is how many: a number or ALL for GPU, ALL for NeuronDevice. It excludes sharingStrategy.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Value string `json:"value,omitempty"`

	// sharingStrategy shares one GPU among containers.
	// +optional
	SharingStrategy *SharingStrategy `json:"sharingStrategy,omitempty"`
}

// SharingStrategy is how a GPU is shared. Exactly one way is given.
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

	// maxComputePercent is a ceiling for the GPU's compute time in percent. Unset means what the MPS server has, 100
	// unless changed.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxComputePercent *int32 `json:"maxComputePercent,omitempty"`
}
