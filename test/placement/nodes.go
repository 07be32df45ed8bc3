// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// The suite's zones.
var zones = []string{"zone-a", "zone-b", "zone-c"}

// labelPool is on the nodes of one spec, and names the ECS cluster that they are for.
const labelPool = "pool"

// size of a node.
type size struct{ cpu, memory string }

var medium = size{cpu: "4", memory: "8Gi"}

// fleet is an ECS cluster with its simulated nodes.
type fleet struct {
	name string
	size size
}

// newFleet makes a cluster of count nodes, dealt out to the zones in order. All of it goes at the end of the spec.
func newFleet(ctx context.Context, name string, count int, of size, edits ...func(*ecsv1.Cluster)) *fleet {
	GinkgoHelper()
	f := &fleet{name: name, size: of}
	f.join(ctx, numbers(count)...)
	cluster := &ecsv1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: ecsv1.ClusterSpec{Kubernetes: &ecsv1.ClusterKubernetes{
			NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{labelPool: name}}}},
	}
	for _, edit := range edits {
		edit(cluster)
	}
	Expect(kube.Create(ctx, cluster)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		Expect(kube.DeleteAllOf(ctx, &corev1.Node{}, client.MatchingLabels{labelPool: name})).To(Succeed())
		Eventually(ctx, func(g Gomega) { g.Expect(f.instances(ctx, g)).To(BeEmpty()) }).WithTimeout(patience(10 * count)).Should(Succeed())
		Expect(kube.Delete(ctx, cluster)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			g.Expect(apierrors.IsNotFound(kube.Get(ctx, client.ObjectKeyFromObject(cluster), cluster))).To(BeTrue(), "%v", cluster.Status)
		}).Should(Succeed())
	}, NodeTimeout(10*time.Minute))
	f.registered(ctx, count)
	return f
}

// instances are the container instances of the cluster, by name, and whether tasks may be on each: it is ACTIVE or DRAINING, connected, and not on
// its way out. One that is REGISTERING is connected, too, and nothing is placed there yet.
func (f *fleet) instances(ctx context.Context, g Gomega) map[string]bool {
	list := &ecsv1.ContainerInstanceList{}
	g.Expect(kube.List(ctx, list)).To(Succeed())
	out := map[string]bool{}
	for _, i := range list.Items {
		if i.Spec.Cluster == f.name {
			serves := i.Status.Status == ecsv1.ContainerInstanceStateActive || i.Status.Status == ecsv1.ContainerInstanceStateDraining
			out[i.Name] = serves && i.Status.AgentConnected && i.DeletionTimestamp == nil
		}
	}
	return out
}

// numbers are 1 to n.
func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// registered waits until so many instances are ACTIVE or DRAINING and connected.
func (f *fleet) registered(ctx context.Context, count int) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		serving := 0
		for _, is := range f.instances(ctx, g) {
			if is {
				serving++
			}
		}
		g.Expect(serving).To(Equal(count), "container instances of %s that are ACTIVE or DRAINING and connected", f.name)
		g.Expect(f.tainted(ctx, g)).To(BeEmpty(), "nodes that Kubernetes keeps pods from for not being ready")
	}).WithTimeout(patience(10 * count)).Should(Succeed())
}

// tainted are the nodes that have come and whose taint is yet to be taken away.
func (f *fleet) tainted(ctx context.Context, g Gomega) []string {
	list := &corev1.NodeList{}
	g.Expect(kube.List(ctx, list, client.MatchingLabels{labelPool: f.name})).To(Succeed())
	var out []string
	for _, n := range list.Items {
		if slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == corev1.TaintNodeNotReady }) {
			out = append(out, n.Name)
		}
	}
	return out
}

// join makes nodes, several at a time.
func (f *fleet) join(ctx context.Context, numbers ...int) {
	GinkgoHelper()
	f.joinWith(ctx, nil, numbers...)
}

