// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ecs-operator/ecs-operator/internal/instances"
)

// HomeNode is where pods go for which a test names no node. It needn't exist.
const HomeNode = "home"

// home binds the pod to the node that it goes to by default.
func (h *Hand) home(ctx context.Context, pod *corev1.Pod) error {
	if len(h.Nodes) == 0 || pod.Spec.NodeName != "" {
		return h.Schedule(ctx, pod, HomeNode)
	}
	pods, err := h.Pods(ctx, "")
	if err != nil {
		return err
	}
	has := map[string]int{}
	for i := range pods {
		if pods[i].DeletionTimestamp == nil {
			has[pods[i].Spec.NodeName]++
		}
	}
	return h.Schedule(ctx, pod, slices.MinFunc(h.Nodes, func(a, b string) int { return has[a] - has[b] }))
}

// Bind binds every pod that isn't bound.
func (h *Hand) Bind(ctx context.Context) error {
	pods, err := h.Pods(ctx, "")
	if err != nil {
		return err
	}
	for i := range pods {
		if p := &pods[i]; p.Spec.NodeName == "" && p.DeletionTimestamp == nil {
			if err := h.home(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Schedule binds the pod to a node, as the scheduler does. One that may run on a single node only gets to that one.
func (h *Hand) Schedule(ctx context.Context, pod *corev1.Pod, node string) error {
	if pod.Spec.NodeName != "" {
		return nil
	}
	if only := instances.Destination(pod); only != "" {
		node = only
	}
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		Target:     corev1.ObjectReference{Kind: "Node", Name: node},
	}
	if err := h.Client.SubResource("binding").Create(ctx, pod, binding); err != nil {
		return fmt.Errorf("binding pod %s: %w", pod.Name, err)
	}
	return h.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
}

// NoNodeFor says of the pod what the scheduler says when no node has room. The time of the condition stays that of its last change, which may have been to the
// gate that the pod was made with.
func (h *Hand) NoNodeFor(ctx context.Context, pod *corev1.Pod, why string) error {
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		since := h.Clock.Now()
		for _, c := range s.Conditions {
			if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
				since = c.LastTransitionTime.Time
			}
		}
		h.set(s, corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable, why, since)
	})
}

// Run starts the containers of the pod; it isn't ready yet.
func (h *Hand) Run(ctx context.Context, pod *corev1.Pod) error {
	if err := h.home(ctx, pod); err != nil {
		return err
	}
	return h.status(ctx, pod, func(s *corev1.PodStatus) { h.running(pod, s) })
}

// MakeReady starts the containers of the pod and says that they answer.
func (h *Hand) MakeReady(ctx context.Context, pod *corev1.Pod) error {
	return h.MakeReadySince(ctx, pod, h.Clock.Now())
}

// MakeReadySince is MakeReady at an earlier time.
func (h *Hand) MakeReadySince(ctx context.Context, pod *corev1.Pod, since time.Time) error {
	if err := h.home(ctx, pod); err != nil {
		return err
	}
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		h.running(pod, s)
		for i := range s.ContainerStatuses {
			s.ContainerStatuses[i].Ready = true
		}
		h.set(s, corev1.ContainersReady, corev1.ConditionTrue, "", "", since)
		h.set(s, corev1.PodReady, corev1.ConditionTrue, "", "", since)
	})
}

// checksFail is the reason of a pod's condition after FailChecks.
const checksFail = "ContainersNotReady"

// FailChecks says of a container of the pod, which was ready, that it hasn't passed its check any more for a minute.
func (h *Hand) FailChecks(ctx context.Context, pod *corev1.Pod, container string) error {
	since := h.Clock.Now().Add(-time.Minute)
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		for i := range s.ContainerStatuses {
			if c := &s.ContainerStatuses[i]; c.Name == container {
				c.Ready = false
			}
		}
		h.set(s, corev1.ContainersReady, corev1.ConditionFalse, checksFail, "containers with unready status", since)
		h.set(s, corev1.PodReady, corev1.ConditionFalse, checksFail, "containers with unready status", since)
	})
}

// fails: the pod's checks fail since FailChecks.
func fails(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.ContainersReady && c.Status == corev1.ConditionFalse && c.Reason == checksFail
	})
}

