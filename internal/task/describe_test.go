// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// noon is when the tests' pods are created.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) metav1.Time {
	return metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second))
}

// running is a pod of app, which is essential, and log, which isn't. Both started 5 s after noon.
func running(edits ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "migrate-1", CreationTimestamp: at(0), Annotations: map[string]string{taskstate.EssentialContainersAnnotation: "app"},
		},
		Spec: corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Name: "app"}, {Name: "log"}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, StartTime: new(at(1)), PodIPs: []corev1.PodIP{{IP: "10.0.0.7"}},
			Conditions:        []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: at(1)}},
			ContainerStatuses: []corev1.ContainerStatus{started("app"), started("log")},
		},
	}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

func started(name string) corev1.ContainerStatus {
	return corev1.ContainerStatus{
		Name: name, Ready: true, ContainerID: "containerd://" + name, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(5)}},
	}
}

func exited(i int, code int32, after int) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[i].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, StartedAt: at(5), FinishedAt: at(after)}}
	}
}

func deleted(after int, grace int64) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.DeletionTimestamp, p.DeletionGracePeriodSeconds = new(at(after+int(grace))), &grace
	}
}

func phase(is corev1.PodPhase) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Status.Phase = is } }

func unscheduled(p *corev1.Pod) {
	p.Spec.NodeName, p.Status = "", corev1.PodStatus{Phase: corev1.PodPending}
}

// refused is a task that the scheduler doesn't take to the instance that it was sent to so many seconds after noon. It had waited for one since noon.
func refused(sent int) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		unscheduled(p)
		p.Labels = map[string]string{ecsv1.LabelCapacityProvider: "spot"}
		p.Annotations[ecsv1.AnnotationContainerInstance] = "a"
		p.Annotations[ecsv1.AnnotationPlacedAt] = noon.Add(time.Duration(sent) * time.Second).Format(time.RFC3339)
		p.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, LastTransitionTime: at(0),
			Message: "0/9 nodes are available: 9 node(s) didn't match Pod's node affinity/selector.",
		}}
	}
}

func noImage(p *corev1.Pod) {
	p.Status.Phase = corev1.PodPending
	for i := range p.Status.ContainerStatuses {
		p.Status.ContainerStatuses[i].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "not found"}}
	}
}

// accepted is a task at a state.
func accepted(state ecsv1.TaskState, edits ...func(*ecsv1.Task)) *ecsv1.Task {
	t := &ecsv1.Task{Status: ecsv1.TaskStatus{
		TaskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/job:1", LastStatus: state, DesiredStatus: ecsv1.TaskDesiredStatusRunning,
		Containers: []ecsv1.TaskContainer{{Name: "app", LastStatus: "PENDING"}, {Name: "log", LastStatus: "PENDING"}},
	}}
	for _, edit := range edits {
		edit(t)
	}
	return t
}

func asked(reason string) func(*ecsv1.Task) {
	return func(t *ecsv1.Task) {
		t.Spec.Kubernetes = &ecsv1.TaskKubernetes{DesiredStatus: ecsv1.TaskDesiredStatusStopped, Reason: reason}
	}
}

func stopping(code ecsv1.TaskStopCode, reason string) func(*ecsv1.Task) {
	return func(t *ecsv1.Task) { Stop(&t.Status, End{code, reason}, noon.Add(50*time.Second)) }
}

