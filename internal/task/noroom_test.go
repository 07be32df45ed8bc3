// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestATaskWithoutAPlaceIsAFailureOfRunTask(t *testing.T) {
	gated := func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: ecsv1.GatePlacement}} }
	sent := func(p *corev1.Pod) { p.Annotations = map[string]string{ecsv1.AnnotationContainerInstance: "a"} }
	through := func(p *corev1.Pod) { p.Labels = map[string]string{ecsv1.LabelCapacityProvider: "spot"} }
	for name, tc := range map[string]struct {
		message string
		edits   []func(*corev1.Pod)
		want    string
	}{
		"nobody has looked":                                                           {"", nil, ""},
		"the scheduler finds too little memory":                                       {"0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", nil, "RESOURCE:MEMORY: 0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory."},
		"the scheduler finds a port taken":                                            {"0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", nil, "RESOURCE:PORTS: 0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."},
		"the scheduler finds no node that matches":                                    {"0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", nil, "ATTRIBUTE: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."},
		"the engine finds no place":                                                   {"was unable to place the task: RESOURCE:CPU: the closest", []func(*corev1.Pod){gated}, "RESOURCE:CPU: the closest"},
		"tasks of a capacity provider wait":                                           {"was unable to place the task: RESOURCE:CPU: the closest", []func(*corev1.Pod){gated, through}, ""},
		"so they do where the scheduler places them":                                  {"0/2 nodes are available: 2 Insufficient memory.", []func(*corev1.Pod){through}, ""},
		"a task that was sent to an instance which doesn't take it has failed anyway": {"0/2 nodes are available: 1 Insufficient memory.", []func(*corev1.Pod){sent, through}, "RESOURCE:MEMORY: 0/2 nodes are available: 1 Insufficient memory."},
		"what was said before it had a place doesn't count":                           {"was unable to place the task: RESOURCE:CPU: the closest", []func(*corev1.Pod){sent}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			since := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
			pod := &corev1.Pod{}
			if tc.message != "" {
				pod.Status.Conditions = []corev1.PodCondition{{
					Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: tc.message, LastTransitionTime: metav1.NewTime(since),
				}}
			}
			for _, edit := range tc.edits {
				edit(pod)
			}
			if got := NotPlaced(pod); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if tc.message != "" && !NotQueuedAfter(pod).Equal(since.Add(patience)) {
				t.Errorf("it is given up at %s", NotQueuedAfter(pod))
			}
		})
	}
}
