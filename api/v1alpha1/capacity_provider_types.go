// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PropagateMITags says whose tags managed instances get.
// +kubebuilder:validation:Enum=CAPACITY_PROVIDER;NONE
type PropagateMITags string

// The values of PropagateMITags.
const (
	PropagateMITagsCapacityProvider PropagateMITags = "CAPACITY_PROVIDER"
	PropagateMITagsNone             PropagateMITags = "NONE"
)

// CapacityProviderState is the life of a capacity provider as ECS names it.
// +kubebuilder:validation:Enum=PROVISIONING;ACTIVE;DEPROVISIONING;INACTIVE
type CapacityProviderState string

// The values of CapacityProviderState.
const (
	CapacityProviderStateProvisioning   CapacityProviderState = "PROVISIONING"
	CapacityProviderStateActive         CapacityProviderState = "ACTIVE"
	CapacityProviderStateDeprovisioning CapacityProviderState = "DEPROVISIONING"
	CapacityProviderStateInactive       CapacityProviderState = "INACTIVE"
)

// CapacityProviderSpec is the body of CreateCapacityProvider.
// +kubebuilder:validation:XValidation:rule="[has(self.autoScalingGroupProvider), has(self.managedInstancesProvider)].filter(k, k).size() <= 1",message="autoScalingGroupProvider: give either autoScalingGroupProvider or managedInstancesProvider; take one out",fieldPath=".autoScalingGroupProvider"
// +kubebuilder:validation:XValidation:rule="has(self.autoScalingGroupProvider) || has(self.managedInstancesProvider) || has(self.kubernetes)",message="kubernetes.nodeSelector: it says which nodes belong to the provider; set it, or describe a provider",fieldPath=".kubernetes"
// +kubebuilder:validation:XValidation:rule="has(self.cluster) == has(self.managedInstancesProvider)",message="cluster: a managed instances provider belongs to one cluster, others to none; set cluster with managedInstancesProvider only",fieldPath=".cluster"
// +kubebuilder:validation:XValidation:rule="!has(self.name) || !self.name.lowerAscii().matches('^(aws|ecs|fargate)')",message="name: names that begin with aws, ecs or fargate are reserved; choose another. FARGATE and FARGATE_SPOT are built in: the Cluster says in kubernetes.fargateCapacityProviders which nodes they are",fieldPath=".name"
type CapacityProviderSpec struct {
	// name is the name that strategies refer to. Unset means metadata.name.
	// Letters, digits, hyphens and underscores, at most 255; no two
	// CapacityProvider objects may have the same. FARGATE and FARGATE_SPOT are built
	// in and have no object: the Cluster maps them. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Name string `json:"name,omitempty"`

	// cluster is the cluster of a managed instances provider. It goes with
	// managedInstancesProvider only.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(arn:[^ ]+|[A-Za-z0-9_-]{1,255})$')",message="cluster: write the cluster's name or its ARN; a name has letters, digits, hyphens and underscores"
	Cluster string `json:"cluster,omitempty"`

	// autoScalingGroupProvider is for nodes that an Auto Scaling group makes.
	// +optional
	AutoScalingGroupProvider *AutoScalingGroupProvider `json:"autoScalingGroupProvider,omitempty"`

	// managedInstancesProvider is for nodes that ECS would make by itself.
	// +optional
	ManagedInstancesProvider *ManagedInstancesProvider `json:"managedInstancesProvider,omitempty"`

	// tags are up to 50 tags of the capacity provider.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`

	// kubernetes holds what only Kubernetes has.
	// +optional
	Kubernetes *CapacityProviderKubernetes `json:"kubernetes,omitempty"`
}

// CapacityProviderKubernetes is what a capacity provider needs to know about
// Kubernetes.
type CapacityProviderKubernetes struct {
	// nodeSelector chooses, among the container instances of a cluster, those that
	// belong to this provider. Unset means none; `{}` means all.
	// +optional
	NodeSelector *metav1.LabelSelector `json:"nodeSelector,omitempty"`

	// tolerations are added to the tasks that are placed through this provider, so
	// that its nodes may be tainted against all others. Unset means none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// interruptionTaints are keys of taints by which these nodes are announced to
	// go away soon, as a Spot interruption warning does. They count beside the keys
	// that are known already (docs/spec/capacityprovider.md). Unset means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=317
	InterruptionTaints []string `json:"interruptionTaints,omitempty"`
}

// FargateCapacityProviderName is one of the two capacity providers that are built in.
// +kubebuilder:validation:Enum=FARGATE;FARGATE_SPOT
type FargateCapacityProviderName string

// The values of FargateCapacityProviderName.
const (
	FargateCapacityProviderNameFargate     FargateCapacityProviderName = "FARGATE"
	FargateCapacityProviderNameFargateSpot FargateCapacityProviderName = "FARGATE_SPOT"
)

// FargateCapacityProvider says which instances stand for FARGATE or FARGATE_SPOT.
type FargateCapacityProvider struct {
	// name is FARGATE or FARGATE_SPOT.
	// +required
	Name FargateCapacityProviderName `json:"name"`

	// nodeSelector, tolerations and interruptionTaints are those of a
	// CapacityProvider.
	CapacityProviderKubernetes `json:",inline"`
}

