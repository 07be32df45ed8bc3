// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestHealthStatus(t *testing.T) {
	bothEssential := func(p *corev1.Pod) { p.Annotations[EssentialContainersAnnotation] = "app,log" }
	for name, tc := range map[string]struct {
		pod  *corev1.Pod
		at   int
		want ecsv1.HealthStatus
	}{
		"no health check is UNKNOWN":                         {pod(), 10, ecsv1.HealthStatusUnknown},
		"a check that passes is HEALTHY":                     {pod(checked(0)), 10, ecsv1.HealthStatusHealthy},
		"a check of a helper has no say":                     {pod(checked(1)), 10, ecsv1.HealthStatusUnknown},
		"UNKNOWN of one essential dominates HEALTHY":         {pod(bothEssential, checked(0)), 10, ecsv1.HealthStatusUnknown},
		"not passed, and the verdict isn't due: 5+20+3x10":   {pod(checked(0), notReady(1)), 54, ecsv1.HealthStatusUnknown},
		"not passed when the verdict is due":                 {pod(checked(0), notReady(1)), 55, ecsv1.HealthStatusUnhealthy},
		"passed once and failing now needs no waiting":       {pod(checked(0), notReady(30)), 31, ecsv1.HealthStatusUnhealthy},
		"UNHEALTHY of one essential outranks all":            {pod(bothEssential, checked(0), notReady(30)), 31, ecsv1.HealthStatusUnhealthy},
		"a container that isn't up yet is UNKNOWN":           {pod(checked(0), waiting(0, "ContainerCreating", "")), 90, ecsv1.HealthStatusUnknown},
		"a target group's check isn't a container's":         {pod(httpProbe), 10, ecsv1.HealthStatusUnknown},
		"a task without any essential container is UNKNOWN":  {pod(checked(0), func(p *corev1.Pod) { p.Annotations[EssentialContainersAnnotation] = "" }), 10, ecsv1.HealthStatusUnknown},
		"a pod that the kubelet hasn't taken yet is UNKNOWN": {pod(checked(0), scheduled), 10, ecsv1.HealthStatusUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(tc.pod, 0, at(tc.at).Time).HealthStatus; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func httpProbe(p *corev1.Pod) {
	p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/"}}}
}

func TestHealthyForADeployment(t *testing.T) {
	for name, tc := range map[string]struct {
		pod      *corev1.Pod
		minReady int32
		at       int
		want     bool
	}{
		"Ready is enough where nothing is to be waited for": {pod(), 0, 5, true},
		"39 s after Ready is too early under the 40 s rule": {pod(), 40, 44, false},
		"40 s after Ready counts":                           {pod(), 40, 45, true},
		"not Ready doesn't count":                           {pod(notReady(1)), 0, 100, false},
		"a task that is over doesn't count":                 {pod(restarted(0)), 0, 100, false},
		"a task that is being stopped doesn't count":        {pod(deleted(90)), 0, 100, false},
		"a task without a Ready condition doesn't count":    {pod(scheduled), 0, 100, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(tc.pod, tc.minReady, at(tc.at).Time).Healthy; got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

func TestHealthyAtSaysWhenToLookAgain(t *testing.T) {
	got := Of(pod(), 40, at(10).Time)
	if want := at(45).Time; !got.Ready || got.Healthy || !got.HealthyAt.Equal(want) {
		t.Errorf("got ready %t, healthy %t at %s; want a Ready task that turns healthy at %s", got.Ready, got.Healthy, got.HealthyAt, want)
	}
	if got := Of(pod(notReady(1)), 40, at(10).Time); !got.HealthyAt.Equal(time.Time{}) {
		t.Errorf("got %s for a task that isn't Ready, want none", got.HealthyAt)
	}
}
