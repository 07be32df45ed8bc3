// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

var update = flag.Bool("update", false, "write testdata anew; look at the diff")

// world has n instances of 2 CPUs and 4 GiB in three zones, the first of which has a large pod on it.
func world(n int) instances.World {
	w := instances.World{Name: "shop", Now: time.Unix(1_800_000_000, 0)}
	for i := range n {
		name := fmt.Sprintf("node-%d", i+1)
		w.Nodes = append(w.Nodes, corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
				corev1.LabelTopologyZone: "zone-" + string(rune('a'+i%3)), ecsv1.LabelCluster: "shop",
			}},
			Status: corev1.NodeStatus{
				Allocatable: corev1.ResourceList{
					corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("4Gi"), corev1.ResourcePods: resource.MustParse("110"),
				},
				Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			},
		})
		w.Instances = append(w.Instances, ecsv1.ContainerInstance{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: ecsv1.ContainerInstanceSpec{Cluster: "shop", NodeName: name},
		})
	}
	w.Instances[1].Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining
	large := pod("other", 3000)
	large.Labels, large.Spec.NodeName = nil, "node-1"
	w.Pods = append(w.Pods, large)
	return w
}

func pod(name string, memory int) corev1.Pod {
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{ecsv1.LabelCluster: "shop", ecsv1.LabelService: "web"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceMemory: resource.MustParse(fmt.Sprintf("%dMi", memory)),
		}}}}},
	}
}

func member(t *testing.T, expression string) placement.Constraint {
	t.Helper()
	e, err := query.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	return placement.Constraint{Member: e}
}

func TestAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		instances, count, placed, memory int
		daemon                           bool
		strategies                       []placement.Strategy
		constraints                      []placement.Constraint
		shares                           []placement.Share
	}{
		"default":         {instances: 5, count: 5, placed: 5, memory: 1000, strategies: placement.DefaultOfServices},
		"binpack":         {instances: 5, count: 3, placed: 3, memory: 1000, strategies: []placement.Strategy{{Type: placement.Binpack, Field: "memory"}}},
		"too-large":       {instances: 3, count: 2, placed: 0, memory: 5000, strategies: placement.DefaultOfServices},
		"some-fit":        {instances: 4, count: 3, placed: 2, memory: 3000},
		"member-of":       {instances: 5, count: 1, placed: 1, memory: 100, constraints: []placement.Constraint{member(t, "attribute:ecs.availability-zone == zone-c")}},
		"distinct":        {instances: 4, count: 4, placed: 3, memory: 100, constraints: []placement.Constraint{{Distinct: true}}, strategies: placement.DefaultOfServices},
		"daemon":          {instances: 4, placed: 2, memory: 3000, daemon: true},
		"binpack-cpu":     {instances: 4, count: 1, placed: 1, memory: 100, strategies: []placement.Strategy{{Type: placement.Binpack, Field: "cpu"}}},
		"many-tasks":      {instances: 30, count: 60, placed: 60, memory: 100, strategies: placement.DefaultOfServices},
		"many-instances":  {instances: 60, count: 2, placed: 2, memory: 100, strategies: placement.DefaultOfServices},
		"providers":       {instances: 4, count: 3, placed: 3, memory: 100, shares: []placement.Share{{Provider: "FARGATE", Base: 1, Weight: 1}, {Provider: "FARGATE_SPOT", Weight: 2}}},
		"nothing-to-do":   {instances: 3, count: 0, placed: 0, memory: 100},
		"other-attribute": {instances: 4, count: 2, placed: 2, memory: 100, strategies: []placement.Strategy{{Type: placement.Spread, Field: "attribute:rack"}, {Type: placement.Random}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(tc.instances)
			fleet := instances.Fleet(w)
			p := pod("web", tc.memory)
			e := &errand{
				Placement: view.Placement{
					Kind: "Service", Namespace: "default", Name: "web", Cluster: "shop", Mechanism: "Engine", Reason: "because", TaskDefinition: "web:1",
					Count: tc.count, Because: "as asked",
				},
				pod: &p, group: "service:web", placed: map[string]int{}, providers: instances.Providers(nil, "shop", nil),
				carriage: service.Carriage{Strategies: tc.strategies, Constraints: tc.constraints, Shares: tc.shares},
				states:   map[string]string{"node-2": "DRAINING"},
			}
			if tc.daemon {
				e.Mechanism = daemonSet
				e.runDaemon(fleet)
			} else {
				e.run(fleet)
			}
			if len(e.Tasks) != e.Count || e.Count-e.Unplaced() != tc.placed {
				t.Errorf("%d tasks of %d, %d of them with a place; want %d", len(e.Tasks), e.Count, e.Count-e.Unplaced(), tc.placed)
			}
			golden(t, name+".txt", view.Placements([]*view.Placement{&e.Placement}, view.Canvas{}))
		})
	}
}

func TestAskingWhatIsLackingTakesNoRoom(t *testing.T) {
	fleet := instances.Fleet(world(4))
	p := pod("web", 1000)
	e := &errand{pod: &p, group: "service:web", placed: map[string]int{}}
	e.passOver(fleet, nil)
	e.passOver(fleet, nil)
	again := instances.Fleet(world(4))
	for i, want := range again.Instances() {
		if diff := cmp.Diff(want.Free, fleet.Instances()[i].Free); diff != "" {
			t.Errorf("%s: %s", want.Name, diff)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is another; go test ./internal/plugin/place -update, and look at it\n%s", file, diff)
	}
}
