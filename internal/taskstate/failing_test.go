// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// targeted gives the i-th container the check of target group web-tg: every 5 s, 3 times.
func targeted(i int) podOption {
	return func(p *corev1.Pod) {
		c := &p.Spec.Containers[i]
		c.ReadinessProbe = &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/"}},
			PeriodSeconds: 5, FailureThreshold: 3,
		}
		p.Annotations[TargetGroupsAnnotation] = JoinTargetGroup(p.Annotations[TargetGroupsAnnotation], c.Name, "web-tg")
	}
}

// unconfigured makes the check at the i-th container that of a target group whose service says nothing of it.
func unconfigured(i int) podOption {
	return func(p *corev1.Pod) {
		p.Spec.Containers[i].ReadinessProbe = &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{}},
			PeriodSeconds: ConnectInterval, TimeoutSeconds: ConnectTimeout, FailureThreshold: ConnectThreshold,
		}
	}
}

// unready: the container's check fails, and the pod isn't ready since then.
func unready(i, since int) podOption {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[i].Ready = false
		for j := range p.Status.Conditions {
			p.Status.Conditions[j].Status = corev1.ConditionFalse
			p.Status.Conditions[j].LastTransitionTime = at(since)
		}
	}
}

func ofService(p *corev1.Pod) { p.Labels = map[string]string{ecsv1.LabelService: "web"} }

func helperOfTargets(p *corev1.Pod) {
	p.Spec.Containers[1].Name, p.Status.ContainerStatuses[1].Name = TargetsName, TargetsName
}

