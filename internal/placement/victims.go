// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import "hash/fnv"

// Task is one that may be stopped.
type Task struct {
	Name string
	// Instance is where it is, nil where it hasn't been placed.
	Instance *Instance
	// Provider is the capacity provider that it was placed through, "" for none.
	Provider string
	// Needs are what it takes, which its instance has more of when it is gone.
	Needs Resources
	// Protected tasks are never stopped.
	Protected bool
	// Leaving: its instance is DRAINING, or about to go.
	Leaving bool
	// Running and Healthy: those that aren't go first.
	Running, Healthy bool
}

// The ranks of tasks, in the order in which they are stopped.
const (
	rankLeaving = iota
	rankUnplaced
	rankStarting
	rankUnhealthy
	rankHealthy
	ranks
)

func (t Task) rank() int {
	switch {
	case t.Leaving:
		return rankLeaving
	case !t.Running && t.Instance == nil:
		return rankUnplaced
	case !t.Running:
		return rankStarting
	case !t.Healthy:
		return rankUnhealthy
	}
	return rankHealthy
}

// Victims are the tasks to stop when n of these, the tasks of one service, have to go: their indices, in the order to stop them in. There are
// fewer where protected tasks are in the way.
//
// Tasks that leave anyway go first, then those that have no place yet, that haven't started, that aren't healthy, and healthy ones. Within
// such a rank goes a task of the capacity provider that is most above its share (see [Overfull]), where shares are given; and of these
// the one that the strategies like least where it is: spread takes from the value that has the most tasks of the service, protected and
// healthier ones counted, and from instances without the attribute first; binpack from the instance that has the most left afterwards.
// No strategy is that of services. What is equal then is ordered by the seed and the tasks' names, whatever order they come in.
//
// Each stop counts for the next, so the victims of n tasks are the first of those of n+1.
func Victims(tasks []Task, n int, strategies []Strategy, shares []Share, seed uint64) []int {
	return VictimsBeside(nil, tasks, n, strategies, shares, seed)
}

// VictimsBeside are the [Victims] among tasks of a service that has others beside them: so many of each capacity provider, which count for
// the shares, and don't stop.
func VictimsBeside(beside map[string]int, tasks []Task, n int, strategies []Strategy, shares []Share, seed uint64) []int {
	s := newScaleIn(tasks, strategies, len(shares) > 0, seed)
	for provider, others := range beside {
		s.placed[provider] += others
	}
	var out []int
	for rank := range ranks {
		if len(out) >= n {
			break
		}
		s.begin(rank)
		for len(out) < n && len(s.there) > 0 {
			provider := ""
			if s.shared {
				provider = overfull(shares, s.placed, s.there)
			}
			out = append(out, s.stop(provider))
		}
	}
	return out
}

// lot is the task's place among equals.
func lot(t Task, seed uint64) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.Name)) // it never fails
	return int64(mix(seed^h.Sum64()) >> 1)
}