// FailToPull says of the pod that its image can't be pulled.
func (h *Hand) FailToPull(ctx context.Context, pod *corev1.Pod) error {
	if err := h.home(ctx, pod); err != nil {
		return err
	}
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		s.StartTime = new(metav1.NewTime(h.Clock.Now()))
		s.ContainerStatuses = nil
		for _, c := range pod.Spec.Containers {
			s.ContainerStatuses = append(s.ContainerStatuses, corev1.ContainerStatus{
				Name: c.Name, Image: c.Image, Started: new(false),
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
					Reason: "ImagePullBackOff", Message: fmt.Sprintf("Back-off pulling image %q: not found", c.Image)}},
			})
		}
		h.set(s, corev1.PodReady, corev1.ConditionFalse, "ContainersNotReady", "containers with unready status", h.Clock.Now())
	})
}

// Exit ends a container of the pod, which ran for a minute, with an exit code. The kubelet doesn't start it again.
func (h *Hand) Exit(ctx context.Context, pod *corev1.Pod, container string, code int32) error {
	return h.exit(ctx, pod, container, code, time.Minute, corev1.PodRunning)
}

// ExitPod ends the only container of a pod that is never restarted, and the pod with it.
func (h *Hand) ExitPod(ctx context.Context, pod *corev1.Pod, container string, code int32) error {
	phase := corev1.PodFailed
	if code == 0 {
		phase = corev1.PodSucceeded
	}
	return h.exit(ctx, pod, container, code, time.Minute, phase)
}

// OutOfMemory ends the only container of a pod that is never restarted as the kernel does.
func (h *Hand) OutOfMemory(ctx context.Context, pod *corev1.Pod, container string) error {
	const killed = 137
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		h.exited(s, container, killed, "OOMKilled", time.Minute)
		s.Phase = corev1.PodFailed
	})
}

// Crash ends the only container of the pod a second after its start, and the pod with it.
func (h *Hand) Crash(ctx context.Context, pod *corev1.Pod) error {
	return h.exit(ctx, pod, pod.Spec.Containers[0].Name, 1, time.Second, corev1.PodFailed)
}

func (h *Hand) exit(ctx context.Context, pod *corev1.Pod, container string, code int32, lived time.Duration, phase corev1.PodPhase) error {
	return h.status(ctx, pod, func(s *corev1.PodStatus) {
		h.exited(s, container, code, "Error", lived)
		s.Phase = phase
	})
}

func (h *Hand) exited(s *corev1.PodStatus, container string, code int32, reason string, lived time.Duration) {
	for i := range s.ContainerStatuses {
		if c := &s.ContainerStatuses[i]; c.Name == container {
			began := metav1.NewTime(h.Clock.Now().Add(-lived))
			c.Ready, c.Started = false, new(false)
			c.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: code, Reason: reason, StartedAt: began, FinishedAt: metav1.NewTime(h.Clock.Now())}}
		}
	}
	h.set(s, corev1.PodReady, corev1.ConditionFalse, "ContainersNotReady", "", h.Clock.Now())
}

func (h *Hand) running(pod *corev1.Pod, s *corev1.PodStatus) {
	s.Phase = corev1.PodRunning
	s.ContainerStatuses = nil
	for _, c := range pod.Spec.Containers {
		s.ContainerStatuses = append(s.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: "sha256:0123", ContainerID: "containerd://" + pod.Name, Started: new(true),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(h.Clock.Now())}},
		})
	}
	h.set(s, corev1.PodScheduled, corev1.ConditionTrue, "", "", h.Clock.Now())
}

func (h *Hand) set(s *corev1.PodStatus, kind corev1.PodConditionType, is corev1.ConditionStatus, reason, message string, at time.Time) {
	condition := corev1.PodCondition{Type: kind, Status: is, Reason: reason, Message: message, LastTransitionTime: metav1.NewTime(at)}
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			s.Conditions[i] = condition
			return
		}
	}
	s.Conditions = append(s.Conditions, condition)
}

func (h *Hand) status(ctx context.Context, pod *corev1.Pod, edit func(*corev1.PodStatus)) error {
	before := pod.DeepCopy()
	edit(&pod.Status)
	if err := h.Client.Status().Patch(ctx, pod, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("reporting pod %s: %w", pod.Name, err)
	}
	return nil
}

func objectsOf(list client.ObjectList) ([]client.Object, error) {
	items, err := apimeta.ExtractList(list)
	if err != nil {
		return nil, err
	}
	out := make([]client.Object, 0, len(items))
	for _, item := range items {
		o, ok := item.(client.Object)
		if !ok {
			return nil, fmt.Errorf("%T is no object", item)
		}
		out = append(out, o)
	}
	return out, nil
}
