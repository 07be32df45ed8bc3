// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// seen is a task job that nobody has looked at, with all that it needs.
func seen(edits ...func(*observed)) observed {
	revision := ecsv1.TaskDefinitionRevision{Spec: ecsv1.TaskDefinitionRevisionSpec{Family: "job", Revision: 1, TaskDefinition: ecsv1.TaskDefinitionFields{
		ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", Image: "job:v1", Memory: new(int32(64))}},
	}}}
	o := observed{
		task: &ecsv1.Task{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "migrate", UID: "u1"}, Spec: ecsv1.TaskSpec{TaskDefinition: "job"}},
		Seen: reference.Seen{
			Clusters: []ecsv1.Cluster{{ObjectMeta: metav1.ObjectMeta{Name: "default"}}}, Namespace: &corev1.Namespace{},
			Family: []ecsv1.TaskDefinitionRevision{revision},
		},
		now: noon,
	}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func accepted(o *observed) {
	o.revision = &o.Family[0]
	o.task.Status = ecsv1.TaskStatus{
		TaskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/job:1",
		LastStatus:        ecsv1.TaskStateProvisioning, DesiredStatus: ecsv1.TaskDesiredStatusRunning,
	}
}

func withPod(o *observed) {
	accepted(o)
	o.task.Status.PodName = task.PodName(o.task)
	o.pod = &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}}, ObjectMeta: metav1.ObjectMeta{Name: task.PodName(o.task), Finalizers: []string{ecsv1.FinalizerTask}, CreationTimestamp: metav1.NewTime(noon)}}
}

func toStop(o *observed) { o.task.Status.DesiredStatus = ecsv1.TaskDesiredStatusStopped }

func stopRequested(o *observed) {
	o.task.Spec.Kubernetes = &ecsv1.TaskKubernetes{DesiredStatus: ecsv1.TaskDesiredStatusStopped}
}

func taskDeleted(o *observed) { o.task.DeletionTimestamp = new(metav1.NewTime(noon)) }

func podDeleted(o *observed) { o.pod.DeletionTimestamp = new(metav1.NewTime(noon)) }

func podEnded(o *observed) { o.pod.Status.Phase = corev1.PodSucceeded }

func containersEnded(o *observed) {
	o.pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{
		{Name: "app", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}},
	}}
}

func stoppedFor(d time.Duration) func(*observed) {
	return func(o *observed) {
		o.task.Status.LastStatus, o.task.Status.DesiredStatus = ecsv1.TaskStateStopped, ecsv1.TaskDesiredStatusStopped
		o.task.Status.StoppedAt = new(metav1.NewTime(noon.Add(-d)))
	}
}

func letGo(o *observed) { o.pod.Finalizers = nil }

func noPod(o *observed) { o.pod = nil }

