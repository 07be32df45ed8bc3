// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ClusterPrometheus is a Prometheus, or what answers as one.
// +kubebuilder:validation:XValidation:fieldPath=".bearerTokenSecretKeyRef",rule="!has(self.bearerTokenSecretKeyRef) || self.url.startsWith('https://')",message="prometheus.bearerTokenSecretKeyRef: a token isn't sent over plain HTTP; write an https address in url"
// +kubebuilder:validation:XValidation:fieldPath=".caBundle",rule="!has(self.caBundle) || self.url.startsWith('https://')",message="prometheus.caBundle: plain HTTP has no certificate to check; write an https address in url"
type ClusterPrometheus struct {
	// url is where its HTTP API is, without /api/v1, such as
	// http://prometheus.monitoring:9090. It is reached by the operator.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != '' && size(url(self).getQuery()) == 0 && !self.contains('@')",message="prometheus.url: it isn't the plain address of an HTTP API; write it as http://prometheus.monitoring:9090"
	URL string `json:"url"`

	// timeoutSeconds is how long an answer may take, 1 to 60. Unset means 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=60
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`

	// bearerTokenSecretKeyRef is where the token stands that the operator shows, in
	// its own namespace. It may read the Secret ecs-operator-prometheus there. Unset
	// means none.
	// +optional
	BearerTokenSecretKeyRef *SecretKeyReference `json:"bearerTokenSecretKeyRef,omitempty"`

	// caBundle are the certificates, in PEM, of the authorities that the certificate
	// at url is checked with. Unset means those that the operator's image trusts.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	CABundle []byte `json:"caBundle,omitempty"`
}

// SecretKeyReference is one entry of a Secret.
type SecretKeyReference struct {
	// name is that of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// key is the entry of its data.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}
