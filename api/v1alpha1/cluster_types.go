// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClusterSettingName is a setting of a cluster.
// +kubebuilder:validation:Enum=containerInsights
type ClusterSettingName string

// The values of ClusterSettingName.
const (
	ClusterSettingNameContainerInsights ClusterSettingName = "containerInsights"
)

// ExecuteCommandLogging says where ECS Exec sessions are logged.
// +kubebuilder:validation:Enum=NONE;DEFAULT;OVERRIDE
type ExecuteCommandLogging string

// The values of ExecuteCommandLogging.
const (
	ExecuteCommandLoggingNone     ExecuteCommandLogging = "NONE"
	ExecuteCommandLoggingDefault  ExecuteCommandLogging = "DEFAULT"
	ExecuteCommandLoggingOverride ExecuteCommandLogging = "OVERRIDE"
)

// ClusterState is the life of a cluster as ECS names it.
// +kubebuilder:validation:Enum=ACTIVE;PROVISIONING;DEPROVISIONING;FAILED;INACTIVE
type ClusterState string

// The values of ClusterState.
const (
	ClusterStateActive         ClusterState = "ACTIVE"
	ClusterStateProvisioning   ClusterState = "PROVISIONING"
	ClusterStateDeprovisioning ClusterState = "DEPROVISIONING"
	ClusterStateFailed         ClusterState = "FAILED"
	ClusterStateInactive       ClusterState = "INACTIVE"
)

// ClusterSpec is the body of CreateCluster.
// +kubebuilder:validation:XValidation:rule="!has(self.defaultCapacityProviderStrategy) || self.defaultCapacityProviderStrategy.all(i, has(self.capacityProviders) && i.capacityProvider in self.capacityProviders)",message="defaultCapacityProviderStrategy[].capacityProvider: the cluster doesn't have that provider; add it to capacityProviders",fieldPath=".defaultCapacityProviderStrategy"
type ClusterSpec struct {
	// clusterName is the name that services and tasks refer to. Unset means
	// metadata.name. Letters, digits, hyphens and underscores, at most 255; no two
	// Cluster objects may have the same. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ClusterName string `json:"clusterName,omitempty"`

	// capacityProviders are the capacity providers that strategies in this cluster
	// may name; at most 20.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	CapacityProviders []string `json:"capacityProviders,omitempty"`

	// defaultCapacityProviderStrategy is used by services and tasks that give
	// neither launchType nor capacityProviderStrategy. Unset means that they use
	// EC2.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.filter(i, has(i.base) && i.base > 0).size() <= 1",message="capacityProviderStrategy[].base: only one item can have a base; take it out of the others"
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || self.exists(i, has(i.weight) && i.weight > 0)",message="capacityProviderStrategy[].weight: at least one item needs a weight above 0; set one"
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x.capacityProvider == y.capacityProvider))",message="capacityProviderStrategy[].capacityProvider: a provider is listed twice; join the two items"
	DefaultCapacityProviderStrategy []CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy,omitempty"`

	// configuration holds the settings of ECS Exec and of managed storage. On
	// Kubernetes it has no effect.
	// +optional
	Configuration *ClusterConfiguration `json:"configuration,omitempty"`

	// settings are account-like switches; containerInsights is the only one there
	// is. They have no effect: metrics of containers are the cluster's.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Settings []ClusterSetting `json:"settings,omitempty"`

	// serviceConnectDefaults is the namespace that Service Connect uses when a
	// service names none. It has no effect so far.
	// +optional
	ServiceConnectDefaults *ClusterServiceConnectDefaultsRequest `json:"serviceConnectDefaults,omitempty"`

	// tags are up to 50 tags of the cluster.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`

	// kubernetes holds what only Kubernetes has.
	// +optional
	Kubernetes *ClusterKubernetes `json:"kubernetes,omitempty"`
}

// ClusterConfiguration holds the settings of ECS Exec and of managed storage.
type ClusterConfiguration struct {
	// executeCommandConfiguration is about ECS Exec.
	// +optional
	ExecuteCommandConfiguration *ExecuteCommandConfiguration `json:"executeCommandConfiguration,omitempty"`

	// managedStorageConfiguration is about the keys that encrypt storage.
	// +optional
	ManagedStorageConfiguration *ManagedStorageConfiguration `json:"managedStorageConfiguration,omitempty"`
}

