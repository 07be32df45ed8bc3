// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// containerRows are what a container is and runs.
var containerRows = []Row{
	{"containerDefinitions[].name", Exact, "containers[].name", "a name that isn't a DNS label (capitals, _, over 63 characters) is folded and carries a hash; an annotation of the pod keeps the original"},
	{"containerDefinitions[].image", Exact, "containers[].image", "by digest in the tasks of a service (versionConsistency), so that nothing depends on when it is pulled. By tag, that is left to Kubernetes: each time for :latest, once per node for other tags; ECS asks the registry each time"},
	{"containerDefinitions[].entryPoint", Exact, "containers[].command", "an entryPoint without command drops the image's CMD, as in Docker; $(NAME) is protected from Kubernetes' own expansion"},
	{"containerDefinitions[].command", Exact, "containers[].args", "$(NAME) is protected from Kubernetes' own expansion"},
	{"containerDefinitions[].workingDirectory", Exact, "containers[].workingDir", ""},
	{"containerDefinitions[].environment[].name", Exact, "containers[].env[].name", "of two with one name the last counts"},
	{"containerDefinitions[].environment[].value", Exact, "containers[].env[].value", "$(NAME) is protected from Kubernetes' own expansion"},
	{"containerDefinitions[].essential", Exact, "containers[].restartPolicy: Never; an annotation of the pod; controllers/task deletes a pod whose task is over; the launcher for one that isn't essential", "one that isn't essential and has ended is held by its launcher, since a pod with an ended container isn't Ready; its lastStatus stays RUNNING. Where the command line isn't known a warning says so. Before Kubernetes 1.35 the kubelet restarts in place for a moment"},
	{"containerDefinitions[].user", Exact, "containers[].securityContext.runAsUser, runAsGroup; the launcher for names", "a name is looked up in the image's own /etc/passwd, which takes root until the command starts"},
	{"containerDefinitions[].readonlyRootFilesystem", Exact, "containers[].securityContext.readOnlyRootFilesystem", ""},
	{"containerDefinitions[].privileged", Exact, "containers[].securityContext.privileged", "a namespace that enforces a Pod Security level below privileged turns the pod down, and the service says so"},
	{"containerDefinitions[].interactive", Exact, "containers[].stdin", ""},
	{"containerDefinitions[].pseudoTerminal", Exact, "containers[].tty", ""},
	{"containerDefinitions[].dockerLabels", Exact, "an annotation for each container with all its labels, docker-labels.ecs.pods.dev/NAME; metadata.annotations", "a label is an annotation of the pod besides where its key is legal, not of Kubernetes or this operator, and containers agree. What the agent adds (com.amazonaws.ecs.*) are the labels ecs.pods.dev/cluster, family and revision"},
	{"containerDefinitions[].dockerSecurityOptions", Approximated, "containers[].securityContext.allowPrivilegeEscalation, appArmorProfile, seLinuxOptions, windowsOptions", "no-new-privileges, apparmor and the parts of an SELinux label are exact; label:disable is the type spc_t; a seccomp profile but unconfined has no effect"},
	{"containerDefinitions[].credentialSpecs", Approximated, "containers[].securityContext.windowsOptions.gmsaCredentialSpecName", "names a GMSACredentialSpec that has to be there; without effect on Linux"},
	{"containerDefinitions[].versionConsistency", Exact, "containers[].image by digest; an annotation of the pod keeps the tag", "resolved when a service revision is made; enabled waits for the registry; unset goes on by tag where it can't be read, and the condition ImagesNotPinned says so. A revision made with desiredCount 0 is pinned only by enabled"},
}

// sizeRows are what a task takes.
var sizeRows = []Row{
	{"cpu", Exact, "resources.requests.cpu and limits.cpu of the pod", "before Kubernetes 1.34: shared out over the containers' requests, and the limit of each container. Windows ignores it, as in ECS"},
	{"memory", Exact, "resources.requests.memory and limits.memory of the pod", "before Kubernetes 1.34: shared out over the containers' requests. Windows ignores it, as in ECS"},
	{"containerDefinitions[].cpu", Exact, "containers[].resources.requests.cpu", "1024 units are 1000m; a share and not a limit on Linux, a limit on Windows, as in ECS"},
	{"containerDefinitions[].memory", Exact, "containers[].resources.limits.memory; requests.memory without memoryReservation", ""},
	{"containerDefinitions[].memoryReservation", Exact, "containers[].resources.requests.memory", ""},
	{"containerDefinitions[].resourceRequirements[].type", Approximated, "containers[].resources.limits[nvidia.com/gpu]; containers[].resources.claims", "GPU and NeuronDevice; InferenceAccelerator is refused"},
	{"containerDefinitions[].resourceRequirements[].value", Approximated, "containers[].resources.limits[nvidia.com/gpu]; containers[].resources.claims", "ALL is a claim by the ResourceClaimTemplate ecs-gpu-all or ecs-neuron-all, which has to be there (docs/spec/devices.md)"},
	{"containerDefinitions[].resourceRequirements[].sharingStrategy.nvidiaMps.memory", Approximated, "containers[].resources.claims", "a claim by the ResourceClaimTemplate ecs-gpu-mps-MEMORY, which has to be there (docs/spec/devices.md)"},
	{"containerDefinitions[].resourceRequirements[].sharingStrategy.nvidiaMps.maxComputePercent", Approximated, "containers[].resources.claims", "a claim by the ResourceClaimTemplate ecs-gpu-mps-MEMORY-PERCENT, which has to be there (docs/spec/devices.md)"},
}
