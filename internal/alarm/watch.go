// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"cmp"
	"slices"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Watched is how the alarms stand that a deployment names. Each name is in one list, and lists are sorted.
type Watched struct {
	// Fired are in ALARM, and weren't yet at the time that was asked about.
	Fired []string
	// FiredBefore are in ALARM and were so at that time. One that was, became OK and fired again is among Fired: who has to ignore it
	// remembers that.
	FiredBefore []string
	// Missing have no Alarm object in the namespace.
	Missing []string
	// Unknown are INSUFFICIENT_DATA, or aren't evaluated: the condition of each says why.
	Unknown []string
	// Quiet are OK.
	Quiet []string
}

// Firing reports whether any of them is in ALARM.
func (w Watched) Firing() bool { return len(w.Fired)+len(w.FiredBefore) > 0 }

// Watch looks at the named alarms among those of a namespace. since is when the deployment began.
func Watch(names []string, alarms []ecsv1.Alarm, since time.Time) Watched {
	var w Watched
	for _, name := range names {
		a := Find(name, alarms)
		switch {
		case a == nil:
			w.Missing = append(w.Missing, name)
		case a.Status.StateValue == ecsv1.AlarmStateValueAlarm && firedBy(a, since):
			w.FiredBefore = append(w.FiredBefore, name)
		case a.Status.StateValue == ecsv1.AlarmStateValueAlarm:
			w.Fired = append(w.Fired, name)
		case a.Status.StateValue == ecsv1.AlarmStateValueOK && a.Status.EvaluationState == "":
			w.Quiet = append(w.Quiet, name)
		default:
			w.Unknown = append(w.Unknown, name)
		}
	}
	for _, list := range [][]string{w.Fired, w.FiredBefore, w.Missing, w.Unknown, w.Quiet} {
		slices.Sort(list)
	}
	return w
}

// firedBy compares whole seconds, as timestamps are stored: what fired in the second in which the deployment began was firing already.
func firedBy(a *ecsv1.Alarm, since time.Time) bool {
	at := a.Status.StateTransitionedTimestamp
	return at != nil && !at.After(since.Truncate(time.Second))
}

// Find is the alarm of that name, nil where there is none. Of several with the same name the oldest has the right to it.
func Find(name string, alarms []ecsv1.Alarm) *ecsv1.Alarm {
	var found *ecsv1.Alarm
	for i := range alarms {
		if a := &alarms[i]; Name(a) == name && (found == nil || older(a, found)) {
			found = a
		}
	}
	return found
}

func older(a, b *ecsv1.Alarm) bool {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name)) < 0
}
