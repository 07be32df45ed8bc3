// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ServiceConnectAccessLoggingFormat is the form of access log lines.
// +kubebuilder:validation:Enum=TEXT;JSON
type ServiceConnectAccessLoggingFormat string

// The values of ServiceConnectAccessLoggingFormat.
const (
	ServiceConnectAccessLoggingFormatText ServiceConnectAccessLoggingFormat = "TEXT"
	ServiceConnectAccessLoggingFormatJSON ServiceConnectAccessLoggingFormat = "JSON"
)

// ServiceConnectContainerLogLevel is how much the proxy writes.
// +kubebuilder:validation:Enum=info;debug
type ServiceConnectContainerLogLevel string

// The values of ServiceConnectContainerLogLevel.
const (
	ServiceConnectContainerLogLevelInfo  ServiceConnectContainerLogLevel = "info"
	ServiceConnectContainerLogLevelDebug ServiceConnectContainerLogLevel = "debug"
)

// ServiceConnectConfiguration makes ports of the service reachable under short
// names, and lets it reach those of others.
// +kubebuilder:validation:XValidation:rule="!self.enabled || !has(self.services) || self.services.all(x, self.services.exists_one(y, (has(x.discoveryName) ? x.discoveryName : x.portName) == (has(y.discoveryName) ? y.discoveryName : y.portName)))",message="services[].discoveryName: a name is used twice (portName counts where it is unset); give each its own",fieldPath=".services"
type ServiceConnectConfiguration struct {
	// enabled turns it on.
	// +required
	Enabled bool `json:"enabled"`

	// namespace is the namespace, by name or ARN, that names are unique in. Unset
	// means the cluster's default.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Namespace string `json:"namespace,omitempty"`

	// services are the ports that others can reach. Unset means that the service
	// is a client only.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Services []ServiceConnectService `json:"services,omitempty"`

	// logConfiguration says where the proxy's output goes.
	// +optional
	LogConfiguration *LogConfiguration `json:"logConfiguration,omitempty"`

	// accessLogConfiguration writes a line for each request. Unset means none.
	// +optional
	AccessLogConfiguration *ServiceConnectAccessLogConfiguration `json:"accessLogConfiguration,omitempty"`

	// containerConfigurations are settings of the proxy's container.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	ContainerConfigurations []ServiceConnectContainerConfiguration `json:"containerConfigurations,omitempty"`
}

// ServiceConnectService makes one port reachable.
type ServiceConnectService struct {
	// portName is the name of a port mapping in the task definition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	PortName string `json:"portName"`

	// discoveryName is the name in the namespace: lower-case letters, digits,
	// hyphens and underscores. Unset means portName.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[a-z0-9_-]+$`
	DiscoveryName string `json:"discoveryName,omitempty"`

	// clientAliases is the name and port that clients use, at most one.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1
	ClientAliases []ServiceConnectClientAlias `json:"clientAliases,omitempty"`

	// ingressPortOverride is the port the proxy listens on. Unset means the
	// container's port, or any free one in bridge mode.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	IngressPortOverride *int32 `json:"ingressPortOverride,omitempty"`

	// timeout ends requests that take too long.
	// +optional
	Timeout *TimeoutConfiguration `json:"timeout,omitempty"`

	// tls encrypts the traffic between proxies. Unset means plain.
	// +optional
	Tls *ServiceConnectTlsConfiguration `json:"tls,omitempty"`
}

// ServiceConnectClientAlias is the name and port that clients use.
type ServiceConnectClientAlias struct {
	// port is the port.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port"`

	// dnsName is the name. Unset means discoveryName.namespace.
	// +optional
	// +kubebuilder:validation:MaxLength=127
	DnsName string `json:"dnsName,omitempty"`

	// testTrafficRules tells test traffic from users' traffic while a deployment
	// moves traffic.
	// +optional
	TestTrafficRules *ServiceConnectTestTrafficRules `json:"testTrafficRules,omitempty"`
}

// ServiceConnectTestTrafficRules tells test traffic from users' traffic.
type ServiceConnectTestTrafficRules struct {
	// header is the header that marks test traffic.
	// +required
	Header ServiceConnectTestTrafficHeaderRules `json:"header"`
}

// ServiceConnectTestTrafficHeaderRules is the header that marks test traffic.
type ServiceConnectTestTrafficHeaderRules struct {
	// name is the header's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name"`

	// value is its value. Unset means any.
	// +optional
	Value *ServiceConnectTestTrafficHeaderMatchRules `json:"value,omitempty"`
}

// ServiceConnectTestTrafficHeaderMatchRules is the value of a header.
type ServiceConnectTestTrafficHeaderMatchRules struct {
	// exact is the whole value, letter by letter.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Exact string `json:"exact"`
}

// TimeoutConfiguration ends requests that take too long.
type TimeoutConfiguration struct {
	// idleTimeoutSeconds closes a connection that is silent for so many seconds; 0
	// means never. Unset means 300 for HTTP and gRPC, 3600 for TCP.
	// +optional
	// +kubebuilder:validation:Minimum=0
	IdleTimeoutSeconds *int32 `json:"idleTimeoutSeconds,omitempty"`

	// perRequestTimeoutSeconds ends a request after so many seconds; 0 means
	// never. Unset means 15. TCP has none.
	// +optional
	// +kubebuilder:validation:Minimum=0
	PerRequestTimeoutSeconds *int32 `json:"perRequestTimeoutSeconds,omitempty"`
}

// ServiceConnectTlsConfiguration encrypts the traffic between proxies.
type ServiceConnectTlsConfiguration struct {
	// issuerCertificateAuthority is who signs the certificates.
	// +required
	IssuerCertificateAuthority ServiceConnectTlsCertificateAuthority `json:"issuerCertificateAuthority"`

	// kmsKey encrypts the private keys. Unset means the default key.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	KmsKey string `json:"kmsKey,omitempty"`

	// roleArn is the IAM role that fetches certificates.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	RoleArn string `json:"roleArn,omitempty"`
}

// ServiceConnectTlsCertificateAuthority is who signs certificates.
type ServiceConnectTlsCertificateAuthority struct {
	// awsPcaAuthorityArn is the private certificate authority.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	AwsPcaAuthorityArn string `json:"awsPcaAuthorityArn,omitempty"`
}

// ServiceConnectAccessLogConfiguration writes a line for each request.
type ServiceConnectAccessLogConfiguration struct {
	// format is TEXT or JSON.
	// +required
	Format ServiceConnectAccessLoggingFormat `json:"format"`

	// includeQueryParameters writes query parameters as well; mind secrets in
	// them. Unset means DISABLED.
	// +optional
	IncludeQueryParameters Toggle `json:"includeQueryParameters,omitempty"`
}

// ServiceConnectContainerConfiguration is a setting of the proxy's container.
// Exactly one is given.
// +kubebuilder:validation:XValidation:rule="has(self.logLevel)",message="logLevel: a container configuration needs it; set info or debug",fieldPath=".logLevel"
type ServiceConnectContainerConfiguration struct {
	// logLevel is info or debug. Unset means info.
	// +optional
	LogLevel ServiceConnectContainerLogLevel `json:"logLevel,omitempty"`
}