func (f *fleet) joinWith(ctx context.Context, edit func(n int, node *corev1.Node), numbers ...int) {
	GinkgoHelper()
	var wait sync.WaitGroup
	failed := make(chan error, len(numbers))
	turns := make(chan struct{}, 8)
	for _, n := range numbers {
		node := f.nodeObject(n)
		if edit != nil {
			edit(n, node)
		}
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			failed <- kube.Create(ctx, node)
		})
	}
	wait.Wait()
	for range numbers {
		Expect(<-failed).To(Succeed())
	}
}

func (f *fleet) node(n int) string { return fmt.Sprintf("%s-%d", f.name, n) }

func zoneOf(n int) string { return zones[(n-1)%len(zones)] }

func (f *fleet) nodeObject(n int) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse(f.size.cpu),
		corev1.ResourceMemory: resource.MustParse(f.size.memory),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	name := f.node(n)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
			Labels: map[string]string{
				"type":                         "kwok",
				labelPool:                      f.name,
				"number":                       strconv.Itoa(n),
				corev1.LabelHostname:           name,
				corev1.LabelOSStable:           "linux",
				corev1.LabelArchStable:         "amd64",
				corev1.LabelTopologyZone:       zoneOf(n),
				corev1.LabelTopologyRegion:     "local",
				corev1.LabelInstanceTypeStable: "m5.xlarge",
			},
		},
		Status: corev1.NodeStatus{Capacity: room, Allocatable: room},
	}
}

// lose deletes nodes as a cloud does whose machines are gone.
func (f *fleet) lose(ctx context.Context, numbers ...int) {
	GinkgoHelper()
	for _, n := range numbers {
		Expect(kube.Delete(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: f.node(n)}})).To(Succeed())
	}
}

// census counts tasks by node and by zone. Nodes that have none are in it.
type census struct {
	byNode map[string]int
	zones  map[string]string
}

// count counts the tasks of a service or a peer on the fleet's nodes.
func (f *fleet) count(ctx context.Context, namespace string, names ...string) census {
	GinkgoHelper()
	list := &corev1.NodeList{}
	Expect(kube.List(ctx, list, client.MatchingLabels{labelPool: f.name})).To(Succeed())
	c := census{byNode: map[string]int{}, zones: map[string]string{}}
	for _, n := range list.Items {
		c.byNode[n.Name] = 0
		c.zones[n.Name] = n.Labels[corev1.LabelTopologyZone]
	}
	for _, name := range names {
		for _, pod := range tasks(namespace, name) {
			if pod.Spec.NodeName == "" {
				continue // it is nowhere yet
			}
			Expect(c.zones).To(HaveKey(pod.Spec.NodeName), "the node of %s is none of cluster %s", pod.Name, f.name)
			c.byNode[pod.Spec.NodeName]++
		}
	}
	return c
}

func (c census) byZone() map[string]int {
	out := map[string]int{}
	for node, n := range c.byNode {
		out[c.zones[node]] += n
	}
	return out
}

// used counts the nodes that have a task.
func (c census) used() int {
	n := 0
	for _, tasks := range c.byNode {
		if tasks > 0 {
			n++
		}
	}
	return n
}

// instanceSkew is the greatest difference between two nodes of one zone. Zones of different sizes can't be even over both.
func (c census) instanceSkew() int {
	worst := 0
	for _, zone := range c.zones {
		of := map[string]int{}
		for node, n := range c.byNode {
			if c.zones[node] == zone {
				of[node] = n
			}
		}
		worst = max(worst, skew(of))
	}
	return worst
}

// skew is the difference between the most and the fewest.
func skew(counts map[string]int) int {
	first, most, fewest := true, 0, 0
	for n := range maps.Values(counts) {
		if first {
			first, most, fewest = false, n, n
		}
		most, fewest = max(most, n), min(fewest, n)
	}
	return most - fewest
}
