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

// converge does what a ReplicaSet controller does: it creates missing tasks and stops surplus ones, those that aren't ready first, and then
// those that are marked.
func (r *simRevision) converge() {
	for r.live() < r.asked() {
		r.Pending++
	}
	for r.live() > r.asked() {
		r.stop()
		r.Stopping++
	}
	r.Stuck = 0
	if r.broken {
		r.Stuck = r.Pending
	}
}

func (r *simRevision) stop() {
	if r.Pending > 0 {
		r.Pending--
		return
	}
	starting := r.starting()
	r.Running--
	switch {
	case starting > 0:
	case r.arriving() > 0:
		r.Leaving--
	case r.Unhealthy > 0:
		r.Unhealthy--
	case r.LeavingHealthy > 0:
		r.Healthy, r.Leaving, r.LeavingHealthy = r.Healthy-1, r.Leaving-1, r.LeavingHealthy-1
	case r.Relocating > 0:
		r.Healthy, r.Relocating = r.Healthy-1, r.Relocating-1
	default:
		r.Healthy--
	}
}

// starting are running tasks of which it isn't known whether they are healthy, and that may stay; arriving are those that may not.
func (r *simRevision) starting() int32 { return r.Running - r.Healthy - r.Unhealthy - r.arriving() }
func (r *simRevision) arriving() int32 { return r.Leaving - r.LeavingHealthy }

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
	if r.arriving() > 0 {
		r.Healthy, r.LeavingHealthy = r.Healthy+1, r.LeavingHealthy+1
		return true
	}
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
	switch {
	case r.stays() > 0:
	case r.LeavingHealthy > 0:
		r.LeavingHealthy--
	case r.Relocating > 0:
		r.Relocating--
	default:
		return false
	}
	r.Healthy--
	return true
}

// fail gives a task that starts, or was hurt, up; recover finds one well again.
func (r *simRevision) fail() bool {
	switch {
	case r.arriving() > 0:
		r.Leaving--
	case r.starting() == 0:
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

// drain makes the instance of a running task one that it has to leave; undrain takes that back. relocate and stay do so for a zone's surplus.
func (r *simRevision) drain() bool {
	switch {
	case r.stays() > 0:
		r.LeavingHealthy++
	case r.starting() == 0:
		return false
	}
	r.Leaving++
	return true
}

func (r *simRevision) undrain() bool {
	switch {
	case r.LeavingHealthy > 0:
		r.LeavingHealthy--
	case r.Leaving == 0:
		return false
	}
	r.Leaving--
	return true
}

func (r *simRevision) relocate() bool {
	if r.stays() == 0 {
		return false
	}
	r.Relocating++
	return true
}

func (r *simRevision) stay() bool {
	if r.Relocating == 0 {
		return false
	}
	r.Relocating--
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
		if n := r.Leaving + r.Relocating; n > 0 {
			fmt.Fprintf(&b, " (%d leaving)", n)
		}
	}
	fmt.Fprintf(&b, "  %s: %s", p.Progress, p.Why)
	return b.String()
}
