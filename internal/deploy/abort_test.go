// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatEndsADeploymentEarly(t *testing.T) {
	tripped := Breaker{Enabled: true, Failures: 3, Threshold: 3, Last: "CannotPullContainerError: not found"}
	firing := Alarms{Enabled: true, Firing: []string{"high-5xx", "slow"}}
	const trippedWhy = "3 tasks failed, and the circuit breaker ends the deployment at 3: CannotPullContainerError: not found"
	for name, tc := range map[string]struct {
		watch Watch
		want  *Abort
	}{
		"nothing":                     {Watch{}, nil},
		"somebody stops it":           {Watch{Stop: StopRollback}, &Abort{StopRequested, "StopServiceDeployment with stopType ROLLBACK was asked for", true}},
		"somebody stops it for good":  {Watch{Stop: StopAbort}, &Abort{StopRequested, "StopServiceDeployment with stopType ABORT was asked for", false}},
		"a hook failed":               {Watch{Hook: "hook 1 answered FAILED"}, &Abort{HookFailed, "hook 1 answered FAILED", true}},
		"an alarm fires":              {Watch{Alarms: firing}, &Abort{AlarmFiring, "in ALARM: high-5xx, slow", false}},
		"an alarm fires, to go back":  {Watch{Alarms: Alarms{Enabled: true, Rollback: true, Firing: []string{"slow"}}}, &Abort{AlarmFiring, "in ALARM: slow", true}},
		"an alarm that fired before":  {Watch{Alarms: Alarms{Enabled: true, Ignored: true, Firing: []string{"slow"}}}, nil},
		"alarms that aren't enabled":  {Watch{Alarms: Alarms{Rollback: true, Firing: []string{"slow"}}}, nil},
		"alarms that are all well":    {Watch{Alarms: Alarms{Enabled: true, Rollback: true}}, nil},
		"too many failed tasks":       {Watch{Breaker: tripped}, &Abort{CircuitBreaker, trippedWhy, false}},
		"one failed task too few":     {Watch{Breaker: Breaker{Enabled: true, Failures: 2, Threshold: 3}}, nil},
		"a breaker that isn't on":     {Watch{Breaker: Breaker{Rollback: true, Failures: 9, Threshold: 3}}, nil},
		"no failure at threshold 0":   {Watch{Breaker: Breaker{Enabled: true}}, nil},
		"a threshold that came down":  {Watch{Breaker: Breaker{Enabled: true, Rollback: true, Failures: 5, Threshold: 3}}, &Abort{CircuitBreaker, "5 tasks failed, and the circuit breaker ends the deployment at 3: their pods tell more", true}},
		"a target that is gone":       {Watch{Gone: "task definition web:2 is gone"}, &Abort{TargetGone, "task definition web:2 is gone", false}},
		"gone, and the breaker is on": {Watch{Gone: "task definition web:2 is gone", Breaker: Breaker{Enabled: true, Rollback: true, Threshold: 3}}, &Abort{TargetGone, "task definition web:2 is gone", true}},
		"no digest":                   {Watch{Images: "app (web:v2): answers 404", Breaker: Breaker{Enabled: true, Threshold: 3}}, &Abort{ImagesNotKnown, "app (web:v2): answers 404", false}},
		"no digest, to go back":       {Watch{Images: "app (web:v2): answers 404", Breaker: Breaker{Enabled: true, Rollback: true, Threshold: 3}}, &Abort{ImagesNotKnown, "app (web:v2): answers 404", true}},
		"no digest outranks the end":  {Watch{Images: "app (web:v2): answers 404", Gone: "gone"}, &Abort{ImagesNotKnown, "app (web:v2): answers 404", false}},
		"a stop outranks all":         {Watch{Stop: StopAbort, Hook: "failed", Alarms: firing, Breaker: tripped, Gone: "gone"}, &Abort{StopRequested, "StopServiceDeployment with stopType ABORT was asked for", false}},
		"a hook outranks alarms":      {Watch{Hook: "failed", Alarms: firing, Breaker: tripped, Gone: "gone"}, &Abort{HookFailed, "failed", true}},
		"alarms before the breaker":   {Watch{Alarms: firing, Breaker: Breaker{Enabled: true, Rollback: true, Failures: 3, Threshold: 3}, Gone: "gone"}, &Abort{AlarmFiring, "in ALARM: high-5xx, slow", false}},
		"the breaker before the rest": {Watch{Breaker: tripped, Gone: "gone"}, &Abort{CircuitBreaker, trippedWhy, false}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.watch.Abort()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
