// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import "time"

// A task that ends within shortLife of its start leaves its place empty until coolDown after its end. ECS has no such rule by
// name, since starting a task takes it that long anyway; Kubernetes starts one in a second, and a program that crashes at
// once would be started again and again as fast as the machine can.
const (
	shortLife = 10 * time.Second
	coolDown  = 20 * time.Second
)

// coolsUntil is when the place of a short-lived task is free again, zero for a task that isn't over or lived long enough.
func (v view) coolsUntil() time.Time {
	if v.overBecause() == "" {
		return time.Time{}
	}
	for _, c := range v.containers {
		end := c.fatal()
		if end == nil || end.FinishedAt.IsZero() {
			continue
		}
		if refusedStart(end) || end.FinishedAt.Sub(end.StartedAt.Time) < shortLife {
			return end.FinishedAt.Add(coolDown)
		}
	}
	return time.Time{}
}
