// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// noon is when the tests' pods are created. Everything else is seconds after it.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) metav1.Time {
	return metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second))
}

// podOption changes a pod that runs an essential container app and a helper log, both started 5 s after noon and Ready since.
type podOption func(*corev1.Pod)

func pod(options ...podOption) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "web-3-abc", CreationTimestamp: at(0),
			Annotations: map[string]string{EssentialContainersAnnotation: "app"},
		},
		Spec: corev1.PodSpec{NodeName: "node-a", Containers: []corev1.Container{{Name: "app"}, {Name: "log"}}},
		Status: corev1.PodStatus{
			Phase:             corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{running("app"), running("log")},
			Conditions: []corev1.PodCondition{
				{Type: corev1.ContainersReady, Status: corev1.ConditionTrue, LastTransitionTime: at(5)},
				{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: at(5)},
			},
		},
	}
	for _, o := range options {
		o(p)
	}
	return p
}

func running(name string) corev1.ContainerStatus {
	return corev1.ContainerStatus{
		Name: name, Ready: true,
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(5)}},
	}
}

// status of the i-th container is changed.
func status(i int, change func(*corev1.ContainerStatus)) podOption {
	return func(p *corev1.Pod) { change(&p.Status.ContainerStatuses[i]) }
}

func waiting(i int, reason, message string) podOption {
	return status(i, func(s *corev1.ContainerStatus) {
		s.Ready = false
		s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	})
}

func exited(i int, code int32, reason string) podOption {
	return status(i, func(s *corev1.ContainerStatus) {
		s.Ready = false
		s.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: code, Reason: reason, StartedAt: at(5), FinishedAt: at(60),
		}}
	})
}

// restarted in place: it runs, and ran before.
func restarted(i int) podOption {
	return status(i, func(s *corev1.ContainerStatus) {
		s.RestartCount = 1
		s.LastTerminationState = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: 1, Reason: "Error", StartedAt: at(5), FinishedAt: at(60),
		}}
	})
}

// deleted with a grace period of 330 s, of which 300 s are a preStop sleep.
func deleted(after int) podOption {
	return func(p *corev1.Pod) {
		grace, end := int64(330), at(after+330)
		p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &end, &grace
		for i := range p.Spec.Containers {
			p.Spec.Containers[i].Lifecycle = &corev1.Lifecycle{
				PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 300}},
			}
		}
	}
}

func ended(phase corev1.PodPhase, reason, message string) podOption {
	return func(p *corev1.Pod) {
		p.Status.Phase, p.Status.Reason, p.Status.Message = phase, reason, message
		p.Status.Conditions = nil
	}
}

func unscheduled(p *corev1.Pod) {
	p.Spec.NodeName = ""
	p.Status = corev1.PodStatus{Phase: corev1.PodPending}
}

func scheduled(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} }

func disrupted(reason, message string) podOption {
	return func(p *corev1.Pod) {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, Message: message,
		})
	}
}

func notReady(since int) podOption {
	return func(p *corev1.Pod) {
		for i := range p.Status.Conditions {
			p.Status.Conditions[i].Status = corev1.ConditionFalse
			p.Status.Conditions[i].LastTransitionTime = at(since)
		}
		p.Status.ContainerStatuses[0].Ready = false
	}
}

// checked gives the i-th container a container health check: every 10 s, 3 retries, after a start period of 20 s.
func checked(i int) podOption {
	return func(p *corev1.Pod) {
		c := &p.Spec.Containers[i]
		c.ReadinessProbe = &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"true"}}},
			PeriodSeconds: 10, FailureThreshold: 3,
		}
		p.Annotations[StartPeriodsAnnotation] = c.Name + "=20"
	}
}