// ExecuteCommandConfiguration is about ECS Exec.
// +kubebuilder:validation:XValidation:rule="!has(self.logging) || self.logging != 'OVERRIDE' || has(self.logConfiguration)",message="logConfiguration: logging OVERRIDE needs it; set it, or use DEFAULT",fieldPath=".logConfiguration"
type ExecuteCommandConfiguration struct {
	// kmsKeyId encrypts the session between client and container. Unset means none
	// beyond TLS.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	KmsKeyId string `json:"kmsKeyId,omitempty"`

	// logging is NONE, DEFAULT (the container's own log driver) or OVERRIDE
	// (logConfiguration). Unset means DEFAULT.
	// +optional
	Logging ExecuteCommandLogging `json:"logging,omitempty"`

	// logConfiguration says where sessions are logged; OVERRIDE needs it.
	// +optional
	LogConfiguration *ExecuteCommandLogConfiguration `json:"logConfiguration,omitempty"`
}

// ExecuteCommandLogConfiguration says where ECS Exec sessions are logged.
type ExecuteCommandLogConfiguration struct {
	// cloudWatchLogGroupName is a log group. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	CloudWatchLogGroupName string `json:"cloudWatchLogGroupName,omitempty"`

	// cloudWatchEncryptionEnabled demands an encrypted log group. Unset means
	// false.
	// +optional
	CloudWatchEncryptionEnabled *bool `json:"cloudWatchEncryptionEnabled,omitempty"`

	// s3BucketName is a bucket. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	S3BucketName string `json:"s3BucketName,omitempty"`

	// s3EncryptionEnabled demands an encrypted bucket. Unset means false.
	// +optional
	S3EncryptionEnabled *bool `json:"s3EncryptionEnabled,omitempty"`

	// s3KeyPrefix is put in front of the objects' names. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	S3KeyPrefix string `json:"s3KeyPrefix,omitempty"`
}

// ManagedStorageConfiguration is about the keys that encrypt storage.
type ManagedStorageConfiguration struct {
	// kmsKeyId encrypts managed storage. Unset means the default key.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	KmsKeyId string `json:"kmsKeyId,omitempty"`

	// fargateEphemeralStorageKmsKeyId encrypts the scratch space of Fargate tasks.
	// Unset means the default key.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	FargateEphemeralStorageKmsKeyId string `json:"fargateEphemeralStorageKmsKeyId,omitempty"`
}

// ClusterSetting is a switch of the cluster.
type ClusterSetting struct {
	// name is containerInsights.
	// +required
	Name ClusterSettingName `json:"name"`

	// value is enabled, disabled or enhanced. Unset means disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Enum=enabled;disabled;enhanced
	Value string `json:"value,omitempty"`
}

// ClusterServiceConnectDefaultsRequest is the namespace used by default.
type ClusterServiceConnectDefaultsRequest struct {
	// namespace is a name or an ARN. An empty string takes the default away.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	Namespace string `json:"namespace"`
}

// ClusterKubernetes is what a cluster needs to know about Kubernetes.
type ClusterKubernetes struct {
	// nodeSelector chooses the nodes that become container instances of this
	// cluster. Unset means none; `{}` means every node. A node belongs to one
	// cluster only: where two choose it, the one that has it keeps it, and both
	// say so in a condition.
	// +optional
	NodeSelector *metav1.LabelSelector `json:"nodeSelector,omitempty"`

	// allowedNamespaces chooses, by their labels, the namespaces whose services
	// and tasks may use this cluster. Unset means every namespace.
	// +optional
	AllowedNamespaces *metav1.LabelSelector `json:"allowedNamespaces,omitempty"`

	// roles says what IAM roles are on this cluster. A role without an entry means
	// the ServiceAccount named by the rule of docs/spec/roles.md.
	// +optional
	// +listType=map
	// +listMapKey=roleArn
	// +kubebuilder:validation:MaxItems=500
	Roles []ClusterRole `json:"roles,omitempty"`

	// secretStores name the stores of the External Secrets Operator that secrets
	// are fetched through. Unset means that the Kubernetes Secrets of
	// docs/spec/secrets.md are there already.
	// +optional
	SecretStores *SecretStores `json:"secretStores,omitempty"`

	// fargateRuntimeClassName is the RuntimeClass that gives each Fargate task a
	// kernel of its own, such as kata. Unset means that Fargate tasks run as
	// others do.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	FargateRuntimeClassName string `json:"fargateRuntimeClassName,omitempty"`

	// storageClasses say which StorageClass stands for an EBS volume type. A type
	// without an entry means the cluster's default StorageClass.
	// +optional
	// +listType=map
	// +listMapKey=volumeType
	// +kubebuilder:validation:MaxItems=20
	StorageClasses []ClusterStorageClass `json:"storageClasses,omitempty"`

	// fargateCapacityProviders say which container instances the capacity providers
	// FARGATE and FARGATE_SPOT are, which exist without an object. One without an
	// entry means every instance of the cluster. A task with launchType FARGATE is
	// placed through FARGATE.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=2
	FargateCapacityProviders []FargateCapacityProvider `json:"fargateCapacityProviders,omitempty"`

	// lambdaFunctions say what stands for Lambda functions that lifecycle hooks
	// name. A hook with a function that has no entry can't be asked.
	// +optional
	// +listType=map
	// +listMapKey=functionName
	// +kubebuilder:validation:MaxItems=100
	LambdaFunctions []ClusterLambdaFunction `json:"lambdaFunctions,omitempty"`

	// prometheus answers the queries of Alarms that name this cluster. What it
	// knows can be read by everyone who may make an Alarm in an allowed namespace.
	// Unset means that there are no alarms.
	// +optional
	Prometheus *ClusterPrometheus `json:"prometheus,omitempty"`
}

