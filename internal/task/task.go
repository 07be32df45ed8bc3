// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package task says what a task that someone runs by itself is: what RunTask takes for a field that is left out, what its overrides make of
// a task definition, what its pod is translated from, and what DescribeTasks says of it.
package task

import (
	"cmp"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

const (
	defaultCluster = "default"
	// stoppedByUser is the reason of StopTask where none is given.
	stoppedByUser = "Task stopped by user"
)

// Retention is how long a task is kept after it stopped (DescribeTasks shows it for at least as long).
const Retention = time.Hour

// Cluster is the name of the task's cluster.
func Cluster(t *ecsv1.Task) string {
	return arn.ShortName(cmp.Or(t.Spec.Cluster, defaultCluster))
}

// ID of the task. It is known before there is a pod.
func ID(t *ecsv1.Task) string { return names.TaskID(string(t.UID)) }

// PodName is the name of the task's only pod.
func PodName(t *ecsv1.Task) string { return names.Task(t.Name, string(t.UID)) }

// Selector finds the task's pod.
func Selector(name string) map[string]string {
	return map[string]string{ecsv1.LabelTask: names.LabelValue(name)}
}

// group is the group in effect. Groups that begin with family: are ECS's own.
func group(t *ecsv1.Task, family string) string { return cmp.Or(t.Spec.Group, "family:"+family) }

// Accepted reports whether RunTask has taken the task: it has a task definition revision, which it keeps. One that was refused is no task
// yet, as in ECS.
func Accepted(t *ecsv1.Task) bool { return t.Status.TaskDefinitionArn != "" }

// Stopped reports whether the status says that the task has stopped. It never changes after that.
func Stopped(t *ecsv1.Task) bool { return t.Status.LastStatus == ecsv1.TaskStateStopped }

// StopRequested reports whether somebody has asked for the task to be stopped: by desiredStatus, or by deleting it.
func StopRequested(t *ecsv1.Task) bool {
	k := t.Spec.Kubernetes
	return t.DeletionTimestamp != nil || k != nil && k.DesiredStatus == ecsv1.TaskDesiredStatusStopped
}

// stopReason is what StopTask was given as the reason.
func stopReason(t *ecsv1.Task) string {
	if k := t.Spec.Kubernetes; k != nil && k.DesiredStatus == ecsv1.TaskDesiredStatusStopped {
		return cmp.Or(k.Reason, stoppedByUser)
	}
	return stoppedByUser
}

// Active counts the tasks of a cluster that run, and those that are on their way there. Neither has one that is to stop.
func Active(cluster string, all []ecsv1.Task) (running, pending int32) {
	for i := range all {
		t := &all[i]
		switch {
		case Cluster(t) != cluster || !Accepted(t) || t.Status.DesiredStatus != ecsv1.TaskDesiredStatusRunning:
		case t.Status.LastStatus == ecsv1.TaskStateRunning:
			running++
		default:
			pending++
		}
	}
	return running, pending
}

// Unplaced counts the tasks of a cluster that are waiting for a container instance.
func Unplaced(cluster string, all []ecsv1.Task) int32 {
	var n int32
	for i := range all {
		if t := &all[i]; Cluster(t) == cluster && t.Status.LastStatus == ecsv1.TaskStateProvisioning {
			n++
		}
	}
	return n
}
