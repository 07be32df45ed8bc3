// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// object is an alarm that became so some seconds after noon.
func object(name string, state ecsv1.AlarmStateValue, second int, edits ...func(*ecsv1.Alarm)) ecsv1.Alarm {
	a := ecsv1.Alarm{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(noon)}}
	a.Status.StateValue = state
	a.Status.StateTransitionedTimestamp = new(metav1.NewTime(noon.Add(time.Duration(second) * time.Second)))
	for _, edit := range edits {
		edit(&a)
	}
	return a
}

func TestWatch(t *testing.T) {
	began := noon.Add(10*time.Second + 300*time.Millisecond)
	for name, tc := range map[string]struct {
		names  []string
		alarms []ecsv1.Alarm
		want   Watched
	}{
		"nothing to watch":                        {nil, []ecsv1.Alarm{object("a", firing, 20)}, Watched{}},
		"one that fired since":                    {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 20)}, Watched{Fired: []string{"a"}}},
		"one that fired before":                   {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 9)}, Watched{FiredBefore: []string{"a"}}},
		"one that fired in the very second":       {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 10)}, Watched{FiredBefore: []string{"a"}}},
		"one that fired in the second after":      {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 11)}, Watched{Fired: []string{"a"}}},
		"one that is good":                        {[]string{"a"}, []ecsv1.Alarm{object("a", ok, 20)}, Watched{Quiet: []string{"a"}}},
		"one that isn't there":                    {[]string{"a"}, []ecsv1.Alarm{object("b", firing, 20)}, Watched{Missing: []string{"a"}}},
		"one without data":                        {[]string{"a"}, []ecsv1.Alarm{object("a", unknown, 20)}, Watched{Unknown: []string{"a"}}},
		"one that was just made":                  {[]string{"a"}, []ecsv1.Alarm{object("a", "", 20)}, Watched{Unknown: []string{"a"}}},
		"good when Prometheus was last asked":     {[]string{"a"}, []ecsv1.Alarm{object("a", ok, 20, unasked)}, Watched{Unknown: []string{"a"}}},
		"firing when Prometheus was last asked":   {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 20, unasked)}, Watched{Fired: []string{"a"}}},
		"by its ECS name":                         {[]string{"High5xx"}, []ecsv1.Alarm{object("a", firing, 20, named("High5xx"))}, Watched{Fired: []string{"High5xx"}}},
		"not by the object's where it has a name": {[]string{"a"}, []ecsv1.Alarm{object("a", firing, 20, named("High5xx"))}, Watched{Missing: []string{"a"}}},
		"of two with a name the older": {[]string{"x"}, []ecsv1.Alarm{object("b", firing, 20, named("x"), made(1)), object("c", ok, 20, named("x"))},
			Watched{Quiet: []string{"x"}}},
		"several, sorted": {[]string{"d", "c", "b", "a"}, []ecsv1.Alarm{object("a", firing, 20), object("c", firing, 21), object("d", ok, 3)},
			Watched{Fired: []string{"a", "c"}, Quiet: []string{"d"}, Missing: []string{"b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Watch(tc.names, tc.alarms, began)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if firing := len(tc.want.Fired)+len(tc.want.FiredBefore) > 0; got.Firing() != firing {
				t.Errorf("Firing() = %v", got.Firing())
			}
		})
	}
}

func unasked(a *ecsv1.Alarm) { a.Status.EvaluationState = ecsv1.AlarmEvaluationStateFailure }

func named(name string) func(*ecsv1.Alarm) { return func(a *ecsv1.Alarm) { a.Spec.AlarmName = name } }

func made(seconds int) func(*ecsv1.Alarm) {
	return func(a *ecsv1.Alarm) {
		a.CreationTimestamp = metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second))
	}
}