// ClusterRole is an IAM role on this cluster.
type ClusterRole struct {
	// roleArn is the role's ARN or name, as task definitions give it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn"`

	// serviceAccountName is the ServiceAccount, in the task's namespace, that a
	// task with this taskRoleArn runs as. It has to be there. Unset means the
	// ServiceAccount named by the rule.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// imagePullSecrets are Secrets, in the task's namespace, that a task with this
	// executionRoleArn pulls its images with. Unset means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`
}

// ClusterStorageClass is what stands for an EBS volume type.
type ClusterStorageClass struct {
	// volumeType is the EBS volume type, such as gp3.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	VolumeType string `json:"volumeType"`

	// storageClassName is the StorageClass.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	StorageClassName string `json:"storageClassName"`
}

// ClusterStatus is what DescribeClusters says.
type ClusterStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// clusterArn is the ARN of the cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ClusterArn string `json:"clusterArn,omitempty"`

	// status is ACTIVE once the cluster can be used, DEPROVISIONING while it is
	// being deleted.
	// +optional
	Status ClusterState `json:"status,omitempty"`

	// registeredContainerInstancesCount counts container instances that are ACTIVE
	// or DRAINING.
	// +optional
	RegisteredContainerInstancesCount int32 `json:"registeredContainerInstancesCount"`

	// runningTasksCount counts tasks in RUNNING.
	// +optional
	RunningTasksCount int32 `json:"runningTasksCount"`

	// pendingTasksCount counts tasks on their way to RUNNING.
	// +optional
	PendingTasksCount int32 `json:"pendingTasksCount"`

	// activeServicesCount counts services in ACTIVE.
	// +optional
	ActiveServicesCount int32 `json:"activeServicesCount"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Cluster is an ECS cluster: a set of nodes that services and tasks of the
// allowed namespaces run on. Only platform people write it, because it hands
// out nodes.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ecsc,categories=ecs
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Instances",type=integer,JSONPath=`.status.registeredContainerInstancesCount`
// +kubebuilder:printcolumn:name="Services",type=integer,JSONPath=`.status.activeServicesCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningTasksCount`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pendingTasksCount`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="(has(self.spec) && has(self.spec.clusterName)) || self.metadata.name.matches('^[a-z0-9-]{1,253}$')",message="metadata.name: a cluster's name has letters, digits and hyphens; take the full stop out"
// +kubebuilder:validation:XValidation:rule="(has(self.spec) && has(self.spec.clusterName) ? self.spec.clusterName : self.metadata.name) == (has(oldSelf.spec) && has(oldSelf.spec.clusterName) ? oldSelf.spec.clusterName : oldSelf.metadata.name)",message="spec.clusterName: it can't change; make a new Cluster",fieldPath=".spec.clusterName"
type Cluster struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of CreateCluster. Unset means a cluster without nodes.
	// +optional
	Spec ClusterSpec `json:"spec,omitzero"`

	// status is what the operator has seen.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status ClusterStatus `json:"status,omitzero"`
}

// ClusterList is a list of Cluster.
//
// +kubebuilder:object:root=true
type ClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Cluster `json:"items"`
}
