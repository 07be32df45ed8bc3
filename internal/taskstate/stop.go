// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// maxReason is the longest reason of a container (API_Container).
const maxReason = 1024

// startErrors: what the kubelet says of a container that it can't start, and ECS's word for it (DG/stopped-task-error-codes).
// ECS ends the task at the first such error; Kubernetes tries again for ever, so FailedToStart is reported beside Over.
var startErrors = map[string]string{
	"ErrImagePull":               "CannotPullContainerError",
	"ImagePullBackOff":           "CannotPullContainerError",
	"ErrImageNeverPull":          "CannotPullContainerError",
	"InvalidImageName":           "CannotPullContainerError",
	"ImageInspectError":          "CannotPullContainerError",
	"RegistryUnavailable":        "CannotPullContainerError",
	"SignatureValidationFailed":  "CannotPullContainerError",
	"CreateContainerConfigError": "ResourceInitializationError", // a missing Secret or ConfigMap
	"CreateContainerError":       "CannotCreateContainerError",
	"PreCreateHookError":         "CannotCreateContainerError",
	"RunContainerError":          "CannotStartContainerError",
	"PreStartHookError":          "CannotStartContainerError",
	"PostStartHookError":         "CannotStartContainerError",
	"StartError":                 "CannotStartContainerError", // a terminated state: the runtime refused, e.g. no such executable
	"ContainerCannotRun":         "CannotStartContainerError",
}

