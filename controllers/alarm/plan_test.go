// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// minutely is an alarm that is evaluated every minute, and was asked as of noon.
func minutely(edits ...func(*ecsv1.Alarm, *observed)) (*ecsv1.Alarm, observed) {
	a := &ecsv1.Alarm{}
	a.UID, a.Name, a.Generation = "a", "errors", 1
	a.Status.ObservedGeneration = new(int64(1))
	settings := alarm.Settings{Period: time.Minute, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 5,
		Comparison: ecsv1.AlarmComparisonOperatorGreaterThanThreshold, MissingData: ecsv1.AlarmMissingDataMissing}
	o := observed{
		cluster: "main", request: Request{Revision: "a-1", URL: "http://prometheus", Settings: settings},
		reading: Reading{Revision: "a-1", Ended: noon.Add(3 * time.Second), Window: settings.Window(noon), Slots: make([]float64, 3)},
		now:     noon.Add(5 * time.Second),
	}
	for _, edit := range edits {
		edit(a, &o)
	}
	return a, o
}

func TestNext(t *testing.T) {
	due := time.Minute + delay("a", time.Minute)
	if late := delay("a", time.Minute); late <= 0 || late >= 6*time.Second {
		t.Fatalf("the delay is %s: the cases below want one", late)
	}
	at := func(after time.Duration) func(*ecsv1.Alarm, *observed) {
		return func(_ *ecsv1.Alarm, o *observed) { o.now = noon.Add(after) }
	}
	for name, tc := range map[string]struct {
		edit func(*ecsv1.Alarm, *observed)
		want string
	}{
		"one that has just been evaluated waits for its time":   {at(5 * time.Second), fmt.Sprintf("again in %s", due-5*time.Second)},
		"right before its time":                                 {at(due - time.Millisecond), "again in 1ms"},
		"at its time it is asked":                               {at(due), "ask"},
		"so it is when it is late":                              {at(time.Hour), "ask"},
		"and when the clock was set back":                       {at(-time.Hour), "ask"},
		"one that was never asked is, and stays as it is":       {func(_ *ecsv1.Alarm, o *observed) { o.reading = Reading{} }, "ask quiet"},
		"one whose spec is another is asked anew":               {func(_ *ecsv1.Alarm, o *observed) { o.request.Revision = "a-2" }, "ask quiet"},
		"one that is new says so":                               {func(a *ecsv1.Alarm, o *observed) { a.Status, o.reading = ecsv1.AlarmStatus{}, Reading{} }, "ask"},
		"one that is being asked is left alone":                 {func(_ *ecsv1.Alarm, o *observed) { o.reading.Ended = time.Time{} }, "quiet"},
		"one that nobody can be asked for isn't asked":          {func(_ *ecsv1.Alarm, o *observed) { o.problem = &conditions.Reason{} }, "forget"},
		"one whose Prometheus failed is asked at the same time": {func(_ *ecsv1.Alarm, o *observed) { o.reading.Failure = unavailable("x") }, fmt.Sprintf("again in %s", due-5*time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describe(next(minutely(tc.edit))); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func describe(p plan) string {
	switch {
	case p.ask != nil && p.quiet:
		return "ask quiet"
	case p.ask != nil:
		return "ask"
	case p.forget:
		return "forget"
	case p.quiet:
		return "quiet"
	}
	return fmt.Sprintf("again in %s", p.again)
}

func TestDelaysAreSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 1000 {
		d := delay(types.UID(fmt.Sprint("alarm-", i)), time.Minute)
		if d < 0 || d >= 6*time.Second {
			t.Fatalf("a delay of %s isn't less than a tenth of a minute", d)
		}
		seen[d/time.Second] = true
	}
	if len(seen) != 6 {
		t.Errorf("1000 alarms ask in %d of 6 seconds", len(seen))
	}
}
