// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// taskRows are the fields of the task definition itself.
var taskRows = []Row{
	{"family", Elsewhere, "controllers/taskdefinition: the name of the revisions", ""},
	{"requiresCompatibilities", Elsewhere, "the API's CEL rules; internal/taskdef: the execution role on Fargate", "a launch type is a promise about the definition, not about the pod"},
	{"taskRoleArn", NotYetMapped, "serviceAccountName, projected token", ""},
	{"executionRoleArn", NotYetMapped, "imagePullSecrets, reading of secrets", "its presence is checked for Fargate"},
	{"placementConstraints[].type", NotYetMapped, "affinity.nodeAffinity, by internal/placement", ""},
	{"placementConstraints[].expression", NotYetMapped, "affinity.nodeAffinity, by internal/placement", ""},
	{"pidMode", NotYetMapped, "hostPID, shareProcessNamespace", ""},
	{"ipcMode", NotYetMapped, "hostIPC", "the containers of a pod always share IPC, so none will stay approximated"},
	{"proxyConfiguration.type", Rejected, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.containerName", Rejected, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.properties[].name", Rejected, "", "App Mesh has reached its end of life"},
	{"proxyConfiguration.properties[].value", Rejected, "", "App Mesh has reached its end of life"},
	{"inferenceAccelerators[].deviceName", Rejected, "", "Elastic Inference is retired"},
	{"inferenceAccelerators[].deviceType", Rejected, "", "Elastic Inference is retired"},
	{"ephemeralStorage.sizeInGiB", NotYetMapped, "containers[].resources.limits[ephemeral-storage]", ""},
	{"runtimePlatform.cpuArchitecture", NotYetMapped, "nodeSelector[kubernetes.io/arch]", ""},
	{"runtimePlatform.operatingSystemFamily", NotYetMapped, "nodeSelector[kubernetes.io/os]", ""},
	{"enableFaultInjection", NotYetMapped, "", "needs the task metadata endpoint"},
	{"tags[].key", Elsewhere, "the revision object keeps them", "propagateTags comes with its own issue"},
	{"tags[].value", Elsewhere, "the revision object keeps them", "propagateTags comes with its own issue"},
}
