// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

// Task is one that may be stopped.
type Task struct {
	Name string
	// Instance is where it is, nil where it hasn't been placed.
	Instance *Instance
	// Provider is the capacity provider that it was placed through, "" for none.
	Provider string
	// Protected tasks are never stopped.
	Protected bool
	// Leaving: its instance is DRAINING, or about to go.
	Leaving bool
	// Running and Healthy: those that aren't go first.
	Running, Healthy bool
}
