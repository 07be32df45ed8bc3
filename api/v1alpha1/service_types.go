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

// ServiceSpec is the body of CreateService.
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || !has(self.capacityProviderStrategy) || size(self.capacityProviderStrategy) == 0",message="launchType: give either launchType or capacityProviderStrategy; take one out",fieldPath=".launchType"
// +kubebuilder:validation:XValidation:rule="(has(self.cluster) ? self.cluster : 'default') == (has(oldSelf.cluster) ? oldSelf.cluster : 'default')",message="cluster: a service can't move to another cluster; make a new Service there",fieldPath=".cluster"
// +kubebuilder:validation:XValidation:rule="(has(self.schedulingStrategy) ? self.schedulingStrategy : 'REPLICA') == (has(oldSelf.schedulingStrategy) ? oldSelf.schedulingStrategy : 'REPLICA')",message="schedulingStrategy: it can't change; make a new Service",fieldPath=".schedulingStrategy"
// +kubebuilder:validation:XValidation:rule="(has(self.deploymentController) ? self.deploymentController.type : 'ECS') == (has(oldSelf.deploymentController) ? oldSelf.deploymentController.type : 'ECS')",message="deploymentController.type: it can't change; make a new Service",fieldPath=".deploymentController"
// +kubebuilder:validation:XValidation:rule="(has(self.deploymentController) && self.deploymentController.type == 'EXTERNAL') || has(self.taskDefinition)",message="taskDefinition: it says what to run; set family or family:revision",fieldPath=".taskDefinition"
// +kubebuilder:validation:XValidation:rule="!(has(self.deploymentController) && self.deploymentController.type == 'EXTERNAL') || !has(self.taskDefinition)",message="taskDefinition: with deploymentController EXTERNAL the task sets carry it; take it out",fieldPath=".taskDefinition"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.desiredCount)",message="desiredCount: a DAEMON service runs one task on each container instance; take desiredCount out, or use REPLICA",fieldPath=".desiredCount"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.placementStrategy) || size(self.placementStrategy) == 0",message="placementStrategy: a DAEMON service runs on each container instance; take it out, or use REPLICA",fieldPath=".placementStrategy"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.volumeConfigurations) || size(self.volumeConfigurations) == 0",message="volumeConfigurations: only REPLICA services have them; take them out, or use REPLICA",fieldPath=".volumeConfigurations"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.launchType) || !(self.launchType in ['FARGATE', 'EXTERNAL'])",message="launchType: DAEMON goes with EC2 and MANAGED_INSTANCES only; change launchType, or use REPLICA",fieldPath=".launchType"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.deploymentController) || self.deploymentController.type == 'ECS'",message="deploymentController.type: DAEMON goes with ECS only; set ECS, or use REPLICA",fieldPath=".deploymentController"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.deploymentConfiguration) || !has(self.deploymentConfiguration.maximumPercent) || self.deploymentConfiguration.maximumPercent == 100",message="deploymentConfiguration.maximumPercent: it must be 100 for DAEMON; set 100, or take it out",fieldPath=".deploymentConfiguration.maximumPercent"
// +kubebuilder:validation:XValidation:rule="!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.deploymentConfiguration) || !has(self.deploymentConfiguration.minimumHealthyPercent) || self.deploymentConfiguration.minimumHealthyPercent < 100",message="deploymentConfiguration.minimumHealthyPercent: 100 lets no task of a DAEMON be replaced; lower it, 50 is common",fieldPath=".deploymentConfiguration.minimumHealthyPercent"
// +kubebuilder:validation:XValidation:rule="(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') || !has(self.deploymentConfiguration) || (has(self.deploymentConfiguration.strategy) && self.deploymentConfiguration.strategy != 'ROLLING') || !has(self.deploymentConfiguration.maximumPercent) || self.deploymentConfiguration.maximumPercent > (has(self.deploymentConfiguration.minimumHealthyPercent) ? self.deploymentConfiguration.minimumHealthyPercent : 100)",message="deploymentConfiguration.maximumPercent: it must be higher than minimumHealthyPercent (100 when unset), or no task can ever be started or stopped; raise it, or lower minimumHealthyPercent",fieldPath=".deploymentConfiguration.maximumPercent"
// +kubebuilder:validation:XValidation:rule="!has(self.deploymentConfiguration) || !has(self.deploymentController) || self.deploymentController.type == 'ECS' || (!has(self.deploymentConfiguration.deploymentCircuitBreaker) && (!has(self.deploymentConfiguration.strategy) || self.deploymentConfiguration.strategy == 'ROLLING'))",message="deploymentConfiguration: a circuit breaker and strategies other than ROLLING go with deploymentController ECS only; take them out",fieldPath=".deploymentConfiguration"
// +kubebuilder:validation:XValidation:rule="!has(self.availabilityZoneRebalancing) || self.availabilityZoneRebalancing != 'ENABLED' || (!(has(self.schedulingStrategy) && self.schedulingStrategy == 'DAEMON') && (!has(self.launchType) || self.launchType != 'EXTERNAL') && (!has(self.deploymentConfiguration) || !has(self.deploymentConfiguration.maximumPercent) || self.deploymentConfiguration.maximumPercent > 100))",message="availabilityZoneRebalancing: it goes neither with DAEMON, nor with EXTERNAL, nor with maximumPercent 100; set DISABLED",fieldPath=".availabilityZoneRebalancing"
// +kubebuilder:validation:XValidation:rule="!has(self.launchType) || self.launchType != 'FARGATE' || ((!has(self.placementConstraints) || size(self.placementConstraints) == 0) && (!has(self.placementStrategy) || size(self.placementStrategy) == 0))",message="placementConstraints and placementStrategy: Fargate has no container instances to choose from; take them out",fieldPath=".placementConstraints"
// +kubebuilder:validation:XValidation:rule="!has(self.loadBalancers) || self.loadBalancers.filter(l, has(l.loadBalancerName)).size() <= 1",message="loadBalancers[].loadBalancerName: at most one Classic Load Balancer; use targetGroupArn",fieldPath=".loadBalancers"
// +kubebuilder:validation:XValidation:rule="!has(self.kubernetes) || !has(self.kubernetes.targetGroups) || self.kubernetes.targetGroups.all(t, has(self.loadBalancers) && self.loadBalancers.exists(l, (has(l.targetGroupArn) && l.targetGroupArn == t.name) || (has(l.advancedConfiguration) && has(l.advancedConfiguration.alternateTargetGroupArn) && l.advancedConfiguration.alternateTargetGroupArn == t.name)))",message="kubernetes.targetGroups[].name: no loadBalancers[].targetGroupArn has that name; make the two equal",fieldPath=".kubernetes.targetGroups"
type ServiceSpec struct {
	// serviceName is unique in its cluster. Unset means metadata.name. Letters,
	// digits, hyphens and underscores, at most 255. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ServiceName string `json:"serviceName,omitempty"`

	// cluster is the name or ARN of the cluster to run in. Unset means the cluster
	// named default. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster,omitempty"`

	// taskDefinition is what to run: family (the service follows its newest ACTIVE
	// revision), family:revision (pinned to that revision) or an ARN. ECS picks
	// the newest revision once, when it is called; following it is what a
	// declaration means. Required: ECS lets it out for the deployment controller
	// EXTERNAL, which isn't supported.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255}(:[1-9][0-9]*)?)$')",message="taskDefinition: write family, family:revision or an ARN; a family has letters, digits, hyphens and underscores"
	TaskDefinition string `json:"taskDefinition,omitempty"`

	// desiredCount is how many tasks to keep running, 0 to 5000. Unset means 1
	// until something else, such as `kubectl scale` or an autoscaler, sets it;
	// leave it out of the manifest under autoscaling, but set it once with
	// `kubectl scale`: while it is unset the scale subresource can't be read. A
	// DAEMON service has none.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5000
	DesiredCount *int32 `json:"desiredCount,omitempty"`

	// launchType is EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES. It excludes
	// capacityProviderStrategy. With neither, the cluster's default strategy
	// counts, else EC2.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderStrategy distributes tasks over capacity providers; at most
	// 20 items. It excludes launchType. An empty list goes back to the launch
	// type.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.filter(i, has(i.base) && i.base > 0).size() <= 1",message="capacityProviderStrategy[].base: only one item can have a base; take it out of the others"
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || self.exists(i, has(i.weight) && i.weight > 0)",message="capacityProviderStrategy[].weight: at least one item needs a weight above 0; set one"
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x.capacityProvider == y.capacityProvider))",message="capacityProviderStrategy[].capacityProvider: a provider is listed twice; join the two items"
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`

	// platformVersion is the Fargate platform version. Unset means LATEST. On
	// Kubernetes it has no effect, but changing it starts a deployment as in ECS.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// schedulingStrategy is REPLICA (desiredCount tasks) or DAEMON (one on each
	// container instance). Unset means REPLICA. It can't change.
	// +optional
	SchedulingStrategy SchedulingStrategy `json:"schedulingStrategy,omitempty"`

	// deploymentController says who performs deployments. Unset means ECS.
	// CODE_DEPLOY and EXTERNAL are refused by the condition Stalled.
	// +optional
	DeploymentController *DeploymentController `json:"deploymentController,omitempty"`

	// deploymentConfiguration says how a new revision replaces the old one. Unset
	// means a rolling deployment between 100 and 200 percent.
	// +optional
	DeploymentConfiguration *DeploymentConfiguration `json:"deploymentConfiguration,omitempty"`

	// networkConfiguration is required with network mode awsvpc in ECS and refused
	// with others. Kubernetes needs none. Changing it starts a deployment.
	// +optional
	NetworkConfiguration *NetworkConfiguration `json:"networkConfiguration,omitempty"`

	// loadBalancers are the target groups that tasks are registered in; at most 5.
	// Each becomes a core Service. Changing them starts a deployment; an empty
	// list removes them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	LoadBalancers []LoadBalancer `json:"loadBalancers,omitempty"`

	// serviceRegistries is the Cloud Map registry that tasks are listed in, at
	// most one. Changing it starts a deployment.
	// It has no other effect so far.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	ServiceRegistries []ServiceRegistry `json:"serviceRegistries,omitempty"`

	// serviceConnectConfiguration makes ports reachable under short names.
	// Changing it starts a deployment.
	// It has no other effect so far.
	// +optional
	ServiceConnectConfiguration *ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitempty"`

	// vpcLatticeConfigurations are the VPC Lattice target groups that tasks are
	// registered in. Changing them starts a deployment. They have no other effect
	// so far.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	VpcLatticeConfigurations []VpcLatticeConfiguration `json:"vpcLatticeConfigurations,omitempty"`

	// gatewayConnectors connects the service to a gateway of the cluster, at most
	// one. Changing it starts a deployment.
	// It has no other effect so far.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	GatewayConnectors []GatewayConnector `json:"gatewayConnectors,omitempty"`

	// volumeConfigurations give the task definition's volume with
	// configuredAtLaunch its settings. REPLICA only. Changing them starts a
	// deployment.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1
	VolumeConfigurations []ServiceVolumeConfiguration `json:"volumeConfigurations,omitempty"`

	// healthCheckGracePeriodSeconds is how many seconds after a task's start
	// failed health checks are overlooked. Unset means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	HealthCheckGracePeriodSeconds *int32 `json:"healthCheckGracePeriodSeconds,omitempty"`

	// placementConstraints limit the container instances that tasks may run on; at
	// most 10. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []PlacementConstraint `json:"placementConstraints,omitempty"`

	// placementStrategy distributes tasks over those instances; at most 5, the
	// first counts most. DAEMON and Fargate refuse it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	PlacementStrategy []PlacementStrategy `json:"placementStrategy,omitempty"`

	// availabilityZoneRebalancing moves tasks until zones are even again. Unset
	// means ENABLED for services that can be rebalanced.
	// +optional
	AvailabilityZoneRebalancing Toggle `json:"availabilityZoneRebalancing,omitempty"`

	// propagateTags copies the tags of the task definition or of the service to
	// new tasks. Unset means NONE. It has no effect so far.
	// +optional
	PropagateTags PropagateTags `json:"propagateTags,omitempty"`

	// enableECSManagedTags adds the tags aws:ecs:clusterName and
	// aws:ecs:serviceName to new tasks. Unset means false. It has no effect so
	// far: the labels ecs.pods.dev/cluster and ecs.pods.dev/service are on every
	// task.
	// +optional
	EnableECSManagedTags *bool `json:"enableECSManagedTags,omitempty"`

	// enableExecuteCommand allows ECS Exec in tasks started from now on. Unset
	// means false. It has no effect: kubectl exec works by the rights of whoever
	// runs it.
	// +optional
	EnableExecuteCommand *bool `json:"enableExecuteCommand,omitempty"`

	// monitoring sets how often metrics are collected. It has no effect so far.
	// +optional
	Monitoring *MonitoringConfiguration `json:"monitoring,omitempty"`

	// role is the IAM role with which ECS used to call load balancers. On
	// Kubernetes it has no effect.
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

