// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Label keys that the operator sets on what it makes.
const (
	// LabelCluster is the cluster that a Node, a pod or an object belongs to.
	LabelCluster = "ecs.pods.dev/cluster"
	// LabelService is the name of the Service object that something belongs to.
	LabelService = "ecs.pods.dev/service"
	// LabelServiceRevision is the ordinal of the service revision that something belongs to.
	LabelServiceRevision = "ecs.pods.dev/service-revision"
	// LabelServiceRevisionHash tells the pods of one service revision from those of others.
	LabelServiceRevisionHash = "ecs.pods.dev/service-revision-hash"
	// LabelTask is the name of the Task object that a pod runs. Pods of services have none.
	LabelTask = "ecs.pods.dev/task"
	// LabelFamily is the slug of the task definition family.
	LabelFamily = "ecs.pods.dev/family"
	// LabelRevision is the number of the task definition revision.
	LabelRevision = "ecs.pods.dev/revision"
	// LabelContentHash is the hash of what an immutable object was made from.
	LabelContentHash = "ecs.pods.dev/content-hash"
	// LabelTaskRole is on the ServiceAccounts that the operator made for IAM roles.
	LabelTaskRole = "ecs.pods.dev/task-role"
	// LabelCapacityProvider is the capacity provider that a task is placed through.
	LabelCapacityProvider = "ecs.pods.dev/capacity-provider"
	// LabelOrphanedFrom is the cluster of a task that runs on after its container instance was deregistered by force. Nobody looks after it.
	LabelOrphanedFrom = "ecs.pods.dev/orphaned-from"
	// LabelShiftsTraffic is on core Services, and so on their EndpointSlices, whose service moves traffic between revisions.
	LabelShiftsTraffic = "ecs.pods.dev/shifts-traffic"
	// LabelTargetGroup is the core Service that stands for a target group.
	LabelTargetGroup = "ecs.pods.dev/target-group"
)

// LabelDaemonPrefix begins the node labels by which DAEMON services choose their instances: one label for each service.
const LabelDaemonPrefix = "daemon.ecs.pods.dev/"

// GatePlacement is the scheduling gate of a task whose instance the operator chooses.
const GatePlacement = "ecs.pods.dev/placement"

// Annotations of tasks, which are about their placement.
const (
	// AnnotationTaskGroup is the task group, such as service:web or family:batch. A label can't hold it.
	AnnotationTaskGroup = "ecs.pods.dev/task-group"
	// AnnotationContainerInstance is the instance that the operator chose. It is set together with the node affinity that says so.
	AnnotationContainerInstance = "ecs.pods.dev/container-instance"
	// AnnotationPlacedAt is when that was, in RFC 3339, on the pod of a Task: the condition PodScheduled has been False since the pod was made.
	AnnotationPlacedAt = "ecs.pods.dev/placed-at"
)

// Annotations of tasks, which are about their end.
const (
	// AnnotationStopCode is put on a task's pod before it is deleted for a reason that nobody could tell afterwards: SpotInterruption.
	AnnotationStopCode = "ecs.pods.dev/stop-code"
	// AnnotationRebalancing is on a task that is to be in another Availability Zone, and says for which state of the zones. On the Deployment of the
	// task's revision it is the state of the zones that tasks were moved for last.
	AnnotationRebalancing = "ecs.pods.dev/rebalancing"
)

// AnnotationTaskProtection is UpdateTaskProtection: it is put on a task's pod and says until when, in RFC 3339, the task isn't stopped for a deployment, a lower
// count, or the balance of Availability Zones.
const AnnotationTaskProtection = "ecs.pods.dev/task-protection-until"

// AnnotationReplacing is on a Deployment that has more replicas than its service revision is to have tasks, or fewer, while some are replaced
// that are unhealthy or leave their container instance: how many, such as "+1" or "-1".
const AnnotationReplacing = "ecs.pods.dev/replacing"

// AnnotationPlacement is on a Deployment: a hash of what its tasks carry of the service's placement.
const AnnotationPlacement = "ecs.pods.dev/placement-hash"

// Annotations of a ServiceDeployment, by which people answer it. The operator never writes them.
const (
	// AnnotationStopDeployment is StopServiceDeployment: its value is the stopType, ROLLBACK or ABORT.
	AnnotationStopDeployment = "ecs.pods.dev/stop-deployment"
	// AnnotationContinueDeployment is ContinueServiceDeployment: hook IDs, each alone or with =CONTINUE or =ROLLBACK, separated by commas.
	AnnotationContinueDeployment = "ecs.pods.dev/continue-deployment"
)

// Finalizers, one per kind that has something to do before it goes.
const (
	// FinalizerCluster holds a Cluster until nothing in it remains.
	FinalizerCluster = "ecs.pods.dev/cluster"
	// FinalizerContainerInstance holds a ContainerInstance until no task is to run there, or its tasks have been given up.
	FinalizerContainerInstance = "ecs.pods.dev/container-instance"
	// FinalizerCapacityProvider holds a CapacityProvider while a cluster lists it or a service names it.
	FinalizerCapacityProvider = "ecs.pods.dev/capacity-provider"
	// FinalizerService holds a Service while it is DRAINING.
	FinalizerService = "ecs.pods.dev/service"
	// FinalizerTask holds a Task until its pod is gone, and the pod until the Task's status says what became of it.
	FinalizerTask = "ecs.pods.dev/task"
	// FinalizerTaskDefinitionRevision holds a TaskDefinitionRevision while a service or a task uses it.
	FinalizerTaskDefinitionRevision = "ecs.pods.dev/task-definition-revision"
)
