// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/ecs-operator/ecs-operator/internal/instances"
)

// One look at a cluster: its instances made anew from all nodes and pods, with what pods take remembered from the look before, and the tasks that
// wait placed.
func BenchmarkNext(b *testing.B) {
	for _, size := range []struct{ nodes, running, waiting int }{{200, 3000, 500}, {5000, 10000, 100}} {
		b.Run(fmt.Sprintf("%d nodes, %d pods, %d that wait", size.nodes, size.running, size.waiting), func(b *testing.B) {
			seen := seenWith(0, waits(size.waiting, packing))
			one := seenWith(1)
			for i := range size.nodes {
				node, instance := *one.world.Nodes[0].DeepCopy(), one.world.Instances[0]
				node.Name = fmt.Sprintf("node-%05d", i)
				instance.Name, instance.Spec.NodeName = node.Name, node.Name
				node.Status.Allocatable[corev1.ResourceCPU], node.Status.Allocatable[corev1.ResourcePods] = resource.MustParse("100"), resource.MustParse("100")
				seen.world.Nodes, seen.world.Instances = append(seen.world.Nodes, node), append(seen.world.Instances, instance)
			}
			for i := range size.running {
				seen.world.Pods = append(seen.world.Pods, *pod(fmt.Sprintf("running-%d", i), func(p *corev1.Pod) {
					p.Spec.SchedulingGates, p.Spec.NodeName, p.ResourceVersion = nil, fmt.Sprintf("node-%05d", i%size.nodes), "1"
				}))
			}
			seen.world.Ledger = &instances.Ledger{}
			for b.Loop() {
				if p := next(seen); len(p.place) != size.waiting {
					b.Fatalf("placed %d", len(p.place))
				}
			}
		})
	}
}
