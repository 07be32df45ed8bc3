// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// seenWith is a cluster of the nodes a, b, ..., with room for two tasks each.
func seenWith(nodes int, edits ...func(*observed)) observed {
	o := observed{world: instances.World{Name: "main", Now: noon}, shares: map[revisionKey]map[string]int{}, now: noon}
	for i := range nodes {
		name := string(rune('a' + i))
		o.world.Nodes = append(o.world.Nodes, corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"tier": name, ecsv1.LabelCluster: "main"}},
			Status: corev1.NodeStatus{
				Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("2Gi"), corev1.ResourcePods: resource.MustParse("10")},
				Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			},
		})
		o.world.Instances = append(o.world.Instances, ecsv1.ContainerInstance{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: ecsv1.ContainerInstanceSpec{Cluster: "main", NodeName: name},
		})
		o.world.Providers = append(o.world.Providers, ecsv1.CapacityProvider{
			ObjectMeta: metav1.ObjectMeta{Name: "provider-" + name},
			Spec:       ecsv1.CapacityProviderSpec{Kubernetes: &ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"tier": name}}}},
		})
	}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func pod(name string, edits ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Labels: map[string]string{ecsv1.LabelCluster: "main", ecsv1.LabelService: "web"}, CreationTimestamp: metav1.NewTime(noon)},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}}}},
			SchedulingGates: []corev1.PodSchedulingGate{{Name: ecsv1.GatePlacement}}},
	}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

// waits adds n tasks that ask for the same.
func waits(n int, carriage service.Carriage, edits ...func(*waiting)) func(*observed) {
	return func(o *observed) {
		for i := range n {
			w := waiting{pod: pod(fmt.Sprintf("web-%03d", i)), kind: "replicaset", revision: revisionKey{"default", "web", "1"}, carriage: &carriage}
			for _, edit := range edits {
				edit(&w)
			}
			o.waiting = append(o.waiting, w)
		}
	}
}

// flies adds a task that was sent to node a.
func flies(refusedFor time.Duration, edits ...func(*inFlight)) func(*observed) {
	return func(o *observed) {
		f := inFlight{pod: pod("web-f", func(p *corev1.Pod) {
			p.Spec.SchedulingGates = nil
			p.Annotations = map[string]string{ecsv1.AnnotationContainerInstance: "a"}
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: instances.Narrowed(nil, "a")}}}
		}), kind: "replicaset"}
		if refusedFor > 0 {
			f.refusedSince = noon.Add(-refusedFor)
		}
		for _, edit := range edits {
			edit(&f)
		}
		o.inFlight = append(o.inFlight, f)
		o.world.Pods = append(o.world.Pods, *f.pod)
	}
}

var (
	packing = service.Carriage{Strategies: []placement.Strategy{{Type: placement.Binpack, Field: "cpu"}}}
	only    = service.Carriage{
		Shares: []placement.Share{{Provider: "provider-a"}}, Providers: []service.Provider{{Name: "provider-a"}},
	}
	sharing = service.Carriage{
		Shares:    []placement.Share{{Provider: "provider-a", Base: 1, Weight: 1}, {Provider: "provider-b", Weight: 1}},
		Providers: []service.Provider{{Name: "provider-a"}, {Name: "provider-b"}},
	}
)

// shown is a plan in words: what is sent where, what waits by what reason and for whom, and what is replaced.
func shown(p plan) map[string]int {
	out := map[string]int{}
	for _, one := range p.place {
		text := "to " + one.instance
		if one.provider != nil {
			text += " by " + one.provider.Name
		}
		out[text]++
	}
	for _, one := range p.wait {
		_, after, _ := strings.Cut(one.message, "(container-instance ")
		text := one.reason
		if after != "" {
			text += ": " + after[strings.Index(after, ")")+2:]
		}
		if one.provider != nil {
			text += " by " + one.provider.Name
		}
		out[text]++
	}
	for _, one := range p.replace {
		out["replaced: "+one.why]++
	}
	return out
}

