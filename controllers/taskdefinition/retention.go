// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// defaultHistoryLimit is how many old revisions a family keeps. ECS keeps a million, in a database of its own.
const defaultHistoryLimit = 100

func historyLimit(td *ecsv1.TaskDefinition) int {
	if td.Spec.Kubernetes == nil {
		return defaultHistoryLimit
	}
	return int(ptr.Deref(td.Spec.Kubernetes.RevisionHistoryLimit, defaultHistoryLimit))
}

// expired are the oldest revisions beyond the limit. The newest, the newest ACTIVE one and those in use are kept, and don't count.
func expired(seen observed, limit int) []*ecsv1.TaskDefinitionRevision {
	newestActive := ""
	for i := range seen.revisions {
		if r := &seen.revisions[i]; taskdef.Active(r) {
			newestActive = r.Name
		}
	}
	var old []*ecsv1.TaskDefinitionRevision
	for i := range seen.revisions {
		r := &seen.revisions[i]
		if i == len(seen.revisions)-1 || r.Name == newestActive || seen.used[r.Name] || r.DeletionTimestamp != nil {
			continue
		}
		old = append(old, r)
	}
	return old[:max(0, len(old)-limit)]
}
