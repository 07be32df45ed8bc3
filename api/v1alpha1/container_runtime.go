// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// TransportProtocol is the protocol of a port.
// +kubebuilder:validation:Enum=tcp;udp
type TransportProtocol string

// The values of TransportProtocol.
const (
	TransportProtocolTcp TransportProtocol = "tcp"
	TransportProtocolUdp TransportProtocol = "udp"
)

// ApplicationProtocol is what is spoken on a port.
// +kubebuilder:validation:Enum=http;http2;grpc
type ApplicationProtocol string

// The values of ApplicationProtocol.
const (
	ApplicationProtocolHttp  ApplicationProtocol = "http"
	ApplicationProtocolhttp2 ApplicationProtocol = "http2"
	ApplicationProtocolGrpc  ApplicationProtocol = "grpc"
)

// LogDriver is where a container's output goes.
// +kubebuilder:validation:Enum=json-file;syslog;journald;gelf;fluentd;awslogs;splunk;awsfirelens
type LogDriver string

// The values of LogDriver.
const (
	LogDriverJsonFile    LogDriver = "json-file"
	LogDriverSyslog      LogDriver = "syslog"
	LogDriverJournald    LogDriver = "journald"
	LogDriverGelf        LogDriver = "gelf"
	LogDriverFluentd     LogDriver = "fluentd"
	LogDriverAwslogs     LogDriver = "awslogs"
	LogDriverSplunk      LogDriver = "splunk"
	LogDriverAwsfirelens LogDriver = "awsfirelens"
)

// FirelensConfigurationType is the program that routes logs.
// +kubebuilder:validation:Enum=fluentd;fluentbit
type FirelensConfigurationType string

// The values of FirelensConfigurationType.
const (
	FirelensConfigurationTypeFluentd   FirelensConfigurationType = "fluentd"
	FirelensConfigurationTypeFluentbit FirelensConfigurationType = "fluentbit"
)

// UlimitName is a process limit.
// +kubebuilder:validation:Enum=core;cpu;data;fsize;locks;memlock;msgqueue;nice;nofile;nproc;rss;rtprio;rttime;sigpending;stack
type UlimitName string

// The values of UlimitName.
const (
	UlimitNameCore       UlimitName = "core"
	UlimitNameCpu        UlimitName = "cpu"
	UlimitNameData       UlimitName = "data"
	UlimitNameFsize      UlimitName = "fsize"
	UlimitNameLocks      UlimitName = "locks"
	UlimitNameMemlock    UlimitName = "memlock"
	UlimitNameMsgqueue   UlimitName = "msgqueue"
	UlimitNameNice       UlimitName = "nice"
	UlimitNameNofile     UlimitName = "nofile"
	UlimitNameNproc      UlimitName = "nproc"
	UlimitNameRss        UlimitName = "rss"
	UlimitNameRtprio     UlimitName = "rtprio"
	UlimitNameRttime     UlimitName = "rttime"
	UlimitNameSigpending UlimitName = "sigpending"
	UlimitNameStack      UlimitName = "stack"
)

// DeviceCgroupPermission is what a container may do with a device.
// +kubebuilder:validation:Enum=read;write;mknod
type DeviceCgroupPermission string

// The values of DeviceCgroupPermission.
const (
	DeviceCgroupPermissionRead  DeviceCgroupPermission = "read"
	DeviceCgroupPermissionWrite DeviceCgroupPermission = "write"
	DeviceCgroupPermissionMknod DeviceCgroupPermission = "mknod"
)

// PortMapping publishes a port of a container.
// +kubebuilder:validation:XValidation:rule="has(self.containerPort) != has(self.containerPortRange)",message="containerPort: a mapping has either containerPort or containerPortRange; give one of them",fieldPath=".containerPort"
// +kubebuilder:validation:XValidation:rule="!has(self.containerPortRange) || !has(self.hostPort)",message="hostPort: it can't be set with containerPortRange; take hostPort out",fieldPath=".hostPort"
// +kubebuilder:validation:XValidation:rule="!has(self.containerPortRange) || !self.containerPortRange.matches('^[0-9]{1,5}-[0-9]{1,5}$') || [self.containerPortRange.split('-')].all(r, int(r[0]) >= 1 && int(r[0]) < int(r[1]) && int(r[1]) <= 65535)",message="containerPortRange: it isn't a range of ports; write first-last, with 1 <= first < last <= 65535",fieldPath=".containerPortRange"
type PortMapping struct {
	// containerPort is the port the container listens on. Give this or
	// containerPortRange.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	ContainerPort *int32 `json:"containerPort,omitempty"`

	// containerPortRange is a range of ports such as 8000-8010, in bridge and
	// awsvpc mode; hostPort must then be left out.
	// +optional
	// +kubebuilder:validation:MaxLength=11
	// +kubebuilder:validation:Pattern=`^[0-9]+-[0-9]+$`
	ContainerPortRange string `json:"containerPortRange,omitempty"`

	// hostPort is the port on the node. In awsvpc and host mode it must equal
	// containerPort or be left out. In bridge mode 0 and unset mean any free port.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	HostPort *int32 `json:"hostPort,omitempty"`

	// protocol is tcp or udp. Unset means tcp; ECS takes any other word for tcp as
	// well.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Protocol string `json:"protocol,omitempty"`

	// name is what Service Connect, VPC Lattice and gateway connectors call this
	// port: at most 64 lower-case letters, digits, hyphens and underscores.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[a-z0-9_][a-z0-9_-]*$`
	Name string `json:"name,omitempty"`

	// appProtocol is http, http2 or grpc, for Service Connect. Unset means plain
	// TCP.
	// +optional
	AppProtocol ApplicationProtocol `json:"appProtocol,omitempty"`
}

