// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServiceRevisionSpec is what a service was told to run at one moment. Nothing
// in it can change.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec: a service revision never changes; change the Service, which makes the next one"
type ServiceRevisionSpec struct {
	// service is the name of the Service object, in the same namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Service string `json:"service"`

	// revision is the ordinal of this revision in its service. It is part of the
	// names of what belongs to it.
	// +required
	// +kubebuilder:validation:Minimum=1
	Revision int64 `json:"revision"`

	// cluster is the cluster as the service named it, or default.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster"`

	// taskDefinition is family:N, the revision in effect.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255}(:[1-9][0-9]*)?)$')",message="taskDefinition: write family, family:revision or an ARN; a family has letters, digits, hyphens and underscores"
	TaskDefinition string `json:"taskDefinition"`

	// taskDefinitionRevisionName is the TaskDefinitionRevision object that holds
	// it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	TaskDefinitionRevisionName string `json:"taskDefinitionRevisionName"`

	// containerImages are the images of the revision, with digests where they were
	// resolved.
	// +optional
	// +listType=map
	// +listMapKey=containerName
	// +kubebuilder:validation:MaxItems=10
	ContainerImages []ContainerImage `json:"containerImages,omitempty"`

	// launchType is the service's at that moment.
	// +optional
	LaunchType LaunchType `json:"launchType,omitempty"`

	// capacityProviderStrategy is the service's at that moment. It isn't written so
	// far: a change of it counts for new tasks of each revision.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`

	// platformVersion is the service's at that moment.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PlatformVersion string `json:"platformVersion,omitempty"`

	// networkConfiguration is the service's at that moment.
	// +optional
	NetworkConfiguration *NetworkConfiguration `json:"networkConfiguration,omitempty"`

	// loadBalancers are the service's at that moment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	LoadBalancers []LoadBalancer `json:"loadBalancers,omitempty"`

	// serviceRegistries are the service's at that moment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	ServiceRegistries []ServiceRegistry `json:"serviceRegistries,omitempty"`

	// serviceConnectConfiguration is the service's at that moment.
	// +optional
	ServiceConnectConfiguration *ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitempty"`

	// volumeConfigurations are the service's at that moment.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1
	VolumeConfigurations []ServiceVolumeConfiguration `json:"volumeConfigurations,omitempty"`

	// vpcLatticeConfigurations are the service's at that moment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	VpcLatticeConfigurations []VpcLatticeConfiguration `json:"vpcLatticeConfigurations,omitempty"`

	// gatewayConnectors are the service's at that moment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	GatewayConnectors []GatewayConnector `json:"gatewayConnectors,omitempty"`

	// kubernetes is the part of the service's kubernetes settings that a revision
	// keeps.
	// +optional
	Kubernetes *ServiceRevisionKubernetes `json:"kubernetes,omitempty"`
}

// ServiceRevisionKubernetes is the part of the service's kubernetes settings
// that a revision keeps.
type ServiceRevisionKubernetes struct {
	// forceNewDeployment is the service's counter at that moment.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ForceNewDeployment *int64 `json:"forceNewDeployment,omitempty"`

	// targetGroups are the settings of the target groups at that moment.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	TargetGroups []TargetGroup `json:"targetGroups,omitempty"`
}

// ContainerImage is an image as a revision runs it.
type ContainerImage struct {
	// containerName is the container.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	ContainerName string `json:"containerName"`

	// image is the image as the task definition names it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=330
	Image string `json:"image"`

	// imageDigest is what its tag meant when the deployment began. Unset means not
	// resolved.
	// +optional
	// +kubebuilder:validation:MaxLength=71
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	ImageDigest string `json:"imageDigest,omitempty"`

	// notPinnedReason says why imageDigest is unset though it was wanted: each node
	// then runs what the tag means to it. Unset means that the image is pinned, or
	// that nobody asked for that.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	NotPinnedReason string `json:"notPinnedReason,omitempty"`

	// notResolvedReason says why there is no digest though versionConsistency is
	// enabled: attempts to resolve the tag failed while the service's circuit breaker
	// was on. The deployment of such a revision fails, and no task of it is started.
	// Unset: there is a digest, or none is insisted on.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	NotResolvedReason string `json:"notResolvedReason,omitempty"`

	// config is what the image says about itself, read from its registry where a
	// container's translation needs it. Unset means not read.
	// +optional
	Config *ContainerImageConfig `json:"config,omitempty"`
}

// ContainerImageConfig is the part of an image's config that matters for
// starting a container of it.
type ContainerImageConfig struct {
	// entryPoint is the image's ENTRYPOINT. Unset means none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1000
	// +kubebuilder:validation:items:MaxLength=65536
	EntryPoint []string `json:"entryPoint,omitempty"`

	// command is the image's CMD. Unset means none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1000
	// +kubebuilder:validation:items:MaxLength=65536
	Command []string `json:"command,omitempty"`

	// user is the image's USER: a name or a number, with or without a group. Unset
	// means root.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	User string `json:"user,omitempty"`

	// stopSignal is the image's STOPSIGNAL. Unset means SIGTERM.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	StopSignal string `json:"stopSignal,omitempty"`
}

// ServiceRevisionStatus identifies a revision. How many tasks it has is in the
// status of the ServiceDeployment, where ECS has it too.
type ServiceRevisionStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// serviceRevisionArn is the ARN of the revision.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ServiceRevisionArn string `json:"serviceRevisionArn,omitempty"`

	// createdAt is when the revision was made.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// resolvedConfiguration says which target groups the revision is registered
	// in: with BLUE_GREEN, LINEAR and CANARY the two of a load balancer take turns.
	// +optional
	ResolvedConfiguration *ResolvedConfiguration `json:"resolvedConfiguration,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ResolvedConfiguration is what became of a revision's choices.
type ResolvedConfiguration struct {
	// loadBalancers are the target groups of the revision, in the order of
	// spec.loadBalancers.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	LoadBalancers []ServiceRevisionLoadBalancer `json:"loadBalancers,omitempty"`
}

// ServiceRevisionLoadBalancer is the target group of a revision.
type ServiceRevisionLoadBalancer struct {
	// targetGroupArn is the target group, as the service names it.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TargetGroupArn string `json:"targetGroupArn,omitempty"`

	// productionListenerRule is the rule that sends users to it: an HTTPRoute, or
	// route/rule.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ProductionListenerRule string `json:"productionListenerRule,omitempty"`
}

// ServiceRevision is an immutable snapshot of what a Service runs. Each change
// that ECS says starts a deployment makes the next one, and one apps/v1
// Deployment runs its tasks. The operator makes it; nobody edits it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=esr,categories=ecs
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.spec.revision`
// +kubebuilder:printcolumn:name="Task definition",type=string,JSONPath=`.spec.taskDefinition`
// +kubebuilder:printcolumn:name="Images",type=string,JSONPath=`.spec.containerImages[*].image`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ServiceRevision struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the snapshot. It can't change.
	// +required
	Spec ServiceRevisionSpec `json:"spec"`

	// status identifies the revision.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status ServiceRevisionStatus `json:"status,omitzero"`
}

// ServiceRevisionList is a list of ServiceRevision.
//
// +kubebuilder:object:root=true
type ServiceRevisionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ServiceRevision `json:"items"`
}
