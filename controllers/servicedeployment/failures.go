// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// A task that fails to start stays as the memory of it until it is counted in the status and its pause is over; then its pod is deleted, and the
// Deployment makes another. One that fails its health checks is counted when it is found to, and replaced by the planner.

// id stands for a task in the status: the first block of its pod's UID.
func id(pod *corev1.Pod) string {
	first, _, _ := strings.Cut(string(pod.UID), "-")
	return first
}

// count looks at the tasks of one revision. Those that the deployment goes to pause as its failures in a row ask for.
func (o observed) count(r revision, pods []corev1.Pod) tasks {
	through := glass{
		minReady: o.minReadySeconds(r), drains: o.draining, grace: service.HealthCheckGrace(o.service), going: o.service.DeletionTimestamp != nil, now: o.now,
	}
	if r.object.Name == service.Goal(o.sd) {
		tally := tallyOf(&o.sd.Status)
		through.goal, through.counted, through.retryAt = true, tally.Counted, tally.RetryAt()
	}
	return count(r, pods, through)
}

// witness notes a task, and whether it has been RUNNING.
func (t *tasks) witness(m member) {
	s, at := &t.sighting, m.task.CreatedAt
	s.Present = append(s.Present, id(m.pod))
	if at.After(s.Newest) {
		s.Newest = at
	}
	if m.task.NeverRan || m.task.FailedStart() {
		return
	}
	s.Running = true
	if at.After(s.NewestRan) {
		s.NewestRan = at
	}
}

// fail notes a task that failed to start. It waits in its place for another to be launched there, unless Kubernetes has launched one already, or
// doesn't know that its place is to stay empty for a while.
func (t *tasks) fail(m *member, through glass) (waits bool) {
	why := cmp.Or(m.task.StoppedReason, m.task.OverBecause)
	t.sighting.Failed = append(t.sighting.Failed, deploy.Failure{ID: id(m.pod), Start: true, CreatedAt: m.task.CreatedAt, Why: why})
	t.failing++
	t.failingWhy = earlier(t.failingWhy, why)
	counted := slices.Contains(through.counted, id(m.pod))
	switch {
	case !through.goal && m.task.Over && !m.task.CoolsUntil.After(through.now):
		t.retry = append(t.retry, m.pod)
	case !through.goal && m.task.Over:
		t.lookAt(m.task.CoolsUntil)
	case counted && !through.retryAt.After(through.now):
		t.retry = append(t.retry, m.pod)
		m.retires = true
	case counted:
		t.lookAt(through.retryAt)
	}
	if !ended(m.pod) {
		return true
	}
	if counted && through.retryAt.After(through.now) {
		t.cooling++
	} else {
		t.stopping++
	}
	return false
}

// retiring is how many tasks of the revision failed to start and are stopped by its count, so that others are launched when they are gone: those of the goal. Where
// one has no node a ReplicaSet would stop that one first, whatever its count is lowered for. Where traffic moves there are none: the percentages bound no
// such deployment, so that its failed tasks needn't be gone first.
func (o observed) retiring(r revision) (n int32) {
	unbound := slices.ContainsFunc(r.tasks.members, func(m member) bool { return m.pod.Spec.NodeName == "" })
	if r.object.Name != service.Goal(o.sd) || service.IsDaemon(o.service) || o.movesTraffic() || unbound {
		return 0
	}
	for _, pod := range r.tasks.retry {
		if !ended(pod) {
			n++
		}
	}
	return n
}

// retries are the tasks that failed to start, whose pause is over, and whose pods are deleted by themselves: those that no count stops, for one that ended there is
// another already, and those of an older revision that only Kubernetes would start again. A deployment that failed launches none of its own.
func (o observed) retries() []stopping {
	var out []stopping
	for _, r := range o.revisions {
		goal, retires := r.object.Name == service.Goal(o.sd), o.retiring(r) > 0
		for _, pod := range r.tasks.retry {
			if !goal || !o.frozen() && (!retires || ended(pod)) {
				out = append(out, stopping{pod: pod, because: "whose task failed to start"})
			}
		}
	}
	return out
}

