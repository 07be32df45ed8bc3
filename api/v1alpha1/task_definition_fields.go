// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// NetworkMode is how a task's containers are connected.
// +kubebuilder:validation:Enum=bridge;host;awsvpc;none
type NetworkMode string

// The values of NetworkMode.
const (
	NetworkModeBridge NetworkMode = "bridge"
	NetworkModeHost   NetworkMode = "host"
	NetworkModeAwsvpc NetworkMode = "awsvpc"
	NetworkModeNone   NetworkMode = "none"
)

// PidMode says whose processes a task's containers see.
// +kubebuilder:validation:Enum=host;task
type PidMode string

// The values of PidMode.
const (
	PidModeHost PidMode = "host"
	PidModeTask PidMode = "task"
)

// IpcMode says with whom a task's containers share System V and POSIX IPC.
// +kubebuilder:validation:Enum=host;task;none
type IpcMode string

// The values of IpcMode.
const (
	IpcModeHost IpcMode = "host"
	IpcModeTask IpcMode = "task"
	IpcModeNone IpcMode = "none"
)

// Compatibility is a launch type that a task definition can be checked
// against.
// +kubebuilder:validation:Enum=EC2;FARGATE;EXTERNAL;MANAGED_INSTANCES
type Compatibility string

// The values of Compatibility.
const (
	CompatibilityEC2              Compatibility = "EC2"
	CompatibilityFargate          Compatibility = "FARGATE"
	CompatibilityExternal         Compatibility = "EXTERNAL"
	CompatibilityManagedInstances Compatibility = "MANAGED_INSTANCES"
)

// CPUArchitecture is the processor architecture a task needs.
// +kubebuilder:validation:Enum=X86_64;ARM64
type CPUArchitecture string

// The values of CPUArchitecture.
const (
	CPUArchitectureX86_64 CPUArchitecture = "X86_64"
	CPUArchitectureARM64  CPUArchitecture = "ARM64"
)

// OSFamily is the operating system a task needs.
// +kubebuilder:validation:Enum=LINUX;WINDOWS_SERVER_2016_FULL;WINDOWS_SERVER_2019_FULL;WINDOWS_SERVER_2019_CORE;WINDOWS_SERVER_2004_CORE;WINDOWS_SERVER_20H2_CORE;WINDOWS_SERVER_2022_FULL;WINDOWS_SERVER_2022_CORE;WINDOWS_SERVER_2025_FULL;WINDOWS_SERVER_2025_CORE
type OSFamily string

// The values of OSFamily.
const (
	OSFamilyLinux                 OSFamily = "LINUX"
	OSFamilyWindowsServer2016Full OSFamily = "WINDOWS_SERVER_2016_FULL"
	OSFamilyWindowsServer2019Full OSFamily = "WINDOWS_SERVER_2019_FULL"
	OSFamilyWindowsServer2019Core OSFamily = "WINDOWS_SERVER_2019_CORE"
	OSFamilyWindowsServer2004Core OSFamily = "WINDOWS_SERVER_2004_CORE"
	OSFamilyWindowsServer20h2Core OSFamily = "WINDOWS_SERVER_20H2_CORE"
	OSFamilyWindowsServer2022Full OSFamily = "WINDOWS_SERVER_2022_FULL"
	OSFamilyWindowsServer2022Core OSFamily = "WINDOWS_SERVER_2022_CORE"
	OSFamilyWindowsServer2025Full OSFamily = "WINDOWS_SERVER_2025_FULL"
	OSFamilyWindowsServer2025Core OSFamily = "WINDOWS_SERVER_2025_CORE"
)

// TaskDefinitionPlacementConstraintType is the kind of a constraint in a task
// definition.
// +kubebuilder:validation:Enum=memberOf
type TaskDefinitionPlacementConstraintType string

// The values of TaskDefinitionPlacementConstraintType.
const (
	TaskDefinitionPlacementConstraintTypeMemberOf TaskDefinitionPlacementConstraintType = "memberOf"
)

// ProxyConfigurationType is the kind of a proxy.
// +kubebuilder:validation:Enum=APPMESH
type ProxyConfigurationType string

// The values of ProxyConfigurationType.
const (
	ProxyConfigurationTypeAPPMESH ProxyConfigurationType = "APPMESH"
)

