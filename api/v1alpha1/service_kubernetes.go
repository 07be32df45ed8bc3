// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// TargetGroupType is the type of the core Service behind a target group.
// +kubebuilder:validation:Enum=ClusterIP;NodePort;LoadBalancer
type TargetGroupType string

// The values of TargetGroupType.
const (
	TargetGroupTypeClusterIP    TargetGroupType = "ClusterIP"
	TargetGroupTypeNodePort     TargetGroupType = "NodePort"
	TargetGroupTypeLoadBalancer TargetGroupType = "LoadBalancer"
)

// TargetGroupProtocol is what a target group's health check speaks.
// +kubebuilder:validation:Enum=HTTP;HTTPS;TCP
type TargetGroupProtocol string

// The values of TargetGroupProtocol.
const (
	TargetGroupProtocolHttp  TargetGroupProtocol = "HTTP"
	TargetGroupProtocolHTTPS TargetGroupProtocol = "HTTPS"
	TargetGroupProtocolTCP   TargetGroupProtocol = "TCP"
)

// ServiceKubernetes is what a service needs to know about Kubernetes.
type ServiceKubernetes struct {
	// forceNewDeployment is a counter in place of the forceNewDeployment flag of
	// UpdateService: raising it starts a new deployment of the same definition.
	// Unset means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ForceNewDeployment *int64 `json:"forceNewDeployment,omitempty"`

	// revisionHistoryLimit is how many service revisions without tasks are kept,
	// with their deployments. Unset means 10.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	RevisionHistoryLimit *int32 `json:"revisionHistoryLimit,omitempty"`

	// targetGroups are settings of the target groups that loadBalancers names. A
	// target group without an entry has the defaults.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	TargetGroups []TargetGroup `json:"targetGroups,omitempty"`

	// exactPlacement has the operator choose the instance of each task also where
	// the scheduler's own means come near: the default strategy, which spreads over
	// zones and then over instances. Tasks then start only while the operator runs.
	// Unset means false.
	// +optional
	ExactPlacement *bool `json:"exactPlacement,omitempty"`
}

// TargetGroup is what ELB keeps in a target group: here a core Service.
// +kubebuilder:validation:XValidation:rule="!has(self.nodePort) || (has(self.type) && self.type in ['NodePort', 'LoadBalancer'])",message="nodePort: it needs type NodePort or LoadBalancer; set type, or take nodePort out",fieldPath=".nodePort"
type TargetGroup struct {
	// name matches loadBalancers[].targetGroupArn, letter by letter, be it a name
	// or an ARN.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Name string `json:"name"`

	// type is ClusterIP, NodePort or LoadBalancer. Unset means ClusterIP.
	// +optional
	Type TargetGroupType `json:"type,omitempty"`

	// port is the port that clients use. Unset means
	// loadBalancers[].containerPort.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// nodePort is the port on every node; it needs type NodePort or LoadBalancer.
	// Unset lets Kubernetes choose.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	NodePort *int32 `json:"nodePort,omitempty"`

	// deregistrationDelaySeconds is how long a task that is being stopped still
	// answers after it has left the target group, 0 to 3600. Unset means 15; ELB's
	// own default is 300, which suits networks where deregistration takes minutes
	// to spread.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=3600
	DeregistrationDelaySeconds *int32 `json:"deregistrationDelaySeconds,omitempty"`

	// healthCheck is asked of each task before it gets traffic. Unset means that a
	// task is ready when its container port takes a TCP connection.
	// +optional
	HealthCheck *TargetGroupHealthCheck `json:"healthCheck,omitempty"`
}

// TargetGroupHealthCheck is a request that a healthy task answers.
// +kubebuilder:validation:XValidation:rule="!has(self.path) || !has(self.protocol) || self.protocol != 'TCP'",message="path: TCP has no path; take path out, or use HTTP",fieldPath=".path"
type TargetGroupHealthCheck struct {
	// protocol is HTTP, HTTPS or TCP (a connection is enough). Unset means HTTP.
	// +optional
	Protocol TargetGroupProtocol `json:"protocol,omitempty"`

	// path is the path to ask for, with HTTP and HTTPS. Unset means `/`.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^/`
	Path string `json:"path,omitempty"`

	// port is the container's port to ask. Unset means
	// loadBalancers[].containerPort.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// intervalSeconds is the seconds between two requests, 1 to 300. Unset means
	// 30. ELB starts at 5.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=300
	IntervalSeconds *int32 `json:"intervalSeconds,omitempty"`

	// timeoutSeconds is the seconds an answer may take, 1 to 120. Unset means 5.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`

	// healthyThresholdCount is how many answers in a row make a task healthy, 1 to
	// 10. Unset means 1. ELB starts at 2 and has 5 when unset.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	HealthyThresholdCount *int32 `json:"healthyThresholdCount,omitempty"`

	// unhealthyThresholdCount is how many failures in a row make a task unhealthy,
	// 1 to 10. Unset means 2. ELB starts at 2.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	UnhealthyThresholdCount *int32 `json:"unhealthyThresholdCount,omitempty"`
}
