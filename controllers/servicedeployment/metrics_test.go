// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

func TestWhatAPatchChanged(t *testing.T) {
	start := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *metav1.Time { return new(metav1.NewTime(start.Add(d))) }
	type edit func(*ecsv1.ServiceDeployment)
	state := func(s ecsv1.ServiceDeploymentState) edit {
		return func(sd *ecsv1.ServiceDeployment) { sd.Status.Status = s }
	}
	stage := func(s ecsv1.ServiceDeploymentLifecycleStage, began time.Duration) edit {
		return func(sd *ecsv1.ServiceDeployment) {
			sd.Status.LifecycleStage, sd.Status.Kubernetes = s, &ecsv1.ServiceDeploymentKubernetes{LifecycleStageStartedAt: at(began)}
		}
	}
	finished := func(d time.Duration) edit {
		return func(sd *ecsv1.ServiceDeployment) { sd.Status.FinishedAt = at(d) }
	}
	failed := func(n int32) edit { return func(sd *ecsv1.ServiceDeployment) { sd.Status.FailedTasks = n } }
	back := func(d time.Duration) edit {
		return func(sd *ecsv1.ServiceDeployment) { sd.Status.Rollback = &ecsv1.Rollback{StartedAt: at(d)} }
	}
	superseded := func(sd *ecsv1.ServiceDeployment) {
		conditions.Set(&sd.Status.Conditions, 1, *at(0), conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonSuperseded}})
	}
	asked := func(sd *ecsv1.ServiceDeployment) {
		sd.Annotations = map[string]string{ecsv1.AnnotationStopDeployment: "ABORT"}
	}
	of := func(edits ...edit) *ecsv1.ServiceDeployment {
		sd := &ecsv1.ServiceDeployment{Status: ecsv1.ServiceDeploymentStatus{Status: ecsv1.ServiceDeploymentStateInProgress, StartedAt: at(0)}}
		for _, e := range edits {
			e(sd)
		}
		return sd
	}
	const (
		shift, bake = ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift, ecsv1.ServiceDeploymentLifecycleStageBakeTime
		clean       = ecsv1.ServiceDeploymentLifecycleStageCleanUp
	)
	done, stopped := state(ecsv1.ServiceDeploymentStateSuccessful), state(ecsv1.ServiceDeploymentStateStopped)
	for name, tc := range map[string]struct {
		before, after *ecsv1.ServiceDeployment
		want          happening
	}{
		"nothing":                       {of(failed(2), stage(shift, time.Minute)), of(failed(2), stage(shift, time.Minute)), happening{}},
		"two tasks failed":              {of(failed(1)), of(failed(3)), happening{failed: 2}},
		"a count that begins anew":      {of(failed(3)), of(failed(0)), happening{}},
		"the first stage":               {of(), of(stage(shift, time.Minute)), happening{}},
		"a stage is over":               {of(stage(shift, time.Minute)), of(stage(bake, 3*time.Minute)), happening{stage: shift, stageTook: 2 * time.Minute}},
		"a step is over":                {of(stage(shift, time.Minute)), of(stage(shift, 2*time.Minute)), happening{stage: shift, stageTook: time.Minute}},
		"a stage within a second":       {of(stage(shift, time.Minute)), of(stage(bake, time.Minute)), happening{stage: shift}},
		"it goes back":                  {of(stage(bake, time.Minute)), of(back(2*time.Minute), stage(shift, 2*time.Minute)), happening{stage: bake, stageTook: time.Minute}},
		"stages of the way back":        {of(back(0), stage(shift, time.Minute)), of(back(0), stage(clean, 2*time.Minute)), happening{}},
		"it ends":                       {of(stage(clean, time.Minute)), of(done, stage(clean, time.Minute), finished(4*time.Minute)), happening{stage: clean, stageTook: 3 * time.Minute, outcome: outcomeSucceeded, took: 4 * time.Minute}},
		"it has ended before":           {of(done, finished(time.Minute)), of(done, finished(time.Minute)), happening{}},
		"superseded after it ended":     {of(stopped, finished(time.Minute)), of(stopped, finished(time.Minute), superseded), happening{}},
		"superseded":                    {of(), of(stopped, finished(time.Minute), superseded), happening{outcome: outcomeSuperseded, took: time.Minute}},
		"stopped":                       {of(asked), of(asked, stopped, finished(time.Minute)), happening{outcome: outcomeStopped, took: time.Minute}},
		"failed":                        {of(), of(stopped, finished(time.Minute)), happening{outcome: outcomeFailed, took: time.Minute}},
		"rolled back, though it's late": {of(back(time.Minute)), of(state(ecsv1.ServiceDeploymentStateRollbackSuccessful), back(time.Minute), finished(time.Minute+5*time.Second)), happening{outcome: outcomeRolledBack, took: time.Minute + 5*time.Second, rollbackTook: 5 * time.Second}},
		"neither on nor back":           {of(back(time.Minute)), of(state(ecsv1.ServiceDeploymentStateRollbackFailed), back(time.Minute), finished(2*time.Minute)), happening{outcome: outcomeRollbackFailed, took: 2 * time.Minute, rollbackTook: time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, happened(tc.before, tc.after), cmp.AllowUnexported(happening{})); diff != "" {
				t.Errorf("it comes to (-want +got):\n%s", diff)
			}
		})
	}
}

