// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func node(name string, edits ...func(*corev1.Node)) corev1.Node {
	n := corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelTopologyZone: "zone-a", ecsv1.LabelCluster: "main"}},
		Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("10"),
			},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
	for _, edit := range edits {
		edit(&n)
	}
	return n
}

func instance(name string, edits ...func(*ecsv1.ContainerInstance)) ecsv1.ContainerInstance {
	c := ecsv1.ContainerInstance{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: ecsv1.ContainerInstanceSpec{Cluster: "main", NodeName: name}}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

// task is a pod of service web with 1 CPU and 1 GiB.
func task(edits ...func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "web-1", Labels: map[string]string{ecsv1.LabelCluster: "main", ecsv1.LabelService: "web"},
			Annotations: map[string]string{ecsv1.AnnotationTaskGroup: "service:web"},
		},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{ecsv1.LabelCluster: "main"},
			Containers: []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("1Gi"),
			}}}},
		},
	}
	for _, edit := range edits {
		edit(&p)
	}
	return p
}

func on(name string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Spec.NodeName = name } }

func foreign(p *corev1.Pod) { p.Labels, p.Annotations = nil, nil }

func gated(p *corev1.Pod) {
	p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: ecsv1.GatePlacement}}
}

func going(p *corev1.Pod) { p.DeletionTimestamp = new(metav1.Now()) }

func ended(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }

// sentTo narrows the pod to nodes, one term each.
func sentTo(names ...string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		var terms []corev1.NodeSelectorTerm
		for _, n := range names {
			terms = append(terms, corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
				{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{n}},
			}})
		}
		p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
		}}
	}
}

func hostPort(n int32, protocol corev1.Protocol) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		c := &p.Spec.Containers[0]
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: n, HostPort: n, Protocol: protocol})
	}
}
