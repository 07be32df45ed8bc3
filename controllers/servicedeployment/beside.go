// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// beside counts, by capacity provider, the tasks that there will be beside those of a revision once it has so many. base and weight are about
// all tasks of the service: what the older revisions of a rolling deployment keep makes up a whole with what the new one has, and gets.
//
// A worked step: base 2 of p, the rest of q, 4 tasks. The old revision has p p q q, and the new one p p, the first two of any four. So the old one
// is to keep q q. By itself it would keep p p, and for a while the service would have none of q.
//
// Nothing counts for the new revision, since it is what remains, nor for those of a deployment that moves traffic, since each is a whole.
func (c choice) beside(seen observed, p plan, of revision, to int32) map[string]int {
	goal := seen.goal()
	if len(c.shares) < 2 || p.staged != nil || goal == nil || of.object.Name == goal.object.Name {
		return nil
	}
	older, newest := map[string]int{}, map[string]int{}
	for _, rev := range seen.revisions {
		for _, m := range rev.tasks.members {
			provider := m.pod.Labels[ecsv1.LabelCapacityProvider]
			switch {
			case rev.object.Name == of.object.Name || provider == "" || m.outgoing():
			case rev.object.Name == goal.object.Name:
				newest[provider]++
			default:
				older[provider]++
			}
		}
	}
	return placement.Beside(c.shares, older, newest, int(seen.desired()-to))
}

// outgoing reports whether another task is to be in the place of this one, through the same capacity provider.
func (m member) outgoing() bool { return m.leaves || m.relocates || m.retires || m.fails }

// labelled are shares by the value that tasks have of their provider's label.
func labelled(shares []placement.Share) []placement.Share {
	out := make([]placement.Share, len(shares))
	for i, s := range shares {
		s.Provider = names.LabelValue(s.Provider)
		out[i] = s
	}
	return out
}