// AutoScalingGroupProvider is about nodes that an Auto Scaling group makes.
// +kubebuilder:validation:XValidation:rule="!has(self.managedTerminationProtection) || self.managedTerminationProtection != 'ENABLED' || (has(self.managedScaling) && has(self.managedScaling.status) && self.managedScaling.status == 'ENABLED')",message="managedTerminationProtection: it needs managed scaling; set managedScaling.status: ENABLED",fieldPath=".managedTerminationProtection"
type AutoScalingGroupProvider struct {
	// autoScalingGroupArn is the group.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	AutoScalingGroupArn string `json:"autoScalingGroupArn"`

	// managedScaling lets ECS set the size of the group.
	// +optional
	ManagedScaling *ManagedScaling `json:"managedScaling,omitempty"`

	// managedTerminationProtection keeps instances with tasks from being removed;
	// it needs managed scaling. Unset means DISABLED.
	// +optional
	ManagedTerminationProtection Toggle `json:"managedTerminationProtection,omitempty"`

	// managedDraining drains instances that are about to be removed. Unset means
	// ENABLED.
	// +optional
	ManagedDraining Toggle `json:"managedDraining,omitempty"`
}

// ManagedScaling lets ECS set the size of a group.
// +kubebuilder:validation:XValidation:rule="!has(self.minimumScalingStepSize) || !has(self.maximumScalingStepSize) || self.minimumScalingStepSize <= self.maximumScalingStepSize",message="minimumScalingStepSize: it can't be greater than maximumScalingStepSize; lower it",fieldPath=".minimumScalingStepSize"
type ManagedScaling struct {
	// status turns it on. Unset means DISABLED.
	// +optional
	Status Toggle `json:"status,omitempty"`

	// targetCapacity is how full the group should be, 1 to 100 percent. Unset
	// means 100.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	TargetCapacity *int32 `json:"targetCapacity,omitempty"`

	// minimumScalingStepSize is the fewest instances to add at once. Unset means
	// 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	MinimumScalingStepSize *int32 `json:"minimumScalingStepSize,omitempty"`

	// maximumScalingStepSize is the most instances to add at once. Unset means
	// 10000.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	MaximumScalingStepSize *int32 `json:"maximumScalingStepSize,omitempty"`

	// instanceWarmupPeriod is the seconds until a new instance counts. Unset means
	// 300.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	InstanceWarmupPeriod *int32 `json:"instanceWarmupPeriod,omitempty"`
}

// CapacityProviderStatus is what DescribeCapacityProviders says.
type CapacityProviderStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// capacityProviderArn is the ARN of the capacity provider.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	CapacityProviderArn string `json:"capacityProviderArn,omitempty"`

	// status is ACTIVE once it can be used.
	// +optional
	Status CapacityProviderState `json:"status,omitempty"`

	// updateStatus is the outcome of the last change. It isn't written so far:
	// changes are taken at once, and the condition Ready says how it stands.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	UpdateStatus string `json:"updateStatus,omitempty"`

	// updateStatusReason says why. It isn't written so far.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	UpdateStatusReason string `json:"updateStatusReason,omitempty"`

	// registeredContainerInstancesCount counts the container instances that belong
	// to it and are ACTIVE or DRAINING, in all clusters.
	// +optional
	RegisteredContainerInstancesCount int32 `json:"registeredContainerInstancesCount"`

	// runningTasksCount counts tasks in RUNNING that were placed through it.
	// +optional
	RunningTasksCount int32 `json:"runningTasksCount"`

	// pendingTasksCount counts tasks that were given to it and don't run yet; those
	// that wait for capacity are among them.
	// +optional
	PendingTasksCount int32 `json:"pendingTasksCount"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// CapacityProvider names a part of a cluster's nodes, so that a strategy can
// say how many tasks each part gets.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ecscp,categories=ecs
// +kubebuilder:printcolumn:name="Name in ECS",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Instances",type=integer,JSONPath=`.status.registeredContainerInstancesCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningTasksCount`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pendingTasksCount`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.name) || self.metadata.name.matches('^[a-z0-9-]{1,253}$')",message="metadata.name: a capacity provider's name has letters, digits and hyphens; take the full stop out"
// +kubebuilder:validation:XValidation:rule="has(self.spec.name) || !self.metadata.name.matches('^(aws|ecs|fargate)')",message="metadata.name: names that begin with aws, ecs or fargate are reserved; set spec.name to another"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.name) ? self.spec.name : self.metadata.name) == (has(oldSelf.spec.name) ? oldSelf.spec.name : oldSelf.metadata.name)",message="spec.name: it can't change; make a new CapacityProvider",fieldPath=".spec.name"
type CapacityProvider struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of CreateCapacityProvider.
	// +required
	Spec CapacityProviderSpec `json:"spec"`

	// status is what the operator has seen.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status CapacityProviderStatus `json:"status,omitzero"`
}

// CapacityProviderList is a list of CapacityProvider.
//
// +kubebuilder:object:root=true
type CapacityProviderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []CapacityProvider `json:"items"`
}
