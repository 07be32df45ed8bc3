// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// labelledNode is a node as kubelets and cloud providers label it, or not quite.
func labelledNode(t *rapid.T) *corev1.Node {
	labels := map[string]string{}
	for key, values := range map[string][]string{
		corev1.LabelTopologyZone:       {"eu-west-1a", "eu-west-1b"},
		corev1.LabelInstanceTypeStable: {"t3.nano", "m5.large"},
		corev1.LabelArchStable:         {"amd64", "arm64", "s390x"},
		corev1.LabelOSStable:           {"linux", "windows"},
	} {
		if v := rapid.SampledFrom(append(values, "")).Draw(t, key); v != "" {
			labels[key] = v
		}
	}
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: labels}}
}

func TestNodeLabelsChooseTheInstancesThatHaveTheAttribute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := labelledNode(t)
		name := rapid.SampledFrom(builtIn).Draw(t, "attribute").name
		v := rapid.SampledFrom([]string{"eu-west-1a", "t3.nano", "x86_64", "amd64", "arm64", "LINUX", "linux", "windows"}).Draw(t, "value")
		e, err := query.Parse("attribute:" + name + rapid.SampledFrom([]string{" == ", " != ", " exists || attribute:" + name + " == "}).Draw(t, "operator") + v)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "denied") {
			e = query.Not{Expr: e}
		}
		terms, rest := query.Compile(e, NodeLabel)
		if len(rest) > 0 {
			if name != "ecs.os-family" {
				t.Fatalf("%s: %v", e, rest)
			}
			return
		}
		chosen := true
		if terms != nil {
			selector, err := nodeaffinity.NewNodeSelector(&corev1.NodeSelector{NodeSelectorTerms: terms})
			if err != nil {
				t.Fatal(err)
			}
			chosen = selector.Match(node)
		}
		has := map[string]string{}
		for _, a := range Instance(node, nil, here(ecsv1.ContainerInstanceSpec{}), nil).Attributes {
			has[a.Name] = a.Value
		}
		if member := e.Matches(&query.Instance{Attributes: has}); member != chosen {
			t.Fatalf("%s on %v with %v: member %v, chosen %v", e, node.Labels, has, member, chosen)
		}
	})
}

func TestCustomAttributesHaveNoLabel(t *testing.T) {
	for _, name := range []string{"stack", "ecs.ami-id", "ecs.capability.task-eni"} {
		if l, ok := NodeLabel(name); ok {
			t.Errorf("%s: got %s", name, l.Key)
		}
	}
}
