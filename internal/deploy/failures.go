// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"slices"
	"time"
)

// Failure is a task that failed and whose pod is still there.
type Failure struct {
	// ID tells the task from others of its deployment.
	ID string
	// Start: it never was RUNNING: it couldn't be pulled, created or started, or ended before. Otherwise it failed a health check.
	Start bool
	// CreatedAt is when it was launched, by the clock of those who make tasks.
	CreatedAt time.Time
	Why       string
}

// Sighting is what is seen of the tasks of the revision that a deployment brings.
type Sighting struct {
	// Present are all of them, Failed those that failed, in an order that stays the same.
	Present []string
	Failed  []Failure
	Healthy int32
	// Running: one is, or was, RUNNING.
	Running bool
	// Newest is when the last of them was launched, NewestRan the last of those that are or were RUNNING, zero for none.
	Newest, NewestRan time.Time
	Now               time.Time
}

// Tally is what a deployment remembers of its failed tasks. It is written at once with what follows from it, so that each is counted once, whenever the operator
// is killed.
type Tally struct {
	// Failed counts all of them, Failures those of the stage that the circuit breaker is at.
	Failed, Failures int32
	// ReachedRunning: a task has been RUNNING, so that those that can't start don't count any more, and those that fail health checks do.
	ReachedRunning bool
	// Counted are the tasks that are counted and were still there when one was counted last.
	Counted []string
	// Healthy is how many were healthy when last looked.
	Healthy int32
	// Tries are the rounds in a row whose tasks failed to start, TriedAt is when the first task of the last of them was seen to fail. Tasks that had been launched by then
	// belong to the same round, so that a hundred of one bad image are one try: up to Round, which is compared with launches alone, since clocks differ.
	Tries   int32
	TriedAt time.Time
	Round   time.Time
}

// mostCounted are remembered at a time: what the status holds. Others are counted when some of these are gone.
const mostCounted = 1000

// After is the tally after another look. With reset the breaker's count begins anew whenever a task has become healthy.
func (t Tally) After(s Sighting, reset bool) Tally {
	next := t
	if t.news(s) {
		next.Counted = slices.DeleteFunc(slices.Clone(t.Counted), func(id string) bool { return !slices.Contains(s.Present, id) })
	}
	if s.Running && !t.ReachedRunning {
		next.ReachedRunning, next.Failures = true, 0
	}
	if s.Healthy > t.Healthy && reset {
		next.Failures = 0
	}
	if s.NewestRan.After(t.Round) {
		next.Tries = 0
	}
	next.Healthy = s.Healthy
	for _, f := range s.Failed {
		if !slices.Contains(next.Counted, f.ID) && len(next.Counted) < mostCounted {
			next.count(f, s)
		}
	}
	slices.Sort(next.Counted)
	return next
}

// news reports whether a task failed that isn't counted. Only then those that are gone are forgotten: that alone is no reason to write anything.
func (t Tally) news(s Sighting) bool {
	return slices.ContainsFunc(s.Failed, func(f Failure) bool { return !slices.Contains(t.Counted, f.ID) })
}

func (t *Tally) count(f Failure, s Sighting) {
	t.Counted = append(t.Counted, f.ID)
	t.Failed++
	if f.Start != t.ReachedRunning {
		t.Failures++
	}
	if f.Start && (t.Tries == 0 || f.CreatedAt.After(t.Round)) {
		t.Tries++
		t.TriedAt, t.Round = s.Now, s.Newest
	}
}

// The pauses between rounds of tasks that fail to start. ECS's own curve isn't documented, but for its end.
const (
	firstPause = 20 * time.Second
	longPause  = 27 * time.Minute
)

// RetryAt is when tasks that failed to start may be launched again: at once the first time, then after 20 s, 40 s, 80 s and so on up to 27 minutes.
func (t Tally) RetryAt() time.Time {
	if t.Tries < 2 {
		return t.TriedAt
	}
	pause := firstPause
	for range t.Tries - 2 {
		if pause *= 2; pause >= longPause {
			return t.TriedAt.Add(longPause)
		}
	}
	return t.TriedAt.Add(pause)
}
