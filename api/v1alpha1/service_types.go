// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SchedulingStrategy says how many tasks a service runs.
// +kubebuilder:validation:Enum=REPLICA;DAEMON
type SchedulingStrategy string

// The values of SchedulingStrategy.
const (
	SchedulingStrategyReplica SchedulingStrategy = "REPLICA"
	SchedulingStrategyDaemon  SchedulingStrategy = "DAEMON"
)

// DeploymentControllerType says who performs deployments.
// +kubebuilder:validation:Enum=ECS;CODE_DEPLOY;EXTERNAL
type DeploymentControllerType string

// The values of DeploymentControllerType.
const (
	DeploymentControllerTypeECS        DeploymentControllerType = "ECS"
	DeploymentControllerTypeCodeDeploy DeploymentControllerType = "CODE_DEPLOY"
	DeploymentControllerTypeExternal   DeploymentControllerType = "EXTERNAL"
)

// ServiceState is the life of a service as ECS names it.
// +kubebuilder:validation:Enum=ACTIVE;DRAINING;INACTIVE
type ServiceState string

// The values of ServiceState.
const (
	ServiceStateActive   ServiceState = "ACTIVE"
	ServiceStateDraining ServiceState = "DRAINING"
	ServiceStateInactive ServiceState = "INACTIVE"
)

// DeploymentState is the rank of a deployment among those of its service.
// +kubebuilder:validation:Enum=PRIMARY;ACTIVE;INACTIVE
type DeploymentState string

// The values of DeploymentState.
const (
	DeploymentStatePrimary  DeploymentState = "PRIMARY"
	DeploymentStateActive   DeploymentState = "ACTIVE"
	DeploymentStateInactive DeploymentState = "INACTIVE"
)

// DeploymentRolloutState is how far a deployment is.
// +kubebuilder:validation:Enum=COMPLETED;FAILED;IN_PROGRESS
type DeploymentRolloutState string

// The values of DeploymentRolloutState.
const (
	DeploymentRolloutStateCompleted  DeploymentRolloutState = "COMPLETED"
	DeploymentRolloutStateFailed     DeploymentRolloutState = "FAILED"
	DeploymentRolloutStateInProgress DeploymentRolloutState = "IN_PROGRESS"
)

