// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// gateOfBench is on the pods of the naive variants: a loop here lifts it, one pod after the other as they come.
const gateOfBench = "placement.test/gate"

// lifter lifts the gates of a peer's pods in the obvious way, and sends each to the next node in turn.
type lifter struct {
	nodes   []string
	workers int
	lift    func(ctx context.Context, pod *corev1.Pod, node string) error
}

// start makes the peer's pods gated, and begins to lift gates; what comes back ends that.
func (l lifter) start(ctx context.Context, like service, name string, count int32) (stop func()) {
	GinkgoHelper()
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan *corev1.Pod, 2*count)
	handler, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(o any) {
		if pod, ok := o.(*corev1.Pod); ok && pod.Labels[labelPlain] == name && state(pod) == "gated" {
			queue <- pod
		}
	}})
	Expect(err).NotTo(HaveOccurred())
	var mu sync.Mutex
	next := 0
	var group sync.WaitGroup
	for range l.workers {
		group.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case pod := <-queue:
					mu.Lock()
					next++
					node := l.nodes[next%len(l.nodes)]
					mu.Unlock()
					if err := l.lift(ctx, pod, node); err != nil && ctx.Err() == nil {
						say("lifting a gate: %v", err)
					}
				}
			}
		})
	}
	d := peerOf(ctx, like, name, count)
	d.Spec.Template.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: gateOfBench}}
	Expect(kube.Create(ctx, d)).To(Succeed())
	return func() {
		cancel()
		group.Wait()
		Expect(pods.RemoveEventHandler(handler)).To(Succeed())
	}
}

// byMergePatch is one merge patch, of which the whole pod comes back. Server-side apply alone lifts no gate that another set.
func byMergePatch(ctx context.Context, pod *corev1.Pod, node string) error {
	data := fmt.Sprintf(`{"metadata":{"annotations":{"placement.test/node":%q}},"spec":{"schedulingGates":null,"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":[%q]}]}]}}}}}`, node, node)
	o := &corev1.Pod{}
	o.Namespace, o.Name = pod.Namespace, pod.Name
	return kube.Patch(ctx, o, client.RawPatch(types.MergePatchType, []byte(data)))
}
