// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"strconv"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestWhereADeploymentGoesBackTo(t *testing.T) {
	const ok, stopped = ecsv1.ServiceDeploymentStateSuccessful, ecsv1.ServiceDeploymentStateStopped
	const back, going, broken = ecsv1.ServiceDeploymentStateRollbackSuccessful, ecsv1.ServiceDeploymentStateRollbackInProgress, ecsv1.ServiceDeploymentStateRollbackFailed
	type past struct {
		state ecsv1.ServiceDeploymentState
		to    string // goes back there
	}
	for name, tc := range map[string]struct {
		past []past
		want string
	}{
		"nowhere, as the first":                           {nil, ""},
		"nowhere, where none was completed":               {[]past{{stopped, ""}, {stopped, ""}}, ""},
		"the one before":                                  {[]past{{ok, ""}}, "web-1"},
		"the newest of several":                           {[]past{{ok, ""}, {ok, ""}, {stopped, ""}}, "web-2"},
		"past one that failed":                            {[]past{{ok, ""}, {stopped, ""}, {stopped, ""}}, "web-1"},
		"where the one before went back to":               {[]past{{ok, ""}, {back, "web-1"}}, "web-1"},
		"nowhere, while that isn't complete again":        {[]past{{ok, ""}, {going, "web-1"}}, ""},
		"nowhere, where that was superseded on its way":   {[]past{{ok, ""}, {ok, ""}, {stopped, "web-2"}}, ""},
		"nowhere, where even going back failed":           {[]past{{ok, ""}, {broken, "web-1"}}, ""},
		"a new one that was completed after a superseded": {[]past{{ok, ""}, {stopped, "web-1"}, {ok, ""}}, "web-3"},
		"not one that is newer than itself":               {[]past{{ok, ""}, {stopped, ""}, {stopped, ""}, {ok, ""}}, "web-4"},
	} {
		t.Run(name, func(t *testing.T) {
			var all []ecsv1.ServiceDeployment
			for i, p := range tc.past {
				d := ecsv1.ServiceDeployment{Spec: ecsv1.ServiceDeploymentSpec{TargetServiceRevision: fmt.Sprintf("web-%d", i+1)}}
				d.Labels = map[string]string{ecsv1.LabelServiceRevision: strconv.Itoa(i + 1)}
				d.Status.Status = p.state
				if p.to != "" {
					d.Status.Rollback = &ecsv1.Rollback{ServiceRevision: p.to}
				}
				all = append(all, d)
			}
			newer := ecsv1.ServiceDeployment{Spec: ecsv1.ServiceDeploymentSpec{TargetServiceRevision: "newer"}}
			newer.Labels = map[string]string{ecsv1.LabelServiceRevision: "99"}
			newer.Status.Status = ok
			if got := LastCompleted(append([]ecsv1.ServiceDeployment{newer}, all...), int64(len(all)+1)); got != tc.want {
				t.Errorf("goes back to %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTheSentenceOfARollback(t *testing.T) {
	got := RollingBackTo("ecs-svc/1234567890123456789", "ECS deployment circuit breaker: tasks failed to start.")
	if want := "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1234567890123456789."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
