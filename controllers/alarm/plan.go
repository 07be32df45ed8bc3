// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"hash/fnv"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// plan is what is to be done.
type plan struct {
	// ask has the query asked.
	ask *Request
	// forget drops what was asked.
	forget bool
	// quiet leaves the status as it is, until there is something to say.
	quiet bool
	// again is when to look again, 0 where that is told.
	again time.Duration
}

// next decides when the query is asked. First match wins.
func next(a *ecsv1.Alarm, seen observed) plan {
	started := ptr.Deref(a.Status.ObservedGeneration, -1) > 0 // -1 is the default of a status that nobody has written
	switch {
	case seen.problem != nil:
		return plan{forget: true}
	case seen.reading.Revision != seen.request.Revision:
		// A new alarm says that it waits for its first evaluation. One that was evaluated stays as it is until its answer is there.
		return plan{ask: &seen.request, quiet: started}
	case seen.reading.Ended.IsZero():
		return plan{quiet: started}
	}
	wait := untilDue(a.UID, seen)
	if wait == 0 {
		return plan{ask: &seen.request}
	}
	return plan{again: wait}
}

// untilDue is the time until the next evaluation: an interval after the last, and a little more, so that the alarms of a Prometheus don't ask it all
// at once, and what it scraped at the full minute is there. A clock that was set back is no reason to wait longer.
func untilDue(alarm types.UID, seen observed) time.Duration {
	interval := seen.request.Settings.Interval()
	wait := seen.reading.Window.At.Add(interval + delay(alarm, interval)).Sub(seen.now)
	if wait > interval+delay(alarm, interval) {
		return 0
	}
	return max(0, wait)
}

// delay is less than a tenth of the interval, and the same each time for an alarm.
func delay(alarm types.UID, interval time.Duration) time.Duration {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(alarm))
	return time.Duration(hash.Sum32()%1000) * interval / 10_000
}
