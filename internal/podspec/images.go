// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapImage passes the image on, by digest where its tag was resolved. Docker Hub's short forms mean the same in Kubernetes. When to pull
// a tag is left to Kubernetes: each time for :latest, once per node for other tags. ECS's agent asks the registry each time and falls
// back to the copy it has.
func mapImage(t *translation, _ int, in taskdef.Container, out *corev1.Container) {
	out.Image = in.Image
	if digest := t.in.Images[in.Name].Digest; digest != "" && !ByDigest(in.Image) {
		out.Image = repository(in.Image) + "@" + digest
	}
	out.WorkingDir = in.WorkingDirectory
}

// pinned are the images whose tags were resolved, as the task definition names them, by container.
func (t *translation) pinned() map[string]string {
	out := map[string]string{}
	for _, c := range t.task.Containers {
		if t.in.Images[c.Name].Digest != "" && !ByDigest(c.Image) {
			out[c.Name] = c.Image
		}
	}
	return out
}

// ByDigest reports whether an image says by itself which bytes it means.
func ByDigest(image string) bool { return strings.Contains(image, "@") }

// repository is an image without its tag. What follows a colon before the last slash is the port of a registry.
func repository(image string) string {
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		return image[:colon]
	}
	return image
}
