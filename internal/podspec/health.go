// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// The defaults of a target group's health check as the API states them, and the numbers of a target group that has none.
const (
	targetInterval           = 30
	targetTimeout            = 5
	targetHealthyThreshold   = 1
	targetUnhealthyThreshold = 2

	connectInterval  = 5
	connectTimeout   = 2
	connectThreshold = 3
)

// mapHealthCheck makes a readiness probe: a sensor that takes a task out of its load balancers and out of the count of healthy
// tasks, and leaves it to the operator to end it. Never a liveness probe, and never a startup probe: the kubelet kills and restarts
// what fails these, and ECS doesn't restart a container for being UNHEALTHY.
//
// startPeriod needs no probe field. It says that failures don't count for a while and that a success ends the wait; a readiness probe
// starts from "not ready", so failures change nothing until the first success, whenever that is. initialDelaySeconds would be
// wrong: it would hide a success inside the start period. The number goes into an annotation, by which internal/taskstate tells
// UNKNOWN from UNHEALTHY.
//
// Only an essential container's health counts in ECS, and a probe on any container counts for the pod. So the check of a
// container that isn't essential isn't run.
//
// A container has one readiness probe. Its own health check has the first claim, then the first target group that points at it.
func mapHealthCheck(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	checked := in.HealthCheck != nil && in.Essential
	switch {
	case checked:
		out.ReadinessProbe = containerProbe(in.HealthCheck)
	case in.HealthCheck != nil:
		t.warn(container(i, "healthCheck"), Approximated, "container %s isn't essential, so its health has no say in the task's; a probe would take the whole pod "+
			"out of its load balancers. Its health check isn't run and its healthStatus stays UNKNOWN", in.Name)
	}
	for j, lb := range t.loadBalancers() {
		if lb.ContainerName != in.Name {
			continue
		}
		path := fmt.Sprintf("loadBalancers[%d].targetGroupArn", j)
		switch probe := t.targetProbe(lb); {
		case probe == nil:
		case checked:
			t.warn(path, Approximated, "container %s has a healthCheck of its own, and a pod's container has one readiness probe: "+
				"that health check decides when target group %s sends traffic, and the target group's check isn't made", in.Name, lb.TargetGroup)
		case out.ReadinessProbe != nil:
			t.warn(path, Approximated, "another target group already checks container %s, and a pod's container has one readiness probe: "+
				"the check of target group %s isn't made", in.Name, lb.TargetGroup)
		default:
			out.ReadinessProbe = probe
		}
	}
}

// containerProbe: CMD runs the rest as it is, CMD-SHELL hands it to the container's shell as Docker does.
func containerProbe(check *taskdef.HealthCheck) *corev1.Probe {
	command := check.Command[1:]
	if check.Command[0] == taskdef.CmdShell {
		command = append([]string{"/bin/sh", "-c"}, command...)
	}
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: literals(command)}},
		PeriodSeconds:    check.Interval,
		TimeoutSeconds:   check.Timeout,
		FailureThreshold: check.Retries,
		SuccessThreshold: 1,
	}
}

// targetProbe is what stands for a target group's health check; nil where there is nothing to connect to.
func (t *translation) targetProbe(lb LoadBalancer) *corev1.Probe {
	check := lb.HealthCheck
	if check == nil {
		if t.protocolOf(lb.ContainerName, lb.ContainerPort) == taskdef.UDP {
			return nil
		}
		return &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(lb.ContainerPort)}},
			PeriodSeconds: connectInterval, TimeoutSeconds: connectTimeout, FailureThreshold: connectThreshold, SuccessThreshold: 1,
		}
	}
	probe := &corev1.Probe{
		PeriodSeconds:    orElse(check.IntervalSeconds, targetInterval),
		TimeoutSeconds:   orElse(check.TimeoutSeconds, targetTimeout),
		SuccessThreshold: orElse(check.HealthyThresholdCount, targetHealthyThreshold),
		FailureThreshold: orElse(check.UnhealthyThresholdCount, targetUnhealthyThreshold),
	}
	port := intstr.FromInt32(orElse(check.Port, lb.ContainerPort))
	switch protocol := cmp.Or(check.Protocol, ecsv1.TargetGroupProtocolHttp); protocol {
	case ecsv1.TargetGroupProtocolTCP:
		probe.TCPSocket = &corev1.TCPSocketAction{Port: port}
	default:
		probe.HTTPGet = &corev1.HTTPGetAction{Path: cmp.Or(check.Path, "/"), Port: port, Scheme: corev1.URIScheme(protocol)}
	}
	return probe
}

func orElse(n *int32, otherwise int32) int32 {
	if n == nil {
		return otherwise
	}
	return *n
}
