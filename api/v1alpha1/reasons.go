// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Reasons of conditions and events. A reason is part of the API: tools match on it.
const (
	// ReasonReady is the reason of Ready=True.
	ReasonReady = "Ready"
	// ReasonProgressing is for work that goes on without anyone's help.
	ReasonProgressing = "Progressing"
	// ReasonInvalid is for a spec that the operator can't act on.
	ReasonInvalid = "Invalid"
	// ReasonPodSecurity is for tasks that the namespace's Pod Security level forbids.
	ReasonPodSecurity = "PodSecurity"
	// ReasonTasksRefused is for tasks that Kubernetes refuses to make: a quota, a policy, a namespace that is going.
	ReasonTasksRefused = "TasksRefused"
	// ReasonFailed is for a failure that is tried again.
	ReasonFailed = "Failed"
	// ReasonDeleting is for an object on its way out.
	ReasonDeleting = "Deleting"
	// ReasonClusterNotFound is for a reference to a Cluster that doesn't exist.
	ReasonClusterNotFound = "ClusterNotFound"
	// ReasonClusterNotAllowed is for a Cluster that the object's namespace may not use.
	ReasonClusterNotAllowed = "ClusterNotAllowed"
	// ReasonTaskDefinitionNotFound is for a reference to a family or revision that doesn't exist.
	ReasonTaskDefinitionNotFound = "TaskDefinitionNotFound"
	// ReasonTaskDefinitionInactive is for a revision that is no longer ACTIVE.
	ReasonTaskDefinitionInactive = "TaskDefinitionInactive"
	// ReasonFieldsWithoutEffect is for fields that are set and not acted on.
	ReasonFieldsWithoutEffect = "FieldsWithoutEffect"
	// ReasonNodeConflict is for a node that two clusters choose.
	ReasonNodeConflict = "NodeConflict"
	// ReasonNodeNotFound is for a container instance whose node is gone.
	ReasonNodeNotFound = "NodeNotFound"
	// ReasonInterrupted is for a container instance whose machine is about to be taken away.
	ReasonInterrupted = "Interrupted"
	// ReasonDrained is for a DRAINING container instance that has no tasks any more.
	ReasonDrained = "Drained"
	// ReasonFoundRunningTasks is ECS's reason to refuse the deregistration of a container instance with tasks.
	ReasonFoundRunningTasks = "FoundRunningTasks"
	// ReasonResourceInUse is ECS's reason to refuse the deletion of a capacity provider that something names, and its removal from a cluster.
	ReasonResourceInUse = "ResourceInUse"
	// ReasonCapacityProviderNotFound is for a cluster that lists a capacity provider that doesn't exist.
	ReasonCapacityProviderNotFound = "CapacityProviderNotFound"
	// ReasonClusterContainsServices is ECS's reason to refuse the deletion of a cluster with services.
	ReasonClusterContainsServices = "ClusterContainsServices"
	// ReasonClusterContainsTasks is ECS's reason to refuse the deletion of a cluster with tasks.
	ReasonClusterContainsTasks = "ClusterContainsTasks"
	// ReasonClusterContainsContainerInstances is ECS's reason to refuse the deletion of a cluster with instances.
	ReasonClusterContainsContainerInstances = "ClusterContainsContainerInstances"
	// ReasonDeploymentStuck is for percentages between which no task can be started or stopped.
	ReasonDeploymentStuck = "DeploymentStuck"
	// ReasonFamilyTaken is for a family that an older TaskDefinition registers.
	ReasonFamilyTaken = "FamilyTaken"
	// ReasonTasksFailedToStart is for a deployment whose tasks can't be started.
	ReasonTasksFailedToStart = "TasksFailedToStart"
	// ReasonTasksNotPlaced is for tasks that no container instance has room or a match for.
	ReasonTasksNotPlaced = "TasksNotPlaced"
	// ReasonTasksUnhealthy is for tasks that fail their health checks and are replaced.
	ReasonTasksUnhealthy = "TasksUnhealthy"
	// ReasonTasksLeaving is for tasks that are replaced since their container instance is DRAINING.
	ReasonTasksLeaving = "TasksLeaving"
	// ReasonTasksProtected is for tasks that are to stop and are protected.
	ReasonTasksProtected = "TasksProtected"
	// ReasonInstanceMissing is StartTask's failure MISSING: the container instance isn't registered.
	ReasonInstanceMissing = "MISSING"
	// ReasonInstanceInactive is StartTask's failure INACTIVE: the container instance takes no tasks.
	ReasonInstanceInactive = "INACTIVE"
	// ReasonTaskStopping is for a task that is being stopped.
	ReasonTaskStopping = "Stopping"
	// ReasonTaskSucceeded is for a task that ended by itself, with success.
	ReasonTaskSucceeded = "Succeeded"
	// ReasonTaskStopped is for a task that somebody stopped.
	ReasonTaskStopped = "Stopped"
	// ReasonTaskLost is for a task whose pod went before anyone saw how it ended, and for one whose host was lost.
	ReasonTaskLost = "TaskLost"
	// ReasonUnsupported is for what the operator doesn't do yet.
	ReasonUnsupported = "Unsupported"
	// ReasonDraining is for a service whose tasks are being stopped.
	ReasonDraining = "Draining"
	// ReasonAgentDisconnected is for a container instance whose kubelet does not report.
	ReasonAgentDisconnected = "AgentDisconnected"
	// ReasonSuperseded is for a deployment that a newer one took over from.
	ReasonSuperseded = "Superseded"
	// ReasonSecretsNotReady is for a deployment that waits for secrets to be fetched.
	ReasonSecretsNotReady = "SecretsNotReady"
	// ReasonExternalSecretsMissing is for a Cluster with a secret store where the External Secrets Operator isn't installed.
	ReasonExternalSecretsMissing = "ExternalSecretsMissing"
	// ReasonRoleConflict is for a ServiceAccount that stands for another IAM role already.
	ReasonRoleConflict = "RoleConflict"
	// ReasonImagesNotResolved is for a deployment that waits for a registry to say what an image's tag means.
	ReasonImagesNotResolved = "ImagesNotResolved"
	// ReasonImageConfigUnknown is for a container whose command line stands in an image that can't be read.
	ReasonImageConfigUnknown = "ImageConfigUnknown"
	// ReasonImagesNotPinned is for tasks that run what a tag means to each node.
	ReasonImagesNotPinned = "ImagesNotPinned"
	// ReasonDeploymentFailed is for a deployment that failed and wasn't rolled back: both revisions stay as they are.
	ReasonDeploymentFailed = "DeploymentFailed"
	// ReasonRollingBack is for a deployment that failed, or was stopped, and goes back.
	ReasonRollingBack = "RollingBack"
	// ReasonRolledBack is for a service that runs an earlier revision than its spec says, since the deployment of that one failed or was stopped.
	ReasonRolledBack = "RolledBack"
	// ReasonRollbackFailed is for a deployment that could neither go on nor back.
	ReasonRollbackFailed = "RollbackFailed"
	// ReasonListenerRuleNotFound is for a listener rule whose HTTPRoute isn't there.
	ReasonListenerRuleNotFound = "ListenerRuleNotFound"
	// ReasonWeightsContested is for a route whose weights somebody else changes again and again.
	ReasonWeightsContested = "WeightsContested"
	// ReasonAlarmsNotFound is for names in alarmNames that no Alarm of the namespace has.
	ReasonAlarmsNotFound = "AlarmsNotFound"
	// ReasonPaused is for a deployment that waits for ContinueServiceDeployment.
	ReasonPaused = "Paused"
	// ReasonPrometheusNotConfigured is for an alarm whose Cluster names no Prometheus.
	ReasonPrometheusNotConfigured = "PrometheusNotConfigured"
	// ReasonPrometheusUnavailable is for an alarm whose Prometheus can't be asked for now.
	ReasonPrometheusUnavailable = "PrometheusUnavailable"
	// ReasonInvalidQuery is for a query that Prometheus refuses.
	ReasonInvalidQuery = "InvalidQuery"
	// ReasonSeveralSeries is for a query that gives more than one series, so that there is no one number to compare.
	ReasonSeveralSeries = "SeveralSeries"
	// ReasonStateUpdate is the reason of events on alarms whose state has become another, as CloudWatch's history names it.
	ReasonStateUpdate = "StateUpdate"
)