// does lists what a plan does, in words.
func does(p plan) string {
	var out []string
	for word, set := range map[string]bool{
		"accept": p.accept != nil, "create": p.create != nil, "delete the pod": p.stop != nil, "let the pod go": p.letGo != nil,
		"forget": p.forget, "release": p.release, "end": p.ends != nil, "refuse": p.problem != nil, "wait": p.waiting != nil,
	} {
		if set {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestNext(t *testing.T) {
	for name, tc := range map[string]struct {
		seen observed
		want string
		says string
	}{
		"a new task is accepted":            {seen(), "accept", ""},
		"without its cluster it is refused": {seen(func(o *observed) { o.Clusters = nil }), "refuse", "ClusterNotFoundException"},
		"its task definition is on its way": {seen(func(o *observed) { o.Family, o.Unregistered = nil, &ecsv1.TaskDefinition{} }), "wait", ""},
		"an unknown container is refused before it is accepted": {seen(func(o *observed) {
			o.task.Spec.Overrides = &ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{{Name: "web"}}}
		}), "refuse", "Override for container named web is not a container in the TaskDefinition."},
		"overrides that make no task definition are refused": {seen(func(o *observed) {
			o.task.Spec.Overrides = &ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{{Name: "app", MemoryReservation: new(int32(128))}}}
		}), "refuse", "with spec.overrides job:1 has "},
		"without reading registries, a command line that stands in the image alone is refused": {seen(func(o *observed) {
			o.platform.LauncherImage = "launcher"
			o.Family[0].Spec.TaskDefinition.ContainerDefinitions[0].RestartPolicy = &ecsv1.ContainerRestartPolicy{Enabled: true}
		}), "refuse", "reads no registries (--resolve-images=false); set entryPoint"},
		"one that was accepted gets a pod":                         {seen(accepted), "create", ""},
		"one whose revision went meanwhile fails":                  {seen(accepted, func(o *observed) { o.revision = nil }), "end", "ResourceInitializationError"},
		"one that has to stop before it has a pod has none":        {seen(accepted, stopRequested), "end", "Task stopped by user"},
		"one that was never to run isn't":                          {seen(stopRequested), "end", "Task stopped by user"},
		"a refused one goes when it is deleted":                    {seen(taskDeleted), "release", ""},
		"no second pod is made":                                    {seen(withPod, noPod), "end", "was not seen"},
		"a pod that runs is left alone":                            {seen(withPod), "", ""},
		"what is to stop is in the status first":                   {seen(withPod, stopRequested), "", ""},
		"then the pod is deleted":                                  {seen(withPod, stopRequested, toStop), "delete the pod", ""},
		"once":                                                     {seen(withPod, stopRequested, toStop, podDeleted), "", ""},
		"a pod that ended isn't":                                   {seen(withPod, toStop, podEnded), "", ""},
		"nor one that is about to end":                             {seen(withPod, toStop, containersEnded), "", ""},
		"how it ended is in the status first, then the pod may go": {seen(withPod, podEnded, stoppedFor(time.Minute)), "let the pod go", ""},
		"a stopped task stays":                                     {seen(withPod, podEnded, letGo, stoppedFor(59*time.Minute)), "", ""},
		"for an hour":                                              {seen(withPod, podEnded, letGo, stoppedFor(time.Hour)), "forget", ""},
		"deleted, it takes its pod along":                          {seen(withPod, podEnded, stoppedFor(time.Minute), taskDeleted), "delete the pod, let the pod go", ""},
		"and goes after it":                                        {seen(withPod, noPod, stoppedFor(time.Minute), taskDeleted), "release", ""},
		"deleting one that runs stops it first":                    {seen(withPod, taskDeleted), "", ""},
		"and keeps it until its containers have ended":             {seen(withPod, taskDeleted, toStop, podDeleted), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := next(tc.seen)
			if got := does(p); got != tc.want {
				t.Fatalf("it does %q, want %q: %+v", got, tc.want, p)
			}
			said := ""
			switch {
			case p.problem != nil:
				said = p.problem.Message
			case p.ends != nil:
				said = p.ends.Reason
			}
			if !strings.Contains(said, tc.says) {
				t.Errorf("it says %q, want %q", said, tc.says)
			}
		})
	}
}

func TestThePodIsMadeOnce(t *testing.T) {
	a, b := next(seen(accepted)).create, next(seen(accepted)).create
	if a.Name != b.Name {
		t.Errorf("two names for one pod: %s and %s", a.Name, b.Name)
	}
	other := next(seen(accepted, func(o *observed) { o.task.UID = "u2" })).create
	if other.Name == a.Name {
		t.Errorf("another task of the same name takes the pod %s for its own", a.Name)
	}
}

func TestLookAgain(t *testing.T) {
	failing := func(o *observed) {
		o.pod.Spec.Containers = []corev1.Container{{Name: "app"}}
		o.pod.Status = corev1.PodStatus{StartTime: new(metav1.NewTime(noon.Add(-5 * time.Second))), ContainerStatuses: []corev1.ContainerStatus{{
			Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}},
		}}}
	}
	checked := func(o *observed) {
		o.pod.Spec.NodeName = "a"
		o.pod.Spec.Containers = []corev1.Container{{Name: "app", ReadinessProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"true"}}}, PeriodSeconds: 10, FailureThreshold: 3,
		}}}
		o.pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{
			Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(noon.Add(-10 * time.Second))},
		}}}
	}
	for name, tc := range map[string]struct {
		seen observed
		want time.Duration
	}{
		"when it turns UNHEALTHY":                  {seen(withPod, checked), 20 * time.Second},
		"never while it runs":                      {seen(withPod), 0},
		"when a task that can't start is given up": {seen(withPod, failing), 15 * time.Second},
		"when an hour has passed":                  {seen(withPod, podEnded, letGo, stoppedFor(20*time.Minute)), 40 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if got := next(tc.seen).lookAgainIn; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