func rows(c prometheus.Collector) int {
	all := make(chan prometheus.Metric, 2*mostShown)
	c.Collect(all)
	return len(all)
}

func TestGaugesAreBounded(t *testing.T) {
	b := &board{going: map[client.ObjectKey]types.UID{}, shown: map[client.ObjectKey]bool{}}
	of := func(i int, deployment string) *ecsv1.ServiceDeployment {
		sd := &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: deployment, UID: types.UID(deployment)}, Spec: ecsv1.ServiceDeploymentSpec{Service: fmt.Sprint("web-", i)}}
		sd.Status.TargetServiceRevision = &ecsv1.ServiceRevisionSummary{RequestedProductionTrafficWeight: new(ecsv1.DecimalFromTenths(125))}
		return sd
	}
	const all = mostShown + 200
	for i := range all {
		b.show(of(i, "first"), true)
	}
	if got := rows(productionWeight); got != mostShown || rows(failingTasks) != mostShown || len(b.going) != all {
		t.Errorf("%d rows of %d services that deploy, want %d", got, len(b.going), mostShown)
	}
	for i := range all { // a newer one takes over, and then the older one ends
		b.show(of(i, "second"), true)
		b.show(of(i, "first"), false)
	}
	if got := rows(productionWeight); got != mostShown {
		t.Errorf("%d rows after the older ones ended, want %d", got, mostShown)
	}
	for i := range all {
		b.show(of(i, "second"), false)
	}
	if rows(productionWeight)+rows(failingTasks)+len(b.going)+len(b.shown) > 0 {
		t.Error("something is left when all have ended")
	}
}

// callsNobody is a HookCaller for reconcilers that have no hooks.
type callsNobody struct{ HookCaller }

func (callsNobody) Forget(types.UID) {}

func TestTheGaugesOfADeploymentThatIsDeletedGo(t *testing.T) {
	of := func(uid types.UID) *ecsv1.ServiceDeployment {
		return &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", UID: uid}, Spec: ecsv1.ServiceDeploymentSpec{Service: "web"}}
	}
	gone := (&Reconciler{Hooks: callsNobody{}}).forget()
	shown.show(of("a"), true)
	shown.show(of("b"), true) // of a service that was made anew
	gone.Delete(t.Context(), event.DeleteEvent{Object: of("a")}, nil)
	if rows(failingTasks) != 1 {
		t.Errorf("%d rows, want that of the one that is there", rows(failingTasks))
	}
	gone.Delete(t.Context(), event.DeleteEvent{Object: of("b")}, nil)
	if rows(failingTasks)+len(shown.going) != 0 {
		t.Errorf("%d rows are left, and %d deployments", rows(failingTasks), len(shown.going))
	}
}
