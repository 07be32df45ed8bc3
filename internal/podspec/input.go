// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Input is all that a pod template depends on. Equal inputs give equal templates, byte for byte.
type Input struct {
	TaskDefinition ecsv1.TaskDefinitionFields `json:"taskDefinition"`
	// Labels and Annotations are set on the template as they are; Annotations of ours win over these.
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Cluster     Cluster           `json:"cluster"`
	// Placement is what the service or task asks for now about instances; nil where nobody asks anything.
	Placement *Placement `json:"placement,omitempty"`
	// Service is nil for a task that someone runs by itself.
	Service *Service `json:"service,omitempty"`
	// Task is what someone who runs a task by itself says about it; nil for nothing, and for a service's task.
	Task *Task `json:"task,omitempty"`
	// Images by container name, as the service revision has them.
	Images map[string]Image `json:"images,omitempty"`
	// LaunchType is FARGATE for a task that is to be run as Fargate runs it; "" is EC2.
	LaunchType ecsv1.LaunchType `json:"launchType,omitempty"`
	// LauncherImage is the image that the launcher is copied from. Without one, nothing is started by the launcher, and warnings say
	// what is lost.
	LauncherImage string   `json:"launcherImage,omitempty"`
	Features      Features `json:"features"`
	// ARNs is the part of ARNs that the Kubernetes cluster has no word for; zero is arn.DefaultScope.
	ARNs arn.Scope `json:"arns,omitzero"`
	// PodSecurity is the level that the namespace enforces: baseline or restricted; "" is none. Under restricted, each container gets
	// what that level asks for and the task definition doesn't speak against.
	PodSecurity string `json:"podSecurity,omitempty"`
}

// Cluster is where the task may run.
type Cluster struct {
	// NodeSelector is the label that the cluster's nodes carry: ecs.pods.dev/cluster=<name>.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// Name is the cluster's ECS name.
	Name string `json:"name,omitempty"`
	// Kubernetes is what the Cluster says about roles, secret stores, storage classes and the like; nil for nothing.
	Kubernetes *ecsv1.ClusterKubernetes `json:"kubernetes,omitempty"`
}

// Image is what is known of a container's image beyond its name.
type Image struct {
	// Digest is what the tag meant when the deployment began, "" where it isn't pinned.
	Digest string `json:"digest,omitempty"`
	// Config is what the image says about itself, nil where it wasn't read.
	Config *ecsv1.ContainerImageConfig `json:"config,omitempty"`
}

// Service is what a service adds to its tasks.
type Service struct {
	// Selector finds the tasks of all the service's revisions. They are what ECS's default placement spreads (DG/task-placement).
	Selector map[string]string `json:"selector,omitempty"`
	// LoadBalancers that the service registers its tasks with.
	LoadBalancers []LoadBalancer `json:"loadBalancers,omitempty"`
	// VolumeConfigurations configure the volumes that are configured at launch.
	VolumeConfigurations []ecsv1.ServiceVolumeConfiguration `json:"volumeConfigurations,omitempty"`
}

// Task is what RunTask and StartTask add to a task.
type Task struct {
	// ID is the task's. That of a service's task is its pod's UID, and of this one known before there is a pod.
	ID string `json:"id"`
	// Node is the one to run on, "" for any of the cluster's.
	Node string `json:"node,omitempty"`
	// VolumeConfigurations configure the volumes that are configured at launch.
	VolumeConfigurations []ecsv1.TaskVolumeConfiguration `json:"volumeConfigurations,omitempty"`
}

// LoadBalancer is one entry of a service's loadBalancers with the target group behind it.
type LoadBalancer struct {
	// TargetGroup is the name that warnings say, and the reason of a task that failed its check.
	TargetGroup   string `json:"targetGroup"`
	ContainerName string `json:"containerName"`
	ContainerPort int32  `json:"containerPort"`
	// DeregistrationDelaySeconds is how long a task keeps serving after it left the target group. ELB's own default, 300, is for
	// the caller to give.
	DeregistrationDelaySeconds int64 `json:"deregistrationDelaySeconds,omitempty"`
	// HealthCheck is the target group's. ELB always checks its targets: without one, a TCP connection to the container port is
	// looked for, so that no task gets traffic before it listens.
	HealthCheck *ecsv1.TargetGroupHealthCheck `json:"healthCheck,omitempty"`
}

