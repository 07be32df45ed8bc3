// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AccessType is a kind of way into a gateway.
// +kubebuilder:validation:Enum=PUBLIC;PRIVATE
type AccessType string

// The values of AccessType.
const (
	AccessTypePublic  AccessType = "PUBLIC"
	AccessTypePrivate AccessType = "PRIVATE"
)

// GatewayConnectorHealthCheckProtocol is what a gateway's health check speaks.
// +kubebuilder:validation:Enum=HTTP;HTTPS
type GatewayConnectorHealthCheckProtocol string

// The values of GatewayConnectorHealthCheckProtocol.
const (
	GatewayConnectorHealthCheckProtocolHttp  GatewayConnectorHealthCheckProtocol = "HTTP"
	GatewayConnectorHealthCheckProtocolHTTPS GatewayConnectorHealthCheckProtocol = "HTTPS"
)

// LoadBalancer registers a container's port in a target group.
// +kubebuilder:validation:XValidation:rule="has(self.targetGroupArn) != has(self.loadBalancerName)",message="targetGroupArn: give either targetGroupArn or loadBalancerName; targetGroupArn is what Kubernetes can serve",fieldPath=".targetGroupArn"
// +kubebuilder:validation:XValidation:rule="has(self.containerName) && has(self.containerPort)",message="containerPort: a load balancer needs containerName and containerPort; set both",fieldPath=".containerPort"
// +kubebuilder:validation:XValidation:rule="!has(self.advancedConfiguration) || !has(self.advancedConfiguration.alternateTargetGroupArn) || !has(self.targetGroupArn) || self.advancedConfiguration.alternateTargetGroupArn != self.targetGroupArn",message="advancedConfiguration.alternateTargetGroupArn: it must differ from targetGroupArn; name a second target group",fieldPath=".advancedConfiguration.alternateTargetGroupArn"
type LoadBalancer struct {
	// targetGroupArn is the name or the ARN of the target group. It becomes a core
	// Service of that name. Give this or loadBalancerName.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	TargetGroupArn string `json:"targetGroupArn,omitempty"`

	// loadBalancerName is a Classic Load Balancer, at most one per service.
	// Kubernetes has nothing of the kind: use targetGroupArn.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	LoadBalancerName string `json:"loadBalancerName,omitempty"`

	// containerName is the container of the task definition that gets the traffic.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ContainerName string `json:"containerName,omitempty"`

	// containerPort is its port, one of its portMappings.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	ContainerPort *int32 `json:"containerPort,omitempty"`

	// advancedConfiguration is for deployments that move traffic: BLUE_GREEN,
	// LINEAR and CANARY.
	// +optional
	AdvancedConfiguration *AdvancedConfiguration `json:"advancedConfiguration,omitempty"`
}

// AdvancedConfiguration is what moving traffic needs.
type AdvancedConfiguration struct {
	// alternateTargetGroupArn is the second target group. With a
	// productionListenerRule the two take turns: after a deployment the alternate
	// one is in production. Without, it is where the new revision answers first.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	AlternateTargetGroupArn string `json:"alternateTargetGroupArn,omitempty"`

	// productionListenerRule is the rule that sends users to the production target
	// group: the name of an HTTPRoute of the namespace, which means each of its
	// rules that has both target groups, or route/rule. Unset means that the core
	// Service of targetGroupArn is where users come in: BLUE_GREEN moves its
	// selector, CANARY and LINEAR are refused.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ProductionListenerRule string `json:"productionListenerRule,omitempty"`

	// testListenerRule is the rule that sends test traffic to the new revision,
	// written in the same way. Unset means no test traffic.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TestListenerRule string `json:"testListenerRule,omitempty"`

	// roleArn is the IAM role with which ECS changes the rules. On Kubernetes it
	// has no effect.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn,omitempty"`
}

// ServiceRegistry lists tasks in a Cloud Map service.
// +kubebuilder:validation:XValidation:rule="has(self.registryArn)",message="registryArn: it says where tasks are listed; set it",fieldPath=".registryArn"
// +kubebuilder:validation:XValidation:rule="has(self.containerName) == has(self.containerPort)",message="containerPort: containerName and containerPort go together; set both, or neither",fieldPath=".containerPort"
// +kubebuilder:validation:XValidation:rule="!has(self.port) || !has(self.containerName)",message="port: give either port or containerName with containerPort; take one out",fieldPath=".port"
type ServiceRegistry struct {
	// registryArn is the Cloud Map service.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RegistryArn string `json:"registryArn,omitempty"`

	// port is the port for SRV records. It excludes containerName with
	// containerPort.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// containerName is the container whose port is listed. Give it with
	// containerPort.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ContainerName string `json:"containerName,omitempty"`

	// containerPort is the port of that container.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	ContainerPort *int32 `json:"containerPort,omitempty"`
}

