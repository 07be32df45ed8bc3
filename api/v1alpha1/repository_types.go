// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ImageTagMutability says whether a tag can be moved to another image.
// +kubebuilder:validation:Enum=MUTABLE;IMMUTABLE;MUTABLE_WITH_EXCLUSION;IMMUTABLE_WITH_EXCLUSION
type ImageTagMutability string

// The values of ImageTagMutability.
const (
	ImageTagMutabilityMutable                ImageTagMutability = "MUTABLE"
	ImageTagMutabilityImmutable              ImageTagMutability = "IMMUTABLE"
	ImageTagMutabilityMutableWithExclusion   ImageTagMutability = "MUTABLE_WITH_EXCLUSION"
	ImageTagMutabilityImmutableWithExclusion ImageTagMutability = "IMMUTABLE_WITH_EXCLUSION"
)

// ImageTagMutabilityExclusionFilterType is the kind of an exclusion filter.
// +kubebuilder:validation:Enum=WILDCARD
type ImageTagMutabilityExclusionFilterType string

// The values of ImageTagMutabilityExclusionFilterType.
const (
	ImageTagMutabilityExclusionFilterTypeWildcard ImageTagMutabilityExclusionFilterType = "WILDCARD"
)

// EncryptionType is how images are encrypted at rest.
// +kubebuilder:validation:Enum=AES256;KMS;KMS_DSSE
type EncryptionType string

// The values of EncryptionType.
const (
	EncryptionTypeAES256  EncryptionType = "AES256"
	EncryptionTypeKMS     EncryptionType = "KMS"
	EncryptionTypeKMSDSSE EncryptionType = "KMS_DSSE"
)

// RepositorySpec is the body of CreateRepository, with the two policies that
// have calls of their own.
// +kubebuilder:validation:XValidation:rule="has(self.imageTagMutabilityExclusionFilters) && size(self.imageTagMutabilityExclusionFilters) > 0 ? (has(self.imageTagMutability) && self.imageTagMutability.endsWith('_WITH_EXCLUSION')) : (!has(self.imageTagMutability) || !self.imageTagMutability.endsWith('_WITH_EXCLUSION'))",message="imageTagMutabilityExclusionFilters: filters go with MUTABLE_WITH_EXCLUSION and IMMUTABLE_WITH_EXCLUSION, which need them; add filters, or change imageTagMutability",fieldPath=".imageTagMutabilityExclusionFilters"
// +kubebuilder:validation:XValidation:rule=`(has(self.encryptionConfiguration) ? self.encryptionConfiguration.encryptionType : 'AES256') == (has(oldSelf.encryptionConfiguration) ? oldSelf.encryptionConfiguration.encryptionType : 'AES256') && (has(self.encryptionConfiguration) && has(self.encryptionConfiguration.kmsKey) ? self.encryptionConfiguration.kmsKey : "") == (has(oldSelf.encryptionConfiguration) && has(oldSelf.encryptionConfiguration.kmsKey) ? oldSelf.encryptionConfiguration.kmsKey : "")`,message="encryptionConfiguration: it can't change; make a new Repository and copy the images",fieldPath=".encryptionConfiguration"
type RepositorySpec struct {
	// repositoryName is the name in the registry: 2 to 256 lower-case letters,
	// digits, hyphens, underscores, full stops and slashes. Unset means
	// metadata.name. It can't change.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`
	RepositoryName string `json:"repositoryName,omitempty"`

	// registryId is the account that owns the registry. Unset means the operator's
	// own.
	// +optional
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:Pattern=`^[0-9]{12}$`
	RegistryId string `json:"registryId,omitempty"`

	// imageTagMutability is MUTABLE, IMMUTABLE or one of these with exclusions.
	// Unset means MUTABLE.
	// +optional
	ImageTagMutability ImageTagMutability `json:"imageTagMutability,omitempty"`

	// imageTagMutabilityExclusionFilters name the tags for which the opposite
	// holds; at most 5. They go with the two kinds with exclusions only.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	ImageTagMutabilityExclusionFilters []ImageTagMutabilityExclusionFilter `json:"imageTagMutabilityExclusionFilters,omitempty"`

	// imageScanningConfiguration is about scanning on push. ECR has moved this to
	// the registry's settings.
	// +optional
	ImageScanningConfiguration *ImageScanningConfiguration `json:"imageScanningConfiguration,omitempty"`

	// encryptionConfiguration is how images are encrypted at rest. Unset means
	// AES256. It can't change.
	// +optional
	EncryptionConfiguration *EncryptionConfiguration `json:"encryptionConfiguration,omitempty"`

	// lifecyclePolicyText is a lifecycle policy as PutLifecyclePolicy takes it:
	// JSON in a string, at most 30720 characters and 50 rules. Unset means that
	// nothing expires.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=30720
	LifecyclePolicyText string `json:"lifecyclePolicyText,omitempty"`

	// policyText is a repository policy as SetRepositoryPolicy takes it: JSON in a
	// string. Unset means none.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=10240
	PolicyText string `json:"policyText,omitempty"`

	// tags are up to 50 tags of the repository.
	// +optional
	// +listType=map
	// +listMapKey=Key
	// +kubebuilder:validation:MaxItems=50
	Tags []RepositoryTag `json:"tags,omitempty"`
}

