// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func deleted(force bool) *ecsv1.ContainerInstance {
	i := &ecsv1.ContainerInstance{ObjectMeta: metav1.ObjectMeta{Name: "n", DeletionTimestamp: new(metav1.NewTime(noon))}}
	i.Spec.Cluster, i.Spec.NodeName = "demo", "n"
	if force {
		i.Spec.Kubernetes = &ecsv1.ContainerInstanceKubernetes{ForceDeregistration: new(true)}
	}
	return i
}

func task(name, owner string, edits ...func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{ecsv1.LabelCluster: "demo"}, CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour))},
		Spec:       corev1.PodSpec{NodeName: "n"},
	}
	if owner != "" {
		p.Labels[ecsv1.LabelService] = "web"
		p.OwnerReferences = []metav1.OwnerReference{{Kind: owner, Name: "web", Controller: new(true)}}
	}
	for _, edit := range edits {
		edit(&p)
	}
	return p
}

func stopping(p *corev1.Pod) { p.DeletionTimestamp = new(metav1.NewTime(noon)) }

func ended(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }

func late(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(noon.Add(time.Second)) }

func unbound(p *corev1.Pod) { p.Spec.NodeName = "" }

func TestDeregistration(t *testing.T) {
	type answer struct {
		Release, Refused bool
		Orphans          []string
	}
	there := &corev1.Node{}
	for name, tc := range map[string]struct {
		instance *ecsv1.ContainerInstance
		node     *corev1.Node
		pods     []corev1.Pod
		want     answer
	}{
		"nothing is deleted":                    {&ecsv1.ContainerInstance{}, there, []corev1.Pod{task("a", "ReplicaSet")}, answer{}},
		"no tasks":                              {deleted(false), there, nil, answer{Release: true}},
		"a task of a service":                   {deleted(false), there, []corev1.Pod{task("a", "ReplicaSet")}, answer{Refused: true}},
		"a task that somebody ran":              {deleted(false), there, []corev1.Pod{task("a", "")}, answer{Refused: true}},
		"a task on its way":                     {deleted(false), there, []corev1.Pod{task("a", "ReplicaSet", unbound)}, answer{Refused: true}},
		"tasks that stop or have ended":         {deleted(false), there, []corev1.Pod{task("a", "ReplicaSet", stopping), task("b", "ReplicaSet", ended)}, answer{Release: true}},
		"daemons alone: they are about to stop": {deleted(false), there, []corev1.Pod{task("a", "DaemonSet")}, answer{}},
		"the node is gone, whatever was there":  {deleted(false), nil, nil, answer{Release: true}},
		"by force": {deleted(true), there, []corev1.Pod{
			task("a", "ReplicaSet"), task("b", "DaemonSet"), task("alone", ""), task("stopping", "ReplicaSet", stopping),
			task("ended", "ReplicaSet", ended), task("late", "DaemonSet", late), task("unbound", "ReplicaSet", unbound),
		}, answer{Release: true, Orphans: []string{"a", "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := next(tc.instance, observed{node: tc.node, pods: tc.pods, tasks: tasksOf(tc.pods, noon), now: noon})
			got := answer{Release: p.release, Refused: p.refused != nil}
			for _, pod := range p.orphan {
				got.Orphans = append(got.Orphans, pod.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsLeft(t *testing.T) {
	for want, t1 := range map[string]tasks{
		"no tasks are left": {},
		"left are 2 of services, which are replaced elsewhere, 1 of DAEMON services, which stop last": {replicas: 2, daemons: 1},
		"left are 3 run by themselves, which end by themselves":                                       {alone: 3},
	} {
		if got := left(t1); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
