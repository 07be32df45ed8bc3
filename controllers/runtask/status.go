// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// setStatus computes the status from what was seen and planned. That of a task that has stopped stays.
func setStatus(t *ecsv1.Task, seen observed, plan plan, applyErr error) {
	if task.Stopped(t) {
		return
	}
	s, now := &t.Status, metav1.NewTime(seen.now)
	before := s.DeepCopy()
	s.ObservedGeneration = new(t.Generation)
	s.UnmappedFields = task.Unmapped(t)
	switch {
	case plan.accept != nil:
		if err := task.Accept(t, &plan.accept.Spec, plan.fields, seen.scope); err != nil {
			applyErr = err
		}
	case apierrors.IsInvalid(applyErr):
		end(s, task.End{Code: ecsv1.TaskStopCodeTaskFailedToStart, Reason: "ResourceInitializationError: Kubernetes refuses what the task needs: " + applyErr.Error()}, seen.now)
	case plan.ends != nil:
		end(s, *plan.ends, seen.now)
	case seen.pod != nil:
		task.Describe(t, seen.pod, seen.now)
		if task.IsInterrupted(seen.pod, seen.instance()) {
			task.Stop(s, task.Interrupted, seen.now)
		}
		connectivity := s.Connectivity
		if task.Place(s, seen.instance()); s.Connectivity != connectivity {
			s.ConnectivityAt = &now
		}
	case plan.create != nil && applyErr == nil:
		s.PodName = plan.create.Name
	}
	task.CountVersion(before, s)
	conditions.Set(&s.Conditions, t.Generation, now, outcome(t, seen, plan, applyErr))
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, unmapped(s.UnmappedFields), t.Generation, now)
	complete, failed := verdict(t)
	conditions.Flag(&s.Conditions, ecsv1.ConditionComplete, complete, t.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionFailed, failed, t.Generation, now)
}

func end(s *ecsv1.TaskStatus, e task.End, now time.Time) {
	task.Stop(s, e, now)
	task.Ended(s, now)
}

// outcome says how the task stands. First match wins.
func outcome(t *ecsv1.Task, seen observed, plan plan, applyErr error) conditions.Outcome {
	waiting := func(reason, message string) conditions.Outcome {
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}}
	}
	s := &t.Status
	switch {
	case task.Stopped(t):
		return stopped(t)
	case refused(applyErr):
		return waiting(ecsv1.ReasonTasksRefused, "Kubernetes refuses the task, trying again: "+applyErr.Error())
	case applyErr != nil:
		return waiting(ecsv1.ReasonFailed, "trying again: "+applyErr.Error())
	case plan.problem != nil:
		return conditions.Outcome{Stalled: plan.problem}
	case plan.waiting != nil:
		return conditions.Outcome{Reconciling: plan.waiting}
	case plan.missing != nil && plan.missing.Problem != nil:
		return conditions.Outcome{Stalled: plan.missing.Problem}
	case plan.missing != nil && plan.missing.Waiting != nil:
		return conditions.Outcome{Reconciling: plan.missing.Waiting}
	case s.DesiredStatus == ecsv1.TaskDesiredStatusStopped:
		return waiting(ecsv1.ReasonTaskStopping, string(s.LastStatus)+", to be STOPPED: "+s.StoppedReason)
	}
	if why := failing(seen); why != "" {
		return waiting(ecsv1.ReasonTasksFailedToStart, why)
	}
	if seen.pod != nil && taskstate.Unplaced(seen.pod) != "" {
		return waiting(ecsv1.ReasonTasksNotPlaced, unplaced(seen.pod))
	}
	if s.LastStatus == ecsv1.TaskStateRunning {
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "RUNNING"}}
	}
	return waiting(ecsv1.ReasonProgressing, string(s.LastStatus))
}

// unplaced tells of a task without a place, and what becomes of it.
func unplaced(pod *corev1.Pod) string {
	if why := task.NotPlaced(pod); why != "" {
		return "finds no container instance, and is ended if that doesn't change soon: " + why
	}
	return "finds no container instance, and waits for one of its capacity provider: " + instances.FailureReason(taskstate.Unplaced(pod))
}

// failing tells of a task that can't be started and isn't given up yet, with the remedy where one is known.
func failing(seen observed) string {
	if seen.pod == nil {
		return ""
	}
	now := taskstate.Of(seen.pod, 0, seen.now)
	if !now.FailedToStart {
		return ""
	}
	return "can't be started, and is ended if that doesn't change soon: " + needs.Recorded(seen.pod).Explain(now.StoppedReason, seen.task.Namespace)
}

// stopped says how a task ended. One that did its work, and one that somebody stopped, are as they should be.
func stopped(t *ecsv1.Task) conditions.Outcome {
	s := &t.Status
	switch {
	case task.Succeeded(s):
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonTaskSucceeded, Message: describe(s)}}
	case s.StopCode == ecsv1.TaskStopCodeUserInitiated:
		return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonTaskStopped, Message: describe(s)}}
	}
	return conditions.Outcome{Stalled: &conditions.Reason{Reason: reasonOf(s), Message: describe(s) + "; run another Task"}}
}

// verdict is for kubectl wait: whether a task that ended by itself did so well.
func verdict(t *ecsv1.Task) (complete, failed *conditions.Reason) {
	s := &t.Status
	switch {
	case !task.Stopped(t) || s.StopCode == ecsv1.TaskStopCodeUserInitiated:
		return nil, nil
	case task.Succeeded(s):
		return &conditions.Reason{Reason: ecsv1.ReasonTaskSucceeded, Message: describe(s)}, nil
	}
	return nil, &conditions.Reason{Reason: reasonOf(s), Message: describe(s)}
}

// reasons of conditions for stop codes that are none themselves.
var reasons = map[ecsv1.TaskStopCode]string{
	"":                                  ecsv1.ReasonTaskLost,
	ecsv1.TaskStopCodeTaskFailedToStart: ecsv1.ReasonTasksFailedToStart,
}

func reasonOf(s *ecsv1.TaskStatus) string { return cmp.Or(reasons[s.StopCode], string(s.StopCode)) }

// describe: "Essential container in task exited: app with code 1 (OutOfMemoryError: …)".
func describe(s *ecsv1.TaskStatus) string {
	i := slices.IndexFunc(s.Containers, func(c ecsv1.TaskContainer) bool { return c.Name == s.EndedBy && c.ExitCode != nil })
	if i < 0 {
		return s.StoppedReason
	}
	c := s.Containers[i]
	text := fmt.Sprintf("%s: %s with code %d", s.StoppedReason, c.Name, *c.ExitCode)
	if c.Reason != "" {
		text += " (" + c.Reason + ")"
	}
	return text
}

// unmapped is a condition's reason when fields are set that have no effect yet.
func unmapped(paths []string) *conditions.Reason {
	if len(paths) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonFieldsWithoutEffect, Message: "accepted, but without effect yet: " + strings.Join(paths, ", ")}
}