// Service keeps a number of tasks of a task definition running in a cluster,
// and replaces them step by step when the task definition or another part that
// matters changes. Its plural clashes with the core services: write
// `services.ecs.pods.dev` or the short name `esvc` to kubectl.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.desiredCount,statuspath=.status.runningCount,selectorpath=.status.selector
// +kubebuilder:resource:shortName=esvc,categories=ecs
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.cluster`
// +kubebuilder:printcolumn:name="Task definition",type=string,JSONPath=`.status.taskDefinition`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desiredCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningCount`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pendingCount`
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.deployments[?(@.status=="PRIMARY")].rolloutState`
// +kubebuilder:printcolumn:name="Placed by",type=string,priority=1,JSONPath=`.status.placement.mechanism`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.serviceName) || self.metadata.name.matches('^[a-z0-9-]{1,253}$')",message="spec.serviceName: metadata.name has a full stop, which a service's name can't have; set spec.serviceName",fieldPath=".spec.serviceName"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.serviceName) ? self.spec.serviceName : self.metadata.name) == (has(oldSelf.spec.serviceName) ? oldSelf.spec.serviceName : oldSelf.metadata.name)",message="spec.serviceName: it can't change; make a new Service",fieldPath=".spec.serviceName"
type Service struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of CreateService.
	// +required
	Spec ServiceSpec `json:"spec"`

	// status is what the operator has done and seen.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
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
