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
	broken bool // its tasks never get out of PENDING
}

func (w *world) observe() Observation {
	o := Observation{Desired: w.desired, Bounds: w.bounds, Target: w.target}
	for _, r := range w.revisions {
		if r.Ordinal == w.target || r.placed()+r.Stopping > 0 {
			o.Revisions = append(o.Revisions, r.Revision)
		}
	}
	return o
}

func (w *world) apply(p Plan) {
	for _, r := range w.revisions {
		if n, planned := p.Wanted[r.Ordinal]; planned {
			r.Wanted = n
		}
	}
}

// converge does what a ReplicaSet controller does: it creates missing tasks and stops surplus ones, those that aren't ready first.
func (r *simRevision) converge() {
	for r.live() < r.Wanted {
		r.Pending++
	}
	for r.live() > r.Wanted {
		switch {
		case r.Pending > 0:
			r.Pending--
		case r.Running > r.Healthy:
			r.Running--
		default:
			r.Running, r.Healthy = r.Running-1, r.Healthy-1
		}
		r.Stopping++
	}
}

// crash ends a task that has just been started, and leaves its place to cool; chill ends the cooling.
func (r *simRevision) crash() bool {
	if r.Running == r.Healthy {
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
	if r.Running == r.Healthy {
		return false
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
	}
	fmt.Fprintf(&b, "  %s: %s", p.Progress, p.Why)
	return b.String()
}
