// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Builders give the smallest object that works. A test changes what it is about by functions given along.

// Cluster takes the nodes with the label pool=name, which is none unless a test makes some.
func Cluster(name string, edits ...func(*ecsv1.Cluster)) *ecsv1.Cluster {
	c := &ecsv1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: ecsv1.ClusterSpec{Kubernetes: &ecsv1.ClusterKubernetes{
			NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"pool": name}},
		}},
	}
	return edited(c, edits)
}

// Node is healthy, has 4 vCPUs and 8 GiB, and the label pool.
func Node(name, pool string, edits ...func(*corev1.Node)) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("4"),
		corev1.ResourceMemory: resource.MustParse("8Gi"),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			"pool":                         pool,
			corev1.LabelTopologyZone:       "us-east-1a",
			corev1.LabelInstanceTypeStable: "m5.xlarge",
			corev1.LabelOSStable:           "linux",
			corev1.LabelArchStable:         "amd64",
		}},
		Status: corev1.NodeStatus{
			Capacity: room, Allocatable: room,
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"}},
			NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: "v1.37.2", ContainerRuntimeVersion: "containerd://2.1.0"},
		},
	}
	return edited(n, edits)
}

// TaskDefinition has one container, app, that listens on 8080.
func TaskDefinition(namespace, name string, edits ...func(*ecsv1.TaskDefinition)) *ecsv1.TaskDefinition {
	td := &ecsv1.TaskDefinition{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	td.Spec.NetworkMode = "awsvpc"
	td.Spec.ContainerDefinitions = []ecsv1.ContainerDefinition{{
		Name: "app", Image: "web:v1", Cpu: ptr.To[int32](128), Memory: ptr.To[int32](64),
		PortMappings: []ecsv1.PortMapping{{ContainerPort: ptr.To[int32](8080)}},
	}}
	return edited(td, edits)
}

// Image changes the image of the first container.
func Image(image string) func(*ecsv1.TaskDefinition) {
	return func(td *ecsv1.TaskDefinition) { td.Spec.ContainerDefinitions[0].Image = image }
}

// Service runs count tasks of the family behind the target group NAME-tg, so that they are healthy as soon as they are ready.
func Service(namespace, name, cluster, family string, count int32, edits ...func(*ecsv1.Service)) *ecsv1.Service {
	s := &ecsv1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: ecsv1.ServiceSpec{
			Cluster: cluster, TaskDefinition: family, DesiredCount: &count,
			LoadBalancers: []ecsv1.LoadBalancer{{TargetGroupArn: name + "-tg", ContainerName: "app", ContainerPort: ptr.To[int32](8080)}},
		},
	}
	return edited(s, edits)
}

// Task runs the task definition once.
func Task(namespace, name, cluster, taskDefinition string, edits ...func(*ecsv1.Task)) *ecsv1.Task {
	t := &ecsv1.Task{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       ecsv1.TaskSpec{Cluster: cluster, TaskDefinition: taskDefinition},
	}
	return edited(t, edits)
}

// Percentages bound a rolling deployment.
func Percentages(minimumHealthy, maximum int32) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{
			MinimumHealthyPercent: &minimumHealthy, MaximumPercent: &maximum,
		}
	}
}

// WithoutLoadBalancer leaves 40 seconds as the only sign of health.
func WithoutLoadBalancer(s *ecsv1.Service) { s.Spec.LoadBalancers = nil }

func edited[T any](o T, edits []func(T)) T {
	for _, edit := range edits {
		edit(o)
	}
	return o
}
