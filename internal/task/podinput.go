// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strconv"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// PodInput is what the pod of a task is translated from. td is the task definition with the task's overrides, node where it must run or "".
func PodInput(t *ecsv1.Task, revision *ecsv1.TaskDefinitionRevisionSpec, td ecsv1.TaskDefinitionFields, node string, on service.Platform) podspec.Input {
	labels := Selector(t.Name)
	labels[ecsv1.LabelCluster] = names.LabelValue(Cluster(t))
	labels[ecsv1.LabelFamily] = names.LabelValue(revision.Family)
	labels[ecsv1.LabelRevision] = strconv.FormatInt(revision.Revision, 10)
	return podspec.Input{
		TaskDefinition: td,
		Labels:         labels,
		Annotations:    map[string]string{ecsv1.AnnotationTaskGroup: group(t, revision.Family)},
		Cluster: podspec.Cluster{
			NodeSelector: map[string]string{ecsv1.LabelCluster: names.LabelValue(Cluster(t))}, Name: Cluster(t), Kubernetes: on.Cluster,
		},
		Task:          &podspec.Task{ID: ID(t), Node: node, VolumeConfigurations: t.Spec.VolumeConfigurations},
		LaunchType:    t.Spec.LaunchType,
		LauncherImage: on.LauncherImage,
		Features:      on.Features,
		ARNs:          on.ARNs,
		PodSecurity:   on.PodSecurity,
	}
}
