// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

func TestJudge(t *testing.T) {
	service := func(o conditions.Outcome, edits ...func(*ecsv1.Service)) *ecsv1.Service {
		s := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Status: ecsv1.ServiceStatus{
			ObservedGeneration: new(int64(3)), DesiredCount: 4, RunningCount: 4,
			Deployments: []ecsv1.Deployment{{Id: "a", Status: ecsv1.DeploymentStatePrimary, RolloutState: ecsv1.DeploymentRolloutStateCompleted}},
		}}
		conditions.Set(&s.Status.Conditions, 3, metav1.Now(), o)
		for _, edit := range edits {
			edit(s)
		}
		return s
	}
	steady := conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "has reached a steady state"}}
	working := func(reason, message string) conditions.Outcome {
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}}
	}
	stalled := func(reason, message string) conditions.Outcome {
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: reason, Message: message}}
	}
	for name, tc := range map[string]struct {
		s    *ecsv1.Service
		want Verdict
		why  string
	}{
		"steady":                              {service(steady), Stable, ""},
		"nobody has looked":                   {&ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Generation: 1}}, Waiting, "the operator hasn't looked at the present spec yet"},
		"the spec has changed since":          {service(steady, func(s *ecsv1.Service) { s.Generation = 4 }), Waiting, "the operator hasn't looked at the present spec yet"},
		"tasks are starting":                  {service(working(ecsv1.ReasonProgressing, "2 of 4 tasks are healthy")), Waiting, "2 of 4 tasks are healthy"},
		"paused, it waits":                    {service(working(ecsv1.ReasonPaused, "waits for an answer")), Waiting, "waits for an answer"},
		"two deployments have tasks":          {service(steady, func(s *ecsv1.Service) { s.Status.Deployments = append(s.Status.Deployments, ecsv1.Deployment{Id: "b"}) }), Waiting, "2 deployments have tasks"},
		"a task lacks":                        {service(steady, func(s *ecsv1.Service) { s.Status.RunningCount, s.Status.PendingCount = 3, 1 }), Waiting, "1 tasks are pending"},
		"the task definition may still come":  {service(stalled(ecsv1.ReasonTaskDefinitionNotFound, "there is no web:8")), Waiting, "there is no web:8"},
		"going back, it can't become so":      {service(working(ecsv1.ReasonRollingBack, "back to web-1")), Failed, "RollingBack: back to web-1"},
		"went back":                           {service(stalled(ecsv1.ReasonRolledBack, "web-1 runs")), Failed, "RolledBack: web-1 runs"},
		"failed":                              {service(stalled(ecsv1.ReasonDeploymentFailed, "tasks failed to start")), Failed, "DeploymentFailed: tasks failed to start"},
		"failed, though its tasks are steady": {service(steady, func(s *ecsv1.Service) { s.Status.Deployments[0].RolloutState = ecsv1.DeploymentRolloutStateFailed }), Failed, "has reached a steady state"},
		"on its way out": {service(working(ecsv1.ReasonDraining, "DRAINING: 4 tasks are left"), func(s *ecsv1.Service) { s.DeletionTimestamp = new(metav1.Now()) }), Failed,
			"it is being deleted: DRAINING: 4 tasks are left"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, why := Judge(tc.s); got != tc.want || why != tc.why {
				t.Errorf("verdict %d: %s, want %d: %s", got, why, tc.want, tc.why)
			}
		})
	}
}
