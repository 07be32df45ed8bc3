// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TaskDefinitionState is the life of a registered revision as ECS names it.
// +kubebuilder:validation:Enum=ACTIVE;INACTIVE;DELETE_IN_PROGRESS
type TaskDefinitionState string

// The values of TaskDefinitionState.
const (
	TaskDefinitionStateActive           TaskDefinitionState = "ACTIVE"
	TaskDefinitionStateInactive         TaskDefinitionState = "INACTIVE"
	TaskDefinitionStateDeleteInProgress TaskDefinitionState = "DELETE_IN_PROGRESS"
)

// TaskDefinitionSpec is the body of RegisterTaskDefinition.
type TaskDefinitionSpec struct {
	TaskDefinitionFields `json:",inline"`

	// kubernetes holds what only Kubernetes has. It is no part of a revision.
	// +optional
	Kubernetes *TaskDefinitionKubernetes `json:"kubernetes,omitempty"`
}

// TaskDefinitionKubernetes is how the operator keeps a family.
type TaskDefinitionKubernetes struct {
	// revisionHistoryLimit is how many old revisions are kept beside the newest;
	// older ones are deregistered and deleted. One that a service or a task uses
	// is kept whatever its age, and doesn't count. Unset means 100.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	RevisionHistoryLimit *int32 `json:"revisionHistoryLimit,omitempty"`
}

// TaskDefinitionStatus says which revision a task definition stands at.
type TaskDefinitionStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// family is the family in effect: spec.family or, without it, metadata.name.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Family string `json:"family,omitempty"`

	// latestRevision is the number of the newest revision that this object has
	// registered. Numbers only grow and are never used twice.
	// +optional
	LatestRevision *int64 `json:"latestRevision,omitempty"`

	// latestRevisionName is the name of the TaskDefinitionRevision object that
	// holds it.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	LatestRevisionName string `json:"latestRevisionName,omitempty"`

	// taskDefinitionArn is the ARN of the newest revision.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskDefinitionArn string `json:"taskDefinitionArn,omitempty"`

	// status is that of the newest revision.
	// +optional
	Status TaskDefinitionState `json:"status,omitempty"`

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

// TaskDefinition is one family of task definitions: the recipe for a task.
// Each change of spec is kept as an immutable TaskDefinitionRevision
// `family:N`, and services run revisions, never this object itself.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=td,categories=ecs
// +kubebuilder:printcolumn:name="Family",type=string,JSONPath=`.status.family`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.status.latestRevision`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Network",type=string,JSONPath=`.spec.networkMode`,priority=1
// +kubebuilder:printcolumn:name="CPU",type=string,JSONPath=`.spec.cpu`,priority=1
// +kubebuilder:printcolumn:name="Memory",type=string,JSONPath=`.spec.memory`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.family) || self.metadata.name.matches('^[a-z0-9-]{1,253}$')",message="spec.family: metadata.name has a full stop, which a family can't have; set spec.family",fieldPath=".spec.family"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.family) ? self.spec.family : self.metadata.name) == (has(oldSelf.spec.family) ? oldSelf.spec.family : oldSelf.metadata.name)",message="spec.family: it can't change; make a new TaskDefinition for another family",fieldPath=".spec.family"
type TaskDefinition struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of RegisterTaskDefinition. A change registers a new
	// revision.
	// +required
	Spec TaskDefinitionSpec `json:"spec"`

	// status is what the operator has registered.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status TaskDefinitionStatus `json:"status,omitzero"`
}

// TaskDefinitionList is a list of TaskDefinition.
//
// +kubebuilder:object:root=true
type TaskDefinitionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []TaskDefinition `json:"items"`
}
