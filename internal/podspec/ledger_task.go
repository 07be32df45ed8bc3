// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// taskRows are the fields of the task definition itself.
var taskRows = []Row{
	{"family", Exact, "controllers/taskdefinition: the name of the revisions", ""},
	{"requiresCompatibilities", Exact, "the API's CEL rules; internal/taskdef: the execution role on Fargate", "a launch type is a promise about the definition, not about the pod"},
	{"taskRoleArn", Exact, "serviceAccountName, by the Cluster's spec.kubernetes.roles or else ecs-task-<role>, which the operator makes with the annotation that EKS reads", "outside EKS a role is what that ServiceAccount is allowed"},
	{"executionRoleArn", Approximated, "imagePullSecrets of the Cluster's spec.kubernetes.roles", "secrets are read with the rights of the store, and images pulled with those of the node, whatever the role allows; its presence is checked for Fargate"},
	{"placementConstraints[].type", Exact, "memberOf is the only one, and expression says what it does", ""},
	{"placementConstraints[].expression", Exact, "required node affinity for zone, instance type, operating system and architecture, which are node labels; the operator's choice of an instance for custom attributes, patterns, task:group and the rest", ""},
	{"pidMode", Exact, "hostPID, shareProcessNamespace", ""},
	{"ipcMode", Approximated, "hostIPC", "the containers of a pod always share IPC, so none gives each its own neither, and leaving it out shares it too"},
	{"proxyConfiguration.type", Refused, "", "App Mesh has reached its end of life; use Service Connect"},
	{"proxyConfiguration.containerName", Refused, "", "App Mesh has reached its end of life; use Service Connect"},
	{"proxyConfiguration.properties[].name", Refused, "", "App Mesh has reached its end of life; use Service Connect"},
	{"proxyConfiguration.properties[].value", Refused, "", "App Mesh has reached its end of life; use Service Connect"},
	{"inferenceAccelerators[].deviceName", Refused, "", "Elastic Inference is retired; use GPUs or Neuron devices through resourceRequirements"},
	{"inferenceAccelerators[].deviceType", Refused, "", "Elastic Inference is retired; use GPUs or Neuron devices through resourceRequirements"},
	{"ephemeralStorage.sizeInGiB", Approximated, "containers[0].resources.limits[ephemeral-storage], which is the whole pod's", "20 GiB on Fargate when left out. A task that writes more is evicted; on Fargate its writes fail"},
	{"runtimePlatform.cpuArchitecture", Exact, "nodeSelector[kubernetes.io/arch]", "X86_64 when left out of a runtimePlatform, and on Fargate; without runtimePlatform an EC2 task goes to any container instance, as in ECS"},
	{"runtimePlatform.operatingSystemFamily", Approximated, "nodeSelector[kubernetes.io/os], [node.kubernetes.io/windows-build]", "the default is LINUX, as for cpuArchitecture; a Windows release is its build, and nothing tells FULL from CORE"},
	{"enableFaultInjection", NoEffect, "", "the endpoints are part of the task metadata endpoint, which isn't served: nothing answers at ECS_AGENT_URI"},
	{"tags[].key", Exact, "the revision object keeps them", "propagateTags comes with its own issue"},
	{"tags[].value", Exact, "the revision object keeps them", "propagateTags comes with its own issue"},
}
