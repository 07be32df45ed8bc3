// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// chooser is a provider of the nodes with pool=value, made so many seconds after noon.
func chooser(name, value string, after int, edits ...func(*ecsv1.CapacityProvider)) ecsv1.CapacityProvider {
	p := ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{
		Name: name, CreationTimestamp: metav1.NewTime(time.Date(2026, 3, 1, 12, 0, after, 0, time.UTC)),
	}}
	p.Spec.Kubernetes = &ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"pool": value}}}
	for _, edit := range edits {
		edit(&p)
	}
	return p
}

func demo(listed ...string) *ecsv1.Cluster {
	return &ecsv1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: "demo"}, Spec: ecsv1.ClusterSpec{CapacityProviders: listed}}
}

func mapped(name ecsv1.FargateCapacityProviderName, pool string, listed ...string) *ecsv1.Cluster {
	c := demo(listed...)
	c.Spec.Kubernetes = &ecsv1.ClusterKubernetes{FargateCapacityProviders: []ecsv1.FargateCapacityProvider{{
		Name: name, CapacityProviderKubernetes: *chooser("", pool, 0).Spec.Kubernetes,
	}}}
	return c
}

func TestProviders(t *testing.T) {
	spot := node(labelled("pool", "spot"))
	broken := func(p *ecsv1.CapacityProvider) { p.Spec.Kubernetes.NodeSelector.MatchLabels["pool"] = "not a label!" }
	deleted := func(p *ecsv1.CapacityProvider) { p.DeletionTimestamp = new(metav1.Now()) }
	managed := func(cluster string) func(*ecsv1.CapacityProvider) {
		return func(p *ecsv1.CapacityProvider) { p.Spec.Cluster = cluster }
	}
	for name, tc := range map[string]struct {
		cluster *ecsv1.Cluster
		all     []ecsv1.CapacityProvider
		chosen  string
		owner   string
	}{
		"none but those built in":                    {demo(), nil, "FARGATE FARGATE_SPOT", ""},
		"one that the cluster lists":                 {demo("spot"), []ecsv1.CapacityProvider{chooser("spot", "spot", 0)}, "spot FARGATE FARGATE_SPOT", "spot"},
		"one that it doesn't list":                   {demo(), []ecsv1.CapacityProvider{chooser("spot", "spot", 0)}, "spot FARGATE FARGATE_SPOT", ""},
		"one of other nodes":                         {demo("big"), []ecsv1.CapacityProvider{chooser("big", "big", 0)}, "FARGATE FARGATE_SPOT", ""},
		"two: it belongs to both, and to the older":  {demo("b", "a"), []ecsv1.CapacityProvider{chooser("a", "spot", 9), chooser("b", "spot", 1)}, "b a FARGATE FARGATE_SPOT", "b"},
		"two with one name are the older":            {demo("spot"), []ecsv1.CapacityProvider{chooser("new", "spot", 9, func(p *ecsv1.CapacityProvider) { p.Spec.Name = "spot" }), chooser("spot", "big", 1)}, "FARGATE FARGATE_SPOT", ""},
		"the older counts while it is being deleted": {demo("spot"), []ecsv1.CapacityProvider{chooser("new", "big", 9, func(p *ecsv1.CapacityProvider) { p.Spec.Name = "spot" }), chooser("spot", "spot", 1, deleted)}, "spot FARGATE FARGATE_SPOT", "spot"},
		"an object that is called FARGATE is none":   {demo("FARGATE"), []ecsv1.CapacityProvider{chooser("fargate", "spot", 0, func(p *ecsv1.CapacityProvider) { p.Spec.Name = "FARGATE" })}, "FARGATE FARGATE_SPOT", ""},
		"a selector that can't be read":              {demo("spot"), []ecsv1.CapacityProvider{chooser("spot", "spot", 0, broken)}, "FARGATE FARGATE_SPOT", ""},
		"managed instances of this cluster":          {demo("mi"), []ecsv1.CapacityProvider{chooser("mi", "spot", 0, managed("arn:aws:ecs:us-east-1:000000000000:cluster/demo"))}, "mi FARGATE FARGATE_SPOT", "mi"},
		"managed instances of another cluster":       {demo("mi"), []ecsv1.CapacityProvider{chooser("mi", "spot", 0, managed("other"))}, "FARGATE FARGATE_SPOT", ""},
		"Fargate that is mapped to other nodes":      {mapped("FARGATE", "big", "FARGATE"), nil, "FARGATE_SPOT", ""},
		"Fargate that is mapped to the node":         {mapped("FARGATE_SPOT", "spot", "FARGATE_SPOT"), nil, "FARGATE FARGATE_SPOT", "FARGATE_SPOT"},
		"Fargate without mapping is no node's owner": {demo("FARGATE"), nil, "FARGATE FARGATE_SPOT", ""},
	} {
		t.Run(name, func(t *testing.T) {
			providers := Providers(tc.cluster, tc.all)
			if got := strings.Join(ProvidersOf(spot, providers), " "); got != tc.chosen {
				t.Errorf("the node belongs to %q, want %q", got, tc.chosen)
			}
			if got := Owner(spot, providers); got != tc.owner {
				t.Errorf("shows %q, want %q", got, tc.owner)
			}
		})
	}
}

