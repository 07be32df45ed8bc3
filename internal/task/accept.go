// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"cmp"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Accept writes into the status what RunTask answers: the revision, which the task keeps from now on, and its containers. td is the task
// definition with the task's overrides.
func Accept(t *ecsv1.Task, revision *ecsv1.TaskDefinitionRevisionSpec, td *ecsv1.TaskDefinitionFields, scope arn.Scope) error {
	effective, err := taskdef.Effective(td)
	if err != nil {
		return err
	}
	s, cluster := &t.Status, Cluster(t)
	s.TaskArn = scope.Task(cluster, ID(t))
	s.ClusterArn = scope.Cluster(cluster)
	s.TaskDefinitionArn = scope.TaskDefinition(revision.Family, revision.Revision)
	s.LastStatus, s.DesiredStatus = ecsv1.TaskStateProvisioning, ecsv1.TaskDesiredStatusRunning
	s.HealthStatus = ecsv1.HealthStatusUnknown
	s.Group, s.StartedBy = group(t, revision.Family), t.Spec.StartedBy
	s.Cpu, s.Memory = number(effective.ReservedCPU()), number(effective.ReservedMemory())
	s.EnableExecuteCommand = t.Spec.EnableExecuteCommand
	s.EphemeralStorage = td.EphemeralStorage
	if len(t.Spec.CapacityProviderStrategy) == 0 {
		s.LaunchType = cmp.Or(t.Spec.LaunchType, ecsv1.LaunchTypeEC2)
	}
	s.Containers = nil
	for _, c := range effective.Containers {
		s.Containers = append(s.Containers, ecsv1.TaskContainer{
			Name:         c.Name,
			ContainerArn: scope.Container(cluster, ID(t), names.ContainerID(ID(t), c.Name)),
			Image:        c.Image,
			LastStatus:   "PENDING",
			HealthStatus: ecsv1.HealthStatusUnknown,
			Cpu:          strconv.FormatInt(c.CPU, 10), Memory: number(c.Memory), MemoryReservation: number(c.MemoryReservation),
		})
	}
	return nil
}

// number leaves out what isn't set.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// Place writes where the task is. An instance that isn't known, any more or yet, takes nothing back.
func Place(s *ecsv1.TaskStatus, instance *ecsv1.ContainerInstance) {
	if instance == nil {
		return
	}
	s.ContainerInstanceArn = cmp.Or(instance.Status.ContainerInstanceArn, s.ContainerInstanceArn)
	s.Connectivity = ecsv1.ConnectivityDisconnected
	if instance.Status.AgentConnected {
		s.Connectivity = ecsv1.ConnectivityConnected
	}
	for _, a := range instance.Status.Attributes {
		switch a.Name {
		case "ecs.availability-zone":
			s.AvailabilityZone = a.Value
		case "ecs.cpu-architecture":
			s.Attributes = []ecsv1.Attribute{{Name: a.Name, Value: a.Value}}
		}
	}
}

// addresses are a container's: those of its pod, unless it has the node's.
func addresses(pod *corev1.Pod) []ecsv1.NetworkInterface {
	if pod.Spec.HostNetwork || len(pod.Status.PodIPs) == 0 {
		return nil
	}
	var out ecsv1.NetworkInterface
	for _, ip := range pod.Status.PodIPs {
		if isIPv6(ip.IP) {
			out.Ipv6Address = cmp.Or(out.Ipv6Address, ip.IP)
			continue
		}
		out.PrivateIpv4Address = cmp.Or(out.PrivateIpv4Address, ip.IP)
	}
	return []ecsv1.NetworkInterface{out}
}

// bindings are the ports of a container that its node listens on.
func bindings(pod *corev1.Pod, container string) []ecsv1.NetworkBinding {
	var out []ecsv1.NetworkBinding
	if pod.Status.HostIP == "" {
		return nil
	}
	for _, c := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
		for _, p := range c.Ports {
			if c.Name == container && p.HostPort > 0 {
				out = append(out, ecsv1.NetworkBinding{
					BindIP: pod.Status.HostIP, ContainerPort: new(p.ContainerPort), HostPort: new(p.HostPort), Protocol: protocol(p.Protocol),
				})
			}
		}
	}
	return out
}

func protocol(p corev1.Protocol) ecsv1.TransportProtocol {
	if p == corev1.ProtocolUDP {
		return ecsv1.TransportProtocolUdp
	}
	return ecsv1.TransportProtocolTcp
}
