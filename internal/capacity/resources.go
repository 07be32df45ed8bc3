// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// gpu is the extended resource that stands for ECS's GPU.
const gpu corev1.ResourceName = "nvidia.com/gpu"

// reserved are the TCP ports that ECS counts as taken on every instance (API_PortMapping hostPort).
var reserved = []int32{22, 2375, 2376, 51678, 51679, 51680}

const unitsPerVCPU = 1024

// amounts in ECS's measures. Below 0 when a Node is overcommitted, which only static pods and a shrunken Node can do.
type amounts struct{ cpu, memory, gpus int64 }

// of reads a list of Kubernetes quantities. Fractions are dropped: 3920m are 3920 x 1024 / 1000 = 4014 units,
// rounded down; 7Gi are 7168 MiB.
func of(list corev1.ResourceList) amounts {
	return amounts{
		cpu:    units(list.Cpu()),
		memory: list.Memory().Value() >> 20,
		gpus:   list.Name(gpu, resource.DecimalSI).Value(),
	}
}

func units(q *resource.Quantity) int64 { return q.MilliValue() * unitsPerVCPU / 1000 }

// registered is what the Node has for pods: its allocatable, and the ports that ECS itself keeps.
func registered(node *corev1.Node) []ecsv1.Resource {
	_, gpus := node.Status.Allocatable[gpu]
	return list(of(node.Status.Allocatable), reserved, nil, gpus)
}

// remaining is allocatable less the requests of the Node's pods that have not ended: containers, init containers, pod-level resources and
// overhead, counted as the scheduler counts. The port sets are those in use.
//
// Allocatable 2000m and 4Gi, pods of 250m, 128Mi and 500m, 1Gi: 1250m and 2944 MiB remain, that is 1280 units.
func remaining(node *corev1.Node, pods []corev1.Pod) []ecsv1.Resource {
	left := node.Status.Allocatable.DeepCopy()
	tcp, udp := slices.Clone(reserved), []int32(nil)
	for i := range pods {
		if !takes(&pods[i], node) {
			continue
		}
		subtract(left, Requests(&pods[i]))
		for _, p := range hostPorts(&pods[i]) {
			if p.Protocol == corev1.ProtocolUDP {
				udp = append(udp, p.HostPort)
			} else {
				tcp = append(tcp, p.HostPort)
			}
		}
	}
	_, gpus := node.Status.Allocatable[gpu]
	return list(of(left), tcp, udp, gpus)
}

// takes: a pod that isn't bound is one on its way to the node, or the caller wouldn't have brought it. One that is deleted before that never gets there.
func takes(pod *corev1.Pod, node *corev1.Node) bool {
	sent := pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil
	return !Ended(pod) && (sent || pod.Spec.NodeName == node.Name)
}

func subtract(from, what corev1.ResourceList) {
	for name, q := range what {
		if left, has := from[name]; has {
			left.Sub(q)
			from[name] = left
		}
	}
}

func hostPorts(pod *corev1.Pod) []corev1.ContainerPort {
	var out []corev1.ContainerPort
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, p := range c.Ports {
			if p.HostPort > 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// list is in the order of DescribeContainerInstances.
func list(a amounts, tcp, udp []int32, gpus bool) []ecsv1.Resource {
	out := []ecsv1.Resource{
		integer(ecsv1.ResourceNameCPU, a.cpu),
		integer(ecsv1.ResourceNameMemory, a.memory),
		ports(ecsv1.ResourceNamePorts, tcp),
		ports(ecsv1.ResourceNamePortsUdp, udp),
	}
	if gpus {
		out = append(out, integer(ecsv1.ResourceNameGPU, a.gpus))
	}
	return out
}

func integer(name ecsv1.ResourceName, n int64) ecsv1.Resource {
	return ecsv1.Resource{Name: name, Type: ecsv1.ResourceValueTypeInteger, IntegerValue: &n}
}

// mostPorts is how many the status of an instance has room for. Who places tasks reads the pods.
const mostPorts = 256

// ports are the lowest of those in use, as many as there is room for: a status with more of them couldn't be written at all.
func ports(name ecsv1.ResourceName, all []int32) ecsv1.Resource {
	r := ecsv1.Resource{Name: name, Type: ecsv1.ResourceValueTypeStringset}
	all = slices.Clone(all)
	slices.Sort(all)
	all = slices.Compact(all)
	for _, p := range all[:min(len(all), mostPorts)] {
		r.StringSetValue = append(r.StringSetValue, strconv.Itoa(int(p)))
	}
	return r
}
