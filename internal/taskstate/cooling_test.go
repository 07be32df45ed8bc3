// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAPlaceCoolsWhenItsTaskEndedSoon(t *testing.T) {
	end := time.Unix(1_000_000, 0)
	for name, tc := range map[string]struct {
		lived time.Duration
		edit  func(*corev1.Pod)
		want  time.Time
	}{
		"ended after 3 seconds":                 {3 * time.Second, func(*corev1.Pod) {}, end.Add(20 * time.Second)},
		"ended after 10 seconds":                {10 * time.Second, func(*corev1.Pod) {}, time.Time{}},
		"ended after an hour":                   {time.Hour, func(*corev1.Pod) {}, time.Time{}},
		"a helper that ends soon ends no task":  {time.Second, func(p *corev1.Pod) { p.Annotations = map[string]string{EssentialContainersAnnotation: "other"} }, time.Time{}},
		"restarted in place before anyone saw":  {time.Second, restartInPlace, end.Add(20 * time.Second)},
		"evicted, with no container's end told": {time.Second, evict, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}}}
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: 1, StartedAt: metav1.NewTime(end.Add(-tc.lived)), FinishedAt: metav1.NewTime(end),
			}}}}
			tc.edit(pod)
			if got := Of(pod, 0, end).CoolsUntil; !got.Equal(tc.want) {
				t.Errorf("cools until %s, want %s", got, tc.want)
			}
		})
	}
}

func restartInPlace(p *corev1.Pod) {
	s := &p.Status.ContainerStatuses[0]
	s.LastTerminationState, s.State, s.RestartCount = s.State, corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, 1
}

func evict(p *corev1.Pod) {
	p.Status.ContainerStatuses = nil
	p.Status.Phase, p.Status.Reason = corev1.PodFailed, "Evicted"
}
