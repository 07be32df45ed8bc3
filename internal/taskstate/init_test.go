// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// initialized adds an init container that ran before the others, from 1 s to 4 s after noon.
func initialized(name string, code int32) podOption {
	return func(p *corev1.Pod) {
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: name})
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, corev1.ContainerStatus{
			Name: name, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: code, Reason: "Error", Message: "disk full", StartedAt: at(1), FinishedAt: at(4),
			}},
		})
	}
}

// pulls leaves the i-th init container waiting.
func pulls(i int, reason, message string) podOption {
	return func(p *corev1.Pod) {
		p.Status.InitContainerStatuses[i].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	}
}

// sidecar adds an essential init container that runs beside the others.
func sidecar(name string) podOption {
	return func(p *corev1.Pod) {
		always := corev1.ContainerRestartPolicyAlways
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: name, RestartPolicy: &always})
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, running(name))
		p.Annotations[EssentialContainersAnnotation] = "app," + name
	}
}

func sidecarRestarted(p *corev1.Pod) {
	s := &p.Status.InitContainerStatuses[0]
	s.RestartCount = 1
	s.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 2, StartedAt: at(5), FinishedAt: at(60)}
}

// waitsForOthers: the launcher of the i-th container runs, and has not started its command.
func waitsForOthers(i int) podOption {
	return func(p *corev1.Pod) {
		p.Spec.Containers[i].StartupProbe = &corev1.Probe{}
		p.Status.ContainerStatuses[i].Ready, p.Status.ContainerStatuses[i].Started = false, new(bool)
	}
}

func startsAtLast(i int) podOption {
	return func(p *corev1.Pod) { *p.Status.ContainerStatuses[i].Started = true }
}

const noUser = `CannotStartContainerError: user "app": no such user in /etc/passwd`

// gaveUp: the launcher of the i-th container could not start its command.
func gaveUp(i int) podOption {
	return func(p *corev1.Pod) {
		exited(i, 125, "Error")(p)
		p.Status.ContainerStatuses[i].State.Terminated.Message = noUser + "\n"
	}
}

func TestWhatRunsBeforeTheContainers(t *testing.T) {
	type is struct {
		Status   ecsv1.TaskState
		Over     string
		Code     ecsv1.TaskStopCode
		Reason   string
		NeverRan bool
	}
	running := is{Status: ecsv1.TaskStateRunning}
	essential := is{ecsv1.TaskStateStopping, "", ecsv1.TaskStopCodeEssentialContainerExited, "Essential container in task exited", false}
	waits := podOption(func(p *corev1.Pod) {
		waiting(0, "PodInitializing", "")(p)
		waiting(1, "PodInitializing", "")(p)
	})
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want is
	}{
		"one that succeeded leaves the task RUNNING":       {pod(initialized("migrate", 0)), running},
		"one that isn't pulled yet is ACTIVATING":          {pod(waits, initialized("migrate", 0), pulls(0, "ContainerCreating", "")), is{Status: ecsv1.TaskStateActivating, NeverRan: true}},
		"the launcher on its way is ACTIVATING":            {pod(waits, initialized(LauncherName, 0), pulls(0, "ContainerCreating", "")), is{Status: ecsv1.TaskStateActivating, NeverRan: true}},
		"a launcher that waits for others is ACTIVATING":   {pod(waitsForOthers(0)), is{Status: ecsv1.TaskStateActivating, NeverRan: true}},
		"a launcher that started its command is RUNNING":   {pod(waitsForOthers(0), startsAtLast(0)), running},
		"a sidecar's restart in place is an essential end": {pod(sidecar("router"), sidecarRestarted), func() is { essential.Over = "essential container router exited with code 2"; return essential }()},
		"one that failed ends the task": {pod(waits, initialized("migrate", 1)), is{
			ecsv1.TaskStateDeprovisioning, "container migrate, whose success others wait for, exited with code 1", ecsv1.TaskStopCodeTaskFailedToStart,
			"CannotStartContainerError: container migrate, whose success others wait for, exited with code 1", true,
		}},
		"one whose image isn't there": {pod(waits, initialized("migrate", 0), pulls(0, "ErrImagePull", "not found")), is{
			ecsv1.TaskStateActivating, "", ecsv1.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: not found", true,
		}},
		"one that was stopped by the deletion": {pod(waits, initialized("migrate", 143), deleted(2)), is{
			ecsv1.TaskStateDeprovisioning, "", ecsv1.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler", true,
		}},
		"a launcher whose image isn't there": {pod(waits, initialized(LauncherName, 0), pulls(0, "ImagePullBackOff", "not found")), is{
			ecsv1.TaskStateActivating, "", ecsv1.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: ecs-launcher: not found", true,
		}},
		"a launcher that can't be installed": {pod(waits, initialized(LauncherName, 1)), is{
			ecsv1.TaskStateActivating, "", ecsv1.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: ecs-launcher exited with code 1: disk full", true,
		}},
		"a launcher that gives up ends the task": {pod(gaveUp(0)), is{
			ecsv1.TaskStateStopping, "container app could not be started (" + noUser + ")", ecsv1.TaskStopCodeTaskFailedToStart, noUser, true,
		}},
		"that of a helper does too": {pod(gaveUp(1)), is{
			ecsv1.TaskStateStopping, "container log could not be started (" + noUser + ")", ecsv1.TaskStopCodeTaskFailedToStart, noUser, false,
		}},
		"exit code 125 alone is the command's own": {pod(exited(1, 125, "Error")), running},
	} {
		t.Run(name, func(t *testing.T) {
			task := Of(tc.pod, 0, at(100).Time)
			got := is{task.LastStatus, task.OverBecause, task.StopCode, task.StoppedReason, task.NeverRan}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatTheOperatorAddsIsNoContainerOfTheTask(t *testing.T) {
	p := pod(initialized(LauncherName, 0), initialized("migrate", 0), func(p *corev1.Pod) {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: TargetsName}, corev1.Container{Name: TargetsName + "-2"})
	})
	var got []string
	for _, c := range Of(p, 0, at(100).Time).Containers {
		got = append(got, c.Name+" "+c.LastStatus)
	}
	if diff := cmp.Diff([]string{"app RUNNING", "log RUNNING", "migrate STOPPED"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPlaceCoolsWhenItsTaskCouldNotStart(t *testing.T) {
	for name, p := range map[string]*corev1.Pod{
		"an init container that failed": pod(initialized("migrate", 1)),
		"a launcher that gave up":       pod(gaveUp(1)),
	} {
		t.Run(name, func(t *testing.T) {
			if Of(p, 0, at(100).Time).CoolsUntil.IsZero() {
				t.Error("its place doesn't cool")
			}
		})
	}
}

func TestHealthOfAContainerThatWaitedForOthers(t *testing.T) {
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want ecsv1.HealthStatus
	}{
		"not started yet":                             {pod(checked(0), notReady(1), waitsForOthers(0)), ecsv1.HealthStatusUnknown},
		"started, and nobody knows for how long":      {pod(checked(0), notReady(1), waitsForOthers(0), startsAtLast(0)), ecsv1.HealthStatusUnknown},
		"a check that it passed before and fails now": {pod(checked(0), notReady(30), waitsForOthers(0), startsAtLast(0)), ecsv1.HealthStatusUnhealthy},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(tc.pod, 0, at(500).Time).HealthStatus; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
