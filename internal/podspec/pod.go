// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"encoding/json"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// mapPod sets what every task's pod has. A service's pod is a Deployment's, which must restart; a task by itself never does.
//
// ECS puts no credentials of the orchestrator into a task and no variables for its neighbours, so neither the service account's
// token nor the variables for Services (WEB_SERVICE_HOST and the like, which grow with the namespace and shadow the task's own)
// are given.
func mapPod(t *translation, out *corev1.PodTemplateSpec) {
	no := false
	out.Spec.AutomountServiceAccountToken = &no
	out.Spec.EnableServiceLinks = &no
	out.Spec.RestartPolicy = corev1.RestartPolicyAlways
	if t.in.Service == nil {
		out.Spec.RestartPolicy = corev1.RestartPolicyNever
	}
}

// mapAnnotations writes down what internal/taskstate needs to read the task out of the pod again.
func mapAnnotations(t *translation, out *corev1.PodTemplateSpec) {
	var essential, periods []string
	renamed := map[string]string{}
	for _, c := range t.task.Containers {
		name := t.names[c.Name]
		if c.Essential {
			essential = append(essential, name)
		}
		if c.HealthCheck != nil && c.HealthCheck.StartPeriod > 0 {
			periods = append(periods, name+"="+strconv.Itoa(int(c.HealthCheck.StartPeriod)))
		}
		if name != c.Name {
			renamed[name] = c.Name
		}
	}
	if out.Annotations == nil {
		out.Annotations = map[string]string{}
	}
	out.Annotations[taskstate.EssentialContainersAnnotation] = taskstate.JoinEssential(essential)
	if len(periods) > 0 {
		out.Annotations[taskstate.StartPeriodsAnnotation] = strings.Join(periods, ",")
	}
	if text, err := json.Marshal(renamed); err == nil && len(renamed) > 0 { // a map of strings never fails
		out.Annotations[taskstate.ContainerNamesAnnotation] = string(text)
	}
	if text, err := json.Marshal(t.pinned()); err == nil && len(t.pinned()) > 0 {
		out.Annotations[taskstate.ImagesAnnotation] = string(text)
	}
}
