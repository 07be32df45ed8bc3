// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// on is a task that runs on an instance; edits change that.
func on(name, node string, edits ...func(*member)) member {
	m := member{
		pod: &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.PodSpec{NodeName: node},
			Status:     corev1.PodStatus{Phase: corev1.PodRunning},
		},
		task: taskstate.Task{Ready: true, Healthy: true},
	}
	for _, edit := range edits {
		edit(&m)
	}
	return m
}

func starting(m *member) {
	m.pending, m.task = true, taskstate.Task{}
	m.pod.Status.Phase = corev1.PodPending
}
func sick(m *member)      { m.task = taskstate.Task{} }
func leaves(m *member)    { m.leaves = true }
func relocates(m *member) { m.relocates = true }

func withMark(n int) func(*member) {
	return func(m *member) { m.pod.Annotations = map[string]string{corev1.PodDeletionCost: strconv.Itoa(n)} }
}

// zonesOf are instances a1, a2 of zone a, and so on.
func hostsOf(members []member) map[string]*placement.Instance {
	out := map[string]*placement.Instance{}
	for _, m := range members {
		if n := m.pod.Spec.NodeName; n != "" {
			out[n] = &placement.Instance{Name: n, Active: true, Facts: query.Instance{Attributes: map[string]string{service.ZoneAttribute: n[:1]}}}
		}
	}
	return out
}

