// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var lastStatuses = []ecsv1.TaskState{
	ecsv1.TaskStateProvisioning, ecsv1.TaskStatePending, ecsv1.TaskStateActivating, ecsv1.TaskStateRunning,
	ecsv1.TaskStateDeactivating, ecsv1.TaskStateStopping, ecsv1.TaskStateDeprovisioning, ecsv1.TaskStateStopped,
}

// anyPod is a pod after any of the changes that the table tests know, in any order.
var anyPod = rapid.Custom(func(t *rapid.T) *corev1.Pod {
	p := pod()
	for _, change := range rapid.SliceOfN(rapid.SampledFrom([]podOption{
		waiting(0, "ErrImagePull", "no"), waiting(1, "ContainerCreating", ""), waiting(0, "CrashLoopBackOff", ""),
		exited(0, 0, "Completed"), exited(0, 137, "OOMKilled"), exited(1, 1, "Error"), exited(0, 128, "StartError"),
		restarted(0), restarted(1), deleted(30), deleted(90), disrupted("DeletionByTaintManager", ""), notReady(1), notReady(30), checked(0), checked(1), targeted(0), targeted(1), ofService,
		initialized("migrate", 1), initialized("migrate", 0), initialized(LauncherName, 1), sidecar("router"), waitsForOthers(0), gaveUp(0), gaveUp(1),
		ended(corev1.PodFailed, "Evicted", "x"), ended(corev1.PodSucceeded, "", ""),
	}), 0, 5).Draw(t, "changes") {
		change(p)
	}
	rapid.SampledFrom([]podOption{func(*corev1.Pod) {}, func(*corev1.Pod) {}, scheduled, unscheduled, ended(corev1.PodFailed, "OutOfcpu", "")}).Draw(t, "last")(p)
	return p
})

func TestWhatAlwaysHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPod.Draw(t, "pod")
		now := at(rapid.IntRange(0, 600).Draw(t, "now")).Time
		before := p.DeepCopy()
		task := Of(p, rapid.Int32Range(0, 60).Draw(t, "minReadySeconds"), now)
		if diff := cmp.Diff(before, p); diff != "" {
			t.Fatalf("the pod was changed: %s", diff)
		}
		stopped := task.DesiredStatus == ecsv1.TaskDesiredStatusStopped
		for sentence, holds := range map[string]bool{
			"lastStatus is one of ECS's":                         slices.Contains(lastStatuses, task.LastStatus),
			"a task is to stop exactly if it is over or deleted": stopped == (task.Over || task.Stopping),
			"a task that is to stop is not RUNNING":              !stopped || task.LastStatus != ecsv1.TaskStateRunning,
			"a task that is to stop is not healthy":              !stopped || !task.Ready && !task.Healthy,
			"a healthy task is ready":                            !task.Healthy || task.Ready,
			"a RUNNING task has run":                             task.LastStatus != ecsv1.TaskStateRunning || !task.NeverRan,
			"a task that never ran has no time of start":         !task.NeverRan || task.StartedAt.IsZero(),
			"a task that is to stop says why":                    !stopped || task.StoppedReason != "" || task.Over,
			"a task that goes on says nothing, unless it can't start": stopped || task.FailedToStart || task.StoppedReason == "" ||
				slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.DisruptionTarget }),
			"a task that is to stop fails nothing":    !stopped || task.Failing == nil,
			"an UNHEALTHY task fails a check, by now": stopped || task.HealthStatus != ecsv1.HealthStatusUnhealthy || task.Failing != nil && !task.Failing.Since.After(now),
			"grace never makes a failure earlier":     !task.UnhealthyAt(time.Minute).Before(task.UnhealthyAt(0)),
			"an over task says because of what":       task.Over == (task.OverBecause != ""),
		} {
			if !holds {
				t.Fatalf("doesn't hold: %s\n%+v", sentence, task)
			}
		}
	})
}
