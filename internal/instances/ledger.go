// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// Ledger remembers what pods take. To read that out of a pod is most of what a [Fleet] costs, and between two looks at thousands of pods few
// have changed. Where a pod gets to isn't remembered: the operator knows that before the pod says so. A nil Ledger remembers nothing.
type Ledger struct {
	mu      sync.Mutex
	entries map[types.UID]taken
}

// taken is what a pod takes in one of its versions, and its task group if it is a task that is to run.
type taken struct {
	version string
	needs   placement.Resources
	ports   []placement.Port
	group   string
}

// takes is what the pod takes. Its version stands for all that this is read from.
func (l *Ledger) takes(pod *corev1.Pod, now time.Time) taken {
	if l == nil || pod.UID == "" || pod.ResourceVersion == "" {
		return read(pod, now)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.entries[pod.UID]
	if !ok || known.version != pod.ResourceVersion {
		known = read(pod, now)
		if l.entries == nil {
			l.entries = map[types.UID]taken{}
		}
		l.entries[pod.UID] = known
	}
	return known
}

// sweep begins anew when most of what is remembered is about pods that are gone.
func (l *Ledger) sweep(pods int) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) > 2*pods+1024 {
		l.entries = nil
	}
}

func read(pod *corev1.Pod, now time.Time) taken {
	out := taken{version: pod.ResourceVersion, needs: needs(pod), ports: ports(pod)}
	if pod.Labels[ecsv1.LabelCluster] != "" && taskstate.Of(pod, 0, now).DesiredStatus == ecsv1.TaskDesiredStatusRunning {
		out.group = TaskGroup(pod)
	}
	return out
}