func TestInterruptionTaintsCountOnTheNodesOfTheirProvider(t *testing.T) {
	spot := chooser("spot", "spot", 0, func(p *ecsv1.CapacityProvider) {
		p.Spec.Kubernetes.InterruptionTaints = []string{"cloud.example.com/reclaim"}
	})
	providers := Providers(demo("spot"), []ecsv1.CapacityProvider{spot})
	reclaimed := tainted("cloud.example.com/reclaim")
	for name, tc := range map[string]struct {
		node  *corev1.Node
		state ecsv1.ContainerInstanceState
		says  string
	}{
		"a node of the provider":     {node(labelled("pool", "spot"), reclaimed), "DRAINING", "cloud.example.com/reclaim"},
		"a node of another":          {node(labelled("pool", "big"), reclaimed), "ACTIVE", ""},
		"a known taint on any":       {node(labelled("pool", "big"), tainted("karpenter.sh/disrupted")), "DRAINING", "Karpenter is removing it"},
		"the known one is told":      {node(labelled("pool", "spot"), reclaimed, tainted("ToBeDeletedByClusterAutoscaler")), "DRAINING", "Cluster Autoscaler"},
		"a node that may be deleted": {node(tainted("DeletionCandidateOfClusterAutoscaler")), "ACTIVE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			state, why := State(tc.node, here(ecsv1.ContainerInstanceSpec{}), providers)
			if state != tc.state || !strings.Contains(why, tc.says) {
				t.Errorf("got %s %q, want %s and %q", state, why, tc.state, tc.says)
			}
			if got := Interrupted(tc.node, providers); (got != "") != (tc.says != "") {
				t.Errorf("interrupted: %q", got)
			}
		})
	}
}

func TestTheStateOfAnInstanceThatIsDeleted(t *testing.T) {
	gone := here(ecsv1.ContainerInstanceSpec{})
	gone.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0)))
	if state, _ := State(node(), gone, nil); state != ecsv1.ContainerInstanceStateDeregistering {
		t.Errorf("got %s", state)
	}
	gone.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining
	if state, _ := State(node(), gone, nil); state != ecsv1.ContainerInstanceStateDraining {
		t.Errorf("one that is drained first: got %s", state)
	}
}

func TestPodsOnTheirWayTakeWhatTheyWillTake(t *testing.T) {
	sent := func(p *corev1.Pod) { p.Spec.NodeName = "" }
	deleted := func(p *corev1.Pod) { p.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0))) }
	elsewhere := func(p *corev1.Pod) { p.Spec.NodeName = "node-b" }
	n := node()
	for name, tc := range map[string]struct {
		pod  corev1.Pod
		want int64
	}{
		"bound":                        {pod("500m", "1Gi"), 1536},
		"sent there and not bound yet": {pod("500m", "1Gi", sent), 1536},
		"deleted before it was bound":  {pod("500m", "1Gi", sent, deleted), 2048},
		"bound elsewhere":              {pod("500m", "1Gi", elsewhere), 2048},
	} {
		t.Run(name, func(t *testing.T) {
			got := remainingOf(t, Instance(n, []corev1.Pod{tc.pod}, here(ecsv1.ContainerInstanceSpec{}), nil).RemainingResources)
			if diff := cmp.Diff(tc.want, got.CPU); diff != "" {
				t.Error(diff)
			}
		})
	}
}
