// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// DockerVolumeScope is how long a Docker volume lives.
// +kubebuilder:validation:Enum=task;shared
type DockerVolumeScope string

// The values of DockerVolumeScope.
const (
	DockerVolumeScopeTask   DockerVolumeScope = "task"
	DockerVolumeScopeShared DockerVolumeScope = "shared"
)

// TaskFilesystemType is the file system made on an empty EBS volume.
// +kubebuilder:validation:Enum=ext3;ext4;xfs;ntfs
type TaskFilesystemType string

// The values of TaskFilesystemType.
const (
	TaskFilesystemTypeext3 TaskFilesystemType = "ext3"
	TaskFilesystemTypeext4 TaskFilesystemType = "ext4"
	TaskFilesystemTypexfs  TaskFilesystemType = "xfs"
	TaskFilesystemTypentfs TaskFilesystemType = "ntfs"
)

// EBSResourceType is what an EBS tag specification tags.
// +kubebuilder:validation:Enum=volume
type EBSResourceType string

// The values of EBSResourceType.
const (
	EBSResourceTypeVolume EBSResourceType = "volume"
)

// Volume is a volume that containers of the task can mount. At most one kind
// is given; with none it is an empty directory that lives as long as the task.
// +kubebuilder:validation:XValidation:rule="[has(self.host), has(self.configuredAtLaunch) && self.configuredAtLaunch, has(self.dockerVolumeConfiguration), has(self.efsVolumeConfiguration), has(self.fsxWindowsFileServerVolumeConfiguration), has(self.s3filesVolumeConfiguration)].filter(k, k).size() <= 1",message="volumes[]: a volume is of one kind; keep one of host, configuredAtLaunch, dockerVolumeConfiguration, efsVolumeConfiguration, fsxWindowsFileServerVolumeConfiguration and s3filesVolumeConfiguration"
type Volume struct {
	// name is what mountPoints[].sourceVolume refers to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// host is a directory of the node, or an empty one.
	// +optional
	Host *HostVolumeProperties `json:"host,omitempty"`

	// configuredAtLaunch says that the service or task brings the settings in
	// volumeConfigurations under the same name. At most one volume can have it.
	// Unset means false.
	// +optional
	ConfiguredAtLaunch *bool `json:"configuredAtLaunch,omitempty"`

	// dockerVolumeConfiguration is a volume made by a Docker volume driver.
	// Fargate refuses it.
	// +optional
	DockerVolumeConfiguration *DockerVolumeConfiguration `json:"dockerVolumeConfiguration,omitempty"`

	// efsVolumeConfiguration is a directory in an EFS file system.
	// +optional
	EfsVolumeConfiguration *EFSVolumeConfiguration `json:"efsVolumeConfiguration,omitempty"`

	// fsxWindowsFileServerVolumeConfiguration is a share of an FSx for Windows
	// file server.
	// +optional
	FsxWindowsFileServerVolumeConfiguration *FSxWindowsFileServerVolumeConfiguration `json:"fsxWindowsFileServerVolumeConfiguration,omitempty"`

	// s3filesVolumeConfiguration is a directory in an S3 Files file system.
	// +optional
	S3filesVolumeConfiguration *S3FilesVolumeConfiguration `json:"s3filesVolumeConfiguration,omitempty"`
}

// HostVolumeProperties is a directory of the node.
type HostVolumeProperties struct {
	// sourcePath is its path; it is made if it is missing and survives the task.
	// Unset means a fresh directory that goes with the task. Fargate refuses it.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	SourcePath string `json:"sourcePath,omitempty"`
}

// DockerVolumeConfiguration is a volume made by a driver.
// +kubebuilder:validation:XValidation:rule="!has(self.autoprovision) || !self.autoprovision || (has(self.scope) && self.scope == 'shared')",message="autoprovision: it goes with scope shared only; set scope: shared, or take it out",fieldPath=".autoprovision"
type DockerVolumeConfiguration struct {
	// scope is task (made and removed with the task) or shared (stays). Unset
	// means task.
	// +optional
	Scope DockerVolumeScope `json:"scope,omitempty"`

	// autoprovision makes a shared volume that does not exist. It goes with scope
	// shared only. Unset means false.
	// +optional
	Autoprovision *bool `json:"autoprovision,omitempty"`

	// driver is the volume driver. Unset means local.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Driver string `json:"driver,omitempty"`

	// driverOpts are options of the driver.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	DriverOpts map[string]string `json:"driverOpts,omitempty"`

	// labels are labels of the volume.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Labels map[string]string `json:"labels,omitempty"`
}

