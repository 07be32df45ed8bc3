// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
)

func tainted(key, value string) func(*corev1.Node) {
	return func(n *corev1.Node) {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffectNoSchedule})
	}
}

func TestRequestAsksWhatTheSchedulerAsks(t *testing.T) {
	wants := func(key string, values ...string) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: corev1.NodeSelectorOpIn, Values: values}}}},
			}}}
		}
	}
	object := ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{Name: "spot"}}
	object.Spec.Kubernetes = &ecsv1.CapacityProviderKubernetes{
		NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"capacity": "spot"}},
		Tolerations:  []corev1.Toleration{{Key: "capacity", Value: "spot"}},
	}
	isSpot := func(n *corev1.Node) { n.Labels["capacity"] = "spot" }
	spot, _ := ProviderNamed(Providers(nil, "main", []ecsv1.CapacityProvider{object}), "spot")
	for name, tc := range map[string]struct {
		pod  corev1.Pod
		node corev1.Node
		ask  Ask
		want string
	}{
		"nothing special":                        {task(), node("a"), Ask{}, ""},
		"the node isn't the cluster's yet":       {task(), node("a", func(n *corev1.Node) { delete(n.Labels, ecsv1.LabelCluster) }), Ask{}, placement.ReasonInactive},
		"required affinity that holds":           {task(wants(corev1.LabelTopologyZone, "zone-a")), node("a"), Ask{}, ""},
		"required affinity that doesn't":         {task(wants(corev1.LabelTopologyZone, "zone-b")), node("a"), Ask{}, placement.ReasonAttribute},
		"a taint":                                {task(), node("a", tainted("capacity", "spot")), Ask{}, placement.ReasonAttribute},
		"a taint that the pod tolerates":         {task(func(p *corev1.Pod) { p.Spec.Tolerations = spot.Tolerations }), node("a", tainted("capacity", "spot")), Ask{}, ""},
		"a taint that the provider's tasks bear": {task(), node("a", tainted("capacity", "spot"), isSpot), Ask{Provider: &spot}, ""},
		"a node that isn't the provider's":       {task(), node("a"), Ask{Provider: &spot}, placement.ReasonProvider},
		"an instance that refused a moment ago":  {task(), node("a"), Ask{Avoid: map[string]bool{"a": true}}, placement.ReasonOther},
		"a port that ECS keeps":                  {task(hostPort(22, corev1.ProtocolTCP)), node("a"), Ask{}, placement.ReasonPorts},
		"the same port of UDP":                   {task(hostPort(22, corev1.ProtocolUDP)), node("a"), Ask{}, ""},
		"more than there is":                     {task(func(p *corev1.Pod) { p.Spec.Containers = append(p.Spec.Containers, heavy()) }), node("a"), Ask{}, placement.ReasonCPU},
	} {
		t.Run(name, func(t *testing.T) {
			fleet := Fleet(World{
				Name: "main", Instances: []ecsv1.ContainerInstance{instance("a")}, Nodes: []corev1.Node{tc.node},
				Providers: []ecsv1.CapacityProvider{object}, Now: time.Now(),
			})
			got := ""
			if _, refusal := fleet.Place(Request(&tc.pod, tc.ask)); refusal != nil {
				got = refusal.Reason
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func heavy() corev1.Container {
	c := task().Spec.Containers[0].DeepCopy()
	c.Name = "heavy"
	c.Resources.Requests = node("a").Status.Allocatable.DeepCopy()
	return *c
}

func TestPropertyTaintsAsKubernetesTakesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, value := rapid.SampledFrom([]string{"", "a", "b"}), rapid.SampledFrom([]string{"", "x", "5", "7", "05"})
		effect := rapid.SampledFrom([]corev1.TaintEffect{"", corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute, corev1.TaintEffectPreferNoSchedule})
		operator := rapid.SampledFrom([]corev1.TolerationOperator{"", corev1.TolerationOpEqual, corev1.TolerationOpExists, corev1.TolerationOpGt, corev1.TolerationOpLt, "Other"})
		toleration := corev1.Toleration{Key: key.Draw(t, "key"), Value: value.Draw(t, "value"), Effect: effect.Draw(t, "effect"), Operator: operator.Draw(t, "operator")}
		taint := corev1.Taint{Key: key.Draw(t, "taint key"), Value: value.Draw(t, "taint value"), Effect: effect.Draw(t, "taint effect")}
		if got, want := toleratesTaint(toleration, &taint), toleration.ToleratesTaint(logr.Discard(), &taint, true); got != want {
			t.Errorf("%+v tolerates %+v: got %t, want %t", toleration, taint, got, want)
		}
	})
}

func TestProviders(t *testing.T) {
	spot := ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{Name: "spot"}}
	spot.Spec.Kubernetes = &ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"capacity": "spot"}}}
	nothing := *spot.DeepCopy()
	nothing.Name, nothing.Spec.Kubernetes.NodeSelector = "nothing", nil
	managed := *spot.DeepCopy()
	managed.Name, managed.Spec.Cluster = "managed", "other"
	all := []ecsv1.CapacityProvider{managed, nothing, spot}
	cluster := &ecsv1.Cluster{}
	cluster.Spec.CapacityProviders = []string{"spot", "nothing", "managed", "FARGATE"}
	fargate := cluster.DeepCopy()
	fargate.Spec.Kubernetes = &ecsv1.ClusterKubernetes{FargateCapacityProviders: []ecsv1.FargateCapacityProvider{{
		Name:                       "FARGATE_SPOT",
		CapacityProviderKubernetes: ecsv1.CapacityProviderKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"capacity": "other"}}},
	}}}
	isSpot := node("a", func(n *corev1.Node) { n.Labels["capacity"] = "spot" })
	for name, tc := range map[string]struct {
		cluster *ecsv1.Cluster
		want    string
	}{
		"those that the cluster names":              {cluster, "FARGATE FARGATE_SPOT spot"},
		"a cluster without any has the built-in":    {&ecsv1.Cluster{}, "FARGATE FARGATE_SPOT"},
		"the cluster says which nodes FARGATE_SPOT": {fargate, "FARGATE spot"},
		"without a cluster, all":                    {nil, "FARGATE FARGATE_SPOT spot"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, p := range Providers(tc.cluster, "main", all) {
				if p.Has(&isSpot) {
					got += " " + p.Name
				}
			}
			if got != " "+tc.want {
				t.Errorf("got%s, want %s", got, tc.want)
			}
		})
	}
}