func TestVictims(t *testing.T) {
	for name, tc := range map[string]struct {
		members []member
		n       int
		want    []string
	}{
		"the crowded zone loses one":                 {[]member{on("x", "a1"), on("y", "a2"), on("z", "b1")}, 1, []string{"a"}},
		"what isn't ready suffices, and goes as one": {[]member{on("x", "a1"), on("y", "a2", starting), on("z", "b1", sick)}, 2, nil},
		"all go: nobody is marked":                   {[]member{on("x", "a1"), on("y", "a2")}, 2, nil},
		"one that starts, and one of the rest":       {[]member{on("x", "a1"), on("y", "b1", starting), on("z", "a2"), on("u", "b2")}, 2, []string{"a"}},
		"one that leaves goes before balance":        {[]member{on("x", "a1"), on("y", "a2"), on("z", "b1", leaves)}, 1, []string{"b"}},
		"one that relocates goes before balance":     {[]member{on("x", "a1"), on("y", "a2"), on("z", "b1", relocates)}, 1, []string{"b"}},
		"one that leaves goes before one relocated":  {[]member{on("x", "a1", relocates), on("y", "c1"), on("z", "b1", leaves)}, 1, []string{"b"}},
		"both go": {[]member{on("x", "a1", relocates), on("y", "c1"), on("z", "b1", leaves)}, 2, []string{"a", "b"}},
		"what is chosen stays chosen": {
			[]member{on("x", "a1"), on("y", "a2"), on("z", "b1", withMark(highestMark-1))}, 1, []string{"b"},
		},
		"one chosen too many: chosen anew": {
			[]member{on("x", "a1"), on("y", "a2", withMark(highestMark-1)), on("z", "b1", withMark(highestMark-2))}, 1, []string{"a"},
		},
		"a person's cost is none of ours": {[]member{on("x", "a1"), on("y", "a2"), on("z", "b1", withMark(-5))}, 1, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := choice{hosts: hostsOf(tc.members), seed: 1}.victims(tc.members, tc.n, nil)
			var zones []string
			for pod := range got {
				zones = append(zones, pod.Spec.NodeName[:1])
			}
			slices.Sort(zones)
			if diff := cmp.Diff(tc.want, zones); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func through(provider string) func(*member) {
	return func(m *member) { m.pod.Labels = map[string]string{ecsv1.LabelCapacityProvider: provider} }
}

// What an old revision keeps makes up a whole with what the new one has and gets; whatever stands for the whole is looked at by itself.
func TestOldTasksKeepWhatTheNewOnesDontHave(t *testing.T) {
	at := func(name string, providers ...string) revision {
		r := revision{object: &ecsv1.ServiceRevision{ObjectMeta: metav1.ObjectMeta{Name: name}}}
		for i, p := range providers {
			r.tasks.members = append(r.tasks.members, on(fmt.Sprint(name, i), "a1", through(p)))
		}
		return r
	}
	shares := []placement.Share{{Provider: "p", Base: 2}, {Provider: "q", Weight: 1}}
	old, leaving := at("web-1", "p", "p", "q", "q"), at("web-2", "p", "p")
	leaving.tasks.members[1].leaves = true
	for name, tc := range map[string]struct {
		shares    []placement.Share
		of        string
		to        int32
		revisions []revision
		staged    *deploy.StagedPlan
		want      map[string]int
	}{
		"the new one has two":                      {shares, "web-1", 2, []revision{old, at("web-2", "p", "p")}, nil, map[string]int{"p": 2}},
		"the new one has none, and gets two":       {shares, "web-1", 2, []revision{old, at("web-2")}, nil, map[string]int{"p": 2}},
		"one of its tasks is about to be replaced": {shares, "web-1", 2, []revision{old, leaving}, nil, map[string]int{"p": 2}},
		"another old one has some":                 {shares, "web-1", 1, []revision{old, at("web-0", "q"), at("web-2", "p")}, nil, map[string]int{"p": 2, "q": 1}},
		"the new one itself":                       {shares, "web-2", 1, []revision{old, at("web-2", "p", "p")}, nil, nil},
		"both of a deployment that moves traffic":  {shares, "web-1", 2, []revision{old, at("web-2", "p", "p")}, &deploy.StagedPlan{}, nil},
		"one provider":                             {shares[1:], "web-1", 2, []revision{old, at("web-2", "p", "p")}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			seen := observed{revisions: tc.revisions, sd: &ecsv1.ServiceDeployment{Spec: ecsv1.ServiceDeploymentSpec{TargetServiceRevision: "web-2"}},
				service: &ecsv1.Service{Spec: ecsv1.ServiceSpec{DesiredCount: new(int32(4))}}}
			got := choice{shares: tc.shares}.beside(seen, plan{staged: tc.staged}, *seen.named(tc.of), tc.to)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// stopped is what a ReplicaSet stops, n of them.
func stopped(members []member, n int) []string {
	all := slices.Clone(members)
	slices.SortStableFunc(all, func(a, b member) int {
		if by := a.group() - b.group(); by != 0 {
			return by
		}
		return mark(a.pod) - mark(b.pod)
	})
	var out []string
	for _, m := range all[:min(n, len(all))] {
		out = append(out, m.pod.Name)
	}
	slices.Sort(out)
	return out
}

// With the marks a ReplicaSet stops the same tasks whatever else it looks at, there are no more marks than tasks that stop, and once written they stay.
func TestMarksSayExactlyWhoGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edits := []func(*member){func(*member) {}, func(*member) {}, starting, sick, leaves, relocates, withMark(highestMark - 3)}
		var members []member
		for i := range rapid.IntRange(0, 12).Draw(t, "tasks") {
			node := fmt.Sprintf("%c%d", 'a'+rune(rapid.IntRange(0, 2).Draw(t, "zone")), rapid.IntRange(1, 2).Draw(t, "instance"))
			members = append(members, on(fmt.Sprintf("t%d", i), node, rapid.SampledFrom(edits).Draw(t, "is")))
		}
		n := rapid.IntRange(0, len(members)).Draw(t, "go")
		c := choice{hosts: hostsOf(members), seed: 7}
		victims := c.victims(members, n, nil)
		if len(victims) > n {
			t.Fatalf("%d marks for %d tasks that stop", len(victims), n)
		}
		for _, m := range remark(members, victims) {
			m.pod.Annotations = map[string]string{}
			if m.to != 0 {
				m.pod.Annotations[corev1.PodDeletionCost] = strconv.Itoa(m.to)
			}
		}
		if again := c.victims(members, n, nil); len(remark(members, again)) > 0 {
			t.Fatalf("marked twice: %v, %v", victims, again)
		}
		backwards := slices.Clone(members)
		slices.Reverse(backwards)
		if diff := cmp.Diff(stopped(members, n), stopped(backwards, n)); diff != "" {
			t.Fatalf("who stops depends on more than the marks:\n%s", diff)
		}
		names := stopped(members, n)
		for pod := range victims {
			if !slices.Contains(names, pod.Name) {
				t.Fatalf("%s is marked, and these stop: %v", pod.Name, names)
			}
		}
	})
}
