// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

// replace says how many more tasks than wanted each revision is to run, or fewer, while its unhealthy ones are replaced by tasks of
// the same revision: the target's first, then the sources' from the oldest on, with what room the upper bound leaves.
//
// A worked step: 3 wanted, 2 healthy, 1 unhealthy. With room for it one more is started, +1; once 3 are healthy the answer is 0, and the
// one that isn't ready stops. Without room the unhealthy one stops first, -1; once it is gone its place is taken again, 0.
func replace(o Observation, wanted map[int64]int32, target Revision, sources []Revision) map[int64]int32 {
	all := append([]Revision{target}, sources...)
	left, stopping := o.Bounds.Upper(o.Desired), sum(all, func(r Revision) int32 { return r.Stopping })
	for _, r := range all {
		left -= max(wanted[r.Ordinal], r.placed()) + r.Stopping
	}
	var out map[int64]int32
	for _, r := range all {
		n := wanted[r.Ordinal]
		places := r.reopen(n, &left)
		if asked := r.renew(n, places, &left, stopping); asked != n {
			if out == nil {
				out = map[int64]int32{}
			}
			out[r.Ordinal] = asked - n
		}
	}
	return out
}

// reopen is how many places the revision takes up when it is to have n tasks. What it lacks is counted in left already, so that
// nobody else takes it; but as long as left is below zero, some of that has to wait for tasks to be gone.
func (r Revision) reopen(n int32, left *int32) int32 {
	lacks := max(0, n-r.placed())
	waits := min(lacks, max(0, -*left))
	*left += waits
	return r.placed() + lacks - waits
}

// renew is how many tasks the revision is to be asked for when n are wanted and it takes up that many places.
//
// It never stops a task but where none starts and none stops: then what isn't ready is unhealthy, and Kubernetes stops what isn't
// ready first. So it costs no healthy task, whatever the lower bound, and one is stopped at a time.
func (r Revision) renew(n, places int32, left *int32, stopping int32) int32 {
	lacks := n - r.Healthy
	if r.Unhealthy == 0 || lacks <= 0 {
		return min(n, places)
	}
	starting := places - r.Healthy - r.Unhealthy
	most := n + min(r.Unhealthy, lacks)
	if more := min(lacks-starting, *left, most-places); more > 0 && r.Cooling == 0 {
		*left -= more
		return places + more
	}
	if starting == 0 && (stopping == 0 || r.Stopping == 0 && places >= n) {
		// No room for more, or the replacements are unhealthy, too: then either may go, and all above n do.
		return min(n, places-1)
	}
	return min(places, n+max(0, r.Replacing), n+r.Unhealthy)
}
