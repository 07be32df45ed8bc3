// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// taskRows are the fields of the task definition itself.
var taskRows = []Row{
	{"family", Exact, "controllers/taskdefinition: the name of the revisions", ""},
	{"requiresCompatibilities", Exact, "the API's CEL rules; internal/taskdef: the execution role on Fargate", "a launch type is a promise about the definition, not about the pod"},
	{"taskRoleArn", NotYetMapped, "serviceAccountName, projected token", ""},
	{"executionRoleArn", NotYetMapped, "imagePullSecrets, reading of secrets", "its presence is checked for Fargate"},
	{"placementConstraints[].type", NotYetMapped, "affinity.nodeAffinity, by internal/placement", ""},
	{"placementConstraints[].expression", NotYetMapped, "affinity.nodeAffinity, by internal/placement", ""},
	{"pidMode", NotYetMapped, "hostPID, shareProcessNamespace", ""},
	{"ipcMode", NotYetMapped, "hostIPC", "the containers of a pod always share IPC, so none will stay approximated"},
	{"proxyConfiguration.type", Refused, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.containerName", Refused, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.properties[].name", Refused, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.properties[].value", Refused, "", "App Mesh has reached its end of life"},
	{"inferenceAccelerators[].deviceName", Refused, "", "Elastic Inference is retired"},
	{"inferenceAccelerators[].deviceType", Refused, "", "Elastic Inference is retired"},
	{"ephemeralStorage.sizeInGiB", NotYetMapped, "containers[].resources.limits[ephemeral-storage]", ""},
	{"runtimePlatform.cpuArchitecture", NotYetMapped, "nodeSelector[kubernetes.io/arch]", ""},
	{"runtimePlatform.operatingSystemFamily", NotYetMapped, "nodeSelector[kubernetes.io/os]", ""},
	{"enableFaultInjection", NotYetMapped, "", "needs the task metadata endpoint"},
	{"tags[].key", Exact, "the revision object keeps them", "propagateTags comes with its own issue"},
	{"tags[].value", Exact, "the revision object keeps them", "propagateTags comes with its own issue"},
}
