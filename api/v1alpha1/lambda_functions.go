// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ClusterLambdaFunction is what stands for a Lambda function.
// +kubebuilder:validation:XValidation:rule="self.hookTarget.startsWith('https://') || self.hookTarget.startsWith('http://') || self.hookTarget.startsWith('job/')",message="hookTarget: it is an http:// or https:// URL, or job/NAME; set one",fieldPath=".hookTarget"
type ClusterLambdaFunction struct {
	// functionName is the function's name, or its ARN with or without a version.
	// The entry that says most of a hook's ARN counts.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	FunctionName string `json:"functionName"`

	// hookTarget is whom to ask in its place: an http:// or https:// URL, or
	// job/NAME for a Job made of the suspended CronJob NAME in the service's
	// namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	HookTarget string `json:"hookTarget"`
}
