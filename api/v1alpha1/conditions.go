// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types. They follow kstatus, so `kubectl wait` and GitOps tools understand every kind:
//
//   - an object at rest carries Ready=True and neither Reconciling nor Stalled;
//   - Reconciling=True while the operator works towards the spec; it is absent otherwise;
//   - Stalled=True when only a person can get it going again; it is absent otherwise;
//   - Ready is derived from the rest, never set by itself.
const (
	// ConditionReady says that the object is as its spec wants it.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator is at work on it.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that it can't go on without a change by someone.
	ConditionStalled = "Stalled"
	// ConditionFieldsWithoutEffect lists fields that are set, accepted and not acted on yet.
	ConditionFieldsWithoutEffect = "FieldsWithoutEffect"
	// ConditionInterrupted says of a ContainerInstance that its machine is about to be taken away: the notice of a spot instance. It is absent
	// otherwise.
	ConditionInterrupted = "Interrupted"
	// ConditionNodeConflict names nodes that another cluster chooses too.
	ConditionNodeConflict = "NodeConflict"
	// ConditionCapacityProvidersNotFound names capacity providers that a Cluster lists and that don't exist.
	ConditionCapacityProvidersNotFound = "CapacityProvidersNotFound"
	// ConditionCapacityProvidersInUse names services whose strategy has a capacity provider that their Cluster doesn't list, or no longer.
	ConditionCapacityProvidersInUse = "CapacityProvidersInUse"
	// ConditionDeploymentBlocked says that the deployment percentages leave no room to replace a task.
	ConditionDeploymentBlocked = "DeploymentBlocked"
	// ConditionAlarmsNotFound names alarms that a Service's deployments are to watch and that don't exist.
	ConditionAlarmsNotFound = "AlarmsNotFound"
	// ConditionTasksForbidden says that tasks which run couldn't be started anew: their namespace has become stricter.
	ConditionTasksForbidden = "TasksForbidden"
	// ConditionImagesNotPinned names containers whose tag wasn't resolved to a digest when the service was deployed.
	ConditionImagesNotPinned = "ImagesNotPinned"
	// ConditionWeightsContested says of a ServiceDeployment that somebody else keeps changing the weights of its HTTPRoutes. It is absent otherwise.
	ConditionWeightsContested = "WeightsContested"
	// ConditionComplete says of a Task that it has ended by itself, with success.
	ConditionComplete = "Complete"
	// ConditionFailed says of a Task that it has ended otherwise than with success and without anyone having asked for it.
	ConditionFailed = "Failed"
)
