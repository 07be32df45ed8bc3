// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// setting is a number from the environment: longer runs set more.
func setting(name string, otherwise int) int {
	GinkgoHelper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	Expect(err).NotTo(HaveOccurred(), name)
	return n
}

var _ = Describe("DAEMON services", func() {
	It("are on exactly the eligible nodes as nodes join and leave", func(ctx SpecContext) {
		changes := setting("PLACEMENT_CHANGES", 200)
		f, ns := newFleet(ctx, "daemons", 0, medium), newNamespace(ctx)
		// Every third node has another instance type, which the service doesn't want.
		present := map[int]bool{}
		join := func(n int) {
			f.joinWith(ctx, func(n int, node *corev1.Node) {
				if n%3 == 0 {
					node.Labels[corev1.LabelInstanceTypeStable] = "t3.small"
				}
			}, n)
			present[n] = true
		}
		for _, n := range numbers(6) {
			join(n)
		}
		f.registered(ctx, 6)
		register(ctx, ns, "agent", tiny)
		agent := start(ctx, ns, "agent", f.name, 0, func(s *ecsv1.Service) {
			s.Spec.DesiredCount, s.Spec.SchedulingStrategy = nil, ecsv1.SchedulingStrategyDaemon
			s.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: "attribute:ecs.instance-type == m5.xlarge"}}
		})
		exact := func(moment string) {
			GinkgoHelper()
			Eventually(ctx, func(g Gomega) {
				want, got := map[string]int{}, map[string]int{}
				for n := range present {
					if n%3 != 0 {
						want[f.node(n)] = 1
					}
				}
				nodes, err := existing(ctx)
				g.Expect(err).NotTo(HaveOccurred())
				for _, pod := range agent.tasks() {
					if nodes[pod.Spec.NodeName] { // of pods whose node is gone Kubernetes learns within a minute
						got[pod.Spec.NodeName]++
					}
				}
				g.Expect(got).To(Equal(want), moment)
			}).Should(Succeed())
		}
		exact("at first")
		dice := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
		next := 7
		for i := range changes {
			if len(present) <= 3 || len(present) < 12 && dice.IntN(2) == 0 {
				join(next)
				next++
			} else {
				left := anyOf(present, dice)
				delete(present, left)
				f.lose(ctx, left)
			}
			if i%10 == 9 { // most changes come before the one before is dealt with
				exact(fmt.Sprintf("after %d joins and leaves", i+1))
			}
		}
		exact("at last")
		eligible := 0
		for n := range present {
			if n%3 != 0 {
				eligible++
			}
		}
		Eventually(ctx, func(g Gomega) {
			object := &ecsv1.Service{}
			g.Expect(kube.Get(ctx, agent.key(), object)).To(Succeed())
			g.Expect(object.Status.DesiredCount).To(BeEquivalentTo(eligible))
		}).Should(Succeed())
	}, SpecTimeout(10*time.Minute))
})

func anyOf(from map[int]bool, dice *rand.Rand) int {
	nth := dice.IntN(len(from))
	lowest := numbers(1000)
	for _, n := range lowest { // in order, so that a seed tells the whole run
		if from[n] {
			if nth == 0 {
				return n
			}
			nth--
		}
	}
	panic(fmt.Sprint("none of ", maps.Clone(from)))
}

func keyOf(name string) client.ObjectKey { return client.ObjectKey{Name: name} }

// drain sets the instance's status as its users do.
func drain(ctx context.Context, node string, to ecsv1.ContainerInstanceDesiredStatus) {
	GinkgoHelper()
	instance := &ecsv1.ContainerInstance{}
	Expect(kube.Get(ctx, keyOf(node), instance)).To(Succeed())
	before := instance.DeepCopy()
	instance.Spec.Status = to
	Expect(kube.Patch(ctx, instance, client.MergeFrom(before))).To(Succeed())
}
