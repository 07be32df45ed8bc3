// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"strings"
)

// world is a small model of what carries the plans out: a Deployment per revision and tasks that start, become healthy and stop.
type world struct {
	desired   int32
	bounds    Percentages
	target    int64
	revisions []*simRevision
}

type simRevision struct {
	Revision
	broken bool  // its tasks never get out of PENDING
	frail  int32 // so many of the tasks that it starts next turn unhealthy
}

func (w *world) observe() Observation {
	o := Observation{Desired: w.desired, Bounds: w.bounds, Target: w.target}
	for _, r := range w.revisions {
		if r.Ordinal == w.target || r.held()+r.Stopping > 0 {
			o.Revisions = append(o.Revisions, r.Revision)
		}
	}
	return o
}

func (w *world) apply(p Plan) {
	for _, r := range w.revisions {
		if n, planned := p.Wanted[r.Ordinal]; planned {
			r.Wanted, r.Replacing = n, p.Replacing[r.Ordinal]
		}
	}
}

// converge does what a ReplicaSet controller does: it creates missing tasks and stops surplus ones, those that aren't ready first.
func (r *simRevision) converge() {
	for r.live() < r.asked() {
		r.Pending++
	}
	for r.live() > r.asked() {
		switch {
		case r.Pending > 0:
			r.Pending--
		case r.starting() > 0:
			r.Running--
		case r.Unhealthy > 0:
			r.Running, r.Unhealthy = r.Running-1, r.Unhealthy-1
		default:
			r.Running, r.Healthy = r.Running-1, r.Healthy-1
		}
		r.Stopping++
	}
}

// starting are running tasks of which it isn't known whether they are healthy.
func (r *simRevision) starting() int32 { return r.Running - r.Healthy - r.Unhealthy }

// crash ends a task that has just been started, and leaves its place to cool; chill ends the cooling.
func (r *simRevision) crash() bool {
	if r.starting() == 0 {
		return false
	}
	r.Running--
	r.Cooling++
	return true
}

func (r *simRevision) chill() bool {
	if r.Cooling == 0 {
		return false
	}
	r.Cooling--
	return true
}

// start, heal, hurt and reap move one task each; they report whether there was one to move.
func (r *simRevision) start() bool {
	if r.Pending == 0 || r.broken {
		return false
	}
	r.Pending, r.Running = r.Pending-1, r.Running+1
	return true
}

func (r *simRevision) heal() bool {
	if r.starting() == 0 {
		return false
	}
	if r.frail > 0 {
		r.frail--
		return r.fail()
	}
	r.Healthy++
	return true
}

func (r *simRevision) hurt() bool {
	if r.Healthy == 0 {
		return false
	}
	r.Healthy--
	return true
}

// fail gives a task that starts, or was hurt, up; recover finds one well again.
func (r *simRevision) fail() bool {
	if r.starting() == 0 {
		return false
	}
	r.Unhealthy++
	return true
}

func (r *simRevision) recover() bool {
	if r.Unhealthy == 0 {
		return false
	}
	r.Unhealthy, r.Healthy = r.Unhealthy-1, r.Healthy+1
	return true
}

func (r *simRevision) reap() bool {
	if r.Stopping == 0 {
		return false
	}
	r.Stopping--
	return true
}

// tick lets everything happen that can: tasks made and stopped, then started, then healthy, then gone.
func (w *world) tick() {
	for _, r := range w.revisions {
		for r.reap() {
		}
		for r.chill() {
		}
		for r.heal() {
		}
		for r.start() {
		}
		r.converge()
	}
}

func (w *world) line(tick int, p Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "t+%-2d", tick)
	for _, r := range w.revisions {
		fmt.Fprintf(&b, "  rev %d: %d wanted, %d pending, %d running, %d healthy, %d stopping", r.Ordinal, r.Wanted, r.Pending, r.Running, r.Healthy, r.Stopping)
		if r.Unhealthy > 0 || r.Replacing != 0 {
			fmt.Fprintf(&b, " (%d unhealthy, replacing %+d)", r.Unhealthy, r.Replacing)
		}
	}
	fmt.Fprintf(&b, "  %s: %s", p.Progress, p.Why)
	return b.String()
}