// EFSVolumeConfiguration is a directory in an EFS file system.
// +kubebuilder:validation:XValidation:rule="!has(self.authorizationConfig) || !has(self.authorizationConfig.accessPointId) || !has(self.rootDirectory) || self.rootDirectory == '/'",message="rootDirectory: with an access point it must be left out or /; the access point sets the directory",fieldPath=".rootDirectory"
// +kubebuilder:validation:XValidation:rule="!has(self.authorizationConfig) || (!has(self.authorizationConfig.accessPointId) && (!has(self.authorizationConfig.iam) || self.authorizationConfig.iam != 'ENABLED')) || (has(self.transitEncryption) && self.transitEncryption == 'ENABLED')",message="transitEncryption: an access point or iam needs it; set ENABLED",fieldPath=".transitEncryption"
type EFSVolumeConfiguration struct {
	// fileSystemId is the file system.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	FileSystemId string `json:"fileSystemId"`

	// rootDirectory is the directory in it. Unset means `/`. With an access point
	// it must be unset or `/`.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	RootDirectory string `json:"rootDirectory,omitempty"`

	// transitEncryption encrypts the traffic to the file system. Unset means
	// DISABLED. An access point or iam needs ENABLED.
	// +optional
	TransitEncryption Toggle `json:"transitEncryption,omitempty"`

	// transitEncryptionPort is the local port for encrypted traffic. Unset lets
	// the mount helper choose.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	TransitEncryptionPort *int32 `json:"transitEncryptionPort,omitempty"`

	// authorizationConfig is the access point and IAM authorisation.
	// +optional
	AuthorizationConfig *EFSAuthorizationConfig `json:"authorizationConfig,omitempty"`
}

// EFSAuthorizationConfig says as whom an EFS file system is used.
type EFSAuthorizationConfig struct {
	// accessPointId is the access point. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	AccessPointId string `json:"accessPointId,omitempty"`

	// iam uses the task role for authorisation. Unset means DISABLED.
	// +optional
	Iam Toggle `json:"iam,omitempty"`
}

// FSxWindowsFileServerVolumeConfiguration is a share of a Windows file server.
type FSxWindowsFileServerVolumeConfiguration struct {
	// fileSystemId is the file system.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	FileSystemId string `json:"fileSystemId"`

	// rootDirectory is the directory in it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	RootDirectory string `json:"rootDirectory"`

	// authorizationConfig is the login.
	// +required
	AuthorizationConfig FSxWindowsFileServerAuthorizationConfig `json:"authorizationConfig"`
}

// FSxWindowsFileServerAuthorizationConfig is a login of Active Directory.
type FSxWindowsFileServerAuthorizationConfig struct {
	// credentialsParameter is the ARN of the secret or parameter with the login.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	CredentialsParameter string `json:"credentialsParameter"`

	// domain is the fully qualified domain name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Domain string `json:"domain"`
}

// S3FilesVolumeConfiguration is a directory in an S3 Files file system.
// +kubebuilder:validation:XValidation:rule="!has(self.accessPointArn) || !has(self.rootDirectory) || self.rootDirectory == '/'",message="rootDirectory: with an access point it must be left out or /; the access point sets the directory",fieldPath=".rootDirectory"
type S3FilesVolumeConfiguration struct {
	// fileSystemArn is the file system.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	FileSystemArn string `json:"fileSystemArn"`

	// accessPointArn is the access point. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	AccessPointArn string `json:"accessPointArn,omitempty"`

	// rootDirectory is the directory in it. Unset means `/`. With an access point
	// it must be unset or `/`.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	RootDirectory string `json:"rootDirectory,omitempty"`

	// transitEncryptionPort is the local port for encrypted traffic. Unset lets
	// the mount helper choose.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	TransitEncryptionPort *int32 `json:"transitEncryptionPort,omitempty"`
}

// ServiceVolumeConfiguration gives a volume with configuredAtLaunch its
// settings, for all tasks of a service.
type ServiceVolumeConfiguration struct {
	// name is the name of that volume in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// managedEBSVolume makes one EBS volume for each task. It is deleted with the
	// task.
	// +optional
	ManagedEBSVolume *ServiceManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitempty"`
}

// TaskVolumeConfiguration gives a volume with configuredAtLaunch its settings,
// for one task.
type TaskVolumeConfiguration struct {
	// name is the name of that volume in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name"`

	// managedEBSVolume makes an EBS volume for the task.
	// +optional
	ManagedEBSVolume *TaskManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitempty"`
}