func TestFailing(t *testing.T) {
	const byContainer, byTargetGroup = "Task failed container health checks", "Task failed ELB health checks in (target-group web-tg)"
	lateHelper := status(1, func(s *corev1.ContainerStatus) { s.State.Running.StartedAt = at(40) })
	for name, tc := range map[string]struct {
		pod    *corev1.Pod
		reason string
		since  int
	}{
		"all is well":                                                   {pod(checked(0)), "", 0},
		"no check at all, and not ready":                                {pod(unready(0, 30)), "", 0},
		"a container's check that was passed once fails":                {pod(checked(0), unready(0, 30)), byContainer, 30},
		"one that was never passed is due: 5+20+3x10":                   {pod(checked(0), unready(0, 1)), byContainer, 55},
		"one of a container that isn't essential has no say":            {pod(checked(1), unready(1, 30)), "", 0},
		"a target group's check that was passed once fails":             {pod(targeted(0), unready(0, 30)), byTargetGroup, 30},
		"one that was never passed is due: 5+3x5":                       {pod(targeted(0), unready(0, 1)), byTargetGroup, 20},
		"one that nobody configured fails after ELB's 60 s: 30-15+60":   {pod(targeted(0), unconfigured(0), unready(0, 30)), byTargetGroup, 75},
		"and is due after as long: 5+60":                                {pod(targeted(0), unconfigured(0), unready(0, 1)), byTargetGroup, 65},
		"one that stands at a container that isn't essential counts":    {pod(targeted(1), unready(1, 30)), byTargetGroup, 30},
		"one that stands at a helper counts":                            {pod(helperOfTargets, targeted(1), unready(1, 30)), byTargetGroup, 30},
		"one at a helper that starts late counts from there: 40+3x5":    {pod(helperOfTargets, targeted(1), unready(1, 1), lateHelper), byTargetGroup, 55},
		"of two, the one that failed first is the reason":               {pod(checked(0), targeted(1), unready(0, 1), unready(1, 1)), byTargetGroup, 20},
		"a target group that nobody noted has no name":                  {pod(targeted(0), unready(0, 30), func(p *corev1.Pod) { delete(p.Annotations, TargetGroupsAnnotation) }), "Task failed ELB health checks", 30},
		"a container that isn't up yet fails nothing":                   {pod(checked(0), unready(0, 1), waiting(0, "ContainerCreating", "")), "", 0},
		"a task whose essential container isn't up has no targets yet":  {pod(targeted(1), unready(1, 1), waiting(0, "ContainerCreating", "")), "", 0},
		"a container that waited for others may still come to its own":  {pod(checked(0), waitsForOthers(0), startsAtLast(0), unready(0, 1)), "", 0},
		"nor are targets judged that wait for such a container":         {pod(targeted(1), waitsForOthers(0), startsAtLast(0), unready(1, 1)), "", 0},
		"but what was passed and fails is judged":                       {pod(checked(0), waitsForOthers(0), startsAtLast(0), unready(0, 30)), byContainer, 30},
		"a node that was lost freezes what was last known":              {pod(checked(0), nodeLost(30)), "", 0},
		"a task that is over fails nothing any more":                    {pod(checked(0), unready(0, 30), exited(0, 1, "Error")), "", 0},
		"a task that is being stopped fails nothing any more":           {pod(checked(0), unready(0, 30), deleted(90)), "", 0},
		"a pod that the kubelet hasn't taken yet has nothing to fail":   {pod(checked(0), targeted(1), scheduled), "", 0},
		"a check was ready, another container never was: it was not up": {pod(checked(0), targeted(1), unready(1, 1)), byTargetGroup, 20},
	} {
		t.Run(name, func(t *testing.T) {
			got := Of(tc.pod, 0, at(100).Time).Failing
			var want *Failure
			if tc.reason != "" {
				want = &Failure{Since: at(tc.since).Time, StoppedReason: tc.reason}
			}
			if got != nil {
				got.Container, got.TargetGroup = "", ""
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// nodeLost: its controller says so of the pod, and nothing of the containers.
func nodeLost(since int) podOption {
	return func(p *corev1.Pod) {
		p.Status.Conditions[1].Status, p.Status.Conditions[1].LastTransitionTime = corev1.ConditionFalse, at(since)
	}
}

func TestUnhealthyAt(t *testing.T) {
	for name, tc := range map[string]struct {
		pod   *corev1.Pod
		grace time.Duration
		want  int // 0 for never
	}{
		"never, of a task that is well":            {pod(checked(0)), 0, 0},
		"3 s after the check failed":               {pod(checked(0), unready(0, 30)), 0, 33},
		"the grace period counts from the start":   {pod(checked(0), unready(0, 30)), time.Minute, 65},
		"a failure after it counts as ever":        {pod(checked(0), unready(0, 80)), time.Minute, 83},
		"a verdict that comes after it isn't late": {pod(checked(0), unready(0, 1)), 10 * time.Second, 58},
		"it holds for target groups, too":          {pod(targeted(0), unready(0, 1)), time.Minute, 65},
	} {
		t.Run(name, func(t *testing.T) {
			got := Of(tc.pod, 0, at(100).Time).UnhealthyAt(tc.grace)
			if tc.want == 0 && !got.IsZero() || tc.want != 0 && !got.Equal(at(tc.want).Time) {
				t.Errorf("got %s, want %d s after %s", got, tc.want, noon)
			}
		})
	}
}

func TestWhyAnUnhealthyTaskWasStopped(t *testing.T) {
	const scaling = "Scaling activity initiated by the service scheduler"
	for name, tc := range map[string]struct {
		pod    *corev1.Pod
		reason string
	}{
		"by its container's check":                         {pod(ofService, checked(0), unready(0, 30), deleted(50)), "Task failed container health checks"},
		"by its target group's":                            {pod(ofService, targeted(0), unready(0, 30), deleted(50)), "Task failed ELB health checks in (target-group web-tg)"},
		"also once its container has ended":                {pod(ofService, checked(0), unready(0, 30), exited(0, 143, "Error"), deleted(50)), "Task failed container health checks"},
		"a healthy one turns unready only as it stops":     {pod(ofService, checked(0), unready(0, 55), exited(0, 143, "Error"), deleted(50)), scaling},
		"one that was stopped before the verdict was due":  {pod(ofService, checked(0), unready(0, 1), deleted(50)), scaling},
		"a standalone task isn't stopped for its health":   {pod(checked(0), unready(0, 30), deleted(50)), scaling},
		"an essential container that ended before counts":  {pod(ofService, checked(0), unready(0, 30), exited(0, 1, "Error"), deleted(70)), "Essential container in task exited"},
		"a lost node counts before what was last known of": {pod(ofService, checked(0), unready(0, 30), deleted(50), disrupted("DeletionByTaintManager", "")), "Host node-a terminated."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(tc.pod, 0, at(100).Time).StoppedReason; got != tc.reason {
				t.Errorf("got %q, want %q", got, tc.reason)
			}
		})
	}
}
