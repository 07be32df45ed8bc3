// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Karpenter with its KWOK provider, at work on the cluster: KARPENTER names its binary, `make test-karpenter` builds it from its module.
var _ = func() bool {
	binary := os.Getenv("KARPENTER")
	if binary == "" {
		return false
	}
	return Describe("Karpenter", Label("karpenter"), Ordered, func() {
		var log string
		BeforeAll(func(ctx SpecContext) { log = startKarpenter(ctx, binary) }, NodeTimeout(3*time.Minute))
		JustAfterEach(func(ctx SpecContext) {
			if CurrentSpecReport().Failed() {
				text, err := os.ReadFile(log)
				AddReportEntry("Karpenter's log", fmt.Sprint(string(text[max(0, len(text)-8000):]), err))
				AddReportEntry("pods", kubectl(ctx, "get", "pods,nodepools,nodeclaims,nodes", "-A", "-o=wide"))
			}
		})
		It("adds no node for gated tasks that nobody said have no place", gatedAreOverlooked, SpecTimeout(4*time.Minute))
		It("adds nodes for tasks without a place, and the operator places them there", demandIsSeen, SpecTimeout(5*time.Minute))
		It("adds nodes of the pool that is the chosen capacity provider", demandOfProviders, SpecTimeout(6*time.Minute))
	})
}()

// startKarpenter installs its CRDs and runs it until the end of its specs; what comes back is its log.
func startKarpenter(ctx context.Context, binary string) string {
	GinkgoHelper()
	module := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/karpenter")
	module.Dir = filepath.Join(moduleRoot(), "test", "karpenter")
	out, err := module.Output()
	Expect(err).NotTo(HaveOccurred(), "finding Karpenter's module")
	for _, folder := range []string{"pkg/apis/crds", "kwok/apis/crds"} {
		kubectl(ctx, "apply", "--server-side", "-f", filepath.Join(strings.TrimSpace(string(out)), folder))
	}
	kubectl(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	name := filepath.Join(GinkgoT().TempDir(), "karpenter.log")
	log, err := os.Create(name)
	Expect(err).NotTo(HaveOccurred())
	port := func() string { a := freeAddress(); return a[strings.LastIndex(a, ":")+1:] }
	cmd := exec.Command(binary, "--disable-leader-election", "--metrics-port="+port(), "--health-probe-port="+port(), "--log-level=debug",
		"--batch-max-duration=3s", "--batch-idle-duration=500ms")
	cmd.Env = append(os.Environ(), "SYSTEM_NAMESPACE=kube-system")
	cmd.Stdout, cmd.Stderr = log, log
	Expect(cmd.Start()).To(Succeed())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in its log
		log.Close()
	}()
	DeferCleanup(func() {
		Expect(cmd.Process.Signal(syscall.SIGTERM)).To(Or(Succeed(), MatchError(os.ErrProcessDone)))
		Eventually(ended).WithTimeout(30 * time.Second).Should(BeClosed())
	})
	Consistently(ended).WithTimeout(2*time.Second).ShouldNot(BeClosed(), "Karpenter ended")
	return name
}

// newNodePool is a pool whose nodes belong to the ECS cluster, with the label capacity=NAME. Small instance types alone, so that it takes several.
func newNodePool(ctx context.Context, name, cluster string) {
	GinkgoHelper()
	file := filepath.Join(GinkgoT().TempDir(), name+".yaml")
	Expect(os.WriteFile(file, fmt.Appendf(nil, `
apiVersion: karpenter.kwok.sh/v1alpha1
kind: KWOKNodeClass
metadata: {name: default}
spec: {}
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: %[1]s}
spec:
  disruption: {consolidateAfter: Never}
  template:
    metadata:
      labels: {pool: %[2]s, capacity: %[1]s, %[3]s: %[2]s, type: kwok}
    spec:
      nodeClassRef: {group: karpenter.kwok.sh, kind: KWOKNodeClass, name: default}
      expireAfter: Never
      requirements:
        - {key: kubernetes.io/os, operator: In, values: [linux]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: node.kubernetes.io/instance-type, operator: In, values: [c-4x-amd64-linux, s-4x-amd64-linux]}
`, name, cluster, ecsv1.LabelCluster), 0o600)).To(Succeed())
	kubectl(ctx, "apply", "--server-side", "-f", file)
	DeferCleanup(func(ctx SpecContext) {
		kubectl(ctx, "delete", "nodepool", name, "--wait=true", "--timeout=2m")
	}, NodeTimeout(3*time.Minute))
	Eventually(ctx, func() string {
		return kubectl(ctx, "get", "nodepool", name, "-o=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}")
	}).Should(Equal("True"))
}