// LogConfiguration says where a container's output goes.
// +kubebuilder:validation:XValidation:rule="self.logDriver != 'awslogs' || (has(self.options) && 'awslogs-group' in self.options && 'awslogs-region' in self.options)",message="options: awslogs needs awslogs-group and awslogs-region; add them",fieldPath=".options"
// +kubebuilder:validation:XValidation:rule="self.logDriver != 'awslogs' || !has(self.options) || !('awslogs-datetime-format' in self.options && 'awslogs-multiline-pattern' in self.options)",message="options: awslogs takes either awslogs-datetime-format or awslogs-multiline-pattern; take one out",fieldPath=".options"
type LogConfiguration struct {
	// logDriver is the driver. Fargate knows awslogs, splunk and awsfirelens.
	// +required
	LogDriver LogDriver `json:"logDriver"`

	// options are settings of the driver. awslogs needs awslogs-group and
	// awslogs-region, and on Fargate awslogs-stream-prefix.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Options map[string]string `json:"options,omitempty"`

	// secretOptions are settings whose values come from a secret store.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	SecretOptions []Secret `json:"secretOptions,omitempty"`
}

// FirelensConfiguration makes a container the log router of its task.
type FirelensConfiguration struct {
	// type is fluentd or fluentbit.
	// +required
	Type FirelensConfigurationType `json:"type"`

	// options are enable-ecs-log-metadata, config-file-type and config-file-value.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	Options map[string]string `json:"options,omitempty"`
}

// LinuxParameters are settings of the Linux kernel for one container.
type LinuxParameters struct {
	// capabilities adds and drops capabilities. Unset means the runtime's own set.
	// +optional
	Capabilities *KernelCapabilities `json:"capabilities,omitempty"`

	// devices are devices of the node to expose. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Devices []Device `json:"devices,omitempty"`

	// initProcessEnabled runs a small init in the container that forwards signals
	// and reaps children. Unset means false.
	// +optional
	InitProcessEnabled *bool `json:"initProcessEnabled,omitempty"`

	// sharedMemorySize is the size of /dev/shm in MiB. Fargate refuses it.
	// +optional
	// +kubebuilder:validation:Minimum=0
	SharedMemorySize *int32 `json:"sharedMemorySize,omitempty"`

	// tmpfs are memory file systems. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Tmpfs []Tmpfs `json:"tmpfs,omitempty"`

	// maxSwap is how much swap the container may use in MiB; 0 means none. Fargate
	// refuses it. It has no effect: the kubelet decides how much a pod swaps.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MaxSwap *int32 `json:"maxSwap,omitempty"`

	// swappiness is 0 to 100 and has no effect without maxSwap. Unset means 60.
	// Fargate refuses it.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Swappiness *int32 `json:"swappiness,omitempty"`
}

// KernelCapabilities adds and drops capabilities. Dropping comes first.
type KernelCapabilities struct {
	// add are capabilities to add, without the prefix CAP_. Fargate adds
	// SYS_PTRACE only.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=64
	Add []string `json:"add,omitempty"`

	// drop are capabilities to drop, without the prefix CAP_.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=64
	Drop []string `json:"drop,omitempty"`
}

// Device is a device of the node. A pod gets it from a device plugin: the node
// offers it as devices.ecs.pods.dev/<path below /dev>.
type Device struct {
	// hostPath is its path on the node.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	HostPath string `json:"hostPath"`

	// containerPath is its path in the container. Unset means the same.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	ContainerPath string `json:"containerPath,omitempty"`

	// permissions are read, write and mknod. Unset means all three.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	Permissions []DeviceCgroupPermission `json:"permissions,omitempty"`
}

// Tmpfs is a file system in memory.
type Tmpfs struct {
	// containerPath is where it appears.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	ContainerPath string `json:"containerPath"`

	// size is its size in MiB.
	// +required
	// +kubebuilder:validation:Minimum=1
	Size int32 `json:"size"`

	// mountOptions are options of mount(8).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=255
	MountOptions []string `json:"mountOptions,omitempty"`
}

// Ulimit is a limit for the processes of a container.
// +kubebuilder:validation:XValidation:rule="self.hardLimit < 0 || self.softLimit <= self.hardLimit",message="softLimit: it can't be higher than hardLimit; lower it, or raise hardLimit",fieldPath=".softLimit"
type Ulimit struct {
	// name is the limit.
	// +required
	Name UlimitName `json:"name"`

	// softLimit is the limit in effect; a process may raise it up to hardLimit.
	// +required
	SoftLimit int64 `json:"softLimit"`

	// hardLimit is its ceiling.
	// +required
	HardLimit int64 `json:"hardLimit"`
}

// SystemControl is a kernel parameter.
type SystemControl struct {
	// namespace is its name, such as net.core.somaxconn.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Namespace string `json:"namespace,omitempty"`

	// value is its value.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Value string `json:"value,omitempty"`
}
