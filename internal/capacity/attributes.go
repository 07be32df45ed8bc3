// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// builtIn are the attributes that ECS gives to each instance (DG/task-placement-constraints), where a Node says the same, and which of
// its labels stands for the attribute in node affinity. Left out because nothing in a Node knows them: ecs.ami-id, ecs.vpc-id, ecs.subnet-id.
var builtIn = []struct {
	name  string
	from  func(*corev1.Node) string
	label query.Label
}{
	{"ecs.availability-zone", label(corev1.LabelTopologyZone), query.Label{Key: corev1.LabelTopologyZone, Of: same}},
	{"ecs.cpu-architecture", architecture, query.Label{Key: corev1.LabelArchStable, Of: architectureLabel}},
	{"ecs.instance-type", label(corev1.LabelInstanceTypeStable), query.Label{Key: corev1.LabelInstanceTypeStable, Of: same}},
	{"ecs.os-family", osFamily, query.Label{Key: corev1.LabelOSStable, Of: osFamilyLabel, Only: []string{"linux"}}},
	{"ecs.os-type", func(n *corev1.Node) string {
		return cmp.Or(n.Labels[corev1.LabelOSStable], n.Status.NodeInfo.OperatingSystem)
	}, query.Label{Key: corev1.LabelOSStable, Of: same}},
}

// NodeLabel is the node label that stands for a built-in attribute. Custom attributes have none: they are in the ContainerInstance.
// Kubelets and cloud providers set these labels, and never to nothing.
func NodeLabel(attribute string) (query.Label, bool) {
	for _, b := range builtIn {
		if b.name == attribute {
			return b.label, true
		}
	}
	return query.Label{}, false
}

// same: the label's value is the attribute's.
func same(value string) ([]string, bool) { return []string{value}, true }

func architectureLabel(value string) ([]string, bool) {
	switch value {
	case "x86_64":
		return []string{"amd64"}, true
	case "amd64":
		return nil, true // no instance says so
	}
	return []string{value}, true
}

// osFamilyLabel knows LINUX only, as osFamily does.
func osFamilyLabel(value string) ([]string, bool) {
	if value == "LINUX" {
		return []string{"linux"}, true
	}
	return nil, false
}

func label(key string) func(*corev1.Node) string {
	return func(n *corev1.Node) string { return n.Labels[key] }
}

// architecture: ECS says x86_64 where Kubernetes says amd64; arm64 is the same word in both.
func architecture(n *corev1.Node) string {
	arch := cmp.Or(n.Labels[corev1.LabelArchStable], n.Status.NodeInfo.Architecture)
	if arch == "amd64" {
		return "x86_64"
	}
	return arch
}

// osFamily of a Windows node would need its build; only LINUX is sure.
func osFamily(n *corev1.Node) string {
	if cmp.Or(n.Labels[corev1.LabelOSStable], n.Status.NodeInfo.OperatingSystem) == "linux" {
		return "LINUX"
	}
	return ""
}

// values are the attributes by name. One of the spec wins over a built-in one of the same name.
func values(node *corev1.Node, own []ecsv1.InstanceAttribute) map[string]string {
	out := make(map[string]string, len(builtIn)+len(own))
	for _, b := range builtIn {
		if v := b.from(node); v != "" {
			out[b.name] = v
		}
	}
	for _, a := range own {
		out[a.Name] = a.Value
	}
	return out
}

// attributes are sorted by name.
func attributes(node *corev1.Node, own []ecsv1.InstanceAttribute) []ecsv1.Attribute {
	var out []ecsv1.Attribute
	for name, v := range values(node, own) {
		out = append(out, ecsv1.Attribute{Name: name, Value: v})
	}
	slices.SortFunc(out, func(a, b ecsv1.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// derivedID has the form of a managed instance's ID: mi- and 17 hexadecimal digits.
func derivedID(from string) string {
	sum := sha256.Sum256([]byte(from))
	return "mi-" + hex.EncodeToString(sum[:])[:17]
}
