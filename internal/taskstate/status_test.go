// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestLastStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		pod     *corev1.Pod
		at      int
		want    ecsv1.TaskState
		desired ecsv1.TaskDesiredStatus
	}{
		"no node yet is PROVISIONING":                          {pod(unscheduled), 10, ecsv1.TaskStateProvisioning, ecsv1.TaskDesiredStatusRunning},
		"a node but no kubelet yet is PENDING":                 {pod(scheduled), 10, ecsv1.TaskStatePending, ecsv1.TaskDesiredStatusRunning},
		"an image on its way is ACTIVATING":                    {pod(waiting(0, "ContainerCreating", "")), 10, ecsv1.TaskStateActivating, ecsv1.TaskDesiredStatusRunning},
		"one of two started is ACTIVATING":                     {pod(waiting(1, "ContainerCreating", "")), 10, ecsv1.TaskStateActivating, ecsv1.TaskDesiredStatusRunning},
		"a pull that fails is still ACTIVATING":                {pod(waiting(0, "ErrImagePull", "no")), 10, ecsv1.TaskStateActivating, ecsv1.TaskDesiredStatusRunning},
		"all started is RUNNING":                               {pod(), 10, ecsv1.TaskStateRunning, ecsv1.TaskDesiredStatusRunning},
		"RUNNING doesn't wait for health":                      {pod(notReady(1)), 10, ecsv1.TaskStateRunning, ecsv1.TaskDesiredStatusRunning},
		"a helper that exited leaves the task RUNNING":         {pod(exited(1, 0, "Completed")), 90, ecsv1.TaskStateRunning, ecsv1.TaskDesiredStatusRunning},
		"a helper in restart back-off leaves the task RUNNING": {pod(restarted(1), waiting(1, "CrashLoopBackOff", "")), 90, ecsv1.TaskStateRunning, ecsv1.TaskDesiredStatusRunning},
		"deleted and asleep in preStop is DEACTIVATING":        {pod(deleted(100)), 399, ecsv1.TaskStateDeactivating, ecsv1.TaskDesiredStatusStopped},
		"deleted and past its preStop is STOPPING":             {pod(deleted(100)), 400, ecsv1.TaskStateStopping, ecsv1.TaskDesiredStatusStopped},
		"deleted with all containers gone is DEPROVISIONING":   {pod(deleted(100), exited(0, 0, ""), exited(1, 0, "")), 405, ecsv1.TaskStateDeprovisioning, ecsv1.TaskDesiredStatusStopped},
		"deleted before it ran is DEPROVISIONING":              {pod(scheduled, deleted(5)), 6, ecsv1.TaskStateDeprovisioning, ecsv1.TaskDesiredStatusStopped},
		"an essential exit stops the others":                   {pod(exited(0, 0, "Completed")), 61, ecsv1.TaskStateStopping, ecsv1.TaskDesiredStatusStopped},
		"an essential restart in place counts as an exit":      {pod(restarted(0)), 70, ecsv1.TaskStateStopping, ecsv1.TaskDesiredStatusStopped},
		"all exited but the pod not ended is DEPROVISIONING":   {pod(exited(0, 1, "Error"), exited(1, 0, "")), 61, ecsv1.TaskStateDeprovisioning, ecsv1.TaskDesiredStatusStopped},
		"a failed pod is STOPPED":                              {pod(ended(corev1.PodFailed, "Evicted", "")), 61, ecsv1.TaskStateStopped, ecsv1.TaskDesiredStatusStopped},
		"a succeeded pod is STOPPED":                           {pod(ended(corev1.PodSucceeded, "", "")), 61, ecsv1.TaskStateStopped, ecsv1.TaskDesiredStatusStopped},
	} {
		t.Run(name, func(t *testing.T) {
			got := Of(tc.pod, 0, at(tc.at).Time)
			if got.LastStatus != tc.want || got.DesiredStatus != tc.desired {
				t.Errorf("got lastStatus %s, desiredStatus %s; want %s, %s", got.LastStatus, got.DesiredStatus, tc.want, tc.desired)
			}
		})
	}
}

func TestOver(t *testing.T) {
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want string
	}{
		"a running task is not over":                   {pod(), ""},
		"an essential exit with code 0 ends the task":  {pod(exited(0, 0, "Completed")), "essential container app exited with code 0"},
		"an essential exit with code 1 ends the task":  {pod(exited(0, 1, "Error")), "essential container app exited with code 1"},
		"a helper's exit doesn't":                      {pod(exited(1, 1, "Error")), ""},
		"a helper's restart doesn't":                   {pod(restarted(1)), ""},
		"an essential restart in place ends the task":  {pod(restarted(0)), "essential container app exited with code 1"},
		"a restart whose end was forgotten does too":   {pod(status(0, func(s *corev1.ContainerStatus) { s.RestartCount = 2 })), "essential container app was restarted in place"},
		"out of memory is said":                        {pod(exited(0, 137, "OOMKilled")), "essential container app exited with code 137 (OutOfMemoryError: Container killed due to memory usage)"},
		"an evicted pod is over":                       {pod(ended(corev1.PodFailed, "Evicted", "low on memory")), "pod ended in phase Failed (Evicted)"},
		"a pull that fails doesn't end it":             {pod(waiting(0, "ImagePullBackOff", "no")), ""},
		"without the annotation each one is essential": {pod(exited(1, 0, ""), func(p *corev1.Pod) { p.Annotations = nil }), "essential container log exited with code 0"},
		"an end by our own hand isn't one":             {pod(deleted(30), exited(0, 143, "Error")), ""},
		"an end that came before our hand is":          {pod(exited(0, 1, "Error"), deleted(60)), "essential container app exited with code 1"},
		"the ECS name is the one that is said": {
			pod(exited(0, 3, "Error"), func(p *corev1.Pod) { p.Annotations[ContainerNamesAnnotation] = `{"app":"My_App"}` }),
			"essential container My_App exited with code 3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Of(tc.pod, 0, at(100).Time)
			if got.OverBecause != tc.want || got.Over != (tc.want != "") {
				t.Errorf("got over %t because %q, want %q", got.Over, got.OverBecause, tc.want)
			}
		})
	}
}

func TestNeverRan(t *testing.T) {
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want bool
	}{
		"a task without a node":                     {pod(unscheduled), true},
		"a task that can't pull":                    {pod(waiting(0, "ErrImagePull", "no")), true},
		"a task whose executable doesn't exist":     {pod(exited(0, 128, "StartError")), true},
		"a running task":                            {pod(), false},
		"a task that crashed after its start":       {pod(exited(0, 1, "Error")), false},
		"a task that waits to be started again":     {pod(restarted(0), waiting(0, "CrashLoopBackOff", "")), false},
		"a helper that can't pull, app up":          {pod(waiting(1, "ErrImagePull", "no")), false},
		"a pod that the kubelet refused as a whole": {pod(scheduled, ended(corev1.PodFailed, "OutOfcpu", "")), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(tc.pod, 0, at(100).Time).NeverRan; got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}