func nodesOf(ctx context.Context, pool string) []corev1.Node {
	GinkgoHelper()
	list := &corev1.NodeList{}
	Expect(kube.List(ctx, list, client.MatchingLabels{labelPool: pool})).To(Succeed())
	return list.Items
}

// waitsUnschedulable tells whether the pod has what autoscalers look for.
func waitsUnschedulable(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
	})
}

// gatedAreOverlooked is the other half of the proof: without the condition that the operator sets, a gate hides demand.
func gatedAreOverlooked(ctx SpecContext) {
	ns := newNamespace(ctx)
	newNodePool(ctx, "overlooked", "overlooked")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "gated", Labels: map[string]string{labelPlain: "gated"}},
		Spec: corev1.PodSpec{
			SchedulingGates: []corev1.PodSchedulingGate{{Name: gateOfBench}},
			NodeSelector:    map[string]string{labelPool: "overlooked"},
			Containers:      []corev1.Container{{Name: "app", Image: "web:v1"}},
		},
	}
	Expect(kube.Create(ctx, pod)).To(Succeed())
	Consistently(ctx, func() []corev1.Node { return nodesOf(ctx, "overlooked") }).WithTimeout(15 * time.Second).Should(BeEmpty())
	// And with it, the same pod is seen: Karpenter works, and looks at nothing else.
	before := pod.DeepCopy()
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable}}
	Expect(kube.Status().Patch(ctx, pod, client.MergeFrom(before))).To(Succeed())
	Eventually(ctx, func() []corev1.Node { return nodesOf(ctx, "overlooked") }).Should(HaveLen(1))
}

func demandIsSeen(ctx SpecContext) {
	f := newFleet(ctx, "demand", 0, medium)
	ns := newNamespace(ctx)
	register(ctx, ns, "web", kind{1024, 1024})
	web := start(ctx, ns, "web", f.name, 8, strategy(packMemory))
	Eventually(ctx, func(g Gomega) {
		found := web.tasks()
		g.Expect(found).To(HaveLen(8))
		for _, pod := range found {
			g.Expect(waitsUnschedulable(pod)).To(BeTrue(), "%v", pod.Status.Conditions)
			g.Expect(state(pod)).To(Equal("gated"))
		}
	}).Should(Succeed())
	newNodePool(ctx, "demand", f.name)
	web.settles(ctx, 8)
	nodes := nodesOf(ctx, "demand")
	AddReportEntry("demand", fmt.Sprintf("8 tasks of 1 vCPU: Karpenter added %d nodes, and all run there", len(nodes)))
	Expect(nodes).NotTo(BeEmpty())
	// What is placed is asked for no more: no further node comes.
	Consistently(ctx, func() int { return len(nodesOf(ctx, "demand")) }).WithTimeout(10 * time.Second).Should(Equal(len(nodes)))
	web.scale(ctx, 14)
	Expect(len(nodesOf(ctx, "demand"))).To(BeNumerically(">", len(nodes)))
}

func demandOfProviders(ctx SpecContext) {
	capacity := []string{"reserved", "burst"}
	f := newFleet(ctx, "pools", 0, medium, func(c *ecsv1.Cluster) { c.Spec.CapacityProviders = capacity })
	for _, name := range capacity {
		newProvider(ctx, name)
		newNodePool(ctx, name, f.name)
	}
	ns := newNamespace(ctx)
	web := create(ctx, ns, "web", f.name, kind{1024, 512}, 10, func(s *ecsv1.Service) {
		s.Spec.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{
			{CapacityProvider: "reserved", Base: new(int32(2)), Weight: new(int32(1))}, {CapacityProvider: "burst", Weight: new(int32(3))}}
	})
	got := map[string]int{}
	for _, pod := range web.tasks() {
		got[f.label(ctx, pod.Spec.NodeName, "capacity")]++
	}
	Expect(got).To(Equal(map[string]int{"reserved": 4, "burst": 6}))
}