// VpcLatticeConfiguration registers a port in a VPC Lattice target group.
type VpcLatticeConfiguration struct {
	// roleArn is the IAM role with which ECS changes VPC Lattice.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn"`

	// targetGroupArn is the target group.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	TargetGroupArn string `json:"targetGroupArn"`

	// portName is the name of a port mapping in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	PortName string `json:"portName"`

	// advancedConfiguration is for deployments that move traffic.
	// +optional
	AdvancedConfiguration *VpcLatticeAdvancedConfiguration `json:"advancedConfiguration,omitempty"`
}

// VpcLatticeAdvancedConfiguration is what moving traffic needs.
type VpcLatticeAdvancedConfiguration struct {
	// alternateTargetGroupArn is the second target group.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	AlternateTargetGroupArn string `json:"alternateTargetGroupArn,omitempty"`

	// productionListenerRule is the rule for users.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ProductionListenerRule string `json:"productionListenerRule,omitempty"`

	// testListenerRule is the rule for test traffic.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TestListenerRule string `json:"testListenerRule,omitempty"`
}

// GatewayConnector routes traffic from a gateway to a port of the service.
type GatewayConnector struct {
	// portName is the name of a port mapping in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	PortName string `json:"portName"`

	// filters limits the ways in that this applies to. Unset means all.
	// +optional
	Filters *GatewayConnectorFilters `json:"filters,omitempty"`

	// healthCheck is asked of each task. Unset leaves it to the gateway.
	// +optional
	HealthCheck *GatewayConnectorHealthCheck `json:"healthCheck,omitempty"`
}

// GatewayConnectorFilters limits the ways in.
type GatewayConnectorFilters struct {
	// accessTypes are PUBLIC and PRIVATE. Unset means both.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	AccessTypes []AccessType `json:"accessTypes,omitempty"`
}

// GatewayConnectorHealthCheck is a request that a healthy task answers.
type GatewayConnectorHealthCheck struct {
	// healthCheckProtocol is HTTP or HTTPS. Unset means HTTP.
	// +optional
	HealthCheckProtocol GatewayConnectorHealthCheckProtocol `json:"healthCheckProtocol,omitempty"`

	// healthCheckPath is the path to ask for. Unset means `/`.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	HealthCheckPath string `json:"healthCheckPath,omitempty"`

	// healthCheckPort is the port to ask. Unset means the port of the connector.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	HealthCheckPort *int32 `json:"healthCheckPort,omitempty"`

	// healthCheckIntervalSeconds is the seconds between two requests. Unset leaves
	// it to the gateway.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=300
	HealthCheckIntervalSeconds *int32 `json:"healthCheckIntervalSeconds,omitempty"`

	// healthCheckTimeoutSeconds is the seconds an answer may take. Unset leaves it
	// to the gateway.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	HealthCheckTimeoutSeconds *int32 `json:"healthCheckTimeoutSeconds,omitempty"`

	// healthyThresholdCount is how many answers in a row make a task healthy.
	// Unset leaves it to the gateway.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	HealthyThresholdCount *int32 `json:"healthyThresholdCount,omitempty"`

	// unhealthyThresholdCount is how many failures in a row make a task unhealthy.
	// Unset leaves it to the gateway.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	UnhealthyThresholdCount *int32 `json:"unhealthyThresholdCount,omitempty"`

	// matcher says which answers count as healthy.
	// +optional
	Matcher *GatewayConnectorHealthCheckMatcher `json:"matcher,omitempty"`
}

// GatewayConnectorHealthCheckMatcher says which answers count as healthy.
type GatewayConnectorHealthCheckMatcher struct {
	// httpCode are HTTP status codes, such as 200 or 200-299.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	HttpCode string `json:"httpCode,omitempty"`

	// grpcCode are gRPC status codes, such as 0 or 0-99.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	GrpcCode string `json:"grpcCode,omitempty"`
}