func TestDescribe(t *testing.T) {
	const (
		runs, stops = ecsv1.TaskDesiredStatusRunning, ecsv1.TaskDesiredStatusStopped
		exit        = ecsv1.TaskStopCodeEssentialContainerExited
		user        = ecsv1.TaskStopCodeUserInitiated
	)
	for name, tc := range map[string]struct {
		task    *ecsv1.Task
		pod     *corev1.Pod
		last    ecsv1.TaskState
		desired ecsv1.TaskDesiredStatus
		code    ecsv1.TaskStopCode
		reason  string
	}{
		"waits for a node": {accepted(ecsv1.TaskStateProvisioning), running(unscheduled), ecsv1.TaskStateProvisioning, runs, "", ""},
		"the scheduler doesn't take it where it was sent, at first": {
			accepted(ecsv1.TaskStateProvisioning), running(refused(51)), ecsv1.TaskStateProvisioning, runs, "", ""},
		"the scheduler doesn't take it where it was sent, 20 s later": {
			accepted(ecsv1.TaskStateProvisioning), running(refused(50)), ecsv1.TaskStateProvisioning, stops,
			ecsv1.TaskStopCodeTaskFailedToStart, "ATTRIBUTE: 0/9 nodes are available: 9 node(s) didn't match Pod's node affinity/selector."},
		"runs":            {accepted(ecsv1.TaskStateProvisioning), running(), ecsv1.TaskStateRunning, runs, "", ""},
		"never goes back": {accepted(ecsv1.TaskStateRunning), running(unscheduled), ecsv1.TaskStateRunning, runs, "", ""},
		"an essential container exits, with 0 too": {
			accepted(ecsv1.TaskStateRunning), running(exited(0, 0, 60)), ecsv1.TaskStateStopping, stops, exit, "Essential container in task exited"},
		"a container that isn't essential exits": {accepted(ecsv1.TaskStateRunning), running(exited(1, 1, 60)), ecsv1.TaskStateRunning, runs, "", ""},
		"all have exited": {
			accepted(ecsv1.TaskStateRunning), running(exited(0, 0, 60), exited(1, 0, 60), phase(corev1.PodSucceeded)), ecsv1.TaskStateStopped, stops, exit, "Essential container in task exited"},
		"is asked to stop":            {accepted(ecsv1.TaskStateRunning, asked("enough")), running(), ecsv1.TaskStateRunning, stops, user, "enough"},
		"is asked to stop, no reason": {accepted(ecsv1.TaskStateRunning, asked("")), running(), ecsv1.TaskStateRunning, stops, user, "Task stopped by user"},
		"is deleted": {
			accepted(ecsv1.TaskStateRunning, func(t *ecsv1.Task) { t.DeletionTimestamp = new(at(60)) }), running(), ecsv1.TaskStateRunning, stops, user, "Task stopped by user"},
		"had ended when it was asked to stop": {
			accepted(ecsv1.TaskStateRunning, asked("enough")), running(exited(0, 1, 60)), ecsv1.TaskStateStopping, stops, exit, "Essential container in task exited"},
		"the first reason stays": {
			accepted(ecsv1.TaskStateRunning, asked("enough"), stopping(user, "enough")), running(exited(0, 143, 60)), ecsv1.TaskStateStopping, stops, user, "enough"},
		"its pod is deleted": {
			accepted(ecsv1.TaskStateRunning), running(deleted(60, 30)), ecsv1.TaskStateStopping, stops, user, "Task stopped by user: its pod was deleted"},
		"its pod is gone from the kubelet": {
			accepted(ecsv1.TaskStateStopping, stopping(user, "enough")), running(deleted(60, 0)), ecsv1.TaskStateStopped, stops, user, "enough"},
		"was never placed": {
			accepted(ecsv1.TaskStateProvisioning, stopping(user, "enough")), running(unscheduled, deleted(60, 0)), ecsv1.TaskStateStopped, stops, user, "enough"},
		"its node is lost": {
			accepted(ecsv1.TaskStateRunning), running(deleted(60, 0), func(p *corev1.Pod) {
				p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "DeletionByPodGC"})
			}), ecsv1.TaskStateStopped, stops, "", "Host a terminated."},
		"its image can't be pulled, at first": {
			accepted(ecsv1.TaskStatePending), running(noImage, func(p *corev1.Pod) { p.Status.StartTime = new(at(60)) }), ecsv1.TaskStateActivating, runs, "", ""},
		"its image can't be pulled, 20 s later": {
			accepted(ecsv1.TaskStatePending), running(noImage, func(p *corev1.Pod) { p.Status.StartTime = new(at(50)) }), ecsv1.TaskStateActivating, stops,
			ecsv1.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: not found"},
		"the kubelet refuses it": {
			accepted(ecsv1.TaskStatePending), running(phase(corev1.PodFailed), func(p *corev1.Pod) { p.Status.Reason, p.Status.ContainerStatuses = "OutOfcpu", nil }),
			ecsv1.TaskStateStopped, stops, ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:CPU"},
		"is unhealthy and runs on": {
			accepted(ecsv1.TaskStateRunning), running(unhealthy), ecsv1.TaskStateRunning, runs, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			Describe(tc.task, tc.pod, noon.Add(70*time.Second))
			s := tc.task.Status
			if s.LastStatus != tc.last || s.DesiredStatus != tc.desired || s.StopCode != tc.code || s.StoppedReason != tc.reason {
				t.Errorf("got  %s, desired %s, %q %q\nwant %s, desired %s, %q %q", s.LastStatus, s.DesiredStatus, s.StopCode, s.StoppedReason, tc.last, tc.desired, tc.code, tc.reason)
			}
			if stopped := s.LastStatus == ecsv1.TaskStateStopped; stopped != (s.StoppedAt != nil) {
				t.Errorf("lastStatus %s, stoppedAt %v", s.LastStatus, s.StoppedAt)
			}
			if stops := s.DesiredStatus == ecsv1.TaskDesiredStatusStopped; stops != (s.StoppingAt != nil) {
				t.Errorf("desiredStatus %s, stoppingAt %v", s.DesiredStatus, s.StoppingAt)
			}
		})
	}
}

// unhealthy: the check of app passed once and fails now.
func unhealthy(p *corev1.Pod) {
	p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"true"}}}}
	p.Status.ContainerStatuses[0].Ready = false
	p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionFalse, LastTransitionTime: at(60)})
}

