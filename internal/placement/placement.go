// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package placement chooses container instances for tasks, and tasks to stop, as ECS documents it.
//
// Placing a task (DG/task-placement):
//
//  1. the candidates are the instances that are ACTIVE, whose agent is connected, and on which the task fits: CPU, memory, GPUs, host ports
//     and what else Kubernetes would ask for ([Filter]);
//  2. constraints are filters: all must hold;
//  3. strategies narrow the candidates in their order, and never to none: each keeps those that it likes best;
//  4. of what is left one is taken, by the request's seed.
//
// A [Fleet] is the instances of one cluster, with what their tasks take. [Fleet.Place] chooses an instance and takes the room on it, so that
// the next task sees it taken. A task that has no place gets a [Refusal] that says which instance came closest and what it lacked.
//
// The package knows tasks and instances, no pods and no nodes; internal/instances makes the ones of the others.
package placement

import (
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// Resources is an amount of what tasks take. The measures are those of Kubernetes, so that what fits here fits for the scheduler.
type Resources struct {
	// MilliCPU in thousandths of a CPU: 1024 CPU units of ECS are 1000.
	MilliCPU int64
	// Memory in bytes.
	Memory int64
	GPU    int64
	// Pods is the number of pods: 1 for a task.
	Pods int64
	// Other are further resources by name, such as ephemeral-storage; nil for none.
	Other map[string]int64
}

// Port is a host port.
type Port struct {
	Number int32
	UDP    bool
}

// Instance is a container instance with what is left of it.
type Instance struct {
	// Name is the ContainerInstance's, which is also the Node's.
	Name string
	// Facts are what constraints ask about. RunningTasksCount and TaskGroups are filled in from Tasks.
	Facts query.Instance
	// Active is false for an instance that is DRAINING or on its way in or out.
	Active bool
	// Providers are the capacity providers that it belongs to.
	Providers []string
	// Free is what is left; below 0 where a Node is overcommitted.
	Free Resources
	// Ports are the host ports that are taken.
	Ports map[Port]bool
	// Tasks counts the tasks that are to run there, by task group. Tasks that are stopping take room, and don't count.
	Tasks map[string]int
	// Handle is the maker's own, for filters to find the Node by.
	Handle any

	// slot is where its Fleet has it.
	slot int32
}

// Filter is a condition of Kubernetes beside those of ECS: node affinity, taints. It is asked once for each instance, and again when
// [Fleet.Update] is told of it: what tasks run there must not matter.
type Filter struct {
	Keep func(*Instance) bool
	// Reason is what a refusal says, such as ATTRIBUTE.
	Reason string
	// Detail says more, for people.
	Detail string
}

// Constraint is a placement constraint.
type Constraint struct {
	// Distinct is distinctInstance: no other task of the group is to run there. Then there is no expression.
	Distinct bool
	Member   query.Expr
}

// StrategyType is the type of a placement strategy, as ECS spells it.
type StrategyType string

// The types.
const (
	Spread  StrategyType = "spread"
	Binpack StrategyType = "binpack"
	Random  StrategyType = "random"
)

// Strategy is a placement strategy. Field is instanceId, host or attribute:NAME to spread over, cpu or memory to pack by.
type Strategy struct {
	Type  StrategyType
	Field string
}

// DefaultOfServices is how the tasks of a service without placementStrategy are placed (DG/task-placement): over zones, then over instances.
var DefaultOfServices = []Strategy{{Spread, "attribute:ecs.availability-zone"}, {Spread, InstanceID}}

// InstanceID is the field that spreads over instances. host is the same.
const InstanceID = "instanceId"

// Request asks for a place for tasks of one kind. The tasks of a service that differ in nothing share one Request: what is found out about the
// instances is then used again for the next of them. A Request must not be changed after its first use.
type Request struct {
	// Group is the task group, such as service:web: what spread and distinctInstance count.
	Group string
	// Provider is the capacity provider to use, "" for any instance.
	Provider    string
	Needs       Resources
	Ports       []Port
	Filters     []Filter
	Constraints []Constraint
	Strategies  []Strategy
	// Seed decides among equals, and what random takes.
	Seed uint64
}

// What an instance may lack, in the order in which it is looked for. ECS's words stand in RunTask's failures (DG/api_failures_messages) and in
// service events.
const (
	ReasonInactive  = "INACTIVE" // DRAINING, or on its way in or out
	ReasonAgent     = "AGENT"
	ReasonProvider  = "CAPACITY_PROVIDER" // it belongs to another one
	ReasonAttribute = "ATTRIBUTE"
	ReasonMemberOf  = "MemberOf placement constraint unsatisfied."
	ReasonDistinct  = "DistinctInstance placement constraint unsatisfied."
	ReasonCPU       = "RESOURCE:CPU"
	ReasonMemory    = "RESOURCE:MEMORY"
	ReasonGPU       = "RESOURCE:GPU"
	ReasonPorts     = "RESOURCE:PORTS"
	ReasonPods      = "RESOURCE:PODS"
	ReasonOther     = "RESOURCE"
)
