// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// VersionConsistency says whether a tag is pinned to a digest for the length
// of a deployment.
// +kubebuilder:validation:Enum=enabled;disabled
type VersionConsistency string

// The values of VersionConsistency.
const (
	VersionConsistencyEnabled  VersionConsistency = "enabled"
	VersionConsistencyDisabled VersionConsistency = "disabled"
)

// ContainerDefinition is one container of a task.
// +kubebuilder:validation:XValidation:rule="!has(self.memory) || !has(self.memoryReservation) || self.memory > self.memoryReservation",message="memoryReservation: it must be less than memory; lower it, or raise memory",fieldPath=".memoryReservation"
type ContainerDefinition struct {
	// name is unique in the task definition; letters, digits, hyphens and
	// underscores, at most 255. A name that Kubernetes doesn't take (capitals,
	// underscores, more than 63 characters) is folded in the pod and carries a
	// hash.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// image is repository:tag or repository@sha256:digest, without a scheme. At
	// most 255 characters, not counting the digest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=330
	// +kubebuilder:validation:XValidation:rule="!self.contains('://') && self.matches('^[A-Za-z0-9._:/@#-]+$')",message="image: it has a scheme, or a character that is none of letters, digits and . _ : / @ # -; write repository:tag or repository@sha256:digest"
	// +kubebuilder:validation:XValidation:rule="self.contains('@sha256:') || size(self) <= 255",message="image: at most 255 characters when there is no digest; shorten the tag or the repository's name"
	Image string `json:"image"`

	// cpu is the share of the task's CPU in units of 1/1024 vCPU. On Linux it is a
	// weight, not a ceiling; on Kubernetes it becomes the CPU request. Unset and 0
	// mean the smallest share.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=196608
	Cpu *int32 `json:"cpu,omitempty"`

	// memory is the hard limit in MiB; a container that uses more is killed. Unset
	// means no limit but the task's. If the task has no memory, each container
	// needs memory or memoryReservation.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	Memory *int32 `json:"memory,omitempty"`

	// memoryReservation is what is set aside in MiB. It must be less than memory
	// if both are given. Unset means that memory itself is set aside.
	// +optional
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=16777216
	MemoryReservation *int32 `json:"memoryReservation,omitempty"`

	// portMappings are the ports the container listens on. Unset means none are
	// published.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:XValidation:rule="self.all(x, !has(x.containerPort) || self.all(y, !has(y.containerPort) || x.containerPort != y.containerPort || (has(x.protocol) && x.protocol == 'udp') == (has(y.protocol) && y.protocol == 'udp')))",message="portMappings: one containerPort is given for both tcp and udp; ECS takes one protocol for a port, use another port for the second"
	PortMappings []PortMapping `json:"portMappings,omitempty"`

	// essential says that the task ends when this container does, whatever its
	// exit code. Unset means true. At least one container of a task must be
	// essential.
	// +optional
	Essential *bool `json:"essential,omitempty"`

	// entryPoint replaces the image's ENTRYPOINT. If it is given without command,
	// the image's CMD is dropped too.
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

	// environment are environment variables; the last of one name counts, and all
	// of them win over environmentFiles. Don't put secrets here.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	Environment []KeyValuePair `json:"environment,omitempty"`

	// environmentFiles are up to ten .env files to read variables from; the first
	// file that names a variable wins.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	EnvironmentFiles []EnvironmentFile `json:"environmentFiles,omitempty"`

	// secrets are environment variables filled from a secret store when the
	// container starts. A later change of the secret does not reach a running
	// container.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Secrets []Secret `json:"secrets,omitempty"`

	// repositoryCredentials is the login for a private image repository. Unset
	// means anonymous, or what the node has.
	// +optional
	RepositoryCredentials *RepositoryCredentials `json:"repositoryCredentials,omitempty"`

	// healthCheck is a command that tells whether the container works. Unset means
	// health UNKNOWN; a HEALTHCHECK in the image is ignored.
	// +optional
	HealthCheck *HealthCheck `json:"healthCheck,omitempty"`

	// dependsOn delays this container until others have reached a condition; they
	// stop in the reverse order.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	DependsOn []ContainerDependency `json:"dependsOn,omitempty"`

	// startTimeout is how many seconds this container may take to come to the
	// condition that others wait for. Past it they aren't started, and the task
	// stops. Fargate allows 2 to 120. Unset means no limit.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=86400
	StartTimeout *int32 `json:"startTimeout,omitempty"`

	// stopTimeout is how many seconds the container has between the stop signal
	// and being killed. Unset means 30. Fargate allows at most 120.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	StopTimeout *int32 `json:"stopTimeout,omitempty"`

	// restartPolicy restarts this container in place. Unset means that it isn't
	// restarted.
	// +optional
	RestartPolicy *ContainerRestartPolicy `json:"restartPolicy,omitempty"`

	// links connect to other containers by name or name:alias in bridge mode.
	// Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=512
	Links []string `json:"links,omitempty"`

	// mountPoints place the task's volumes in this container.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	MountPoints []MountPoint `json:"mountPoints,omitempty"`

	// volumesFrom mount all volumes of another container of the task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	VolumesFrom []VolumeFrom `json:"volumesFrom,omitempty"`

	// logConfiguration says where the output goes. Unset means the container
	// runtime's own log.
	// +optional
	LogConfiguration *LogConfiguration `json:"logConfiguration,omitempty"`

	// firelensConfiguration makes this container the log router for those with the
	// awsfirelens driver.
	// +optional
	FirelensConfiguration *FirelensConfiguration `json:"firelensConfiguration,omitempty"`

	// linuxParameters are capabilities, devices and memory settings of Linux.
	// +optional
	LinuxParameters *LinuxParameters `json:"linuxParameters,omitempty"`

	// ulimits set process limits such as nofile. The launcher sets them before the
	// command starts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Ulimits []Ulimit `json:"ulimits,omitempty"`

	// systemControls set kernel parameters. On Kubernetes they become the pod's
	// sysctls and so hold for the whole task.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	SystemControls []SystemControl `json:"systemControls,omitempty"`

	// resourceRequirements ask for GPUs and other devices.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitempty"`

	// user is user, user:group, uid, uid:gid or a mix. Unset means the image's.
	// Names must exist in the image.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	User string `json:"user,omitempty"`

	// privileged gives the container the powers of root on the node. Unset means
	// false. Fargate refuses true, and so does a namespace whose Pod Security level
	// is below privileged.
	// +optional
	Privileged *bool `json:"privileged,omitempty"`

	// readonlyRootFilesystem mounts the container's root read-only. Unset means
	// false.
	// +optional
	ReadonlyRootFilesystem *bool `json:"readonlyRootFilesystem,omitempty"`

	// interactive keeps standard input open. Unset means false.
	// +optional
	Interactive *bool `json:"interactive,omitempty"`

	// pseudoTerminal gives the container a terminal. Unset means false.
	// +optional
	PseudoTerminal *bool `json:"pseudoTerminal,omitempty"`

	// disableNetworking cuts the container off the network. Fargate refuses it.
	// The containers of a pod can't be cut off one by one: it counts where all of
	// them have it.
	// +optional
	DisableNetworking *bool `json:"disableNetworking,omitempty"`

	// hostname is the host name seen inside. It can't be set with network mode
	// awsvpc. On Kubernetes it holds for the whole pod.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Hostname string `json:"hostname,omitempty"`

	// dnsServers are name servers. Fargate refuses them. On Kubernetes they hold
	// for the whole pod.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=253
	DnsServers []string `json:"dnsServers,omitempty"`

	// dnsSearchDomains are search domains. Fargate refuses them. On Kubernetes
	// they hold for the whole pod.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	DnsSearchDomains []string `json:"dnsSearchDomains,omitempty"`

	// extraHosts are additional lines of /etc/hosts. They can't be set with
	// network mode awsvpc.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	ExtraHosts []HostEntry `json:"extraHosts,omitempty"`

	// dockerLabels are labels of the container. They become annotations of the
	// pod: all of them as JSON under docker-labels.ecs.pods.dev/<container>, and
	// those with a legal key under that key too.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	DockerLabels map[string]string `json:"dockerLabels,omitempty"`

	// dockerSecurityOptions are SELinux, AppArmor and similar options such as
	// no-new-privileges. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=1024
	DockerSecurityOptions []string `json:"dockerSecurityOptions,omitempty"`

	// credentialSpecs is a gMSA credential specification for Active Directory, at
	// most one.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MaxLength=2048
	CredentialSpecs []string `json:"credentialSpecs,omitempty"`

	// versionConsistency says whether the image's tag is resolved to a digest once
	// per deployment of a service, so that all tasks of it run the same bytes.
	// enabled waits until the registry has been read. Unset means to go on by tag
	// where it can't be.
	// +optional
	VersionConsistency VersionConsistency `json:"versionConsistency,omitempty"`
}
