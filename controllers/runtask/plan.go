// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// plan is what to write, and what to say.
type plan struct {
	// accept is the revision that the task gets, with the task definition as the task changes it.
	accept *ecsv1.TaskDefinitionRevision
	fields *ecsv1.TaskDefinitionFields
	// ask registries about the images of the task that is to be started.
	ask *images.Request
	// create is the pod to make. It records what it needs.
	create *corev1.Pod
	// stop is the pod to delete: the status says why.
	stop *corev1.Pod
	// letGo is the pod to take the finalizer from: the status says what became of it.
	letGo *corev1.Pod
	// forget deletes the Task, and release lets a deleted one go.
	forget, release bool
	// ends is why a task without a pod stops.
	ends *task.End
	// problem says why the task isn't run; waiting what has to happen first, without anyone's help.
	problem *conditions.Reason
	waiting *conditions.Reason
	// missing keeps the pod from being made: something that it needs.
	missing *needs.Outcome
	// lookAgainIn is how long until something changes by the passing of time alone; 0 for never.
	lookAgainIn time.Duration
}

// end reports whether the Task is about to go, so that there is no status to write.
func (p plan) end() bool { return p.forget || p.release }

// next decides what the task needs. First match wins.
func next(seen observed) plan {
	t := seen.task
	switch {
	case task.Stopped(t):
		return afterwards(seen)
	case !task.Accepted(t) && t.DeletionTimestamp != nil:
		return plan{release: true}
	case seen.pod != nil:
		return supervise(seen)
	case task.StopRequested(t):
		end := task.Requested(t)
		return plan{ends: &end}
	case t.Status.PodName != "":
		return plan{ends: &task.Vanished}
	case !task.Accepted(t):
		return accept(seen)
	}
	return start(seen)
}

// accept is RunTask: it takes the task, or tells why not.
func accept(seen observed) plan {
	revision, fields, problem := check(seen)
	switch {
	case problem != nil:
		return plan{problem: problem}
	case revision == nil:
		return plan{waiting: refuse(ecsv1.ReasonProgressing, "waiting for task definition %s to be registered", seen.task.Spec.TaskDefinition)}
	}
	return plan{accept: revision, fields: fields}
}

// start makes the pod of a task that was accepted. The world may have changed since.
func start(seen observed) plan {
	if seen.revision == nil {
		return plan{ends: &task.End{Code: ecsv1.TaskStopCodeTaskFailedToStart, Reason: "ResourceInitializationError: the task definition was deleted before the task was started"}}
	}
	translated, fields, problem := translate(seen, seen.revision, nil)
	if problem != nil {
		return failedToStart(problem)
	}
	read, incomplete := planImages(seen, fields, translated)
	if incomplete != nil {
		return *incomplete
	}
	if len(read) > 0 {
		if translated, _, problem = translate(seen, seen.revision, read); problem != nil {
			return failedToStart(problem)
		}
	}
	return plan{create: build(seen.task, translated)}
}

func failedToStart(problem *conditions.Reason) plan {
	return plan{ends: &task.End{Code: ecsv1.TaskStopCodeTaskFailedToStart, Reason: problem.Message}}
}

// build makes the pod of a task. The finalizer keeps it until the task's status says what became of it.
func build(t *ecsv1.Task, translated podspec.Result) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: translated.Template.ObjectMeta, Spec: translated.Template.Spec}
	pod.Namespace, pod.Name = t.Namespace, task.PodName(t)
	pod.Finalizers = []string{ecsv1.FinalizerTask}
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(t, ecsv1.GroupVersion.WithKind("Task"))}
	needs.Record(pod, translated.Needs)
	return pod
}

// supervise looks after a pod. The status says what it does; it is deleted once that says why, if there is anything left to stop.
func supervise(seen observed) plan {
	pod, t := seen.pod, seen.task
	stopping := t.Status.DesiredStatus == ecsv1.TaskDesiredStatusStopped
	if stopping && pod.DeletionTimestamp == nil && !task.Finished(pod) && !task.NothingRuns(pod) {
		return plan{stop: pod}
	}
	if stopping {
		return plan{}
	}
	return plan{lookAgainIn: untilChange(pod, seen.now)}
}

// untilChange is when a task that runs, can't be started or has no place changes by the passing of time alone: it is given up, or its health check has
// failed for too long; 0 for never.
func untilChange(pod *corev1.Pod, now time.Time) time.Duration {
	seen := taskstate.Of(pod, 0, now)
	switch {
	case task.NotPlaced(pod) != "":
		return max(0, task.NotQueuedAfter(pod).Sub(now))
	case seen.FailedToStart:
		return max(0, task.GivesUpAt(pod).Sub(now))
	case seen.Failing != nil && seen.Failing.Since.After(now):
		return seen.Failing.Since.Sub(now)
	}
	return 0
}

// afterwards keeps a task that has stopped for an hour. The pod stays for as long if it ended by itself, for its logs.
func afterwards(seen observed) plan {
	t, p := seen.task, plan{}
	if pod := seen.pod; pod != nil {
		if controllerutil.ContainsFinalizer(pod, ecsv1.FinalizerTask) {
			p.letGo = pod
		}
		if t.DeletionTimestamp != nil && pod.DeletionTimestamp == nil {
			p.stop = pod
		}
	}
	if t.DeletionTimestamp != nil {
		p.release = seen.pod == nil
		return p
	}
	until := t.Status.StoppedAt.Add(task.Retention)
	if p.forget = !seen.now.Before(until); !p.forget {
		p.lookAgainIn = until.Sub(seen.now)
	}
	return p
}
