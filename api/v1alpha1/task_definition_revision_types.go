// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TaskDefinitionRevisionSpec is a registered revision. Nothing in it can
// change but desiredStatus.
// +kubebuilder:validation:XValidation:rule="self.family == oldSelf.family && self.revision == oldSelf.revision && self.taskDefinition == oldSelf.taskDefinition",message="spec: a revision never changes; change the TaskDefinition, which registers the next revision"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.desiredStatus) || oldSelf.desiredStatus != 'INACTIVE' || (has(self.desiredStatus) && self.desiredStatus == 'INACTIVE')",message="desiredStatus: a deregistered revision never becomes ACTIVE again; register another one",fieldPath=".desiredStatus"
type TaskDefinitionRevisionSpec struct {
	// family is the family this revision belongs to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Family string `json:"family"`

	// revision is its number in the family. Numbers only grow; a deleted one is
	// never used again.
	// +required
	// +kubebuilder:validation:Minimum=1
	Revision int64 `json:"revision"`

	// taskDefinition is the body of RegisterTaskDefinition as it was when the
	// revision was made.
	// +required
	TaskDefinition TaskDefinitionFields `json:"taskDefinition"`

	// desiredStatus is INACTIVE to deregister the revision: services that run it
	// go on and may scale, nothing new may use it, and it never becomes ACTIVE
	// again. To delete it, delete the object. Unset means ACTIVE.
	// +optional
	DesiredStatus TaskDefinitionDesiredStatus `json:"desiredStatus,omitempty"`
}

// TaskDefinitionDesiredStatus is what a revision is wanted to be.
// +kubebuilder:validation:Enum=ACTIVE;INACTIVE
type TaskDefinitionDesiredStatus string

// The values of TaskDefinitionDesiredStatus.
const (
	TaskDefinitionDesiredStatusActive   TaskDefinitionDesiredStatus = "ACTIVE"
	TaskDefinitionDesiredStatusInactive TaskDefinitionDesiredStatus = "INACTIVE"
)

// TaskDefinitionRevisionStatus is what DescribeTaskDefinition adds to the
// body.
type TaskDefinitionRevisionStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// status is ACTIVE; INACTIVE after DeregisterTaskDefinition (running services
	// keep using it, new ones may not); DELETE_IN_PROGRESS until the last user is
	// gone.
	// +optional
	Status TaskDefinitionState `json:"status,omitempty"`

	// taskDefinitionArn is the ARN of this revision.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinitionArn string `json:"taskDefinitionArn,omitempty"`

	// registeredAt is when it was registered.
	// +optional
	RegisteredAt *metav1.Time `json:"registeredAt,omitempty"`

	// registeredBy is who registered it. It isn't written so far; the audit log of
	// the apiserver knows.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RegisteredBy string `json:"registeredBy,omitempty"`

	// deregisteredAt is when it became INACTIVE.
	// +optional
	DeregisteredAt *metav1.Time `json:"deregisteredAt,omitempty"`

	// deleteRequestedAt is when its deletion was asked for.
	// +optional
	DeleteRequestedAt *metav1.Time `json:"deleteRequestedAt,omitempty"`

	// compatibilities are all launch types that this revision is valid for, whether
	// requiresCompatibilities asks for them or not.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	Compatibilities []Compatibility `json:"compatibilities,omitempty"`

	// requiresAttributes are the attributes that a container instance must have to
	// run it, sorted by name: in ECS, what its agent can do. Here they are for
	// tools that read them; pods are placed without them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	RequiresAttributes []Attribute `json:"requiresAttributes,omitempty"`

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

// TaskDefinitionRevision is one registered revision, `family:N`, of a task
// definition. The operator makes it; nobody edits anything but desiredStatus.
// It outlives its TaskDefinition while a service or task still uses it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=tdr,categories=ecs
// +kubebuilder:printcolumn:name="Family",type=string,JSONPath=`.spec.family`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.spec.revision`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Compatibilities",type=string,JSONPath=`.status.compatibilities`,priority=1
// +kubebuilder:printcolumn:name="Images",type=string,JSONPath=`.spec.taskDefinition.containerDefinitions[*].image`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type TaskDefinitionRevision struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the revision. Nothing in it can change but desiredStatus.
	// +required
	Spec TaskDefinitionRevisionSpec `json:"spec"`

	// status is the life of the revision.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status TaskDefinitionRevisionStatus `json:"status,omitzero"`
}

// TaskDefinitionRevisionList is a list of TaskDefinitionRevision.
//
// +kubebuilder:object:root=true
type TaskDefinitionRevisionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []TaskDefinitionRevision `json:"items"`
}
