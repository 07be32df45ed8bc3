// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SecretStores are the stores of the External Secrets Operator.
type SecretStores struct {
	// secretsManager is the store for ARNs and names of Secrets Manager. Unset
	// means that their Kubernetes Secrets are there already.
	// +optional
	SecretsManager *SecretStoreReference `json:"secretsManager,omitempty"`

	// parameterStore is the store for parameters of Systems Manager. Unset means
	// that their Kubernetes Secrets are there already.
	// +optional
	ParameterStore *SecretStoreReference `json:"parameterStore,omitempty"`
}

// SecretStoreKind is the kind of a store of the External Secrets Operator.
// +kubebuilder:validation:Enum=ClusterSecretStore;SecretStore
type SecretStoreKind string

// The values of SecretStoreKind.
const (
	SecretStoreKindClusterSecretStore SecretStoreKind = "ClusterSecretStore"
	SecretStoreKindSecretStore        SecretStoreKind = "SecretStore"
)

// SecretStoreReference names a store.
type SecretStoreReference struct {
	// kind is ClusterSecretStore or SecretStore; a SecretStore is that of the
	// task's namespace. Unset means ClusterSecretStore.
	// +optional
	Kind SecretStoreKind `json:"kind,omitempty"`

	// name is the store's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}
