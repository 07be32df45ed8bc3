// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// patience is how long a task may fail to start, or be without a place, before it is ended. ECS's agent gives up a pull, or a secret that it can't read, after a
// few tries; the kubelet never does. Its first back-off is 10 s, so that it has tried twice by then.
const patience = 20 * time.Second

// order of the states: a task never goes back.
var order = map[ecsv1.TaskState]int{
	ecsv1.TaskStateProvisioning: 1, ecsv1.TaskStatePending: 2, ecsv1.TaskStateActivating: 3, ecsv1.TaskStateRunning: 4,
	ecsv1.TaskStateDeactivating: 5, ecsv1.TaskStateStopping: 6, ecsv1.TaskStateDeprovisioning: 7, ecsv1.TaskStateStopped: 8,
}

func advance(s *ecsv1.TaskStatus, to ecsv1.TaskState) {
	if order[to] > order[s.LastStatus] {
		s.LastStatus = to
	}
}

// GivesUpAt is when a task that can't be started is ended, counted from when the kubelet took it up.
func GivesUpAt(pod *corev1.Pod) time.Time {
	began := pod.CreationTimestamp.Time
	if pod.Status.StartTime != nil {
		began = pod.Status.StartTime.Time
	}
	return began.Add(patience)
}

// Finished reports whether nothing of a pod runs any more, or will: it has ended, or it was deleted and its containers have had their time.
func Finished(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return true
	}
	grace := pod.DeletionGracePeriodSeconds
	return pod.DeletionTimestamp != nil && (pod.Spec.NodeName == "" || grace != nil && *grace == 0)
}

// NothingRuns reports whether all containers of a pod that is never restarted have ended. The kubelet says so of the pod a little later, and
// nothing has to be stopped meanwhile.
func NothingRuns(pod *corev1.Pod) bool {
	ended := map[string]bool{}
	for _, s := range pod.Status.ContainerStatuses {
		ended[s.Name] = s.State.Terminated != nil
	}
	for _, c := range pod.Spec.Containers {
		if !ended[c.Name] {
			return false
		}
	}
	return true
}

// Describe writes what the pod says into the status of a task that hasn't stopped.
func Describe(t *ecsv1.Task, pod *corev1.Pod, now time.Time) {
	s, seen := &t.Status, taskstate.Of(pod, 0, now)
	s.PodName = pod.Name
	if s.CreatedAt == nil {
		s.CreatedAt = scheduledAt(pod)
	}
	if s.StartedAt == nil && !seen.StartedAt.IsZero() {
		s.StartedAt = new(metav1.NewTime(seen.StartedAt))
	}
	describeContainers(s, pod, seen)
	if s.DesiredStatus == ecsv1.TaskDesiredStatusRunning {
		s.HealthStatus = seen.HealthStatus
		if e, ends := ending(t, pod, seen, now); ends {
			Stop(s, e, now)
			s.EndedBy = seen.EndedBy
		}
	}
	advance(s, seen.LastStatus)
	if s.DesiredStatus == ecsv1.TaskDesiredStatusStopped {
		if at := seen.ExecutionStoppedAt; s.ExecutionStoppedAt == nil && !at.IsZero() {
			s.ExecutionStoppedAt = new(metav1.NewTime(at))
		}
		if Finished(pod) {
			Ended(s, now)
		}
	}
}

// scheduledAt is when the task was given a node, which is when ECS's tasks become PENDING; nil while it has none.
func scheduledAt(pod *corev1.Pod) *metav1.Time {
	if pod.Spec.NodeName == "" {
		return nil
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue {
			return new(c.LastTransitionTime)
		}
	}
	return new(pod.CreationTimestamp)
}

func describeContainers(s *ecsv1.TaskStatus, pod *corev1.Pod, seen taskstate.Task) {
	for _, c := range seen.Containers {
		for i := range s.Containers {
			out := &s.Containers[i]
			if out.Name != c.Name {
				continue
			}
			out.LastStatus, out.HealthStatus = c.LastStatus, c.HealthStatus
			out.ExitCode, out.Reason = c.ExitCode, c.Reason
			out.ImageDigest, out.RuntimeId = keep(c.ImageDigest, out.ImageDigest), keep(c.RuntimeID, out.RuntimeId)
			if c.RestartCount > 0 {
				out.RestartCount = new(c.RestartCount)
			}
			if interfaces := addresses(pod); interfaces != nil {
				out.NetworkInterfaces = interfaces
			}
			if ports := bindings(pod, c.PodName); ports != nil {
				out.NetworkBindings = ports
			}
		}
	}
}

