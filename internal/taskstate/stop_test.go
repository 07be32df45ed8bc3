// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

type stopped struct{ Code, Reason string }

func TestStopCode(t *testing.T) {
	const essential = "Essential container in task exited"
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		want stopped
	}{
		"a running task has none": {pod(), stopped{}},
		"an image that isn't there": {
			pod(waiting(0, "ErrImagePull", "not found")), stopped{TaskFailedToStart, "CannotPullContainerError: not found"},
		},
		"the back-off says the same": {
			pod(waiting(0, "ImagePullBackOff", `Back-off pulling image "x:1": ErrImagePull: not found`)),
			stopped{TaskFailedToStart, "CannotPullContainerError: not found"},
		},
		"an older kubelet's back-off is said as it is": {
			pod(waiting(0, "ImagePullBackOff", `Back-off pulling image "x:1"`)),
			stopped{TaskFailedToStart, `CannotPullContainerError: Back-off pulling image "x:1"`},
		},
		"a missing secret": {
			pod(waiting(0, "CreateContainerConfigError", `secret "db" not found`)),
			stopped{TaskFailedToStart, `ResourceInitializationError: secret "db" not found`},
		},
		"a container that can't be created": {
			pod(waiting(0, "CreateContainerError", "name in use")), stopped{TaskFailedToStart, "CannotCreateContainerError: name in use"},
		},
		"a container that can't be started": {
			pod(waiting(0, "RunContainerError", "no shell")), stopped{TaskFailedToStart, "CannotStartContainerError: no shell"},
		},
		"a start that the runtime refused for good": {
			pod(exited(0, 128, "StartError")), stopped{TaskFailedToStart, "CannotStartContainerError: "},
		},
		"an essential exit":               {pod(exited(0, 0, "Completed")), stopped{EssentialContainerExited, essential}},
		"an essential exit by OOM":        {pod(exited(0, 137, "OOMKilled")), stopped{EssentialContainerExited, essential}},
		"an exit, and then our deletion":  {pod(exited(0, 1, "Error"), deleted(61)), stopped{EssentialContainerExited, essential}},
		"an exit because of the deletion": {pod(exited(0, 0, "Completed"), deleted(30)), stopped{ServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler"}},
		"a deletion":                      {pod(deleted(30)), stopped{ServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler"}},
		"a node that is lost":             {pod(deleted(30), disrupted("DeletionByTaintManager", "")), stopped{"", "Host node-a terminated."}},
		"an eviction":                     {pod(deleted(30), disrupted("EvictionByEvictionAPI", "drained")), stopped{InfrastructureHealth, "drained"}},
		"refused for lack of CPU":         {pod(scheduled, ended(corev1.PodFailed, "OutOfcpu", "")), stopped{TaskFailedToStart, "RESOURCE:CPU"}},
		"refused for a port in use":       {pod(scheduled, ended(corev1.PodFailed, "NodePorts", "")), stopped{TaskFailedToStart, "RESOURCE:PORTS"}},
		"evicted by the kubelet":          {pod(ended(corev1.PodFailed, "Evicted", "low on disk")), stopped{InfrastructureHealth, "low on disk"}},
		"a node that shuts down":          {pod(ended(corev1.PodFailed, "Terminated", "")), stopped{TerminationNotice, "Host node-a is shutting down."}},
		"a pod that just succeeded":       {pod(exited(0, 0, ""), ended(corev1.PodSucceeded, "", "")), stopped{EssentialContainerExited, essential}},
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
			Name: "My_App", PodName: "app", Essential: true, LastStatus: Stopped, HealthStatus: Unknown, ExitCode: &code,
			Reason: "OutOfMemoryError: Container killed due to memory usage", ImageDigest: "sha256:aa", RuntimeID: "0123",
		},
		{Name: "log", PodName: "log", LastStatus: Running, HealthStatus: Unknown},
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
	if got := Of(p, 0, at(10).Time); got.LastStatus != Running || got.Containers[0].Name != "app" {
		t.Errorf("got %s, %q", got.LastStatus, got.Containers[0].Name)
	}
}
