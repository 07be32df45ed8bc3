// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

type stopped struct {
	Code   ecsv1.TaskStopCode
	Reason string
}

func TestStopCode(t *testing.T) {
	const essential = "Essential container in task exited"
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want stopped
	}{
		"a running task has none": {pod(), stopped{}},
		"an image that isn't there": {
			pod(waiting(0, "ErrImagePull", "not found")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: not found"},
		},
		"the back-off says the same": {
			pod(waiting(0, "ImagePullBackOff", `Back-off pulling image "x:1": ErrImagePull: not found`)),
			stopped{ecsv1.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: not found"},
		},
		"an older kubelet's back-off is said as it is": {
			pod(waiting(0, "ImagePullBackOff", `Back-off pulling image "x:1"`)),
			stopped{ecsv1.TaskStopCodeTaskFailedToStart, `CannotPullContainerError: Back-off pulling image "x:1"`},
		},
		"a missing secret": {
			pod(waiting(0, "CreateContainerConfigError", `secret "db" not found`)),
			stopped{ecsv1.TaskStopCodeTaskFailedToStart, `ResourceInitializationError: secret "db" not found`},
		},
		"a container that can't be created": {
			pod(waiting(0, "CreateContainerError", "name in use")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "CannotCreateContainerError: name in use"},
		},
		"a container that can't be started": {
			pod(waiting(0, "RunContainerError", "no shell")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "CannotStartContainerError: no shell"},
		},
		"a start that the runtime refused for good": {
			pod(exited(0, 128, "StartError")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "CannotStartContainerError: "},
		},
		"an essential exit":               {pod(exited(0, 0, "Completed")), stopped{ecsv1.TaskStopCodeEssentialContainerExited, essential}},
		"an essential exit by OOM":        {pod(exited(0, 137, "OOMKilled")), stopped{ecsv1.TaskStopCodeEssentialContainerExited, essential}},
		"an exit, and then our deletion":  {pod(exited(0, 1, "Error"), deleted(61)), stopped{ecsv1.TaskStopCodeEssentialContainerExited, essential}},
		"an exit because of the deletion": {pod(exited(0, 0, "Completed"), deleted(30)), stopped{ecsv1.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler"}},
		"a deletion":                      {pod(deleted(30)), stopped{ecsv1.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler"}},
		"a node that is lost":             {pod(deleted(30), disrupted("DeletionByTaintManager", "")), stopped{"", "Host node-a terminated."}},
		"a spot instance that goes": {
			pod(deleted(30), func(p *corev1.Pod) {
				p.Annotations = map[string]string{ecsv1.AnnotationStopCode: string(ecsv1.TaskStopCodeSpotInterruption)}
			}), stopped{ecsv1.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted."},
		},
		"an eviction":               {pod(deleted(30), disrupted("EvictionByEvictionAPI", "drained")), stopped{ecsv1.TaskStopCodeInfrastructureHealth, "drained"}},
		"refused for lack of CPU":   {pod(scheduled, ended(corev1.PodFailed, "OutOfcpu", "")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:CPU"}},
		"refused for a port in use": {pod(scheduled, ended(corev1.PodFailed, "NodePorts", "")), stopped{ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:PORTS"}},
		"evicted by the kubelet":    {pod(ended(corev1.PodFailed, "Evicted", "low on disk")), stopped{ecsv1.TaskStopCodeInfrastructureHealth, "low on disk"}},
		"a node that shuts down":    {pod(ended(corev1.PodFailed, "Terminated", "")), stopped{ecsv1.TaskStopCodeTerminationNotice, "Host node-a is shutting down."}},
		"a pod that just succeeded": {pod(exited(0, 0, ""), ended(corev1.PodSucceeded, "", "")), stopped{ecsv1.TaskStopCodeEssentialContainerExited, essential}},
	} {
		t.Run(name, func(t *testing.T) {
			task := Of(tc.pod, 0, at(100).Time)
			if diff := cmp.Diff(tc.want, stopped{task.StopCode, task.StoppedReason}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryPodReasonGivesAWholeSentence(t *testing.T) {
	for reason := range podReasons {
		p := pod(ended(corev1.PodFailed, reason, "the message"))
		if got := Of(p, 0, noon).StoppedReason; got == "" || strings.Contains(got, "%") {
			t.Errorf("%s gives %q", reason, got)
		}
	}
}

func TestContainers(t *testing.T) {
	code := int32(137)
	p := pod(exited(0, 137, "OOMKilled"),
		func(p *corev1.Pod) { p.Annotations[ContainerNamesAnnotation] = `{"app":"My_App"}` },
		status(0, func(s *corev1.ContainerStatus) {
			s.ImageID, s.ContainerID = "docker.io/library/nginx@sha256:aa", "containerd://0123"
		}))
	want := []Container{
		{
			Name: "My_App", PodName: "app", Essential: true, LastStatus: "STOPPED", HealthStatus: ecsv1.HealthStatusUnknown, ExitCode: &code,
			Reason: "OutOfMemoryError: Container killed due to memory usage", ImageDigest: "sha256:aa", RuntimeID: "0123",
		},
		{Name: "log", PodName: "log", LastStatus: "RUNNING", HealthStatus: ecsv1.HealthStatusUnknown},
	}
	if diff := cmp.Diff(want, Of(p, 0, at(100).Time).Containers); diff != "" {
		t.Error(diff)
	}
}

func TestReasonsAreClippedAtACharacter(t *testing.T) {
	got := Of(pod(waiting(0, "ErrImagePull", strings.Repeat("é", 1000))), 0, noon).StoppedReason
	if len(got) > maxReason || len(got) < maxReason-1 || strings.ToValidUTF8(got, "?") != got {
		t.Errorf("got %d bytes ending in %q", len(got), got[len(got)-4:])
	}
}

func TestBrokenAnnotationsDoNoHarm(t *testing.T) {
	p := pod(func(p *corev1.Pod) {
		p.Annotations[ContainerNamesAnnotation] = "{"
		p.Annotations[StartPeriodsAnnotation] = "app,=,log=x,app=-3"
	})
	if got := Of(p, 0, at(10).Time); got.LastStatus != ecsv1.TaskStateRunning || got.Containers[0].Name != "app" {
		t.Errorf("got %s, %q", got.LastStatus, got.Containers[0].Name)
	}
}
