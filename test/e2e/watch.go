// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// recorder follows every change of a service's tasks. Unlike a look now and then it misses no moment, so a bound that was
// overstepped for a millisecond shows.
type recorder struct {
	service service
	began   time.Time
	stop    context.CancelFunc
	done    chan struct{}

	mu    sync.Mutex
	pods  map[string]*corev1.Pod
	lines []string
	// fewest healthy tasks and most tasks of all that were seen at once.
	fewest, most int
}

// record starts to follow the tasks of a service that has settled.
func record(ctx context.Context, s service) *recorder {
	GinkgoHelper()
	ctx, stop := context.WithCancel(ctx)
	r := &recorder{service: s, began: time.Now(), stop: stop, done: make(chan struct{}), fewest: len(s.tasks(ctx, Default))}
	seen := make(chan struct{})
	go r.follow(ctx, sync.OnceFunc(func() { close(seen) }))
	Eventually(ctx, seen).Should(BeClosed())
	DeferCleanup(r.end)
	return r
}

func (r *recorder) end() {
	r.stop()
	<-r.done
}

// follow lists and watches until the context ends; a watch that breaks, as when the apiserver restarts, is begun again.
func (r *recorder) follow(ctx context.Context, seen func()) {
	defer close(r.done)
	for again := time.NewTicker(pollFast); ctx.Err() == nil; {
		r.once(ctx, seen)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

func (r *recorder) once(ctx context.Context, seen func()) {
	list := &corev1.PodList{}
	where := []client.ListOption{client.InNamespace(r.service.namespace), r.service.selector()}
	if kube.List(ctx, list, where...) != nil {
		return
	}
	pods := map[string]*corev1.Pod{}
	for i := range list.Items {
		pods[list.Items[i].Name] = &list.Items[i]
	}
	r.note(func() { r.pods = pods })
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.ResourceVersion}}
	changes, err := kube.Watch(ctx, &corev1.PodList{}, append(where, from)...)
	if err != nil {
		return
	}
	defer changes.Stop()
	seen()
	for change := range changes.ResultChan() {
		pod, ok := change.Object.(*corev1.Pod)
		if !ok {
			return // an error: the list is too old
		}
		r.note(func() {
			if change.Type == watch.Deleted {
				delete(r.pods, pod.Name)
				return
			}
			r.pods[pod.Name] = pod
		})
	}
}

// note takes a change in and counts anew.
func (r *recorder) note(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
	healthy, byState := 0, map[string]int{}
	for _, p := range r.pods {
		state := "pending"
		switch {
		case p.DeletionTimestamp != nil:
			state = "stopping"
		case isReady(p):
			state = "healthy"
			healthy++
		case p.Status.Phase == corev1.PodRunning:
			state = "running"
		}
		byState[versionOf(p)+" "+state]++
	}
	r.fewest, r.most = min(r.fewest, healthy), max(r.most, len(r.pods))
	line := fmt.Sprintf("%d healthy, %d in all: %v", healthy, len(r.pods), byState)
	if n := len(r.lines); n == 0 || !strings.HasSuffix(r.lines[n-1], line) {
		r.lines = append(r.lines, fmt.Sprintf("%6.2fs  %s", time.Since(r.began).Seconds(), line))
	}
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (r *recorder) timeline() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// within expects that the bounds of the deployment held at every moment until now.
func (r *recorder) within(lower, upper int) {
	GinkgoHelper()
	timeline := r.timeline()
	r.mu.Lock()
	defer r.mu.Unlock()
	Expect(r.fewest).To(BeNumerically(">=", lower), "healthy tasks, never fewer than %d:\n%s", lower, timeline)
	Expect(r.most).To(BeNumerically("<=", upper), "tasks, never more than %d:\n%s", upper, timeline)
}