// EBSVolumeFields is what volumes of services and of single tasks have in
// common.
// +kubebuilder:validation:XValidation:rule="has(self.sizeInGiB) || has(self.snapshotId)",message="sizeInGiB: an EBS volume needs a size or a snapshot; set sizeInGiB or snapshotId",fieldPath=".sizeInGiB"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeType) || !(self.volumeType in ['io1', 'io2']) || has(self.iops)",message="iops: io1 and io2 need it; set iops",fieldPath=".iops"
// +kubebuilder:validation:XValidation:rule="!has(self.throughput) || !has(self.volumeType) || self.volumeType == 'gp3'",message="throughput: it goes with volumeType gp3 only; take it out",fieldPath=".throughput"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeInitializationRate) || has(self.snapshotId)",message="volumeInitializationRate: it goes with snapshotId only; take it out",fieldPath=".volumeInitializationRate"
// +kubebuilder:validation:XValidation:rule="!has(self.sizeInGiB) || !has(self.volumeType) || (self.volumeType in ['io1', 'io2'] ? self.sizeInGiB >= 4 : self.volumeType in ['st1', 'sc1'] ? self.sizeInGiB >= 125 : self.volumeType == 'standard' ? self.sizeInGiB <= 1024 : true)",message="sizeInGiB: io1 and io2 start at 4, st1 and sc1 at 125, standard ends at 1024; change the size, or volumeType",fieldPath=".sizeInGiB"
type EBSVolumeFields struct {
	// roleArn is the IAM role that makes and attaches the volume.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn"`

	// volumeType is gp2, gp3, io1, io2, st1, sc1 or standard. Unset means gp3.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Enum=gp2;gp3;io1;io2;sc1;st1;standard
	VolumeType string `json:"volumeType,omitempty"`

	// sizeInGiB is the size in GiB. Give this or snapshotId. gp2 and gp3 start at
	// 1, io1 and io2 at 4, st1 and sc1 at 125; standard ends at 1024.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=16384
	SizeInGiB *int32 `json:"sizeInGiB,omitempty"`

	// snapshotId is the snapshot the volume is made from. Unset means an empty
	// volume of sizeInGiB.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	SnapshotId string `json:"snapshotId,omitempty"`

	// iops is the number of operations a second. io1 and io2 need it; gp3 has 3000
	// when unset, 16000 at most.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=256000
	Iops *int32 `json:"iops,omitempty"`

	// throughput is MiB a second, for gp3 only. Unset means 125.
	// +optional
	// +kubebuilder:validation:Minimum=125
	// +kubebuilder:validation:Maximum=2000
	Throughput *int32 `json:"throughput,omitempty"`

	// volumeInitializationRate is the MiB a second at which a snapshot is read,
	// 100 to 300. It goes with snapshotId only.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=300
	VolumeInitializationRate *int32 `json:"volumeInitializationRate,omitempty"`

	// filesystemType is ext3, ext4, xfs or ntfs. Unset means xfs on Linux and ntfs
	// on Windows.
	// +optional
	FilesystemType TaskFilesystemType `json:"filesystemType,omitempty"`

	// encrypted encrypts the volume. Unset leaves it to the account's setting.
	// +optional
	Encrypted *bool `json:"encrypted,omitempty"`

	// kmsKeyId is the key to encrypt with. Unset means the default key.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	KmsKeyId string `json:"kmsKeyId,omitempty"`

	// tagSpecifications are the tags of the volume.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	TagSpecifications []EBSTagSpecification `json:"tagSpecifications,omitempty"`
}

// ServiceManagedEBSVolumeConfiguration is the EBS volume of each task of a
// service.
type ServiceManagedEBSVolumeConfiguration struct {
	EBSVolumeFields `json:",inline"`
}

// TaskManagedEBSVolumeConfiguration is the EBS volume of one task.
type TaskManagedEBSVolumeConfiguration struct {
	EBSVolumeFields `json:",inline"`

	// terminationPolicy says what becomes of the volume when the task ends. Unset
	// means that it is deleted.
	// +optional
	TerminationPolicy *TaskManagedEBSVolumeTerminationPolicy `json:"terminationPolicy,omitempty"`
}

// TaskManagedEBSVolumeTerminationPolicy says what becomes of a volume.
type TaskManagedEBSVolumeTerminationPolicy struct {
	// deleteOnTermination deletes the volume with the task.
	// +required
	DeleteOnTermination bool `json:"deleteOnTermination"`
}

// EBSTagSpecification is the tags of an EBS volume.
type EBSTagSpecification struct {
	// resourceType is volume.
	// +required
	ResourceType EBSResourceType `json:"resourceType"`

	// propagateTags copies the tags of the task definition or the service. Unset
	// means NONE.
	// +optional
	PropagateTags PropagateTags `json:"propagateTags,omitempty"`

	// tags are additional tags.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`
}
