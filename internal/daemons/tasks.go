// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package daemons

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// Tasks is what the pods of an instance come to.
type Tasks struct {
	// Replicas: there is a task of a REPLICA service that isn't gone, be it stopping.
	Replicas bool
	// Count and Groups are of the tasks that are to run and are no daemon's.
	Count  int
	Groups []string
	// Running are the labels of the daemons that have a RUNNING task.
	Running map[string]bool
}

// TasksOf reads the pods that are on an instance or on their way there.
func TasksOf(pods []corev1.Pod, now time.Time) Tasks {
	t := Tasks{Running: map[string]bool{}}
	for i := range pods {
		t.add(&pods[i], now)
	}
	return t
}

func (t *Tasks) add(pod *corev1.Pod, now time.Time) {
	if pod.Labels[ecsv1.LabelCluster] == "" || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return
	}
	task := taskstate.Of(pod, 0, now)
	if daemonSet := DaemonSetOf(pod); daemonSet != "" {
		if task.LastStatus == ecsv1.TaskStateRunning {
			t.Running[names.DaemonLabel(pod.Namespace, daemonSet)] = true
		}
		return
	}
	if pod.Labels[ecsv1.LabelService] != "" {
		t.Replicas = true
	}
	if task.DesiredStatus == ecsv1.TaskDesiredStatusRunning {
		t.Count++
		t.Groups = append(t.Groups, instances.TaskGroup(pod))
	}
}

// DaemonSetOf is the DaemonSet of a DAEMON service's task, which has the service's name; "" for any other pod.
func DaemonSetOf(pod *corev1.Pod) string {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "DaemonSet" || pod.Labels[ecsv1.LabelService] == "" {
		return ""
	}
	return owner.Name
}
