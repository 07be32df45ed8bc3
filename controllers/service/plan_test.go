// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestWhatAServiceRefersToMayComeInTheSameBreath(t *testing.T) {
	created := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		reason string
		after  time.Duration
		want   time.Duration
	}{
		"a task definition that comes next":      {ecsv1.ReasonTaskDefinitionNotFound, 500 * time.Millisecond, 1500 * time.Millisecond},
		"a cluster that comes next":              {ecsv1.ReasonClusterNotFound, time.Second, time.Second},
		"a task definition that doesn't come":    {ecsv1.ReasonTaskDefinitionNotFound, 2 * time.Second, 0},
		"a service whose cluster was taken away": {ecsv1.ReasonClusterNotFound, time.Hour, 0},
		"anything else is told at once":          {ecsv1.ReasonInvalid, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(created)}}
			got := comesNext(observed{service: svc, now: created.Add(tc.after)}, refuse(tc.reason, "it isn't there"))
			if got != tc.want {
				t.Errorf("waits for %s, want %s", got, tc.want)
			}
		})
	}
}
