// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapImage passes the image on. Docker Hub's short forms mean the same in Kubernetes. When to pull is left to Kubernetes: each
// time for :latest, once per node for other tags. ECS's agent asks the registry each time and falls back to the copy it has.
func mapImage(_ *translation, _ int, in taskdef.Container, out *corev1.Container) {
	out.Image = in.Image
	out.WorkingDir = in.WorkingDirectory
}