// sight completes what is seen when all tasks are known.
func (t *tasks) sight() {
	for _, u := range t.unhealthy {
		t.sighting.Failed = append(t.sighting.Failed, deploy.Failure{ID: id(u.pod), CreatedAt: u.pod.CreationTimestamp.Time, Why: u.failure.StoppedReason})
	}
	slices.SortFunc(t.sighting.Failed, func(a, b deploy.Failure) int { return cmp.Compare(a.ID, b.ID) })
	t.sighting.Healthy = t.healthy
}

// tallyOf is what the status remembers.
func tallyOf(s *ecsv1.ServiceDeploymentStatus) deploy.Tally {
	t := deploy.Tally{Failed: s.FailedTasks, Healthy: s.HealthyTaskCount}
	if b := s.DeploymentCircuitBreaker; b != nil {
		t.Failures = b.FailureCount
	}
	if k := s.Kubernetes; k != nil {
		t.ReachedRunning, t.Counted, t.Tries = ptr.Deref(k.ReachedRunning, false), k.CountedTasks, ptr.Deref(k.FailedLaunches, 0)
		if k.FailedLaunchAt != nil {
			t.TriedAt = k.FailedLaunchAt.Time
		}
		if k.LastLaunchAt != nil {
			t.Round = k.LastLaunchAt.Time
		}
	}
	return t
}

// remember writes the tally to the status. Its healthy tasks are counted there anyway.
func remember(s *ecsv1.ServiceDeploymentStatus, t deploy.Tally) {
	s.FailedTasks = t.Failed
	if s.DeploymentCircuitBreaker == nil {
		s.DeploymentCircuitBreaker = &ecsv1.ServiceDeploymentCircuitBreaker{}
	}
	s.DeploymentCircuitBreaker.FailureCount = t.Failures
	if s.Kubernetes == nil {
		s.Kubernetes = &ecsv1.ServiceDeploymentKubernetes{}
	}
	k := s.Kubernetes
	k.CountedTasks, k.ReachedRunning, k.FailedLaunches, k.FailedLaunchAt, k.LastLaunchAt = t.Counted, nil, nil, nil, nil
	if t.ReachedRunning {
		k.ReachedRunning = new(true)
	}
	if t.Tries > 0 {
		k.FailedLaunches, k.FailedLaunchAt, k.LastLaunchAt = &t.Tries, &metav1.Time{Time: t.TriedAt}, &metav1.Time{Time: t.Round}
	}
}

// tally counts what is seen of the goal's tasks. A deployment that doesn't go forward counts no more failures of its own: what it goes back to only pauses between
// its launches.
func tally(s *ecsv1.ServiceDeploymentStatus, seen observed) deploy.Tally {
	goal, before := seen.goal(), tallyOf(s)
	if goal == nil {
		return before
	}
	after := before.After(goal.tasks.sighting, service.ResetsOnHealthyTask(seen.service))
	if !deploy.GoesForward(s.Status) {
		after.Failures, after.ReachedRunning = before.Failures, before.ReachedRunning
		if s.Status != ecsv1.ServiceDeploymentStateSuccessful {
			after.Failed = before.Failed
		}
	}
	return after
}

// protect notes a task that isn't to be stopped. A protection that can't be read protects nothing.
func (t *tasks) protect(m *member, through glass) {
	until, err := time.Parse(time.RFC3339, m.pod.Annotations[ecsv1.AnnotationTaskProtection])
	if err != nil || !until.After(through.now) || through.going {
		return
	}
	m.protected = true
	if !m.pending {
		t.protected++
	}
	if t.protectedUntil.IsZero() || until.Before(t.protectedUntil) {
		t.protectedUntil = until
	}
	t.lookAt(until)
}
