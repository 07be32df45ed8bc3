// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

type podOption func(*corev1.Pod)

// pod is on node-a and requests cpu and memory in its one container.
func pod(cpu, memory string, options ...podOption) corev1.Pod {
	p := corev1.Pod{Spec: corev1.PodSpec{
		NodeName:   "node-a",
		Containers: []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{Requests: amount(cpu, memory)}}},
	}}
	for _, o := range options {
		o(&p)
	}
	return p
}

func phase(is corev1.PodPhase) podOption { return func(p *corev1.Pod) { p.Status.Phase = is } }

func hostPort(n int32, protocol corev1.Protocol) podOption {
	return func(p *corev1.Pod) {
		p.Spec.Containers[0].Ports = append(p.Spec.Containers[0].Ports, corev1.ContainerPort{ContainerPort: n, HostPort: n, Protocol: protocol})
	}
}

// left is what remains, in a form that fits a line.
type left struct {
	CPU, Memory int64
	TCP, UDP    string
}

func remainingOf(t *testing.T, resources []ecsv1.Resource) left {
	t.Helper()
	var out left
	for _, r := range resources {
		switch r.Name {
		case ecsv1.ResourceNameCPU:
			out.CPU = *r.IntegerValue
		case ecsv1.ResourceNameMemory:
			out.Memory = *r.IntegerValue
		case ecsv1.ResourceNamePorts:
			out.TCP = strings.Join(r.StringSetValue, " ")
		case ecsv1.ResourceNamePortsUdp:
			out.UDP = strings.Join(r.StringSetValue, " ")
		case ecsv1.ResourceNameGPU:
			t.Errorf("got GPUs on a node without any")
		}
	}
	return out
}

func TestResources(t *testing.T) {
	const kept = "22 2375 2376 51678 51679 51680"
	for name, tc := range map[string]struct {
		pods []corev1.Pod
		want left
	}{
		"an empty node has all of it":             {nil, left{2048, 4096, kept, ""}},
		"requests are taken":                      {[]corev1.Pod{pod("250m", "128Mi"), pod("500m", "1Gi")}, left{1280, 2944, kept, ""}},
		"pods that ended take nothing":            {[]corev1.Pod{pod("1", "1Gi", phase(corev1.PodSucceeded)), pod("1", "1Gi", phase(corev1.PodFailed))}, left{2048, 4096, kept, ""}},
		"pods that start take already":            {[]corev1.Pod{pod("1", "1Gi", phase(corev1.PodPending))}, left{1024, 3072, kept, ""}},
		"pods on another node take nothing":       {[]corev1.Pod{pod("1", "1Gi", func(p *corev1.Pod) { p.Spec.NodeName = "node-b" })}, left{2048, 4096, kept, ""}},
		"host ports are taken, each protocol own": {[]corev1.Pod{pod("0", "0", hostPort(80, corev1.ProtocolTCP), hostPort(53, corev1.ProtocolUDP))}, left{2048, 4096, "22 80 2375 2376 51678 51679 51680", "53"}},
		"one port of two pods is listed once":     {[]corev1.Pod{pod("0", "0", hostPort(80, "")), pod("0", "0", hostPort(80, ""))}, left{2048, 4096, "22 80 2375 2376 51678 51679 51680", ""}},
		"a pod as a whole outranks its containers": {[]corev1.Pod{pod("250m", "128Mi", func(p *corev1.Pod) {
			p.Spec.Resources = &corev1.ResourceRequirements{Requests: amount("1", "2Gi")}
		})}, left{1024, 2048, kept, ""}},
		"an init container that asks for more counts": {[]corev1.Pod{pod("250m", "128Mi", func(p *corev1.Pod) {
			p.Spec.InitContainers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: amount("1", "64Mi")}}}
		})}, left{1024, 3968, kept, ""}},
		"a sandbox's overhead counts":      {[]corev1.Pod{pod("250m", "128Mi", func(p *corev1.Pod) { p.Spec.Overhead = amount("250m", "128Mi") })}, left{1536, 3840, kept, ""}},
		"an overcommitted node is below 0": {[]corev1.Pod{pod("3", "5Gi")}, left{-1024, -1024, kept, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			got := remainingOf(t, Instance(node(), tc.pods, here(ecsv1.ContainerInstanceSpec{}), nil).RemainingResources)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The CRD has room for 256.
func TestAnInstanceWithVeryManyHostPortsHasAStatus(t *testing.T) {
	var pods []corev1.Pod
	for n := range int32(130) {
		pods = append(pods, pod("0", "0", hostPort(30000+3*n, ""), hostPort(30001+3*n, ""), hostPort(30002+3*n, corev1.ProtocolUDP)))
	}
	got := remainingOf(t, Instance(node(), pods, here(ecsv1.ContainerInstanceSpec{}), nil).RemainingResources)
	if tcp, udp := strings.Fields(got.TCP), strings.Fields(got.UDP); len(tcp) != 256 || tcp[0] != "22" || len(udp) != 130 {
		t.Errorf("%d and %d ports, from %s", len(tcp), len(udp), tcp[0])
	}
}

func TestRegisteredIsAllocatable(t *testing.T) {
	n := node(func(n *corev1.Node) {
		n.Status.Allocatable = amount("3920m", "7Gi")
		n.Status.Allocatable[gpu] = resource.MustParse("2")
	})
	one, two, three := int64(4014), int64(7168), int64(2)
	want := []ecsv1.Resource{
		{Name: "CPU", Type: "INTEGER", IntegerValue: &one},
		{Name: "MEMORY", Type: "INTEGER", IntegerValue: &two},
		{Name: "PORTS", Type: "STRINGSET", StringSetValue: []string{"22", "2375", "2376", "51678", "51679", "51680"}},
		{Name: "PORTS_UDP", Type: "STRINGSET"},
		{Name: "GPU", Type: "INTEGER", IntegerValue: &three},
	}
	got := Instance(n, []corev1.Pod{pod("1", "1Gi")}, here(ecsv1.ContainerInstanceSpec{}), nil)
	if diff := cmp.Diff(want, got.RegisteredResources); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ecsv1.VersionInfo{AgentVersion: "1.36.3", DockerVersion: "containerd://2.1.0"}, got.VersionInfo); diff != "" {
		t.Error(diff)
	}
}

func TestTheOrderOfPodsSaysNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pods []corev1.Pod
		for range rapid.IntRange(0, 6).Draw(t, "pods") {
			cpu := rapid.SampledFrom([]string{"0", "100m", "333m", "1"}).Draw(t, "cpu")
			port := rapid.Int32Range(1, 5).Draw(t, "port")
			pods = append(pods, pod(cpu, "64Mi", hostPort(port, corev1.ProtocolUDP)))
		}
		n := node()
		before := n.DeepCopy()
		want := Instance(n, pods, here(ecsv1.ContainerInstanceSpec{}), nil)
		if diff := cmp.Diff(want, Instance(n, rapid.Permutation(pods).Draw(t, "order"), here(ecsv1.ContainerInstanceSpec{}), nil)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(before, n); diff != "" {
			t.Fatalf("the node was changed: %s", diff)
		}
	})
}