func keep(now, before string) string {
	if now == "" {
		return before
	}
	return now
}

func isIPv6(ip string) bool { return strings.Contains(ip, ":") }

// End is why a task stops.
type End struct {
	Code   ecsv1.TaskStopCode
	Reason string
}

// ending tells why a task stops, if it does. First match wins: what the pod says by itself outranks what somebody asked for meanwhile.
func ending(t *ecsv1.Task, pod *corev1.Pod, seen taskstate.Task, now time.Time) (End, bool) {
	deleted := pod.DeletionTimestamp != nil && seen.StopCode == ecsv1.TaskStopCodeServiceSchedulerInitiated // as taskstate says of a service's pod
	switch {
	case seen.Over:
		return End{seen.StopCode, seen.StoppedReason}, true
	case StopRequested(t):
		return Requested(t), true
	case deleted:
		return End{ecsv1.TaskStopCodeUserInitiated, stoppedByUser + ": its pod was deleted"}, true
	case pod.DeletionTimestamp != nil:
		return End{seen.StopCode, seen.StoppedReason}, true
	case seen.FailedToStart && !now.Before(GivesUpAt(pod)):
		return End{ecsv1.TaskStopCodeTaskFailedToStart, seen.StoppedReason}, true
	case NotPlaced(pod) != "" && !now.Before(NotQueuedAfter(pod)):
		return End{ecsv1.TaskStopCodeTaskFailedToStart, NotPlaced(pod)}, true
	}
	return End{}, false
}

// Requested is why a task stops that somebody stopped.
func Requested(t *ecsv1.Task) End {
	return End{ecsv1.TaskStopCodeUserInitiated, stopReason(t)}
}

// Vanished is why a task stopped whose pod went without anyone seeing how: somebody took its finalizer away.
var Vanished = End{"", "The pod of the task is gone, and what became of its containers was not seen"}

// Stop writes that the task is to stop, and why. The first reason stays.
func Stop(s *ecsv1.TaskStatus, e End, now time.Time) {
	if s.DesiredStatus == ecsv1.TaskDesiredStatusStopped {
		return
	}
	s.DesiredStatus = ecsv1.TaskDesiredStatusStopped
	s.StopCode, s.StoppedReason = e.Code, clip(e.Reason)
	s.StoppingAt = new(metav1.NewTime(now))
}

// maxReason is the longest stoppedReason, in characters.
const maxReason = 1024

func clip(text string) string {
	if all := []rune(text); len(all) > maxReason {
		return string(all[:maxReason-1]) + "…"
	}
	return text
}

// Ended writes that the task has stopped. Of containers that nobody saw end there is no exit code.
func Ended(s *ecsv1.TaskStatus, now time.Time) {
	advance(s, ecsv1.TaskStateStopped)
	if s.StoppedAt == nil {
		s.StoppedAt = new(metav1.NewTime(now))
	}
	if s.StartedAt != nil && s.ExecutionStoppedAt == nil {
		s.ExecutionStoppedAt = s.StoppingAt
	}
	for i := range s.Containers {
		s.Containers[i].LastStatus = "STOPPED"
	}
}

// Succeeded reports whether a task that stopped had done what it was to do: the container that ended it did so with exit code 0.
func Succeeded(s *ecsv1.TaskStatus) bool {
	if s.StopCode != ecsv1.TaskStopCodeEssentialContainerExited {
		return false
	}
	for _, c := range s.Containers {
		if c.Name == s.EndedBy {
			return c.ExitCode != nil && *c.ExitCode == 0
		}
	}
	return false
}

// CountVersion raises the version when anything but it and the conditions has changed.
func CountVersion(before, after *ecsv1.TaskStatus) {
	a, b := before.DeepCopy(), after.DeepCopy()
	for _, s := range []*ecsv1.TaskStatus{a, b} {
		s.Version, s.Conditions, s.ObservedGeneration, s.UnmappedFields = nil, nil, nil, nil
	}
	if equality.Semantic.DeepEqual(a, b) {
		return
	}
	next := int64(1)
	if before.Version != nil {
		next = *before.Version + 1
	}
	after.Version = &next
}
