// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// city builds worlds to draw.
type city struct {
	World
	pods int
}

func newCity(clusters ...string) *city {
	c := &city{World: World{AllPods: true, Now: time.Unix(1_800_000_000, 0)}}
	for _, name := range clusters {
		c.Clusters = append(c.Clusters, ecsv1.Cluster{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Status: ecsv1.ClusterStatus{Status: ecsv1.ClusterStateActive},
		})
	}
	return c
}

func (c *city) instance(cluster, name, zone string, edits ...func(*ecsv1.ContainerInstance)) {
	i := ecsv1.ContainerInstance{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       ecsv1.ContainerInstanceSpec{Cluster: cluster, NodeName: name},
		Status: ecsv1.ContainerInstanceStatus{
			ContainerInstanceArn: "arn:aws:ecs:us-east-1:000000000000:container-instance/" + cluster + "/id-of-" + name,
			Ec2InstanceId:        "i-" + name, Status: ecsv1.ContainerInstanceStateActive, AgentConnected: true,
			RegisteredAt:        new(metav1.NewTime(c.Now.Add(-time.Hour))),
			RegisteredResources: resources(4096, 8192), RemainingResources: resources(4096, 8192),
			Attributes:   []ecsv1.Attribute{{Name: "ecs.availability-zone", Value: zone}, {Name: "ecs.instance-type", Value: "m5.large"}},
			VersionInfo:  &ecsv1.VersionInfo{AgentVersion: "1.36.3"},
			HealthStatus: &ecsv1.ContainerInstanceHealthStatus{OverallStatus: ecsv1.InstanceHealthCheckStateOK},
		},
	}
	for _, edit := range edits {
		edit(&i)
	}
	c.Instances = append(c.Instances, i)
}

func resources(cpu, memory int64) []ecsv1.Resource {
	return []ecsv1.Resource{
		{Name: ecsv1.ResourceNameCPU, Type: ecsv1.ResourceValueTypeInteger, IntegerValue: &cpu},
		{Name: ecsv1.ResourceNameMemory, Type: ecsv1.ResourceValueTypeInteger, IntegerValue: &memory},
	}
}

func draining(i *ecsv1.ContainerInstance) { i.Status.Status = ecsv1.ContainerInstanceStateDraining }

func lost(i *ecsv1.ContainerInstance) { i.Status.AgentConnected = false }

func (c *city) service(cluster, name string) {
	c.Services = append(c.Services, ecsv1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Spec: ecsv1.ServiceSpec{Cluster: cluster},
	})
}

// tasks puts one on each node; "" is none. CPU is in milli CPU, memory in MiB.
func (c *city) tasks(cluster, service string, cpu, memory int64, edit func(*corev1.Pod), nodes ...string) {
	for _, node := range nodes {
		c.pods++
		p := corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: fmt.Sprintf("%s-%d", service, c.pods), Labels: map[string]string{
				ecsv1.LabelCluster: cluster, ecsv1.LabelService: service, ecsv1.LabelFamily: service,
			}},
			Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{
					corev1.ResourceCPU:    *resource.NewMilliQuantity(cpu, resource.DecimalSI),
					corev1.ResourceMemory: *resource.NewQuantity(memory<<20, resource.BinarySI),
				},
			}}}},
			Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
				Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, Started: new(true), Ready: true,
			}}},
		}
		if edit != nil {
			edit(&p)
		}
		c.Pods = append(c.Pods, p)
		c.take(node, cpu, memory, &p)
	}
}

func (c *city) take(node string, cpu, memory int64, p *corev1.Pod) {
	for i := range c.Instances {
		if c.Instances[i].Name == node {
			left := c.Instances[i].Status.RemainingResources
			c.Instances[i].Status.RemainingResources = resources(*left[0].IntegerValue-cpu*1024/1000, *left[1].IntegerValue-memory)
			switch {
			case p.Labels[ecsv1.LabelCluster] == "" || p.DeletionTimestamp != nil:
			case p.Status.Phase == corev1.PodRunning:
				c.Instances[i].Status.RunningTasksCount++
			default:
				c.Instances[i].Status.PendingTasksCount++
			}
		}
	}
}

func starting(p *corev1.Pod) {
	p.Status = corev1.PodStatus{Phase: corev1.PodPending}
}

func stopping(p *corev1.Pod) {
	p.DeletionTimestamp = new(metav1.NewTime(time.Unix(1_800_000_000, 0)))
}

func foreign(p *corev1.Pod) { p.Labels, p.Namespace = nil, "kube-system" }

func standalone(p *corev1.Pod) {
	delete(p.Labels, ecsv1.LabelService)
	p.Labels[ecsv1.LabelTask] = p.Name
}

func unplaced(message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		starting(p)
		p.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: message,
		}}
	}
}

// shop is a small one: 9 instances in 3 zones, 5 services.
func shop() *city {
	c := newCity("shop")
	for n := range 9 {
		zone := string(rune('a' + n/3))
		edit := func(*ecsv1.ContainerInstance) {}
		switch n {
		case 4:
			edit = draining
		case 8:
			edit = lost
		}
		c.instance("shop", fmt.Sprintf("node-%d", n+1), "us-east-1"+zone, edit)
	}
	for _, s := range []string{"web", "api", "worker", "cache", "search"} {
		c.service("shop", s)
	}
	c.tasks("shop", "agent", 100, 200, foreign, "node-1", "node-2", "node-3", "node-4", "node-5", "node-6", "node-7", "node-8", "node-9")
	c.tasks("shop", "web", 500, 512, nil, "node-1", "node-1", "node-2", "node-4", "node-6", "node-7", "node-8")
	c.tasks("shop", "web", 500, 512, starting, "node-3")
	c.tasks("shop", "web", 500, 512, stopping, "node-5")
	c.tasks("shop", "api", 1000, 1024, nil, "node-1", "node-2", "node-4", "node-6", "node-7")
	c.tasks("shop", "worker", 250, 256, nil, "node-2", "node-2", "node-3", "node-3", "node-3", "node-7")
	c.tasks("shop", "cache", 500, 4096, nil, "node-1", "node-6", "node-8")
	c.tasks("shop", "search", 2000, 2048, nil, "node-4", "node-5")
	c.tasks("shop", "migrate", 250, 512, standalone, "node-8")
	c.tasks("shop", "cache", 500, 4096, unplaced("service cache was unable to place a task because no container instance met all of its requirements. "+
		"The closest matching container instance node-3 has insufficient memory available."), "", "")
	return c
}

// fleet is a large one.
func fleet(instances int) *city {
	c := newCity("fleet")
	for n := range instances {
		edit := func(*ecsv1.ContainerInstance) {}
		switch {
		case n%37 == 36:
			edit = draining
		case n%61 == 60:
			edit = lost
		}
		c.instance("fleet", fmt.Sprintf("ip-10-0-%d-%d", n/256, n%256), "us-east-1"+string(rune('a'+n%3)), edit)
		for range (n * 7) % 16 {
			c.tasks("fleet", []string{"web", "api", "batch"}[n%3], 250, 512, nil, c.Instances[n].Name)
		}
	}
	return c
}
