// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

// underWay is a rolling deployment of one task, from web-1 to web-2.
func underWay(uid string) *ecsv1.ServiceDeployment {
	sd := &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Name: "web-2", UID: types.UID(uid), ResourceVersion: "1"}}
	s := &sd.Status
	s.Status, s.Kubernetes, s.DesiredTaskCount = ecsv1.ServiceDeploymentStateInProgress, &ecsv1.ServiceDeploymentKubernetes{}, 1
	s.TargetServiceRevision = &ecsv1.ServiceRevisionSummary{Name: "web-2", RequestedTaskCount: 1}
	s.SourceServiceRevisions = []ecsv1.ServiceRevisionSummary{{Name: "web-1", RequestedTaskCount: 1, RunningTaskCount: 1}}
	say(sd, ecsv1.ReasonProgressing, "0 of 1 healthy")
	return sd
}

func say(sd *ecsv1.ServiceDeployment, reason, message string) {
	sd.Status.StatusReason = message
	conditions.Set(&sd.Status.Conditions, 1, metav1.NewTime(time.Unix(1000, 0)), conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}})
}

func runs(sd *ecsv1.ServiceDeployment) {
	s := &sd.Status
	s.RunningTaskCount, s.HealthyTaskCount = 1, 1
	s.TargetServiceRevision.RunningTaskCount = 1
	s.SourceServiceRevisions[0].RequestedTaskCount = 0
	say(sd, ecsv1.ReasonProgressing, "1 of 1 healthy")
}

func TestWhatIsKeptBack(t *testing.T) {
	for name, tc := range map[string]struct {
		stored, change func(*ecsv1.ServiceDeployment)
		kept           bool
	}{
		"counts, and the sentence about them": {change: runs, kept: true},
		"nothing that changed":                {change: func(*ecsv1.ServiceDeployment) {}},
		"the first task that runs": {change: func(sd *ecsv1.ServiceDeployment) {
			runs(sd)
			sd.Status.Kubernetes.ReachedRunning = new(true)
		}},
		"another state": {change: func(sd *ecsv1.ServiceDeployment) {
			runs(sd)
			sd.Status.Status = ecsv1.ServiceDeploymentStateSuccessful
		}},
		"counts of a deployment that is over": {change: runs, stored: func(sd *ecsv1.ServiceDeployment) { sd.Status.Status = ecsv1.ServiceDeploymentStateSuccessful }},
		"counts of a stage": {change: runs, stored: func(sd *ecsv1.ServiceDeployment) {
			sd.Status.LifecycleStage = ecsv1.ServiceDeploymentLifecycleStageScaleUp
		}},
		"a failed task":          {change: func(sd *ecsv1.ServiceDeployment) { sd.Status.FailedTasks = 1 }},
		"counts after one":       {change: runs, stored: func(sd *ecsv1.ServiceDeployment) { sd.Status.FailedTasks = 1 }},
		"another desired count":  {change: func(sd *ecsv1.ServiceDeployment) { sd.Status.DesiredTaskCount = 2 }},
		"a source that has gone": {change: func(sd *ecsv1.ServiceDeployment) { sd.Status.SourceServiceRevisions = nil }},
		"another reason": {change: func(sd *ecsv1.ServiceDeployment) {
			say(sd, ecsv1.ReasonTasksNotPlaced, "1 tasks find no container instance")
		}},
		"a weight": {change: func(sd *ecsv1.ServiceDeployment) {
			sd.Status.TargetServiceRevision.RequestedProductionTrafficWeight = new(ecsv1.DecimalFromTenths(100))
		}},
		"a task that has been counted": {change: func(sd *ecsv1.ServiceDeployment) { sd.Status.Kubernetes.CountedTasks = []string{"a"} }},
	} {
		t.Run(name, func(t *testing.T) {
			var h holding
			stored := underWay("u")
			if tc.stored != nil {
				tc.stored(stored)
			}
			after := stored.DeepCopy()
			tc.change(after)
			if got := h.hold(stored, after, time.Unix(1000, 0)) > 0; got != tc.kept {
				t.Errorf("kept back: %t, want %t", got, tc.kept)
			}
			want := stored
			if tc.kept {
				want = after
			}
			if diff := cmp.Diff(want, h.resume(stored)); diff != "" {
				t.Errorf("the next look begins with (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHowLongItIsKeptBack(t *testing.T) {
	var h holding
	now := time.Unix(1000, 0)
	var last time.Duration
	for i := range 1000 {
		stored := underWay(strconv.Itoa(i))
		after := stored.DeepCopy()
		runs(after)
		wait := h.hold(stored, after, now)
		if wait <= 0 || wait < last || wait > heldLongest {
			t.Fatalf("no. %d waits %s, the one before it %s", i, wait, last)
		}
		last = wait
	}
	if last != heldLongest {
		t.Errorf("of 1000 the last waits %s, want %s", last, heldLongest)
	}
	stored := underWay("0")
	after := stored.DeepCopy()
	runs(after)
	if wait := h.hold(stored, after, now.Add(heldLongest-time.Second)); wait != time.Second {
		t.Errorf("a second before its time it waits %s", wait)
	}
	if wait := h.hold(stored, after, now.Add(heldLongest)); wait != 0 {
		t.Errorf("when its time is over it waits %s", wait)
	}
	h.hold(stored, after, now)
	if wait := h.hold(stored, after, now.Add(-time.Hour)); wait != 0 {
		t.Errorf("when the clock is set back it waits %s", wait)
	}
}

func TestAnotherVersionEndsWhatWasKeptBack(t *testing.T) {
	var h holding
	stored := underWay("u")
	after := stored.DeepCopy()
	runs(after)
	h.hold(stored, after, time.Unix(1000, 0))
	newer := stored.DeepCopy()
	newer.ResourceVersion = "2"
	if got := h.resume(newer); got != newer {
		t.Errorf("what followed version 1 is taken for what follows version 2: %v", got.Status)
	}
}
