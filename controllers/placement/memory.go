// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

const (
	// held is how long a choice counts that the cache doesn't show: the patch may have been made, or not.
	held = 30 * time.Second
	// avoided is how long a kind of task isn't sent to an instance that the scheduler didn't take it to.
	avoided = time.Minute
)

// memory is what pods can't tell: choices that the cache hasn't shown yet, since when the scheduler refuses a task, where it did so lately,
// in which clusters tasks wait, and what pods were seen to take. Losing it costs a second look, and nothing else.
type memory struct {
	mu       sync.Mutex
	choices  map[types.UID]choice
	refused  map[types.UID]time.Time
	avoid    map[avoidance]time.Time
	watching map[string]bool
	// ledger has what pods take, and a lock of its own.
	ledger instances.Ledger
}

// choice is where a task was sent. node is "" for one that was given a capacity provider, and waits.
type choice struct {
	node     string
	provider string
	until    time.Time
}

// avoidance is an instance's node that a kind of task, by what makes its pods, isn't sent to.
type avoidance struct {
	kind types.UID
	node string
}

func newMemory() *memory {
	return &memory{choices: map[types.UID]choice{}, refused: map[types.UID]time.Time{}, avoid: map[avoidance]time.Time{}, watching: map[string]bool{}}
}

// watch notes whether it matters to a cluster that something frees room.
func (m *memory) watch(cluster string, matters bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watching[cluster] = matters
}

func (m *memory) watches(cluster string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.watching[cluster]
}

func (m *memory) hold(uid types.UID, c choice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.choices[uid] = c
}

func (m *memory) release(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.choices, uid)
}

// shun keeps a kind of task away from a node for a while.
func (m *memory) shun(kind types.UID, node string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.avoid[avoidance{kind, node}] = now.Add(avoided)
}

// shunned are the nodes to which a kind of task isn't sent.
func (m *memory) shunned(kind types.UID, now time.Time) map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]bool{}
	for a, until := range m.avoid {
		switch {
		case !until.After(now):
			delete(m.avoid, a)
		case a.kind == kind:
			out[a.node] = true
		}
	}
	return out
}

// readmit forgets whom a node is avoided by: it is gone, and another of its name is another machine.
func (m *memory) readmit(node string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.avoid, func(a avoidance, _ time.Time) bool { return a.node == node })
}

// refusedSince is since when the scheduler is known to refuse a task; again is false for one that it doesn't refuse, of which nothing is kept.
func (m *memory) refusedSince(uid types.UID, refused bool, now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !refused {
		delete(m.refused, uid)
		return time.Time{}
	}
	if _, known := m.refused[uid]; !known {
		m.refused[uid] = now
	}
	return m.refused[uid]
}

// asChosen shows a pod as it will be once the cache has caught up, and forgets choices that it shows already, or that are too old.
func (m *memory) asChosen(pod corev1.Pod, now time.Time) corev1.Pod {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, chosen := m.choices[pod.UID]
	if !chosen {
		return pod
	}
	shown := pod.Labels[ecsv1.LabelCapacityProvider] == names.LabelValue(c.provider)
	if !instances.Gated(&pod) || !c.until.After(now) || c.node == "" && shown {
		delete(m.choices, pod.UID)
		return pod
	}
	if c.provider != "" && !shown {
		pod.Labels = withLabel(pod.Labels, ecsv1.LabelCapacityProvider, names.LabelValue(c.provider))
	}
	if c.node != "" {
		pod.Spec.NodeName, pod.Spec.SchedulingGates = c.node, nil
	}
	return pod
}

// forget drops what is kept of pods that are gone.
func (m *memory) forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.choices, uid)
	delete(m.refused, uid)
}

// clusters are those in which tasks wait, or are on their way.
func (m *memory) clusters() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for cluster, matters := range m.watching {
		if matters {
			out = append(out, cluster)
		}
	}
	return out
}

func withLabel(labels map[string]string, key, value string) map[string]string {
	out := make(map[string]string, len(labels)+1)
	maps.Copy(out, labels)
	out[key] = value
	return out
}
