// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// DeploymentState is the rank of a deployment among those of its service.
// +kubebuilder:validation:Enum=PRIMARY;ACTIVE;INACTIVE
type DeploymentState string

// The values of DeploymentState.
const (
	DeploymentStatePrimary  DeploymentState = "PRIMARY"
	DeploymentStateActive   DeploymentState = "ACTIVE"
	DeploymentStateInactive DeploymentState = "INACTIVE"
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

	// status is ACTIVE; DRAINING from deletion until the tasks are gone; INACTIVE
	// then.
	// +optional
	Status ServiceState `json:"status,omitempty"`

	// taskDefinition is the ARN of the revision in effect, resolved from
	// spec.taskDefinition.
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

	// deployments are the deployments that have tasks, newest first: one PRIMARY
	// and those it replaces.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=10
	Deployments []Deployment `json:"deployments,omitempty"`

	// currentServiceDeployment is the ARN of the service deployment under way, if
	// any.
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

	// selector is the label selector of the service's pods, for the scale
	// subresource.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Selector string `json:"selector,omitempty"`

	// createdAt is when the service was created.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// placement says who chooses the instances of new tasks, and why.
	// +optional
	Placement *ServicePlacement `json:"placement,omitempty"`

	// toldAt is when an event last said what the conditions say of something that
	// goes on. Six hours later it is said again. Unset where there is no such event.
	// +optional
	ToldAt *metav1.Time `json:"toldAt,omitempty"`

	// unmappedFields are the paths of fields that are set and have no effect on
	// pods so far.
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

// PlacementMechanism is who chooses the instances of tasks.
// +kubebuilder:validation:Enum=Scheduler;Engine;DaemonSet
type PlacementMechanism string

// The values of PlacementMechanism.
const (
	// PlacementMechanismScheduler: what the service asks for is node affinity and topology spread, which any scheduler honours.
	PlacementMechanismScheduler PlacementMechanism = "Scheduler"
	// PlacementMechanismEngine: the operator chooses an instance for each task, and the scheduler has the last word on resources.
	PlacementMechanismEngine PlacementMechanism = "Engine"
	// PlacementMechanismDaemonSet: one task on each instance.
	PlacementMechanismDaemonSet PlacementMechanism = "DaemonSet"
)

// ServicePlacement says how the instances of a service's new tasks are chosen.
type ServicePlacement struct {
	// mechanism is Scheduler (node affinity and topology spread say all that is
	// asked for; tasks start though the operator be down), Engine (the operator
	// chooses an instance for each task) or DaemonSet.
	// +required
	Mechanism PlacementMechanism `json:"mechanism"`

	// reason says what decided that.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`
}

// Deployment is one entry of deployments[] in DescribeServices.
type Deployment struct {
	// id is ecs-svc/ and 19 digits; tasks carry it as startedBy.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Id string `json:"id"`

	// status is PRIMARY for the newest, ACTIVE for those it replaces, INACTIVE for
	// those it has replaced.
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

	// loadBalancerIngress are the addresses that a load balancer was given, with
	// type LoadBalancer.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=253
	LoadBalancerIngress []string `json:"loadBalancerIngress,omitempty"`
}
