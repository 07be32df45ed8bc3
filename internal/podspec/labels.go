// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// dockerLabelsPrefix and a container's name in the pod are the annotation that has its dockerLabels, as a JSON object.
const dockerLabelsPrefix = "docker-labels.ecs.pods.dev/"

// mapDockerLabels keeps each container's labels, whatever their keys, in an annotation of its own. A label whose key an annotation takes, and that
// containers don't give different values, is an annotation of the pod besides, for the tools that look for it. Keys of Kubernetes and
// of this operator aren't: there a label could change what the pod is.
func mapDockerLabels(t *translation, out *corev1.PodTemplateSpec) {
	plain, differ := map[string]string{}, map[string]bool{}
	for i, c := range t.task.Containers {
		labels := t.definition(i).DockerLabels
		if len(labels) == 0 {
			continue
		}
		if text, err := json.Marshal(labels); err == nil { // a map of strings never fails
			annotate(out, dockerLabelsPrefix+t.names[c.Name], string(text))
		}
		for key, value := range labels {
			if other, taken := plain[key]; taken && other != value {
				differ[key] = true
			}
			plain[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(plain)) {
		if _, taken := out.Annotations[key]; !taken && !differ[key] && annotationKey(key) {
			annotate(out, key, plain[key])
		}
	}
}

// annotationKey: Kubernetes takes the key, and neither it nor the operator gives it a meaning.
func annotationKey(key string) bool {
	domain, _, prefixed := strings.Cut(strings.ToLower(key), "/")
	for _, reserved := range []string{"kubernetes.io", "k8s.io", "ecs.pods.dev"} {
		if prefixed && (domain == reserved || strings.HasSuffix(domain, "."+reserved)) {
			return false
		}
	}
	return len(validation.IsQualifiedName(strings.ToLower(key))) == 0
}

func annotate(out *corev1.PodTemplateSpec, key, value string) {
	if out.Annotations == nil {
		out.Annotations = map[string]string{}
	}
	out.Annotations[key] = value
}