// Features are what the cluster's apiserver and kubelets can do, found out once at the operator's start.
type Features struct {
	// ContainerRestartRules: a container may have a restartPolicy of its own (Kubernetes 1.35 and newer).
	ContainerRestartRules bool `json:"containerRestartRules,omitempty"`
	// PodLevelResources: a pod may have requests and limits as a whole (1.34 and newer).
	PodLevelResources bool `json:"podLevelResources,omitempty"`
	// PreStopSleep: preStop may sleep without a binary in the image (1.30 and newer).
	PreStopSleep bool `json:"preStopSleep,omitempty"`
}

// Result is a task's pod template and what there is to say about it. The goldens, testdata/*/*.out.yaml, are Results: a test that
// reads them back can create each Template on an apiserver.
type Result struct {
	Template corev1.PodTemplateSpec `json:"template"`
	// MinReadySeconds goes beside the template, into the Deployment.
	MinReadySeconds int32     `json:"minReadySeconds"`
	Warnings        []Warning `json:"warnings,omitempty"`
	// Launched names the containers that the launcher starts, with what for.
	Launched []Launched `json:"launched,omitempty"`
	// Needs is what has to be there before the pod can start.
	Needs Needs `json:"needs,omitzero"`
}

// Launched is a container that the launcher starts.
type Launched struct {
	// Container by its ECS name.
	Container string `json:"container"`
	// For are the fields that need it: dependsOn, ulimits, stopTimeout.
	For []string `json:"for"`
}

// Needs is what a task's pod refers to in its namespace.
type Needs struct {
	// ImageConfigs are the containers whose image's config has to be read first: the launcher starts them and neither entryPoint nor
	// command says what. Their commands in the template have a placeholder.
	ImageConfigs []string `json:"imageConfigs,omitempty"`
	// ServiceAccount is the one that stands for the task role; nil for a task without a role, and for a role that the cluster maps.
	ServiceAccount *ServiceAccount `json:"serviceAccount,omitempty"`
	// Secrets that containers, log drivers and pulls refer to.
	Secrets []Secret `json:"secrets,omitempty"`
	// EnvironmentFiles that containers take variables from. Somebody else makes them.
	EnvironmentFiles []EnvironmentFile `json:"environmentFiles,omitempty"`
	// NoNetwork: networkMode is none.
	NoNetwork bool `json:"noNetwork,omitempty"`
}

// ServiceAccount stands for an IAM role.
type ServiceAccount struct {
	Name string `json:"name"`
	// RoleArn is the role as the task definition gives it: an ARN, or a name.
	RoleArn string `json:"roleArn"`
}

// Secret is a Kubernetes Secret, with where its content comes from in AWS.
type Secret struct {
	Name string `json:"name"`
	// Store is secretsManager or parameterStore.
	Store string `json:"store"`
	// StoreRef is the store of the External Secrets Operator that it is fetched through; nil for a Secret that somebody else makes.
	StoreRef *ecsv1.SecretStoreReference `json:"storeRef,omitempty"`
	// RemoteKey is the name or ARN in the store, without JSON key and version.
	RemoteKey string `json:"remoteKey"`
	// VersionStage and VersionID say which version; "" for the current one.
	VersionStage string `json:"versionStage,omitempty"`
	VersionID    string `json:"versionId,omitempty"`
	// Keys that are read, with the JSON key each comes from; "" is the whole value.
	Keys []SecretKey `json:"keys,omitempty"`
	// Registries that it holds the credentials of, by the names that image pulls know them by; nil for a Secret of values.
	Registries []string `json:"registries,omitempty"`
}

// SecretKey is one key of a Secret.
type SecretKey struct {
	Key      string `json:"key"`
	Property string `json:"property,omitempty"`
}

// EnvironmentFile is the ConfigMap or Secret that stands for an environment file.
type EnvironmentFile struct {
	Name string `json:"name"`
	// Object in S3: BUCKET/KEY.
	Object string `json:"object"`
	// Secret: it isn't a ConfigMap.
	Secret bool `json:"secret,omitempty"`
}

// Warning is a place where this task definition means in ECS what Kubernetes does not wholly do.
type Warning struct {
	// Path of the field: containerDefinitions[0].essential.
	Path    string  `json:"path"`
	Verdict Verdict `json:"verdict"`
	Message string  `json:"message"`
}
