// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ClusterPrometheus is a Prometheus, or what answers as one.
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
}
