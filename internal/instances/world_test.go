// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// has is what is left of an instance, in a form that fits a line: CPUs in thousands, GiB, pods.
type has struct {
	CPU, GiB, Pods int64
	Tasks          map[string]int
}

func TestFleetCountsWhatPodsTake(t *testing.T) {
	for name, tc := range map[string]struct {
		pods []corev1.Pod
		want has
	}{
		"no pods": {nil, has{4000, 8, 10, map[string]int{}}},
		"a task":  {[]corev1.Pod{task(on("a"))}, has{3000, 7, 9, map[string]int{"service:web": 1}}},
		"a pod that isn't ours takes room and is no task":      {[]corev1.Pod{task(on("a"), foreign)}, has{3000, 7, 9, map[string]int{}}},
		"a pod that has ended takes nothing":                   {[]corev1.Pod{task(on("a"), ended)}, has{4000, 8, 10, map[string]int{}}},
		"a task that is stopping takes room and doesn't count": {[]corev1.Pod{task(on("a"), going)}, has{3000, 7, 9, map[string]int{}}},
		"a task elsewhere":                                   {[]corev1.Pod{task(on("b"))}, has{4000, 8, 10, map[string]int{}}},
		"a task on its way":                                  {[]corev1.Pod{task(sentTo("a"))}, has{3000, 7, 9, map[string]int{"service:web": 1}}},
		"a daemon's pod on its way":                          {[]corev1.Pod{task(sentTo("a"), foreign)}, has{3000, 7, 9, map[string]int{}}},
		"a task on its way that is deleted never gets there": {[]corev1.Pod{task(sentTo("a"), going)}, has{4000, 8, 10, map[string]int{}}},
		"a task that waits for a place is nowhere":           {[]corev1.Pod{task(gated)}, has{4000, 8, 10, map[string]int{}}},
		"a task that may go to either of two is nowhere yet": {[]corev1.Pod{task(sentTo("a", "b"))}, has{4000, 8, 10, map[string]int{}}},
	} {
		t.Run(name, func(t *testing.T) {
			fleet := Fleet(World{Name: "main", Instances: []ecsv1.ContainerInstance{instance("a")}, Nodes: []corev1.Node{node("a")}, Pods: tc.pods, Now: time.Now()})
			i := fleet.Instance("a")
			got := has{i.Free.MilliCPU, i.Free.Memory >> 30, i.Free.Pods, i.Tasks}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFleetTakesInstancesOfTheCluster(t *testing.T) {
	draining := func(c *ecsv1.ContainerInstance) { c.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining }
	elsewhere := func(c *ecsv1.ContainerInstance) { c.Spec.Cluster = "other" }
	cordoned := func(n *corev1.Node) { n.Spec.Unschedulable = true }
	silent := func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }
	fleet := Fleet(World{
		Name: "main", Now: time.Now(),
		Instances: []ecsv1.ContainerInstance{
			instance("fine"), instance("draining", draining), instance("elsewhere", elsewhere), instance("cordoned"), instance("silent"), instance("gone"),
		},
		Nodes: []corev1.Node{node("fine"), node("draining"), node("elsewhere"), node("cordoned", cordoned), node("silent", silent), node("stranger")},
	})
	got := map[string]string{}
	for _, i := range fleet.Instances() {
		got[i.Name] = map[bool]string{true: "active", false: "inactive"}[i.Active] + map[bool]string{true: "", false: ", no agent"}[i.Facts.AgentConnected]
	}
	want := map[string]string{"fine": "active", "draining": "inactive", "cordoned": "inactive", "silent": "active, no agent", "gone": "inactive, no agent"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFleetHasFacts(t *testing.T) {
	registered := metav1.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	c := instance("a", func(c *ecsv1.ContainerInstance) {
		c.Spec.Attributes = []ecsv1.InstanceAttribute{{Name: "stack", Value: "prod"}}
		c.Status.RegisteredAt = &registered
	})
	gpus := func(n *corev1.Node) {
		n.Status.Allocatable["nvidia.com/gpu"] = resource.MustParse("2")
		n.Status.Allocatable[corev1.ResourceEphemeralStorage] = resource.MustParse("20Gi")
		n.Status.NodeInfo.KubeletVersion = "v1.36.1"
	}
	pods := []corev1.Pod{task(on("a"), hostPort(80, corev1.ProtocolTCP), hostPort(53, corev1.ProtocolUDP))}
	i := Fleet(World{Name: "main", Instances: []ecsv1.ContainerInstance{c}, Nodes: []corev1.Node{node("a", gpus)}, Pods: pods, Now: time.Now()}).Instance("a")
	if got := i.Facts.Attributes["stack"] + " " + i.Facts.Attributes["ecs.availability-zone"]; got != "prod zone-a" {
		t.Errorf("attributes are %q", got)
	}
	if !i.Facts.RegisteredAt.Equal(registered.Time) || i.Facts.AgentVersion != "1.36.1" || i.Facts.RunningTasksCount != 1 || !slices.Equal(i.Facts.TaskGroups, []string{"service:web"}) {
		t.Errorf("facts are %+v", i.Facts)
	}
	if i.Free.GPU != 2 || i.Free.Other["ephemeral-storage"] != 20<<30 {
		t.Errorf("left are %+v", i.Free)
	}
	for _, p := range []placement.Port{{Number: 22}, {Number: 51678}, {Number: 80}, {Number: 53, UDP: true}} {
		if !i.Ports[p] {
			t.Errorf("port %v is free; taken are %v", p, slices.Collect(maps.Keys(i.Ports)))
		}
	}
}

func TestTaskGroup(t *testing.T) {
	for name, tc := range map[string]struct {
		labels, annotations map[string]string
		want                string
	}{
		"as it is written down":             {map[string]string{ecsv1.LabelService: "x"}, map[string]string{ecsv1.AnnotationTaskGroup: "service:Web_1"}, "service:Web_1"},
		"a service's task of an older make": {map[string]string{ecsv1.LabelService: "web", ecsv1.LabelFamily: "app"}, nil, "service:web"},
		"another task of an older make":     {map[string]string{ecsv1.LabelTask: "t", ecsv1.LabelFamily: "app"}, nil, "family:app"},
		"a group that RunTask was given":    {map[string]string{ecsv1.LabelTask: "t"}, map[string]string{ecsv1.AnnotationTaskGroup: "batch"}, "batch"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TaskGroup(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: tc.labels, Annotations: tc.annotations}}); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