// ServiceSpec is the body of CreateService.
type ServiceSpec struct {
	// serviceName is unique in its cluster. Unset means metadata.name. Letters, digits, hyphens and underscores, at
	// most 255. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ServiceName string `json:"serviceName,omitempty"`

	// cluster is the name or ARN of the cluster to run in. Unset means the cluster named default. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Cluster string `json:"cluster,omitempty"`

	// taskDefinition is what to run: family (the service follows its newest ACTIVE revision), family:revision (pinned
	// to that revision) or an ARN. ECS picks the newest revision once, when it is called; following it is what a
	// declaration means. Required unless deploymentController.type is EXTERNAL.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinition string `json:"taskDefinition,omitempty"`

	// desiredCount is how many tasks to keep running, 0 to 5000. Unset means 1 until something else, such as `kubectl
	// scale` or an autoscaler, sets it; leave it out under autoscaling. A DAEMON service has none.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5000
	DesiredCount *int32 `json:"desiredCount,omitempty"`

	// launchType is EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES. It excludes capacityProviderStrategy. With neither,
	// the cluster's default strategy counts, else EC2.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderStrategy distributes tasks over capacity providers; at most 20 items. It excludes launchType. An
	// empty list goes back to the launch type.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`

	// platformVersion is the Fargate platform version. Unset means LATEST. On Kubernetes it has no effect, but
	// changing it starts a deployment as in ECS.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// schedulingStrategy is REPLICA (desiredCount tasks) or DAEMON (one on each container instance). Unset means
	// REPLICA. It can't change.
	// +optional
	SchedulingStrategy SchedulingStrategy `json:"schedulingStrategy,omitempty"`

	// deploymentController says who performs deployments. Unset means ECS.
	// +optional
	DeploymentController *DeploymentController `json:"deploymentController,omitempty"`

	// deploymentConfiguration says how a new revision replaces the old one. Unset means a rolling deployment between
	// 100 and 200 percent.
	// +optional
	DeploymentConfiguration *DeploymentConfiguration `json:"deploymentConfiguration,omitempty"`

	// networkConfiguration is required with network mode awsvpc in ECS and refused with others. Kubernetes needs none.
	// Changing it starts a deployment.
	// +optional
	NetworkConfiguration *NetworkConfiguration `json:"networkConfiguration,omitempty"`

	// loadBalancers are the target groups that tasks are registered in; at most 5. Each becomes a core Service.
	// Changing them starts a deployment; an empty list removes them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	LoadBalancers []LoadBalancer `json:"loadBalancers,omitempty"`

	// serviceRegistries is the Cloud Map registry that tasks are listed in, at most one. Changing it starts a
	// deployment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	ServiceRegistries []ServiceRegistry `json:"serviceRegistries,omitempty"`

	// serviceConnectConfiguration makes ports reachable under short names. Changing it starts a deployment.
	// +optional
	ServiceConnectConfiguration *ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitempty"`

	// vpcLatticeConfigurations are the VPC Lattice target groups that tasks are registered in. Changing them starts a
	// deployment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	VpcLatticeConfigurations []VpcLatticeConfiguration `json:"vpcLatticeConfigurations,omitempty"`

	// gatewayConnectors connects the service to a gateway of the cluster, at most one. Changing it starts a
	// deployment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	GatewayConnectors []GatewayConnector `json:"gatewayConnectors,omitempty"`

	// volumeConfigurations give the task definition's volume with configuredAtLaunch its settings. REPLICA only.
	// Changing them starts a deployment.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1
	VolumeConfigurations []ServiceVolumeConfiguration `json:"volumeConfigurations,omitempty"`

	// healthCheckGracePeriodSeconds is how many seconds after a task's start failed health checks are overlooked.
	// Unset means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	HealthCheckGracePeriodSeconds *int32 `json:"healthCheckGracePeriodSeconds,omitempty"`

	// placementConstraints limit the container instances that tasks may run on; at most 10. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []PlacementConstraint `json:"placementConstraints,omitempty"`

	// placementStrategy distributes tasks over those instances; at most 5, the first counts most. DAEMON and Fargate
	// refuse it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	PlacementStrategy []PlacementStrategy `json:"placementStrategy,omitempty"`

	// availabilityZoneRebalancing moves tasks until zones are even again. Unset means ENABLED for services that can be
	// rebalanced.
	// +optional
	AvailabilityZoneRebalancing Toggle `json:"availabilityZoneRebalancing,omitempty"`

	// propagateTags copies the tags of the task definition or of the service to new tasks. Unset means NONE.
	// +optional
	PropagateTags PropagateTags `json:"propagateTags,omitempty"`

	// enableECSManagedTags adds the tags aws:ecs:clusterName and aws:ecs:serviceName to new tasks. Unset means false.
	// +optional
	EnableECSManagedTags *bool `json:"enableECSManagedTags,omitempty"`

	// enableExecuteCommand allows ECS Exec in tasks started from now on. Unset means false.
	// +optional
	EnableExecuteCommand *bool `json:"enableExecuteCommand,omitempty"`

	// monitoring sets how often metrics are collected.
	// +optional
	Monitoring *MonitoringConfiguration `json:"monitoring,omitempty"`

	// role is the IAM role with which ECS used to call load balancers. On Kubernetes it has no effect.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Role string `json:"role,omitempty"`

	// tags are up to 50 tags of the service.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`

	// kubernetes holds what only Kubernetes has.
	// +optional
	Kubernetes *ServiceKubernetes `json:"kubernetes,omitempty"`
}

// DeploymentController says who performs deployments.
type DeploymentController struct {
	// type is ECS, CODE_DEPLOY or EXTERNAL. It can't change.
	// +required
	Type DeploymentControllerType `json:"type"`
}

// MonitoringConfiguration sets how often metrics are collected.
type MonitoringConfiguration struct {
	// metricConfigurations are the metrics with their resolution.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	MetricConfigurations []MetricConfiguration `json:"metricConfigurations,omitempty"`
}

// MetricConfiguration sets how often some metrics are collected.
type MetricConfiguration struct {
	// metricNames are CPUUtilization and MemoryUtilization.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Enum=CPUUtilization;MemoryUtilization
	MetricNames []string `json:"metricNames"`

	// resolutionSeconds is 20 or 60 seconds.
	// +required
	// +kubebuilder:validation:Enum=20;60
	ResolutionSeconds int32 `json:"resolutionSeconds"`
}