// podReasons: what pod.status.reason says of a pod that ended as a whole, mostly the kubelet refusing it.
var podReasons = map[string]struct {
	code   ecsv1.TaskStopCode
	reason string
}{
	"OutOfcpu":                 {ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:CPU"},
	"OutOfmemory":              {ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:MEMORY"},
	"OutOfpods":                {ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:TASKS"},
	"NodePorts":                {ecsv1.TaskStopCodeTaskFailedToStart, "RESOURCE:PORTS"},
	"NodeAffinity":             {ecsv1.TaskStopCodeTaskFailedToStart, "ATTRIBUTE"},
	"UnexpectedAdmissionError": {ecsv1.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: %s"},
	"NodeShutdown":             {ecsv1.TaskStopCodeTerminationNotice, "Host %s is shutting down."},
	"Terminated":               {ecsv1.TaskStopCodeTerminationNotice, "Host %s is shutting down."},
	"NodeLost":                 {"", "Host %s terminated."},
	"Evicted":                  {ecsv1.TaskStopCodeInfrastructureHealth, "%s"},
	"Preempting":               {ecsv1.TaskStopCodeInfrastructureHealth, "%s"},
	"DeadlineExceeded":         {ecsv1.TaskStopCodeTaskFailedToStart, "%s"},
}

// stopRule gives a stop code and reason when it applies.
type stopRule struct {
	name  string
	gives func(view) (code ecsv1.TaskStopCode, reason string, applies bool)
}

// stopRules: first match wins. An end that a container reports outranks what is known about the pod, since a deletion follows
// every end and would hide it.
var stopRules = []stopRule{
	{"a container can't start", func(v view) (ecsv1.TaskStopCode, string, bool) {
		c := v.cantStart()
		if c == nil {
			return "", "", false
		}
		return ecsv1.TaskStopCodeTaskFailedToStart, c.reason(), true
	}},
	{"the pod says why", view.stopByPodReason},
	{"the node was lost", func(v view) (ecsv1.TaskStopCode, string, bool) {
		c := condition(v.pod, corev1.DisruptionTarget)
		lost := c != nil && c.Status == corev1.ConditionTrue && (c.Reason == "DeletionByTaintManager" || c.Reason == "DeletionByPodGC")
		return "", fmt.Sprintf("Host %s terminated.", v.pod.Spec.NodeName), lost
	}},
	{"evicted or preempted", func(v view) (ecsv1.TaskStopCode, string, bool) {
		c := condition(v.pod, corev1.DisruptionTarget)
		if c == nil || c.Status != corev1.ConditionTrue {
			return "", "", false
		}
		return ecsv1.TaskStopCodeInfrastructureHealth, c.Message, true
	}},
	{"its machine is being taken away", func(v view) (ecsv1.TaskStopCode, string, bool) {
		code := ecsv1.TaskStopCode(v.pod.Annotations[ecsv1.AnnotationStopCode])
		return code, "Your Spot Task was interrupted.", v.pod.DeletionTimestamp != nil && code == ecsv1.TaskStopCodeSpotInterruption
	}},
	{"an essential container ended", func(v view) (ecsv1.TaskStopCode, string, bool) {
		return ecsv1.TaskStopCodeEssentialContainerExited, "Essential container in task exited", v.pod.DeletionTimestamp == nil && v.overBecause() != "" || v.endedBeforeDeletion()
	}},
	{"the task was unhealthy, and was stopped", view.failedBeforeDeletion},
	{"someone deleted the pod", func(v view) (ecsv1.TaskStopCode, string, bool) {
		// A service's own scheduler nearly always; kubectl delete pod looks the same from here.
		return ecsv1.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler", v.pod.DeletionTimestamp != nil
	}},
}

func (v view) stop() (code ecsv1.TaskStopCode, reason string) {
	for _, rule := range stopRules {
		if code, reason, applies := rule.gives(v); applies {
			return code, clip(reason)
		}
	}
	return "", ""
}

func (v view) stopByPodReason() (code ecsv1.TaskStopCode, reason string, applies bool) {
	row, known := podReasons[v.pod.Status.Reason]
	if !known || v.pod.Status.Phase != corev1.PodFailed {
		return "", "", false
	}
	switch {
	case strings.HasPrefix(row.reason, "Host"):
		return row.code, fmt.Sprintf(row.reason, v.pod.Spec.NodeName), true
	case strings.Contains(row.reason, "%s"):
		return row.code, fmt.Sprintf(row.reason, v.pod.Status.Message), true
	}
	return row.code, row.reason, true
}

// endedBeforeDeletion: an essential container ended by itself, and the deletion came after it. The time of a deletion is
// deletionTimestamp less the grace period.
func (v view) endedBeforeDeletion() bool {
	if v.pod.DeletionTimestamp == nil {
		return false
	}
	for _, c := range v.containers {
		if end := c.fatal(); end != nil && !end.FinishedAt.After(v.asked()) {
			return true
		}
	}
	return false
}

// asked is when the pod was deleted.
func (v view) asked() time.Time {
	asked := v.pod.DeletionTimestamp.Time
	if grace := v.pod.DeletionGracePeriodSeconds; grace != nil {
		asked = asked.Add(-secondsOf(*grace))
	}
	return asked
}

// stoppedBy: the container ended because the pod was deleted.
func (v view) stoppedBy(c container) bool {
	end := c.ended()
	return v.pod.DeletionTimestamp != nil && end != nil && end.FinishedAt.After(v.asked())
}

// cantStart is the first container that can't be started, nil if none is in that state. What the operator adds to the pod comes first,
// since the others wait for it.
func (v view) cantStart() *container {
	for _, all := range [][]container{v.helpers, v.containers} {
		for i := range all {
			if all[i].startError() != "" && !v.stoppedBy(all[i]) {
				return &all[i]
			}
		}
	}
	return nil
}

func (c container) startError() string {
	w, end := c.status.State.Waiting, c.ended()
	switch {
	case Ours(c.spec.Name):
		return c.helperError()
	case w != nil && startErrors[w.Reason] != "":
		return startErrors[w.Reason] + ": " + pullMessage(w.Message)
	case end == nil:
		return ""
	case refusedStart(end):
		return endReason(end)
	case c.first && end.ExitCode != 0:
		return "CannotStartContainerError: " + c.described() + howEnded(end)
	}
	return ""
}

// helperError: what the operator adds to a pod is a resource of the task, and no container of it.
func (c container) helperError() string {
	if w := c.status.State.Waiting; w != nil && startErrors[w.Reason] != "" {
		return "ResourceInitializationError: " + c.name + ": " + pullMessage(w.Message)
	}
	if end := c.ended(); c.first && end != nil && end.ExitCode != 0 && c.status.State.Running == nil {
		return "ResourceInitializationError: " + c.name + howEnded(end) + ": " + end.Message
	}
	return ""
}

// refusedStart: the runtime, or the launcher in its place, could not start the command.
func refusedStart(end *corev1.ContainerStateTerminated) bool {
	return end.Reason == "StartError" || end.Reason == "ContainerCannotRun" || launcherFailed(end)
}

// launcherError begins the termination message of a launcher that failed, with the name of one of ECS's errors.
var launcherError = regexp.MustCompile("^[A-Z][A-Za-z]*Error: ")

// launcherFailed: the launcher did not come to start the command. A command that exits with 125 itself has another message, or none.
func launcherFailed(end *corev1.ContainerStateTerminated) bool {
	return end.ExitCode == launchspec.ExitFailed && launcherError.MatchString(end.Message)
}

// pullMessage drops what the kubelet puts before the same error while it waits for the next try, so that the reason stays still
// while the waiting reason swings between ErrImagePull and ImagePullBackOff.
func pullMessage(text string) string {
	if strings.HasPrefix(text, "Back-off pulling image ") {
		if _, cause, found := strings.Cut(text, ": ErrImagePull: "); found {
			return cause
		}
	}
	return text
}

// reason of a container, as containers[].reason in DescribeTasks.
func (c container) reason() string {
	if text := c.startError(); text != "" {
		return clip(text)
	}
	if end := c.ended(); end != nil {
		return clip(endReason(end))
	}
	return ""
}

// endReason is empty for an ordinary exit, whatever its code.
func endReason(end *corev1.ContainerStateTerminated) string {
	if launcherFailed(end) {
		return strings.TrimSpace(end.Message)
	}
	switch end.Reason {
	case "OOMKilled":
		return "OutOfMemoryError: Container killed due to memory usage"
	case "StartError", "ContainerCannotRun":
		return startErrors[end.Reason] + ": " + end.Message
	case "ContainerStatusUnknown":
		return "CannotInspectContainerError: " + end.Message
	}
	return ""
}

// clip cuts text to ECS's limit without cutting a character.
func clip(text string) string {
	if len(text) <= maxReason {
		return text
	}
	cut := maxReason
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
