// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Toggle is a switch, spelled as ECS spells it.
// +kubebuilder:validation:Enum=ENABLED;DISABLED
type Toggle string

// The values of Toggle.
const (
	ToggleEnabled  Toggle = "ENABLED"
	ToggleDisabled Toggle = "DISABLED"
)

// LaunchType is the kind of capacity that tasks run on.
// +kubebuilder:validation:Enum=EC2;FARGATE;EXTERNAL;MANAGED_INSTANCES
type LaunchType string

// The values of LaunchType.
const (
	LaunchTypeEC2              LaunchType = "EC2"
	LaunchTypeFargate          LaunchType = "FARGATE"
	LaunchTypeExternal         LaunchType = "EXTERNAL"
	LaunchTypeManagedInstances LaunchType = "MANAGED_INSTANCES"
)

// PropagateTags says whose tags new tasks get.
// +kubebuilder:validation:Enum=TASK_DEFINITION;SERVICE;NONE
type PropagateTags string

// The values of PropagateTags.
const (
	PropagateTagsTaskDefinition PropagateTags = "TASK_DEFINITION"
	PropagateTagsService        PropagateTags = "SERVICE"
	PropagateTagsNone           PropagateTags = "NONE"
)

// PlacementConstraintType is the kind of a placement constraint.
// +kubebuilder:validation:Enum=distinctInstance;memberOf
type PlacementConstraintType string

// The values of PlacementConstraintType.
const (
	PlacementConstraintTypeDistinctInstance PlacementConstraintType = "distinctInstance"
	PlacementConstraintTypeMemberOf         PlacementConstraintType = "memberOf"
)

// PlacementStrategyType is how tasks are distributed.
// +kubebuilder:validation:Enum=random;spread;binpack
type PlacementStrategyType string

// The values of PlacementStrategyType.
const (
	PlacementStrategyTypeRandom  PlacementStrategyType = "random"
	PlacementStrategyTypeSpread  PlacementStrategyType = "spread"
	PlacementStrategyTypeBinpack PlacementStrategyType = "binpack"
)

// TargetType is what an attribute belongs to.
// +kubebuilder:validation:Enum=container-instance
type TargetType string

// The values of TargetType.
const (
	TargetTypeContainerInstance TargetType = "container-instance"
)

// Tag is a label with a meaning of your own.
type Tag struct {
	// key is the name of the tag: at most 128 characters, case counts. Names that
	// begin with `aws:` are reserved.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="!self.lowerAscii().startsWith('aws:')",message="tags[].key: names that begin with aws: are reserved; choose another prefix"
	Key string `json:"key"`

	// value is at most 256 characters and may be empty.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Value string `json:"value"`
}

// Attribute is a property of a container instance that placement can ask for.
type Attribute struct {
	// name is the name, such as ecs.availability-zone.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name"`

	// value is the value. Unset means that only the name counts.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Value string `json:"value,omitempty"`

	// targetType is container-instance, the only kind there is.
	// +optional
	TargetType TargetType `json:"targetType,omitempty"`

	// targetId is the container instance's ID or ARN.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TargetId string `json:"targetId,omitempty"`
}

// CapacityProviderStrategyItem says how many tasks one capacity provider gets.
type CapacityProviderStrategyItem struct {
	// capacityProvider is the name of the CapacityProvider.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	CapacityProvider string `json:"capacityProvider"`

	// base is how many tasks go to this provider before weights count. Only one
	// item of a strategy can have one. Unset means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Base *int32 `json:"base,omitempty"`

	// weight is this provider's share of the tasks beyond the base. Unset means 0:
	// none beyond the base.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Weight *int32 `json:"weight,omitempty"`
}

// NetworkConfiguration is the network of tasks whose network mode is awsvpc.
type NetworkConfiguration struct {
	// awsvpcConfiguration names subnets and security groups.
	// +optional
	AwsvpcConfiguration *AwsVpcConfiguration `json:"awsvpcConfiguration,omitempty"`
}

// AwsVpcConfiguration names subnets and security groups.
type AwsVpcConfiguration struct {
	// subnets are 1 to 16 subnets of one VPC. On Kubernetes the cluster's network
	// takes their place.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x == y))",message="subnets: a subnet is listed twice; take one out"
	Subnets []string `json:"subnets"`

	// securityGroups are at most 5. Unset means the VPC's default group. On
	// Kubernetes network policies take their place.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	SecurityGroups []string `json:"securityGroups,omitempty"`

	// assignPublicIp gives each task a public address. Unset means DISABLED.
	// Kubernetes pods have none.
	// +optional
	AssignPublicIp Toggle `json:"assignPublicIp,omitempty"`
}

// PlacementConstraint limits where a task may run.
// +kubebuilder:validation:XValidation:rule="self.type != 'memberOf' || (has(self.expression) && size(self.expression) > 0)",message="expression: memberOf needs an expression, such as attribute:ecs.os-type == linux; set it",fieldPath=".expression"
// +kubebuilder:validation:XValidation:rule="self.type != 'distinctInstance' || !has(self.expression) || size(self.expression) == 0",message="expression: distinctInstance takes none; take it out, or use memberOf",fieldPath=".expression"
type PlacementConstraint struct {
	// type is distinctInstance (each task on an instance of its own) or memberOf
	// (instances that fit the expression).
	// +required
	Type PlacementConstraintType `json:"type"`

	// expression is a condition in the cluster query language. memberOf needs it;
	// distinctInstance takes none.
	// +optional
	// +kubebuilder:validation:MaxLength=2000
	Expression string `json:"expression,omitempty"`
}

// PlacementStrategy says how tasks are distributed over the instances that
// qualify.
// +kubebuilder:validation:XValidation:rule="self.type != 'random' || !has(self.field) || size(self.field) == 0",message="field: random takes none; take field out",fieldPath=".field"
// +kubebuilder:validation:XValidation:rule="self.type != 'spread' || (has(self.field) && (self.field.lowerAscii() in ['instanceid', 'host'] || self.field.startsWith('attribute:')))",message="field: it is nothing to spread over; set instanceId, host or attribute:NAME, such as attribute:ecs.availability-zone",fieldPath=".field"
// +kubebuilder:validation:XValidation:rule="self.type != 'binpack' || (has(self.field) && self.field.lowerAscii() in ['cpu', 'memory'])",message="field: binpack packs by cpu or memory; set one of them",fieldPath=".field"
type PlacementStrategy struct {
	// type is random, spread or binpack.
	// +required
	Type PlacementStrategyType `json:"type"`

	// field is what to spread over (instanceId, host or attribute:NAME) or to pack
	// by (cpu or memory). random takes none.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Field string `json:"field,omitempty"`
}