// ServiceStatus is what DescribeServices says.
type ServiceStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// serviceArn is the ARN of the service.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ServiceArn string `json:"serviceArn,omitempty"`

	// clusterArn is the ARN of its cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ClusterArn string `json:"clusterArn,omitempty"`

	// status is ACTIVE; DRAINING from deletion until the tasks are gone; INACTIVE then.
	// +optional
	Status ServiceState `json:"status,omitempty"`

	// taskDefinition is the ARN of the revision in effect, resolved from spec.taskDefinition.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinition string `json:"taskDefinition,omitempty"`

	// desiredCount is how many tasks should run.
	// +optional
	DesiredCount int32 `json:"desiredCount"`

	// runningCount counts tasks in RUNNING.
	// +optional
	RunningCount int32 `json:"runningCount"`

	// pendingCount counts tasks on their way to RUNNING.
	// +optional
	PendingCount int32 `json:"pendingCount"`

	// deployments are the deployments that have tasks, newest first: one PRIMARY and those it replaces.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=10
	Deployments []Deployment `json:"deployments,omitempty"`

	// currentServiceDeployment is the ARN of the service deployment under way, if any.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	CurrentServiceDeployment string `json:"currentServiceDeployment,omitempty"`

	// currentServiceRevisions are the service revisions that have tasks.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	CurrentServiceRevisions []ServiceRevisionSummary `json:"currentServiceRevisions,omitempty"`

	// loadBalancers say where each target group can be reached.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	LoadBalancers []TargetGroupStatus `json:"loadBalancers,omitempty"`

	// selector is the label selector of the service's pods, for the scale subresource.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Selector string `json:"selector,omitempty"`

	// createdAt is when the service was created.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

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

// Deployment is one entry of deployments[] in DescribeServices.
type Deployment struct {
	// id is ecs-svc/ and 19 digits; tasks carry it as startedBy.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Id string `json:"id"`

	// status is PRIMARY for the newest, ACTIVE for those it replaces, INACTIVE for those it has replaced.
	// +optional
	Status DeploymentState `json:"status,omitempty"`

	// taskDefinition is the ARN of the revision it runs.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinition string `json:"taskDefinition,omitempty"`

	// serviceRevision is the name of the ServiceRevision object.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServiceRevision string `json:"serviceRevision,omitempty"`

	// desiredCount is how many tasks it should end with.
	// +optional
	DesiredCount int32 `json:"desiredCount"`

	// pendingCount counts its tasks on their way to RUNNING.
	// +optional
	PendingCount int32 `json:"pendingCount"`

	// runningCount counts its tasks in RUNNING.
	// +optional
	RunningCount int32 `json:"runningCount"`

	// failedTasks counts its tasks that failed since the last one became healthy.
	// +optional
	FailedTasks int32 `json:"failedTasks"`

	// rolloutState is IN_PROGRESS, COMPLETED or FAILED.
	// +optional
	RolloutState DeploymentRolloutState `json:"rolloutState,omitempty"`

	// rolloutStateReason says why, in ECS's words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	RolloutStateReason string `json:"rolloutStateReason,omitempty"`

	// createdAt is when it began.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// updatedAt is when it last changed its state.
	// +optional
	UpdatedAt *metav1.Time `json:"updatedAt,omitempty"`
}

// TargetGroupStatus says where a target group can be reached.
type TargetGroupStatus struct {
	// name is the target group as loadBalancers[].targetGroupArn names it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// serviceName is the core Service in the same namespace.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	ServiceName string `json:"serviceName,omitempty"`

	// clusterIP is its address inside the cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	ClusterIP string `json:"clusterIP,omitempty"`

	// port is its port.
	// +optional
	Port *int32 `json:"port,omitempty"`

	// nodePort is its port on every node, with type NodePort or LoadBalancer.
	// +optional
	NodePort *int32 `json:"nodePort,omitempty"`

	// loadBalancerIngress are the addresses that a load balancer was given, with type LoadBalancer.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=253
	LoadBalancerIngress []string `json:"loadBalancerIngress,omitempty"`
}

// Service keeps a number of tasks of a task definition running in a cluster, and replaces them step by step when the
// task definition or another part that matters changes. Its plural clashes with the core services: write
// `services.ecs.pods.dev` or the short name `esvc` to kubectl.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.desiredCount,statuspath=.status.runningCount,selectorpath=.status.selector
// +kubebuilder:resource:shortName=esvc,categories=ecs
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.cluster`,priority=1
// +kubebuilder:printcolumn:name="Task definition",type=string,JSONPath=`.spec.taskDefinition`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desiredCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningCount`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pendingCount`
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.deployments[?(@.status=="PRIMARY")].rolloutState`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Service struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of CreateService.
	// +required
	Spec ServiceSpec `json:"spec"`

	// status is what the operator has done and seen.
	// +optional
	Status ServiceStatus `json:"status,omitzero"`
}

// ServiceList is a list of Service.
//
// +kubebuilder:object:root=true
type ServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Service `json:"items"`
}
