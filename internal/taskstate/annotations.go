// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"encoding/json"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Annotations of a task's pod. internal/podspec writes them into the pod template, this package reads them.
const (
	// EssentialContainersAnnotation lists the pod's essential containers by their names in the pod: "app,log". A pod without it
	// has essential containers only, which is ECS's default.
	EssentialContainersAnnotation = "ecs.pods.dev/essential-containers"
	// ContainerNamesAnnotation is a JSON object from name in the pod to name in the task definition. It has the containers whose
	// names differ, and is absent when none does: {"my-app-1x2y3z4a":"My_App"}.
	ContainerNamesAnnotation = "ecs.pods.dev/container-names"
	// StartPeriodsAnnotation lists healthCheck.startPeriod in seconds where it is set: "app=60,log=10". A probe has no such field:
	// a readiness probe needs none to start with, but telling UNKNOWN from UNHEALTHY does.
	StartPeriodsAnnotation = "ecs.pods.dev/health-check-start-periods"
	// TargetGroupsAnnotation lists, by the name of the container that carries its check, the target groups of the task as the service names
	// them: "app=web-tg,ecs-targets=admin-tg". A probe has no room for it, and a task that fails the check is stopped with that name.
	TargetGroupsAnnotation = "ecs.pods.dev/target-groups"
	// LaunchedAnnotation lists, for people, the containers that the launcher starts by their ECS names, and the fields that need it:
	// "app: dependsOn, ulimits; log: essential".
	LaunchedAnnotation = "ecs.pods.dev/launched"
	// ImagesAnnotation is a JSON object from name in the task definition to the image as it stands there. It has the containers whose
	// tag was resolved to a digest, and is absent when none was: {"app":"web:v1"}.
	ImagesAnnotation = "ecs.pods.dev/images"
)

// Containers and volumes of a task's pod that are none of the task's own.
const (
	// LauncherName is the init container that brings the launcher, and the volume that it is brought into.
	LauncherName = "ecs-launcher"
	// TargetsName begins the names of the containers that carry nothing but the check of a target group: ecs-targets, ecs-targets-2.
	TargetsName = "ecs-targets"
)

// Ours reports whether a container of that name in a task's pod is none of the task's own.
func Ours(podName string) bool {
	return podName == LauncherName || podName == TargetsName || strings.HasPrefix(podName, TargetsName+"-")
}

// JoinEssential writes the value of EssentialContainersAnnotation.
func JoinEssential(podNames []string) string { return strings.Join(podNames, ",") }

func essentialOf(pod *corev1.Pod) map[string]bool {
	text, given := pod.Annotations[EssentialContainersAnnotation]
	out := map[string]bool{}
	if !given {
		for _, c := range pod.Spec.Containers {
			out[c.Name] = true
		}
		return out
	}
	for name := range strings.SplitSeq(text, ",") {
		out[strings.TrimSpace(name)] = true
	}
	return out
}

// namesOf is empty for a pod without the annotation, and for one whose annotation someone broke: the pod's own names serve then.
func namesOf(pod *corev1.Pod) map[string]string {
	if pod.Annotations[ContainerNamesAnnotation] == "" {
		return nil
	}
	return ContainerNames(pod.Annotations)
}

// ContainerNames reads the annotation of that name: from name in the pod to name in the task definition, where the two differ.
func ContainerNames(annotations map[string]string) map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal([]byte(annotations[ContainerNamesAnnotation]), &out); err != nil {
		return map[string]string{}
	}
	return out
}

// JoinTargetGroup adds a target group, whose check stands at a container, to the value of TargetGroupsAnnotation.
func JoinTargetGroup(value, podName, targetGroup string) string {
	if value != "" {
		value += ","
	}
	return value + podName + "=" + targetGroup
}

// targetGroupsOf gives the first target group of each container that carries a check of one.
func targetGroupsOf(pod *corev1.Pod) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(pod.Annotations[TargetGroupsAnnotation], ",") {
		podName, group, ok := strings.Cut(part, "=")
		if _, known := out[podName]; ok && !known {
			out[podName] = group
		}
	}
	return out
}

func startPeriodsOf(pod *corev1.Pod) map[string]int32 {
	if pod.Annotations[StartPeriodsAnnotation] == "" {
		return nil
	}
	out := map[string]int32{}
	for part := range strings.SplitSeq(pod.Annotations[StartPeriodsAnnotation], ",") {
		name, number, ok := strings.Cut(part, "=")
		seconds, err := strconv.ParseInt(number, 10, 32)
		if ok && err == nil && seconds >= 0 {
			out[name] = int32(seconds)
		}
	}
	return out
}