// RepositoryTag is a label with a meaning of your own. ECR spells its two
// fields with capitals.
type RepositoryTag struct {
	// Key is the name of the tag: at most 128 characters, case counts. Names that
	// begin with `aws:` are reserved.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="!self.lowerAscii().startsWith('aws:')",message="tags[].Key: names that begin with aws: are reserved; choose another prefix"
	Key string `json:"Key"`

	// Value is at most 256 characters and may be empty.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Value string `json:"Value"`
}

// ImageTagMutabilityExclusionFilter names tags by a pattern.
type ImageTagMutabilityExclusionFilter struct {
	// filterType is WILDCARD.
	// +required
	FilterType ImageTagMutabilityExclusionFilterType `json:"filterType"`

	// filter is a tag with at most two *, each standing for any characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[0-9a-zA-Z._*-]+$`
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^*]*([*][^*]*){0,2}$')",message="imageTagMutabilityExclusionFilters[].filter: at most two * in one filter; split it into two filters"
	Filter string `json:"filter"`
}

// ImageScanningConfiguration is about scanning on push.
type ImageScanningConfiguration struct {
	// scanOnPush scans each image that is pushed. Unset means false.
	// +optional
	ScanOnPush *bool `json:"scanOnPush,omitempty"`
}

// EncryptionConfiguration is how images are encrypted at rest.
// +kubebuilder:validation:XValidation:rule="!has(self.kmsKey) || self.encryptionType != 'AES256'",message="kmsKey: it goes with KMS and KMS_DSSE only; take it out, or change encryptionType",fieldPath=".kmsKey"
type EncryptionConfiguration struct {
	// encryptionType is AES256, KMS or KMS_DSSE.
	// +required
	EncryptionType EncryptionType `json:"encryptionType"`

	// kmsKey is the key for KMS and KMS_DSSE. Unset means the default key.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	KmsKey string `json:"kmsKey,omitempty"`
}

// RepositoryStatus is what DescribeRepositories says.
type RepositoryStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration *int64 `json:"observedGeneration,omitempty"`

	// repositoryArn is the ARN of the repository.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RepositoryArn string `json:"repositoryArn,omitempty"`

	// repositoryUri is what to push to and pull from.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RepositoryUri string `json:"repositoryUri,omitempty"`

	// registryId is the account that owns the registry.
	// +optional
	// +kubebuilder:validation:MaxLength=12
	RegistryId string `json:"registryId,omitempty"`

	// createdAt is when the repository was created.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`

	// conditions say the same to Kubernetes tools: Ready, Reconciling, Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Repository is an image repository in the registry. It is checked and stored;
// nothing acts on it so far.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ecr,categories=ecs
// +kubebuilder:printcolumn:name="URI",type=string,JSONPath=`.status.repositoryUri`
// +kubebuilder:printcolumn:name="Tags",type=string,JSONPath=`.spec.imageTagMutability`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="(has(self.spec) && has(self.spec.repositoryName)) || size(self.metadata.name) >= 2",message="metadata.name: a repository's name has at least 2 characters; choose a longer one, or set spec.repositoryName"
// +kubebuilder:validation:XValidation:rule="(has(self.spec) && has(self.spec.repositoryName) ? self.spec.repositoryName : self.metadata.name) == (has(oldSelf.spec) && has(oldSelf.spec.repositoryName) ? oldSelf.spec.repositoryName : oldSelf.metadata.name)",message="spec.repositoryName: it can't change; make a new Repository",fieldPath=".spec.repositoryName"
type Repository struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the body of CreateRepository, with the policies.
	// +optional
	Spec RepositorySpec `json:"spec,omitzero"`

	// status is what the operator has seen.
	// +optional
	Status RepositoryStatus `json:"status,omitzero"`
}

// RepositoryList is a list of Repository.
//
// +kubebuilder:object:root=true
type RepositoryList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Repository `json:"items"`
}
