// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Family is a task definition's family: the object's name unless the spec says otherwise.
func Family(td *ecsv1.TaskDefinition) string { return cmp.Or(td.Spec.Family, td.Name) }

// Active reports whether something new may use a revision: nobody deregistered it or asked for its deletion.
func Active(r *ecsv1.TaskDefinitionRevision) bool {
	return r.DeletionTimestamp == nil && r.Spec.DesiredStatus != ecsv1.TaskDefinitionDesiredStatusInactive &&
		(r.Status.Status == "" || r.Status.Status == ecsv1.TaskDefinitionStateActive)
}
