// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

type nodeOption func(*corev1.Node)

// node has 2 vCPU and 4 GiB for pods, and is fine.
func node(options ...nodeOption) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "node-a", UID: "5d1f0d1c-0000-4000-8000-000000000001", Labels: map[string]string{
			corev1.LabelTopologyZone: "eu-west-1a", corev1.LabelInstanceTypeStable: "t3.medium",
			corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64", ecsv1.LabelCluster: "demo",
		}},
		Spec: corev1.NodeSpec{ProviderID: "aws:///eu-west-1a/i-0123456789abcdef0"},
		Status: corev1.NodeStatus{
			Capacity:    amount("2", "4Gi"),
			Allocatable: amount("2", "4Gi"),
			Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			NodeInfo:    corev1.NodeSystemInfo{KubeletVersion: "v1.36.3", ContainerRuntimeVersion: "containerd://2.1.0"},
		},
	}
	for _, o := range options {
		o(n)
	}
	return n
}

// here is an instance of the cluster demo.
func here(spec ecsv1.ContainerInstanceSpec) *ecsv1.ContainerInstance {
	spec.Cluster, spec.NodeName = "demo", "node-a"
	return &ecsv1.ContainerInstance{Spec: spec}
}

func ready(status corev1.ConditionStatus, message string) nodeOption {
	return func(n *corev1.Node) { n.Status.Conditions[0].Status, n.Status.Conditions[0].Message = status, message }
}

func labelled(key, value string) nodeOption { return func(n *corev1.Node) { n.Labels[key] = value } }

func tainted(key string) nodeOption {
	return func(n *corev1.Node) {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Effect: corev1.TaintEffectNoSchedule})
	}
}

func bare(n *corev1.Node) { n.Labels, n.Spec.ProviderID = nil, "" }

func amount(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

func TestStatus(t *testing.T) {
	type answer struct {
		Status    ecsv1.ContainerInstanceState
		Connected bool
		Health    ecsv1.InstanceHealthCheckState
	}
	for name, tc := range map[string]struct {
		node *corev1.Node
		spec ecsv1.ContainerInstanceSpec
		want answer
	}{
		"a node that is fine": {node(), ecsv1.ContainerInstanceSpec{}, answer{"ACTIVE", true, "OK"}},
		"draining as wanted":  {node(), ecsv1.ContainerInstanceSpec{Status: "DRAINING"}, answer{"DRAINING", true, "OK"}},
		"cordoned is draining": {
			node(func(n *corev1.Node) { n.Spec.Unschedulable = true }), ecsv1.ContainerInstanceSpec{Status: "ACTIVE"}, answer{"DRAINING", true, "OK"},
		},
		"without the cluster's label": {node(labelled(ecsv1.LabelCluster, "other")), ecsv1.ContainerInstanceSpec{}, answer{"REGISTERING", true, "OK"}},
		"interrupted": {
			node(tainted("aws-node-termination-handler/spot-itn")), ecsv1.ContainerInstanceSpec{}, answer{"DRAINING", true, "OK"},
		},
		"tainted for another reason": {node(tainted("dedicated")), ecsv1.ContainerInstanceSpec{}, answer{"ACTIVE", true, "OK"}},
		"out of reach":               {node(ready(corev1.ConditionUnknown, "")), ecsv1.ContainerInstanceSpec{}, answer{"ACTIVE", false, "IMPAIRED"}},
		"reports, but can't run containers": {
			node(ready(corev1.ConditionFalse, "")), ecsv1.ContainerInstanceSpec{}, answer{"ACTIVE", true, "IMPAIRED"},
		},
		"not heard of yet": {
			node(func(n *corev1.Node) { n.Status.Conditions = nil }), ecsv1.ContainerInstanceSpec{}, answer{"ACTIVE", false, "INITIALIZING"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := Instance(tc.node, nil, here(tc.spec), nil)
			if diff := cmp.Diff(tc.want, answer{f.Status, f.AgentConnected, f.HealthStatus.OverallStatus}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHealthSaysWhatIsWrong(t *testing.T) {
	got := Instance(node(ready(corev1.ConditionUnknown, "Kubelet stopped posting node status.")), nil, here(ecsv1.ContainerInstanceSpec{}), nil).HealthStatus.Details
	want := []ecsv1.InstanceHealthCheckResult{
		{Type: "AGENT_CONNECTIVITY", Status: "IMPAIRED", StatusReason: "Kubelet stopped posting node status."},
		{Type: "CONTAINER_RUNTIME", Status: "INSUFFICIENT_DATA"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInstanceID(t *testing.T) {
	provider := func(id string) *corev1.Node { return node(func(n *corev1.Node) { n.Spec.ProviderID = id }) }
	for name, tc := range map[string]struct {
		node *corev1.Node
		want string
	}{
		"from EC2":                             {node(), "i-0123456789abcdef0"},
		"a managed instance's":                 {provider("aws:///eu-west-1a/mi-0123456789abcdef0"), "mi-0123456789abcdef0"},
		"elsewhere, from the node's UID":       {provider("kind://docker/kind/node-a"), derivedID("5d1f0d1c-0000-4000-8000-000000000001")},
		"without UID, from the node's name":    {node(bare, func(n *corev1.Node) { n.UID = "" }), derivedID("node-a")},
		"a provider that ends in a slash only": {provider("x:///"), derivedID("5d1f0d1c-0000-4000-8000-000000000001")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Instance(tc.node, nil, here(ecsv1.ContainerInstanceSpec{}), nil).Ec2InstanceId; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestDerivedIDsHaveTheFormOfManagedInstances(t *testing.T) {
	if got := derivedID("a"); !regexp.MustCompile(`^mi-[0-9a-f]{17}$`).MatchString(got) || got == derivedID("b") || got != derivedID("a") {
		t.Errorf("got %s", got)
	}
}

func TestAttributes(t *testing.T) {
	for name, tc := range map[string]struct {
		node *corev1.Node
		own  []ecsv1.InstanceAttribute
		want map[string]string
	}{
		"built-in ones from the labels": {node(), nil, map[string]string{
			"ecs.availability-zone": "eu-west-1a", "ecs.cpu-architecture": "x86_64", "ecs.instance-type": "t3.medium",
			"ecs.os-family": "LINUX", "ecs.os-type": "linux",
		}},
		"arm64 is arm64": {node(labelled(corev1.LabelArchStable, "arm64")), nil, map[string]string{
			"ecs.availability-zone": "eu-west-1a", "ecs.cpu-architecture": "arm64", "ecs.instance-type": "t3.medium",
			"ecs.os-family": "LINUX", "ecs.os-type": "linux",
		}},
		"what no label says is left out, and the node's own word serves": {
			node(bare, func(n *corev1.Node) { n.Status.NodeInfo.Architecture = "amd64" }), nil,
			map[string]string{"ecs.cpu-architecture": "x86_64"},
		},
		"own ones come beside, and win": {
			node(bare), []ecsv1.InstanceAttribute{{Name: "stack", Value: "prod"}, {Name: "gpu"}, {Name: "ecs.availability-zone", Value: "rack-1"}},
			map[string]string{"stack": "prod", "gpu": "", "ecs.availability-zone": "rack-1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, last := map[string]string{}, ""
			for _, a := range Instance(tc.node, nil, here(ecsv1.ContainerInstanceSpec{Attributes: tc.own}), nil).Attributes {
				if a.Name <= last {
					t.Errorf("%s comes after %s", a.Name, last)
				}
				got[a.Name], last = a.Value, a.Name
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
