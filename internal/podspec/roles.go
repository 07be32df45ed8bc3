// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// mapTaskRole: the role is a ServiceAccount. Its token for Kubernetes isn't mounted (mapPod); what exchanges it for credentials of AWS
// mounts one of its own.
func mapTaskRole(t *translation, out *corev1.PodTemplateSpec) {
	role := t.task.TaskRole
	if role == nil {
		return
	}
	if mapped := t.clusterRole(role); mapped != nil && mapped.ServiceAccountName != "" {
		out.Spec.ServiceAccountName = mapped.ServiceAccountName
		return
	}
	out.Spec.ServiceAccountName = names.TaskRole(role.Name)
	t.needs.ServiceAccount = &ServiceAccount{Name: out.Spec.ServiceAccountName, RoleArn: t.in.TaskDefinition.TaskRoleArn}
}

// clusterRole is what the Cluster says about a role, nil for nothing. An entry with the role's own ARN goes before one that names it.
func (t *translation) clusterRole(role *arn.RoleRef) *ecsv1.ClusterRole {
	if role == nil || t.in.Cluster.Kubernetes == nil {
		return nil
	}
	var found *ecsv1.ClusterRole
	for i := range t.in.Cluster.Kubernetes.Roles {
		entry := &t.in.Cluster.Kubernetes.Roles[i]
		ref, err := arn.ParseRole(entry.RoleArn)
		switch {
		case err != nil || !ref.Same(*role):
		case ref == *role:
			return entry
		case found == nil:
			found = entry
		}
	}
	return found
}