func TestNext(t *testing.T) {
	labelled := func(provider string) func(*waiting) {
		return func(w *waiting) { w.pod.Labels[ecsv1.LabelCapacityProvider] = provider }
	}
	old := func(w *waiting) { w.pod.CreationTimestamp = metav1.NewTime(noon.Add(-outdated)) }
	narrowed := func(w *waiting) { // to the nodes of provider-b, as it was given that
		labelled("provider-b")(w)
		w.pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: podspec.Through(nil, []corev1.NodeSelectorRequirement{{Key: "tier", Operator: corev1.NodeSelectorOpIn, Values: []string{"b"}}})}}}
	}
	kept := func(w *waiting) { w.kept = true }
	alone := func(w *waiting) { w.alone = true }
	const lacksLabels = "Unschedulable: is missing an attribute required by your task: its node has not the labels that the task asks for."
	cordoned := func(o *observed) { o.world.Nodes[0].Spec.Unschedulable = true }
	for name, tc := range map[string]struct {
		seen  observed
		want  map[string]int
		again time.Duration
	}{
		"nothing waits": {seenWith(1), map[string]int{}, 0},
		"as many as there is room for, each seeing those before it": {seenWith(2, waits(5, packing)),
			map[string]int{"to a": 2, "to b": 2, "Unschedulable: has insufficient CPU units available.": 1}, anyway},
		"one on its way counts": {seenWith(1, flies(0), waits(2, packing)),
			map[string]int{"to a": 1, "Unschedulable: has insufficient CPU units available.": 1}, anyway},
		"nobody asks for it any more": {seenWith(1, waits(1, packing, func(w *waiting) { w.carriage = nil })), map[string]int{}, 0},
		"providers by base and weight, and a task waits for its own": {seenWith(2, waits(6, sharing)),
			map[string]int{"to a by provider-a": 2, "to b by provider-b": 2, "Unschedulable: has insufficient CPU units available. by provider-a": 2}, anyway},
		"a task stays with the provider that it was given":                  {seenWith(2, waits(1, sharing, labelled("provider-b"))), map[string]int{"to b": 1}, 0},
		"a provider that the service uses no more, for a task that's young": {seenWith(2, waits(1, sharing, labelled("gone"))), map[string]int{"to a by provider-a": 1}, 0},
		"and for one that isn't": {seenWith(2, waits(1, sharing, labelled("gone"), old)),
			map[string]int{"replaced: its service doesn't use capacity provider gone any more": 1}, 0},
		"its service goes to one provider alone": {seenWith(2, waits(1, only, narrowed, old)),
			map[string]int{"replaced: its service doesn't use capacity provider provider-b any more": 1}, 0},
		"its service goes to none": {seenWith(2, waits(1, packing, narrowed, old)),
			map[string]int{"replaced: its service doesn't use capacity provider provider-b any more": 1}, 0},
		"its service goes to one alone, and it is young": {seenWith(2, waits(1, only, narrowed)), map[string]int{lacksLabels: 1}, anyway},
		"its template has the provider yet":              {seenWith(2, waits(1, only, narrowed, old, kept)), map[string]int{lacksLabels: 1}, anyway},
		"beside one that isn't narrowed to other nodes":  {seenWith(2, waits(1, only, narrowed), waits(1, only)), map[string]int{lacksLabels: 1, "to a by provider-a": 1}, anyway},
		"a Task keeps what it was given":                 {seenWith(2, waits(1, only, narrowed, old, alone)), map[string]int{"to b": 1}, 0},
		"an instance that refused one like it":           {seenWith(2, waits(2, packing, func(w *waiting) { w.avoid = map[string]bool{"a": true} })), map[string]int{"to b": 2}, 0},
		"no more than 500 ask for capacity": {seenWith(1, waits(503, packing)),
			map[string]int{"to a": 2, "Unschedulable: has insufficient CPU units available.": 500, "SchedulingGated": 1}, anyway},
		"refused by the scheduler, but not for long": {seenWith(1, flies(time.Second)), map[string]int{}, time.Second},
		"refused by the scheduler for long":          {seenWith(1, flies(patience)), map[string]int{"replaced: the scheduler doesn't take it to container instance a: ": 1}, 0},
		"its instance is cordoned":                   {seenWith(1, flies(0), cordoned), map[string]int{"replaced: container instance a takes no more tasks": 1}, 0},
		"its instance is gone":                       {seenWith(0, flies(0)), map[string]int{"replaced: container instance a is gone": 1}, 0},
		"a Task's pod is its own business":           {seenWith(0, flies(patience, func(f *inFlight) { f.alone = true })), map[string]int{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := next(tc.seen)
			if diff := cmp.Diff(tc.want, shown(got)); diff != "" {
				t.Error(diff)
			}
			if got.lookAgainIn != tc.again {
				t.Errorf("looks again in %s, want %s", got.lookAgainIn, tc.again)
			}
		})
	}
}

func TestALookThatPlacesNothingDescribesNoInstances(t *testing.T) {
	seen := seenWith(3)
	if n := testing.AllocsPerRun(1, func() { next(seen) }); n > 0 {
		t.Errorf("%.0f allocations, though nothing waits", n)
	}
}