// TaskDefinitionFields is the body of RegisterTaskDefinition.
// TaskDefinition.spec and TaskDefinitionRevision.spec.taskDefinition share it.
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.exists(c, !has(c.essential) || c.essential)",message="containerDefinitions: at least one container must be essential; set essential: true on one, or leave essential out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="has(self.memory) || self.containerDefinitions.all(c, has(c.memory) || has(c.memoryReservation))",message="containerDefinitions: At least one of 'memory' or 'memoryReservation' must be specified; set one in each container, or the task's memory",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || !(self.networkMode in ['awsvpc', 'host']) || self.containerDefinitions.all(c, !has(c.portMappings) || c.portMappings.all(p, !has(p.hostPort) || p.hostPort == 0 || (has(p.containerPort) && p.hostPort == p.containerPort)))",message="portMappings[].hostPort: When networkMode=awsvpc, the host ports and container ports in port mappings must match, and with host too; leave hostPort out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || self.networkMode != 'none' || self.containerDefinitions.all(c, !has(c.portMappings) || size(c.portMappings) == 0)",message="portMappings: networkMode none has no ports; take portMappings out, or choose another networkMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || !(self.networkMode in ['host', 'none']) || self.containerDefinitions.all(c, !has(c.portMappings) || c.portMappings.all(p, !has(p.containerPortRange)))",message="portMappings[].containerPortRange: only networkMode bridge and awsvpc have ranges; use containerPort, or another networkMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || self.networkMode != 'awsvpc' || self.containerDefinitions.all(c, !has(c.hostname))",message="hostname: networkMode awsvpc doesn't take it; take hostname out, or choose another networkMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || self.networkMode != 'awsvpc' || self.containerDefinitions.all(c, !has(c.extraHosts) || size(c.extraHosts) == 0)",message="extraHosts: networkMode awsvpc doesn't take it; take extraHosts out, or choose another networkMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || self.networkMode == 'bridge' || self.containerDefinitions.all(c, !has(c.links) || size(c.links) == 0)",message="links: only networkMode bridge has links; take links out (containers of one pod reach each other on localhost) or use bridge",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.networkMode) || self.networkMode != 'host' || self.containerDefinitions.all(c, !has(c.systemControls) || c.systemControls.all(s, !has(s.__namespace__) || !s.__namespace__.startsWith('net.')))",message="systemControls[].namespace: net.* can't be set with networkMode host; take it out, or choose another networkMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.ipcMode) || self.ipcMode != 'host' || self.containerDefinitions.all(c, !has(c.systemControls) || c.systemControls.all(s, !has(s.__namespace__) || s.__namespace__.startsWith('net.')))",message="systemControls[].namespace: IPC parameters can't be set with ipcMode host; take them out, or choose another ipcMode",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.all(c, !has(c.dependsOn) || c.dependsOn.all(d, d.containerName != c.name && d.containerName in self.containerDefinitions.map(x, x.name)))",message="dependsOn[].containerName: it must be another container of this task definition; correct the name, or add that container",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.all(c, !has(c.dependsOn) || c.dependsOn.all(d, !(d.condition in ['COMPLETE', 'SUCCESS']) || self.containerDefinitions.all(x, x.name != d.containerName || (has(x.essential) && !x.essential))))",message="dependsOn[].condition: COMPLETE and SUCCESS wait for the end of a container, which ends the task if that one is essential; set essential: false there, or wait for START or HEALTHY",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.all(c, !has(c.dependsOn) || c.dependsOn.all(d, d.condition != 'HEALTHY' || self.containerDefinitions.all(x, x.name != d.containerName || has(x.healthCheck))))",message="dependsOn[].condition: HEALTHY needs a healthCheck on the other container; add one there, or wait for START",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.all(c, !has(c.mountPoints) || c.mountPoints.all(m, !has(m.sourceVolume) || (has(self.volumes) && self.volumes.exists(v, v.name == m.sourceVolume))))",message="mountPoints[].sourceVolume: there is no volume of that name; correct it, or add the volume to volumes",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.all(c, !has(c.volumesFrom) || c.volumesFrom.all(v, !has(v.sourceContainer) || (v.sourceContainer != c.name && v.sourceContainer in self.containerDefinitions.map(x, x.name))))",message="volumesFrom[].sourceContainer: it must be another container of this task definition; correct the name",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="self.containerDefinitions.filter(c, has(c.firelensConfiguration)).size() <= 1",message="firelensConfiguration: only one container can be the log router; take it out of the others",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.volumes) || self.volumes.filter(v, has(v.configuredAtLaunch) && v.configuredAtLaunch).size() <= 1",message="volumes[].configuredAtLaunch: at most one volume can have it; take it out of the others",fieldPath=".volumes"
// +kubebuilder:validation:XValidation:rule="!has(self.volumes) || has(self.taskRoleArn) || self.volumes.all(v, !has(v.s3filesVolumeConfiguration))",message="taskRoleArn: a volume with s3filesVolumeConfiguration needs a task role; set taskRoleArn",fieldPath=".taskRoleArn"
// +kubebuilder:validation:XValidation:rule=`!has(self.cpu) || self.containerDefinitions.map(c, has(c.cpu) ? c.cpu : 0).sum() <= (self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0))`,message="containerDefinitions[].cpu: the containers' cpu add up to more than the task's cpu; lower them, or raise cpu",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule=`!has(self.memory) || self.containerDefinitions.map(c, has(c.memoryReservation) ? c.memoryReservation : has(c.memory) ? c.memory : 0).sum() <= (self.memory.matches('^[0-9]+$') ? int(self.memory) : int(double(self.memory.lowerAscii().replace('gb', "").trim()) * 1024.0))`,message="containerDefinitions[].memory: what the containers set aside adds up to more than the task's memory; lower it, or raise memory",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule=`!has(self.memory) || self.containerDefinitions.all(c, !has(c.memory) || c.memory <= (self.memory.matches('^[0-9]+$') ? int(self.memory) : int(double(self.memory.lowerAscii().replace('gb', "").trim()) * 1024.0)))`,message="containerDefinitions[].memory: a container's limit is higher than the task's memory; lower it, or raise memory",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule=`!has(self.cpu) || (has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || ((self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0)) >= 128 && (self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0)) <= 196608)`,message="cpu: a task takes 128 (0.125 vCPU) to 196608 units (192 vCPU); 1024 units are one vCPU",fieldPath=".cpu"
// +kubebuilder:validation:XValidation:rule="!has(self.requiresCompatibilities) || !('MANAGED_INSTANCES' in self.requiresCompatibilities) || !has(self.networkMode) || self.networkMode != 'bridge'",message="networkMode: MANAGED_INSTANCES doesn't take bridge; use awsvpc, host or none",fieldPath=".networkMode"
// +kubebuilder:validation:XValidation:rule="!has(self.requiresCompatibilities) || !('MANAGED_INSTANCES' in self.requiresCompatibilities) || !has(self.runtimePlatform) || !has(self.runtimePlatform.operatingSystemFamily) || self.runtimePlatform.operatingSystemFamily == 'LINUX'",message="runtimePlatform.operatingSystemFamily: MANAGED_INSTANCES runs LINUX only; set LINUX, or take MANAGED_INSTANCES out of requiresCompatibilities",fieldPath=".runtimePlatform"
// +kubebuilder:validation:XValidation:rule="!has(self.requiresCompatibilities) || !('MANAGED_INSTANCES' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.logConfiguration) || c.logConfiguration.logDriver in ['awslogs', 'splunk', 'awsfirelens', 'json-file'])",message="logConfiguration.logDriver: MANAGED_INSTANCES knows awslogs, splunk, awsfirelens and json-file; take one of these",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!has(self.requiresCompatibilities) || !('EXTERNAL' in self.requiresCompatibilities) || !has(self.networkMode) || self.networkMode != 'awsvpc'",message="networkMode: EXTERNAL doesn't take awsvpc; use bridge, host or none, or take EXTERNAL out of requiresCompatibilities",fieldPath=".networkMode"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || (has(self.networkMode) && self.networkMode == 'awsvpc')",message="networkMode: Fargate takes awsvpc only; set networkMode: awsvpc, or take FARGATE out of requiresCompatibilities",fieldPath=".networkMode"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || has(self.cpu)",message="cpu: Fargate requires that 'cpu' be defined at the task level; set 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768",fieldPath=".cpu"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || has(self.memory)",message="memory: Fargate requires that 'memory' be defined at the task level; set a size that goes with cpu, such as 512 with cpu 256",fieldPath=".memory"
// +kubebuilder:validation:XValidation:rule=`!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.cpu) || (self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0)) in [256, 512, 1024, 2048, 4096, 8192, 16384, 32768]`,message="cpu: No Fargate configuration exists for given values; take 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768 units",fieldPath=".cpu"
// +kubebuilder:validation:XValidation:rule=`!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.cpu) || !has(self.memory) || [(self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0))].all(n, [(self.memory.matches('^[0-9]+$') ? int(self.memory) : int(double(self.memory.lowerAscii().replace('gb', "").trim()) * 1024.0))].all(m, n == 256 ? m in [512, 1024, 2048] : n == 512 ? (m >= 1024 && m <= 4096 && m % 1024 == 0) : n == 1024 ? (m >= 2048 && m <= 8192 && m % 1024 == 0) : n == 2048 ? (m >= 4096 && m <= 16384 && m % 1024 == 0) : n == 4096 ? (m >= 8192 && m <= 30720 && m % 1024 == 0) : n == 8192 ? (m >= 16384 && m <= 61440 && m % 4096 == 0) : n == 16384 ? (m >= 32768 && m <= 122880 && m % 8192 == 0) : n == 32768 ? m in [61440, 122880, 249856] : true))`,messageExpression=`'memory: No Fargate configuration exists for given values; with cpu ' + self.cpu + ' Fargate offers ' + {256: '512, 1024 and 2048', 512: '1024 to 4096 in steps of 1024', 1024: '2048 to 8192 in steps of 1024', 2048: '4096 to 16384 in steps of 1024', 4096: '8192 to 30720 in steps of 1024', 8192: '16384 to 61440 in steps of 4096', 16384: '32768 to 122880 in steps of 8192', 32768: '61440, 122880 and 249856'}[(self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0))] + ' MiB; take one of these, or another cpu'`,fieldPath=".memory"
// +kubebuilder:validation:XValidation:rule=`!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.cpu) || !has(self.runtimePlatform) || !has(self.runtimePlatform.operatingSystemFamily) || self.runtimePlatform.operatingSystemFamily == 'LINUX' || (self.cpu.matches('^[0-9]+$') ? int(self.cpu) : int(double(self.cpu.lowerAscii().replace('vcpu', "").trim()) * 1024.0)) in [1024, 2048, 4096]`,message="cpu: Windows on Fargate takes 1024, 2048 or 4096 units; take one of these",fieldPath=".cpu"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.pidMode) || self.pidMode == 'task'",message="pidMode: Fargate takes task only; set task, or take pidMode out",fieldPath=".pidMode"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.ipcMode)",message="ipcMode: Fargate doesn't take it; take ipcMode out",fieldPath=".ipcMode"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.placementConstraints) || size(self.placementConstraints) == 0",message="placementConstraints: Fargate has no container instances to choose from; take them out",fieldPath=".placementConstraints"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.privileged) || !c.privileged)",message="privileged: Fargate doesn't allow it; take privileged out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.disableNetworking) || !c.disableNetworking)",message="disableNetworking: Fargate doesn't take it; take disableNetworking out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, (!has(c.dnsServers) || size(c.dnsServers) == 0) && (!has(c.dnsSearchDomains) || size(c.dnsSearchDomains) == 0))",message="dnsServers and dnsSearchDomains: Fargate doesn't take them; take them out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.dockerSecurityOptions) || size(c.dockerSecurityOptions) == 0)",message="dockerSecurityOptions: Fargate doesn't take them; take them out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.resourceRequirements) || c.resourceRequirements.all(r, r.type != 'GPU'))",message="resourceRequirements[].type: Fargate has no GPU; take it out, or use EC2",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.linuxParameters) || (!has(c.linuxParameters.maxSwap) && !has(c.linuxParameters.swappiness) && !has(c.linuxParameters.sharedMemorySize) && !has(c.linuxParameters.devices) && !has(c.linuxParameters.tmpfs)))",message="linuxParameters: Fargate doesn't take maxSwap, swappiness, sharedMemorySize, devices and tmpfs; take them out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.linuxParameters) || !has(c.linuxParameters.capabilities) || !has(c.linuxParameters.capabilities.add) || c.linuxParameters.capabilities.add.all(a, a == 'SYS_PTRACE'))",message="linuxParameters.capabilities.add: Fargate adds SYS_PTRACE only; take the others out",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, (!has(c.stopTimeout) || c.stopTimeout <= 120) && (!has(c.startTimeout) || c.startTimeout <= 120))",message="stopTimeout and startTimeout: Fargate allows at most 120 seconds; lower them",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.logConfiguration) || c.logConfiguration.logDriver in ['awslogs', 'splunk', 'awsfirelens'])",message="logConfiguration.logDriver: Fargate knows awslogs, splunk and awsfirelens; take one of these",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || self.containerDefinitions.all(c, !has(c.logConfiguration) || c.logConfiguration.logDriver != 'awslogs' || (has(c.logConfiguration.options) && 'awslogs-stream-prefix' in c.logConfiguration.options))",message="logConfiguration.options: awslogs on Fargate needs awslogs-stream-prefix; add it",fieldPath=".containerDefinitions"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || has(self.executionRoleArn) || self.containerDefinitions.all(c, (!has(c.secrets) || size(c.secrets) == 0) && (!has(c.logConfiguration) || c.logConfiguration.logDriver != 'awslogs'))",message="executionRoleArn: Fargate needs it for secrets and for awslogs; set executionRoleArn",fieldPath=".executionRoleArn"
// +kubebuilder:validation:XValidation:rule="!(has(self.requiresCompatibilities) && 'FARGATE' in self.requiresCompatibilities) || !has(self.volumes) || self.volumes.all(v, !has(v.dockerVolumeConfiguration) && (!has(v.host) || !has(v.host.sourcePath)))",message="volumes: Fargate takes neither dockerVolumeConfiguration nor host.sourcePath; use host: {} or efsVolumeConfiguration",fieldPath=".volumes"
// +kubebuilder:validation:XValidation:rule="!has(self.proxyConfiguration)",message="proxyConfiguration: App Mesh has reached its end of life; take it out and use serviceConnectConfiguration of the service",fieldPath=".proxyConfiguration"
// +kubebuilder:validation:XValidation:rule="!has(self.inferenceAccelerators) || size(self.inferenceAccelerators) == 0",message="inferenceAccelerators: Elastic Inference is retired; take them out and use resourceRequirements of type GPU or NeuronDevice",fieldPath=".inferenceAccelerators"
type TaskDefinitionFields struct {
	// family groups the revisions of one task definition; services name it. Unset
	// means metadata.name. Letters, digits, hyphens and underscores, at most 255.
	// It can't change once the object exists.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	Family string `json:"family,omitempty"`

	// containerDefinitions are the containers of one task: 1 to 10, with different
	// names, at least one of them essential. They become the containers of one
	// pod.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, y.name == x.name))",message="containerDefinitions[].name: two containers have the same name; give each a name of its own"
	ContainerDefinitions []ContainerDefinition `json:"containerDefinitions"`

	// cpu is the CPU for the whole task, as a string: units ("1024") or vCPUs ("1
	// vCPU"); 1024 units are one vCPU. It is a ceiling on Linux. Unset means no
	// ceiling, which Fargate refuses. EC2 takes 128 to 196608 units, Fargate the
	// sizes of its table.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[vV][cC][pP][uU])$`
	Cpu string `json:"cpu,omitempty"`

	// memory is the memory for the whole task, as a string: MiB ("2048") or GB ("2
	// GB"). Unset is allowed outside Fargate if each container has memory or
	// memoryReservation.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^([0-9]+|[0-9]*[.]?[0-9]+ ?[gG][bB])$`
	Memory string `json:"memory,omitempty"`

	// networkMode is awsvpc, bridge, host or none. Unset means bridge on Linux. On
	// Kubernetes awsvpc and bridge both give the task a pod address of its own;
	// host uses the node's network; none is cut off by a NetworkPolicy. Containers of one pod share one network
	// namespace, so two of them can't listen on the same port, whatever the mode.
	// +optional
	NetworkMode NetworkMode `json:"networkMode,omitempty"`

	// requiresCompatibilities lists the launch types this task definition must be
	// valid for; it is refused if it isn't. Unset means no such check.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	RequiresCompatibilities []Compatibility `json:"requiresCompatibilities,omitempty"`

	// taskRoleArn is the IAM role that the application in the containers acts as.
	// Unset means no role.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	TaskRoleArn string `json:"taskRoleArn,omitempty"`

	// executionRoleArn is the IAM role used to pull images, to write logs and to
	// read secrets before the application starts. Unset means none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ExecutionRoleArn string `json:"executionRoleArn,omitempty"`

	// volumes are the volumes that containers mount through
	// mountPoints[].sourceVolume. Unset means none.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Volumes []Volume `json:"volumes,omitempty"`

	// placementConstraints limit the container instances that tasks may run on, in
	// addition to those of the service. At most 10. Fargate refuses them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	PlacementConstraints []TaskDefinitionPlacementConstraint `json:"placementConstraints,omitempty"`

	// pidMode is host (processes of the node) or task (all containers of the task
	// see each other). Unset means that each container sees its own processes
	// only. Fargate takes task only.
	// +optional
	PidMode PidMode `json:"pidMode,omitempty"`

	// ipcMode is host, task or none. Unset leaves it to the runtime; on Kubernetes
	// the containers of one pod always share IPC, whatever it says. Fargate refuses
	// it.
	// +optional
	IpcMode IpcMode `json:"ipcMode,omitempty"`

	// proxyConfiguration describes an App Mesh proxy. App Mesh has reached its end
	// of life, so this is refused: use the service's serviceConnectConfiguration.
	// +optional
	ProxyConfiguration *ProxyConfiguration `json:"proxyConfiguration,omitempty"`

	// inferenceAccelerators are Elastic Inference devices. The service behind them
	// is retired, so they are refused: use GPUs or Neuron devices through
	// resourceRequirements.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	InferenceAccelerators []InferenceAccelerator `json:"inferenceAccelerators,omitempty"`

	// ephemeralStorage is the scratch space of the task. Unset means 20 GiB on
	// Fargate.
	// +optional
	EphemeralStorage *EphemeralStorage `json:"ephemeralStorage,omitempty"`

	// runtimePlatform is the operating system and processor the task needs. Unset
	// means LINUX on X86_64 for Fargate, and any container instance of the cluster
	// for EC2, as in ECS.
	// +optional
	RuntimePlatform *RuntimePlatform `json:"runtimePlatform,omitempty"`

	// enableFaultInjection opens the agent's fault injection endpoints to the
	// task. Unset means false. It has no effect: there is no such agent.
	// +optional
	EnableFaultInjection *bool `json:"enableFaultInjection,omitempty"`

	// tags are up to 50 tags of the task definition. ECS copies them to tasks where
	// propagateTags says TASK_DEFINITION; here that has no effect so far.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=50
	Tags []Tag `json:"tags,omitempty"`
}

