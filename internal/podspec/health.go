// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// The defaults of a target group's health check as the API states them. The numbers of a target group that has none are in internal/taskstate.
const (
	targetInterval           = 30
	targetTimeout            = 5
	targetHealthyThreshold   = 1
	targetUnhealthyThreshold = 2
)

// What a container takes that carries a check, where each has to say so.
const (
	helperMillis    = 1
	helperMebibytes = 16
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
// container that isn't essential is run by its launcher, for those that wait for HEALTHY.
func mapHealthCheck(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	check := in.HealthCheck
	switch {
	case check == nil || t.order.isInit(i):
	case in.Essential:
		out.ReadinessProbe = containerProbe(check)
	default:
		spec := &launchspec.HealthCheck{
			Command: checkCommand(check), IntervalSeconds: check.Interval, TimeoutSeconds: check.Timeout, Retries: check.Retries,
			StartPeriodSeconds: check.StartPeriod,
		}
		if t.waitedFor(i, launchspec.Healthy) {
			t.launcher(i, "healthCheck").HealthCheck = spec
			return
		}
		t.launcherIfKnown(i, "healthCheck", fmt.Sprintf("container %s isn't essential, so its health has no say in the task's; a probe would take the whole pod "+
			"out of its load balancers. Its health check isn't run", in.Name)).HealthCheck = spec
	}
}

// probeAsLaunched runs a container's health check as the launcher ran its command: as the same user, with the same limits; and tells
// those that wait for HEALTHY.
func (t *translation) probeAsLaunched(i int, spec launchspec.Spec, out *corev1.Container) {
	probe := out.ReadinessProbe
	if probe == nil || probe.Exec == nil || !t.launched[i].root && !t.waitedFor(i, launchspec.Healthy) {
		return
	}
	own := launchspec.Spec{Container: spec.Container, Ulimits: spec.Ulimits, User: spec.User, DropCapabilities: spec.DropCapabilities, LowerUlimits: spec.LowerUlimits}
	probe.Exec.Command = append([]string{launchspec.Binary, launchspec.CommandProbe, literal(own.String()), "--"}, probe.Exec.Command...)
}

// mapTargetGroups makes a readiness probe of each target group's check. A probe by network asks the pod's address, whichever of
// its containers it stands at, and all probes count for the pod: so a check whose container has a probe already stands at another
// container, or at one that is there for nothing else.
func mapTargetGroups(t *translation, out *corev1.PodTemplateSpec) {
	helpers := 0
	for j, lb := range t.loadBalancers() {
		probe := t.targetProbe(lb)
		if probe == nil {
			continue
		}
		if name, there := probed(slices.Concat(out.Spec.Containers, t.helpers), probe); there {
			checkedAt(out, name, lb)
			continue
		}
		if c := t.unprobed(lb, out.Spec.Containers); c != nil {
			c.ReadinessProbe = probe
			checkedAt(out, c.Name, lb)
			continue
		}
		if !t.canLaunch() {
			t.warn(fmt.Sprintf("loadBalancers[%d].targetGroupArn", j), Approximated, "container %s has a health check already, and a pod's container has one readiness probe: "+
				"the check of target group %s isn't made", lb.ContainerName, lb.TargetGroup)
			continue
		}
		helpers++
		t.helpers = append(t.helpers, t.targetsContainer(helpers, probe))
		checkedAt(out, t.helpers[len(t.helpers)-1].Name, lb)
	}
}

// checkedAt notes at which container the check of a target group stands, by which internal/taskstate names the target group.
func checkedAt(out *corev1.PodTemplateSpec, podName string, lb LoadBalancer) {
	if out.Annotations == nil {
		out.Annotations = map[string]string{}
	}
	value := out.Annotations[taskstate.TargetGroupsAnnotation]
	out.Annotations[taskstate.TargetGroupsAnnotation] = taskstate.JoinTargetGroup(value, podName, lb.TargetGroup)
}

// probed is the container that asks the same already: two target groups may.
func probed(all []corev1.Container, probe *corev1.Probe) (podName string, there bool) {
	i := slices.IndexFunc(all, func(c corev1.Container) bool { return reflect.DeepEqual(c.ReadinessProbe, probe) })
	if i < 0 {
		return "", false
	}
	return all[i].Name, true
}

// unprobed is a container to put the check at: the load balancer's own, else an essential one, since their ends are the task's.
func (t *translation) unprobed(lb LoadBalancer, all []corev1.Container) *corev1.Container {
	for _, own := range []bool{true, false} {
		for i, c := range t.task.Containers {
			if all[i].ReadinessProbe == nil && (c.Name == lb.ContainerName || !own && c.Essential) {
				return &all[i]
			}
		}
	}
	return nil
}

// targetsContainer carries the check of a target group and does nothing.
func (t *translation) targetsContainer(n int, probe *corev1.Probe) corev1.Container {
	name := taskstate.TargetsName
	if n > 1 {
		name += "-" + strconv.Itoa(n)
	}
	c := corev1.Container{
		Name: name, Image: t.in.LauncherImage, Command: []string{"/launcher", launchspec.CommandWait},
		ReadinessProbe: probe, Lifecycle: t.whileDraining(), SecurityContext: strictSecurity(),
	}
	if t.fargate() && !t.podLevel() {
		set(&c.Resources.Requests, corev1.ResourceCPU, millis(helperMillis))
		set(&c.Resources.Requests, corev1.ResourceMemory, mebibytes(helperMebibytes))
		c.Resources.Limits = c.Resources.Requests
	}
	return c
}

// containerProbe has the numbers of a container's health check.
func containerProbe(check *taskdef.HealthCheck) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: literals(checkCommand(check))}},
		PeriodSeconds:    check.Interval,
		TimeoutSeconds:   check.Timeout,
		FailureThreshold: check.Retries,
		SuccessThreshold: 1,
	}
}

// checkCommand: CMD runs the rest as it is, CMD-SHELL hands it to the container's shell as Docker does.
func checkCommand(check *taskdef.HealthCheck) []string {
	if check.Command[0] == taskdef.CmdShell {
		return append([]string{"/bin/sh", "-c"}, check.Command[1:]...)
	}
	return check.Command[1:]
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
			PeriodSeconds: taskstate.ConnectInterval, TimeoutSeconds: taskstate.ConnectTimeout, FailureThreshold: taskstate.ConnectThreshold, SuccessThreshold: 1,
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
