// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSet(t *testing.T) {
	ready := Reason{"Ready", "all is well"}
	for name, tc := range map[string]struct {
		outcome Outcome
		want    map[string]metav1.ConditionStatus
		says    string
	}{
		"nothing under way is ready":        {Outcome{Ready: ready}, map[string]metav1.ConditionStatus{"Ready": "True"}, "all is well"},
		"work under way is not ready":       {Outcome{Ready: ready, Reconciling: &Reason{"Progressing", "1 of 3"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Reconciling": "True"}, "1 of 3"},
		"a spec that can't be is not ready": {Outcome{Ready: ready, Stalled: &Reason{"Invalid", "spec.x"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}, "spec.x"},
	} {
		t.Run(name, func(t *testing.T) {
			list := []metav1.Condition{
				{Type: "Stalled", Status: "True", Reason: "Old"}, {Type: "Reconciling", Status: "True", Reason: "Old"}, {Type: "Mine", Status: "True", Reason: "Mine"},
			}
			Set(&list, 7, metav1.Now(), tc.outcome)
			got := map[string]metav1.ConditionStatus{}
			for _, c := range list {
				if c.Type != "Mine" {
					got[c.Type] = c.Status
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			if c := meta.FindStatusCondition(list, "Ready"); c.Message != tc.says || c.ObservedGeneration != 7 {
				t.Errorf("Ready says %q of generation %d, want %q of 7", c.Message, c.ObservedGeneration, tc.says)
			}
			if meta.FindStatusCondition(list, "Mine") == nil {
				t.Error("another condition was removed")
			}
		})
	}
}

func TestTheSameOutcomeChangesNothing(t *testing.T) {
	var list []metav1.Condition
	outcome := Outcome{Reconciling: &Reason{"Progressing", "1 of 3"}}
	Set(&list, 1, metav1.NewTime(time.Unix(1000, 0)), outcome)
	before := append([]metav1.Condition(nil), list...)
	Set(&list, 1, metav1.NewTime(time.Unix(2000, 0)), outcome)
	if diff := cmp.Diff(before, list); diff != "" {
		t.Errorf("an hour later (-before +after):\n%s", diff)
	}
}