func TestMemoryShowsAPodAsItWillBe(t *testing.T) {
	sent := choice{node: "a", provider: "spot", until: noon.Add(held)}
	for name, tc := range map[string]struct {
		choice    choice
		edits     []func(*corev1.Pod)
		at        time.Time
		node      string
		kept      bool
		wantLabel string
	}{
		"sent to an instance":                      {sent, nil, noon, "a", true, "spot"},
		"which the cache shows":                    {sent, []func(*corev1.Pod){func(p *corev1.Pod) { p.Spec.SchedulingGates = nil }}, noon, "", false, ""},
		"which it still doesn't after a long time": {sent, nil, noon.Add(held), "", false, ""},
		"given a provider":                         {choice{provider: "spot", until: noon.Add(held)}, nil, noon, "", true, "spot"},
		"which the cache shows as well": {choice{provider: "spot", until: noon.Add(held)},
			[]func(*corev1.Pod){func(p *corev1.Pod) { p.Labels[ecsv1.LabelCapacityProvider] = "spot" }}, noon, "", false, "spot"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			original := pod("web-1", tc.edits...)
			before := original.DeepCopy()
			m.hold(original.UID, tc.choice)
			got := m.asChosen(*original, tc.at)
			if got.Spec.NodeName != tc.node || got.Labels[ecsv1.LabelCapacityProvider] != tc.wantLabel || len(m.choices) == 1 != tc.kept {
				t.Errorf("got node %q, label %q, %d choices kept", got.Spec.NodeName, got.Labels[ecsv1.LabelCapacityProvider], len(m.choices))
			}
			if diff := cmp.Diff(before, original); diff != "" {
				t.Errorf("the cache's own pod was changed: %s", diff)
			}
		})
	}
}

// A task that another takes the place of leaves its share to that one.
func TestTasksThatAreToLeaveDontCountForShares(t *testing.T) {
	running := func(node string, edits ...func(*corev1.Pod)) *corev1.Pod {
		return pod("web-1", append(edits, func(p *corev1.Pod) {
			p.Labels[ecsv1.LabelCapacityProvider] = "spot"
			p.Spec.NodeName, p.Spec.SchedulingGates = node, nil
			p.Status = corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &metav1.Time{Time: noon}, ContainerStatuses: []corev1.ContainerStatus{
				{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(noon)}}, Started: new(true)}}}
		})...)
	}
	checked := func(p *corev1.Pod) {
		p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{}}, FailureThreshold: 3, PeriodSeconds: 10,
		}
	}
	const failed, grace = 33 * time.Second, time.Minute
	for name, tc := range map[string]struct {
		pod   *corev1.Pod
		after time.Duration
		want  int
	}{
		"one that stays":                            {running("b"), 0, 1},
		"one that waits with its provider":          {pod("web-1", func(p *corev1.Pod) { p.Labels[ecsv1.LabelCapacityProvider] = "spot" }), 0, 1},
		"on an instance that is DRAINING":           {running("a"), 0, 0},
		"one that goes to another zone":             {running("b", func(p *corev1.Pod) { p.Annotations = map[string]string{ecsv1.AnnotationRebalancing: "x.1"} }), 0, 0},
		"one that fails its check, in its grace":    {running("b", checked), failed, 1},
		"one that fails its check, and is replaced": {running("b", checked), grace, 0},
		"one that is being deleted":                 {running("b", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: noon} }), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := seenWith(2, func(o *observed) {
				o.now = noon.Add(tc.after)
				o.world.Instances[0].Status.Status = ecsv1.ContainerInstanceStateDraining
				o.draining = drainingIn(o.world)
			})
			key := revisionOf(tc.pod)
			asks := &asking{known: map[askKey]*service.Carriage{askKey(key): &sharing}, graces: map[askKey]time.Duration{askKey(key): grace}}
			if err := o.share(t.Context(), asks, tc.pod); err != nil {
				t.Fatal(err)
			}
			if got := o.shares[key]["spot"]; got != tc.want {
				t.Errorf("%d counted, want %d", got, tc.want)
			}
		})
	}
}

// A node that comes back under the name of one that is gone is another machine.
func TestANodeThatIsGoneIsAvoidedByNobody(t *testing.T) {
	m := newMemory()
	m.shun("replicaset", "a", noon)
	m.shun("replicaset", "b", noon)
	m.readmit("a")
	if diff := cmp.Diff(map[string]bool{"b": true}, m.shunned("replicaset", noon)); diff != "" {
		t.Error(diff)
	}
}