func TestDescribeTellsOfContainers(t *testing.T) {
	task := accepted(ecsv1.TaskStateProvisioning)
	Describe(task, running(unhealthy, exited(1, 3, 60), func(p *corev1.Pod) {
		p.Status.HostIP = "192.0.2.1"
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 53, HostPort: 5353, Protocol: corev1.ProtocolUDP}, {ContainerPort: 80}}
	}), noon.Add(70*time.Second))
	ip := []ecsv1.NetworkInterface{{PrivateIpv4Address: "10.0.0.7"}}
	want := []ecsv1.TaskContainer{
		{Name: "app", LastStatus: "RUNNING", HealthStatus: ecsv1.HealthStatusUnhealthy, RuntimeId: "app", NetworkInterfaces: ip, NetworkBindings: []ecsv1.NetworkBinding{
			{BindIP: "192.0.2.1", ContainerPort: new(int32(53)), HostPort: new(int32(5353)), Protocol: "udp"}}},
		{Name: "log", LastStatus: "STOPPED", HealthStatus: ecsv1.HealthStatusUnknown, RuntimeId: "log", ExitCode: new(int32(3)), NetworkInterfaces: ip},
	}
	if diff := cmp.Diff(want, task.Status.Containers); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if task.Status.HealthStatus != ecsv1.HealthStatusUnhealthy {
		t.Errorf("health of the task: %s", task.Status.HealthStatus)
	}
	if created, begun := task.Status.CreatedAt, task.Status.StartedAt; !created.Equal(new(at(1))) || !begun.Equal(new(at(5))) {
		t.Errorf("created %v, started %v", created, begun)
	}
}

func TestSucceeded(t *testing.T) {
	for name, tc := range map[string]struct {
		before []func(*ecsv1.Task)
		pods   []*corev1.Pod // as they are seen one after the other
		want   bool
	}{
		"exit code 0":                        {nil, []*corev1.Pod{running(exited(0, 0, 60), exited(1, 0, 61), phase(corev1.PodSucceeded))}, true},
		"another exit code":                  {nil, []*corev1.Pod{running(exited(0, 1, 60), exited(1, 0, 61), phase(corev1.PodFailed))}, false},
		"a helper fails before the end":      {nil, []*corev1.Pod{running(exited(0, 0, 60), exited(1, 1, 55), phase(corev1.PodFailed))}, true},
		"the other is killed after the end":  {nil, []*corev1.Pod{running(exited(0, 0, 60)), running(exited(0, 0, 60), exited(1, 137, 61), deleted(60, 0))}, true},
		"exit code 0 after being asked":      {[]func(*ecsv1.Task){asked("enough")}, []*corev1.Pod{running(), running(exited(0, 0, 60), exited(1, 0, 61), phase(corev1.PodSucceeded))}, false},
		"the first of two essential decides": {nil, []*corev1.Pod{running(bothEssential, exited(1, 0, 60)), running(bothEssential, exited(0, 143, 60), exited(1, 0, 60), deleted(60, 0))}, true},
		"the pod is evicted":                 {nil, []*corev1.Pod{running(phase(corev1.PodFailed), func(p *corev1.Pod) { p.Status.Reason = "Evicted" })}, false},
	} {
		t.Run(name, func(t *testing.T) {
			task := accepted(ecsv1.TaskStateRunning, tc.before...)
			for _, pod := range tc.pods {
				Describe(task, pod, noon.Add(70*time.Second))
			}
			if task.Status.LastStatus != ecsv1.TaskStateStopped {
				t.Fatalf("the task is %s", task.Status.LastStatus)
			}
			if got := Succeeded(&task.Status); got != tc.want {
				t.Errorf("got %t, want %t: %+v", got, tc.want, task.Status)
			}
		})
	}
}

func bothEssential(p *corev1.Pod) {
	p.Annotations = map[string]string{taskstate.EssentialContainersAnnotation: "app,log"}
}

func TestCountVersion(t *testing.T) {
	before := &ecsv1.TaskStatus{LastStatus: ecsv1.TaskStatePending, Version: new(int64(3))}
	same := before.DeepCopy()
	same.Conditions = []metav1.Condition{{Type: "Ready"}}
	if CountVersion(before, same); *same.Version != 3 {
		t.Errorf("a condition counts as a change: %d", *same.Version)
	}
	after := before.DeepCopy()
	after.LastStatus = ecsv1.TaskStateRunning
	if CountVersion(before, after); *after.Version != 4 {
		t.Errorf("a change of state doesn't count: %d", *after.Version)
	}
}

func TestLongReasonsAreCut(t *testing.T) {
	var s ecsv1.TaskStatus
	Stop(&s, End{"", strings.Repeat("ä", 2000)}, noon)
	if n := len([]rune(s.StoppedReason)); n != 1024 {
		t.Errorf("%d characters are more than the status holds", n)
	}
}