// TaskDefinitionPlacementConstraint narrows the container instances for every
// task of the definition.
// +kubebuilder:validation:XValidation:rule="has(self.expression) && size(self.expression) > 0",message="expression: memberOf needs an expression, such as attribute:ecs.os-type == linux; set it",fieldPath=".expression"
type TaskDefinitionPlacementConstraint struct {
	// type is memberOf, the only kind a task definition takes.
	// +required
	Type TaskDefinitionPlacementConstraintType `json:"type"`

	// expression is a condition in the cluster query language, such as
	// `attribute:ecs.instance-type =~ t3.*`.
	// +optional
	// +kubebuilder:validation:MaxLength=2000
	Expression string `json:"expression,omitempty"`
}

// ProxyConfiguration names the container that proxies the task's traffic.
type ProxyConfiguration struct {
	// type is APPMESH, which is also what unset means.
	// +optional
	Type ProxyConfigurationType `json:"type,omitempty"`

	// containerName is the container that runs the proxy.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
	ContainerName string `json:"containerName"`

	// properties are the network parameters of the proxy, such as ProxyIngressPort
	// and AppPorts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Properties []KeyValuePair `json:"properties,omitempty"`
}

// InferenceAccelerator is an Elastic Inference device.
type InferenceAccelerator struct {
	// deviceName is what containers refer to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DeviceName string `json:"deviceName"`

	// deviceType is the accelerator type.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DeviceType string `json:"deviceType"`
}

// EphemeralStorage is the size of the scratch space.
type EphemeralStorage struct {
	// sizeInGiB is 21 to 200 GiB, shared by all containers of the task.
	// +required
	// +kubebuilder:validation:Minimum=21
	// +kubebuilder:validation:Maximum=200
	SizeInGiB int32 `json:"sizeInGiB"`
}

// RuntimePlatform is what a task needs of its machine.
type RuntimePlatform struct {
	// cpuArchitecture is X86_64 or ARM64. Unset means X86_64. On Kubernetes it
	// becomes the node label kubernetes.io/arch.
	// +optional
	CpuArchitecture CPUArchitecture `json:"cpuArchitecture,omitempty"`

	// operatingSystemFamily is LINUX or a Windows release. Unset means LINUX. On
	// Kubernetes it becomes the node label kubernetes.io/os.
	// +optional
	OperatingSystemFamily OSFamily `json:"operatingSystemFamily,omitempty"`
}
