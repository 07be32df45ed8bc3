// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

// replace says how many more tasks than wanted each revision is to run, or fewer, while unhealthy, leaving and relocating ones are replaced
// by tasks of the same revision: the target's first, then the sources' from the oldest on, with what room the bounds leave.
//
// A worked step: 3 wanted, 2 healthy, 1 unhealthy. With room for it one more is started, +1; once 3 are healthy the answer is 0, and the
// one that isn't ready stops. Without room the unhealthy one stops first, -1; once it is gone its place is taken again, 0.
func replace(o Observation, wanted map[int64]int32, target Revision, sources []Revision) map[int64]int32 {
	all := append([]Revision{target}, sources...)
	b := budget{
		room:     o.Bounds.Upper(o.Desired),
		spare:    -o.Bounds.Lower(o.Desired),
		stopping: sum(all, func(r Revision) int32 { return r.Stopping }),
	}
	for _, r := range all {
		b.room -= max(wanted[r.Ordinal], r.placed()) + r.Stopping
		b.spare += min(wanted[r.Ordinal], r.Healthy)
	}
	var out map[int64]int32
	for _, r := range all {
		n := wanted[r.Ordinal]
		asked := r.renew(n, r.reopen(n, &b), &b)
		if r.Ordinal != target.Ordinal && wanted[target.Ordinal] < o.Desired && b.room <= 0 {
			asked = min(asked, max(n, asked-r.Stuck)) // a replacement that doesn't start takes the room that the target waits for
		}
		if asked != n {
			if out == nil {
				out = map[int64]int32{}
			}
			out[r.Ordinal] = asked - n
		}
	}
	return out
}

// budget is what the revisions share while their tasks are replaced.
type budget struct {
	// room is how many more tasks the upper bound allows.
	room int32
	// spare is how many healthy ones of those wanted may stop by the lower bound; below 0 where more than are wanted are needed for it.
	spare int32
	// stopping is how many tasks stop.
	stopping int32
}

// reopen is how many places the revision takes up when it is to have n tasks. What it lacks is counted in room already, so that
// nobody else takes it; but as long as that is below zero, some of it has to wait for tasks to be gone.
func (r Revision) reopen(n int32, b *budget) int32 {
	lacks := max(0, n-r.placed())
	waits := min(lacks, max(0, -b.room))
	b.room += waits
	return r.placed() + lacks - waits
}

// renew is how many tasks the revision is to be asked for when n are wanted and it takes up that many places.
//
// It stops tasks to make room only where none starts but stuck ones. Kubernetes stops what is stuck or isn't ready first, and then those that are
// marked as leaving, so it is known which go.
func (r Revision) renew(n, places int32, b *budget) int32 {
	lacks := n - r.stays()
	extra := max(0, r.Healthy-n)
	held := b.hold(extra)
	if r.outgoing() == 0 || lacks <= 0 {
		return min(n+held, places)
	}
	starting := places - r.Healthy - r.Unhealthy - (r.Leaving - r.LeavingHealthy)
	if stuck := min(starting, r.Stuck); stuck == starting {
		if stop := r.letGo(extra-held, b); stop > 0 {
			return places - stuck - stop
		}
	}
	most := n + min(r.outgoing(), lacks)
	if more := min(lacks-starting, b.room, most-places); more > 0 && r.Cooling == 0 {
		b.room -= more
		return places + more
	}
	if r.Unhealthy > 0 && starting == 0 && (b.stopping == 0 || r.Stopping == 0 && places >= n) {
		// No room for more, or the replacements are unhealthy, too: then either may go, and all above n do. It costs no healthy task,
		// whatever the lower bound, and one is stopped at a time.
		return max(r.Healthy, min(n, places-1))
	}
	return min(places, n+max(held, r.Replacing), n+r.outgoing())
}

// letGo is how many leaving and relocating tasks may stop when so many more are healthy than are wanted: leaving ones also as far as the lower
// bound leaves healthy ones to spare.
func (r Revision) letGo(extra int32, b *budget) int32 {
	leave := min(r.Leaving, extra+max(0, b.spare))
	b.spare -= max(0, leave-extra)
	return leave + min(r.Relocating, max(0, extra-leave))
}

// hold is how many of the healthy tasks beyond those wanted have to stay for the lower bound.
func (b *budget) hold(extra int32) int32 {
	n := min(extra, max(0, -b.spare))
	b.spare += n
	return n
}
