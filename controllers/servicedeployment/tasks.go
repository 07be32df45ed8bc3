// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// tasks counts the tasks of one revision by state.
type tasks struct {
	pending, running, healthy, stopping int32
	// members are the tasks that are to run: those that are pending or running.
	members []member
	// leaving are running tasks that aren't unhealthy and whose container instance is DRAINING, and how many of them are healthy; relocating are
	// healthy ones that are to be in another Availability Zone.
	leaving, leavingHealthy, relocating int32
	// stuck are pending ones that won't start as things are.
	stuck int32
	// unhealthy are those of the running tasks that are to be replaced, the one that has been so for the shortest time first.
	unhealthy []unhealthy
	// short are tasks that ended soon after their start, and why the first of them did. One is an accident, and its place is
	// given to another at once; cooling are the places of the others, which stay empty for a while.
	short, cooling int32
	shortWhy       string
	// failing are those that can't be started, and why the first of them can't.
	failing    int32
	failingWhy string
	// unplaced are those that no node can take, and why.
	unplaced    int32
	unplacedWhy string
	// protected are running ones, not unhealthy, that aren't to be stopped, protectedUntil when the first of them may be.
	protected      int32
	protectedUntil time.Time
	// sighting is what the deployment counts its failed tasks by; retry are the pods of those that failed to start and whose pause is over.
	sighting deploy.Sighting
	retry    []*corev1.Pod
	// next is when a task becomes healthy, or its failures begin to count, or a place has cooled, if nothing happens; zero for never.
	next time.Time
}

// member is a task that is to run.
type member struct {
	pod     *corev1.Pod
	task    taskstate.Task
	pending bool
	// leaves: its container instance is DRAINING; relocates: it is to be in another Availability Zone.
	leaves, relocates bool
	// protected: it isn't to be stopped unless it is unhealthy; retires: it failed to start, and another is to be launched.
	protected, retires bool
	// fails: it is unhealthy, and another is to take its place.
	fails bool
}

// unhealthy is a task that fails a health check, after its grace period.
type unhealthy struct {
	pod     *corev1.Pod
	failure taskstate.Failure
}

// glass is what the tasks of a revision are looked at through.
type glass struct {
	minReady int32
	drains   draining
	grace    time.Duration
	// goal: it is the revision that the deployment goes to. going: the service is being deleted, and no task of it is protected any more.
	goal, going bool
	// counted are the failed tasks that are counted already, retryAt is when others are launched in the place of those that failed to start.
	counted []string
	retryAt time.Time
	now     time.Time
}

// count looks at the pods of a revision. A task that is over counts as stopping: its pod is about to be deleted.
func count(r revision, pods []corev1.Pod, through glass) tasks {
	out := tasks{sighting: deploy.Sighting{Now: through.now}}
	moves := r.moves()
	ordinal := strconv.FormatInt(r.object.Spec.Revision, 10)
	for i := range pods {
		if pods[i].Labels[ecsv1.LabelServiceRevision] == ordinal {
			out.add(member{
				pod: &pods[i], task: taskstate.Of(&pods[i], through.minReady, through.now),
				leaves:    through.drains.has(&pods[i]),
				relocates: moves != "" && pods[i].Annotations[ecsv1.AnnotationRebalancing] == moves,
			}, through)
		}
	}
	slices.SortFunc(out.unhealthy, func(a, b unhealthy) int {
		return cmp.Or(b.failure.Since.Compare(a.failure.Since), cmp.Compare(a.pod.Name, b.pod.Name))
	})
	out.cooling += max(0, out.short-1)
	out.sight()
	return out
}

func (t *tasks) add(m member, through glass) {
	pod, task, now := m.pod, m.task, through.now
	t.witness(m)
	switch {
	case task.FailedStart():
		if waits := t.fail(&m, through); !waits {
			return
		}
		t.pending++
		m.pending = true
	case !task.Stopping && task.CoolsUntil.After(now) && ended(pod):
		t.short++
		t.shortWhy = earlier(t.shortWhy, task.OverBecause)
		t.lookAt(task.CoolsUntil)
		return
	case task.Over || task.Stopping:
		t.stopping++
		return
	case task.LastStatus == ecsv1.TaskStateRunning:
		t.running++
	default:
		t.pending++
		m.pending = true
	}
	if task.Healthy {
		t.healthy++
	}
	if task.Ready && task.HealthyAt.After(now) {
		t.lookAt(task.HealthyAt)
	}
	m.fails = t.judge(pod, task, task.UnhealthyAt(through.grace), now)
	if !m.fails {
		t.protect(&m, through)
		t.move(&m)
	}
	t.members = append(t.members, m)
	t.explain(m)
}

// explain counts a task among those that can't be started or have no place.
func (t *tasks) explain(m member) {
	failed, why := m.task.FailedStart(), taskstate.Unplaced(m.pod)
	if why != "" {
		t.unplaced++
		t.unplacedWhy = earlier(t.unplacedWhy, why)
	}
	if m.pending && (why != "" || failed) {
		t.stuck++
	}
}

// move counts a task that isn't unhealthy among those that have to be somewhere else. A task that leaves relocates by that.
func (t *tasks) move(m *member) {
	m.relocates = m.relocates && !m.leaves && !m.protected && m.task.Healthy
	switch {
	case m.pending:
	case m.leaves:
		t.leaving++
		if m.task.Healthy {
			t.leavingHealthy++
		}
	case m.relocates:
		t.relocating++
	}
}

// judge counts the task among the unhealthy ones from the time on at which it is one, and reports whether it is.
func (t *tasks) judge(pod *corev1.Pod, task taskstate.Task, at, now time.Time) bool {
	switch {
	case at.IsZero():
		return false
	case at.After(now):
		t.lookAt(at)
		return false
	}
	t.unhealthy = append(t.unhealthy, unhealthy{pod: pod, failure: *task.Failing})
	return true
}

// longestUnhealthy is the task that has been unhealthy for the longest time, nil where none is.
func (t tasks) longestUnhealthy() *unhealthy {
	if len(t.unhealthy) == 0 {
		return nil
	}
	return &t.unhealthy[len(t.unhealthy)-1]
}

// ended reports whether Kubernetes has started, or will start, another pod in place of this one.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

func (t *tasks) lookAt(at time.Time) {
	if t.next.IsZero() || at.Before(t.next) {
		t.next = at
	}
}

// earlier picks one of two reasons, the same whatever order the pods come in.
func earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}
