// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// holding keeps statuses back that say nothing new but other counts of a rolling deployment under way, while many are: of a thousand services that are deployed
// at once each would be written for every step of its tasks, and those writes keep the next steps waiting. What is kept back is what the next look goes by.
// An operator that is killed meanwhile finds it anew in what it was found in: the tasks.
type holding struct {
	mu sync.Mutex
	by map[types.UID]held
}

type held struct {
	since time.Time
	// after is the resource version of what is stored; once that is another, nothing is known beyond it.
	after  string
	status ecsv1.ServiceDeploymentStatus
}

// Each deployment that is kept back waits so much longer for each of them, so that all of them together write at most fifty counts a second; at most for a while.
const (
	heldForEach = 20 * time.Millisecond
	heldLongest = 10 * time.Second
)

// resume is the deployment with what was kept back of its status.
func (h *holding) resume(stored *ecsv1.ServiceDeployment) *ecsv1.ServiceDeployment {
	h.mu.Lock()
	defer h.mu.Unlock()
	back, ok := h.by[stored.UID]
	if !ok || back.after != stored.ResourceVersion {
		return stored
	}
	sd := stored.DeepCopy()
	back.status.DeepCopyInto(&sd.Status)
	return sd
}

// hold is how much longer the status of after is kept back; 0 where it is to be written, or is what is stored.
func (h *holding) hold(stored, after *ecsv1.ServiceDeployment, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	back, ok := h.by[stored.UID]
	if !ok || back.after != stored.ResourceVersion {
		back = held{since: now, after: stored.ResourceVersion}
	}
	delete(h.by, stored.UID)
	if equality.Semantic.DeepEqual(stored.Status, after.Status) || !onlyCounts(&stored.Status, &after.Status) {
		return 0
	}
	maps.DeleteFunc(h.by, func(_ types.UID, other held) bool { return now.Sub(other.since) > 2*heldLongest }) // of deployments that have gone
	wait := back.since.Add(min(heldLongest, time.Duration(len(h.by)+1)*heldForEach)).Sub(now)
	if wait <= 0 || wait > heldLongest { // the second when the clock was set back
		return 0
	}
	if h.by == nil {
		h.by = map[types.UID]held{}
	}
	after.Status.DeepCopyInto(&back.status)
	h.by[stored.UID] = back
	return wait
}

// onlyCounts reports whether nothing differs that anybody waits for: how many tasks there are of revisions that are listed, and the sentence about it. A deployment with
// a failed task keeps nothing back: what is counted decides how it goes on.
func onlyCounts(stored, after *ecsv1.ServiceDeploymentStatus) bool {
	if stored.Status != ecsv1.ServiceDeploymentStateInProgress || stored.LifecycleStage != "" || after.FailedTasks > 0 || after.Rollback != nil {
		return false
	}
	same := stored.DeepCopy()
	same.RunningTaskCount, same.PendingTaskCount, same.HealthyTaskCount = after.RunningTaskCount, after.PendingTaskCount, after.HealthyTaskCount
	takeCounts(listed(same), listed(after))
	for i := range min(len(same.Conditions), len(after.Conditions)) {
		if c, to := &same.Conditions[i], after.Conditions[i]; c.Reason == ecsv1.ReasonProgressing && to.Reason == c.Reason {
			c.Message = to.Message
		}
	}
	if isProgressing(after.Conditions) {
		same.StatusReason = after.StatusReason
	}
	return equality.Semantic.DeepEqual(same, after)
}

// listed are the revisions of a status, sources before the target.
func listed(s *ecsv1.ServiceDeploymentStatus) []*ecsv1.ServiceRevisionSummary {
	var out []*ecsv1.ServiceRevisionSummary
	for i := range s.SourceServiceRevisions {
		out = append(out, &s.SourceServiceRevisions[i])
	}
	if s.TargetServiceRevision != nil {
		out = append(out, s.TargetServiceRevision)
	}
	return out
}

// takeCounts makes the counts of each revision those of to, where it lists the same ones.
func takeCounts(of, to []*ecsv1.ServiceRevisionSummary) {
	for i := range min(len(of), len(to)) {
		if of[i].Name == to[i].Name {
			of[i].RequestedTaskCount, of[i].RunningTaskCount, of[i].PendingTaskCount = to[i].RequestedTaskCount, to[i].RunningTaskCount, to[i].PendingTaskCount
		}
	}
}

func isProgressing(all []metav1.Condition) bool {
	return slices.ContainsFunc(all, func(c metav1.Condition) bool {
		return c.Type == ecsv1.ConditionReady && c.Status == metav1.ConditionFalse && c.Reason == ecsv1.ReasonProgressing
	})
}
