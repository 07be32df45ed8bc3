// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const (
	clusterName       = "e2e"
	operatorNamespace = "ecs-operator-system"
	operatorName      = "ecs-operator"
	labelOfSuite      = "e2e.ecs.pods.dev/suite"
)

var (
	kube client.WithWatch
	// plain reads logs and talks through the apiserver's proxy.
	plain kubernetes.Interface
)

func connect() {
	GinkgoHelper()
	path := os.Getenv("KUBECONFIG")
	Expect(path).NotTo(BeEmpty(), "KUBECONFIG is not set; `make test-e2e` runs the suite on a cluster of its own")
	config, err := clientcmd.BuildConfigFromFlags("", path)
	Expect(err).NotTo(HaveOccurred())
	config.QPS, config.Burst = 200, 400
	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(ecsv1.AddToScheme(scheme)).To(Succeed())
	Expect(gatewayv1.Install(scheme)).To(Succeed())
	kube, err = client.NewWithWatch(config, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	plain, err = kubernetes.NewForConfig(config)
	Expect(err).NotTo(HaveOccurred())
}

// needContainers ends the suite where nodes are only simulated: nothing here means anything without containers.
func needContainers(ctx context.Context) {
	for _, n := range nodes(ctx) {
		if _, simulated := n.Annotations["kwok.x-k8s.io/node"]; !simulated {
			return
		}
	}
	Skip("not run here: needs nodes that run containers, and this cluster has none")
}

func nodes(ctx context.Context) []corev1.Node {
	GinkgoHelper()
	list := &corev1.NodeList{}
	Expect(kube.List(ctx, list)).To(Succeed())
	return list.Items
}

// zones maps each node to its zone.
func zones(ctx context.Context) map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	for _, n := range nodes(ctx) {
		out[n.Name] = n.Labels[corev1.LabelTopologyZone]
	}
	return out
}

func operatorIsReady(ctx context.Context) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		d := &appsv1.Deployment{}
		g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: operatorNamespace, Name: operatorName}, d)).To(Succeed(), "install it by hack/deploy.sh")
		g.Expect(d.Status.ReadyReplicas).To(BeNumerically(">", 0), "the operator is not ready")
		g.Expect(operatorPods(ctx, g)).NotTo(BeEmpty())
	}).Should(Succeed())
}

// operatorPods are the operator's pods that nobody has asked to stop.
func operatorPods(ctx context.Context, g Gomega) []corev1.Pod {
	GinkgoHelper()
	list := &corev1.PodList{}
	g.Expect(kube.List(ctx, list, client.InNamespace(operatorNamespace), client.MatchingLabels{"app.kubernetes.io/name": operatorName})).To(Succeed())
	var out []corev1.Pod
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil {
			out = append(out, p)
		}
	}
	return out
}

var sharedClusterKey = client.ObjectKey{Name: clusterName}

// ensureCluster makes the ECS cluster that all specs share, of every node that takes tasks.
func ensureCluster(ctx context.Context) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		cluster := &ecsv1.Cluster{}
		err := kube.Get(ctx, sharedClusterKey, cluster)
		if client.IgnoreNotFound(err) == nil && err != nil {
			err = kube.Create(ctx, sharedCluster())
		}
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(cluster.Status.RegisteredContainerInstancesCount).To(BeNumerically(">", 0))
		g.Expect(cluster).To(beReady())
	}).Should(Succeed())
}

func sharedCluster() *ecsv1.Cluster {
	return &ecsv1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: clusterName, Labels: map[string]string{labelOfSuite: "true"}},
		Spec: ecsv1.ClusterSpec{Kubernetes: &ecsv1.ClusterKubernetes{NodeSelector: &metav1.LabelSelector{
			MatchLabels:      map[string]string{corev1.LabelOSStable: "linux"},
			MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "node-role.kubernetes.io/control-plane", Operator: metav1.LabelSelectorOpDoesNotExist}},
		}}},
	}
}

// newNamespace gives a spec a namespace of its own. It is deleted in the background; leaveNothing waits for all of them.
func newNamespace(ctx context.Context) string {
	GinkgoHelper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-", Labels: map[string]string{labelOfSuite: "true"}}}
	Expect(kube.Create(ctx, ns)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		if os.Getenv("KEEP") != "" && CurrentSpecReport().Failed() {
			return
		}
		Expect(client.IgnoreNotFound(kube.Delete(ctx, ns))).To(Succeed())
	})
	return ns.Name
}

// forgetNamespaces deletes what specs have left, those of a run that was interrupted too.
func forgetNamespaces(ctx context.Context) {
	GinkgoHelper()
	list := &corev1.NamespaceList{}
	Expect(kube.List(ctx, list, client.MatchingLabels{labelOfSuite: "true"})).To(Succeed())
	for i := range list.Items {
		Expect(client.IgnoreNotFound(kube.Delete(ctx, &list.Items[i]))).To(Succeed())
	}
}

// onlyNamespace waits until the namespaces of earlier specs are gone, with all that was in them.
func onlyNamespace(ctx context.Context, mine string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		list := &corev1.NamespaceList{}
		g.Expect(kube.List(ctx, list, client.MatchingLabels{labelOfSuite: "true"})).To(Succeed())
		var left []string
		for _, ns := range list.Items {
			if ns.Name != mine {
				left = append(left, ns.Name+": "+namespaceTrouble(ns))
			}
		}
		g.Expect(left).To(BeEmpty(), "namespaces that are not gone")
	}).Should(Succeed())
}

func namespaceTrouble(ns corev1.Namespace) string {
	var out []string
	for _, c := range ns.Status.Conditions {
		if c.Status == corev1.ConditionTrue {
			out = append(out, c.Message)
		}
	}
	return strings.Join(out, "; ")
}

// leaveNothing takes the shared cluster apart, as its users would.
func leaveNothing(ctx SpecContext) {
	if os.Getenv("KEEP") != "" {
		return
	}
	forgetNamespaces(ctx)
	onlyNamespace(ctx, "")
	Expect(client.IgnoreNotFound(kube.Delete(ctx, sharedCluster()))).To(Succeed())
	Expect(kube.DeleteAllOf(ctx, &ecsv1.ContainerInstance{}, client.MatchingLabels{ecsv1.LabelCluster: clusterName})).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, sharedClusterKey, &ecsv1.Cluster{})).To(beNotFound())
	}).Should(Succeed())
}

// kubectl runs the kubectl of the cluster, as KUBECTL names it, and returns what it printed.
func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, err := tryKubectl(ctx, args...)
	Expect(err).NotTo(HaveOccurred(), out)
	return out
}

func tryKubectl(ctx context.Context, args ...string) (string, error) {
	command := strings.Fields(os.Getenv("KUBECTL"))
	if len(command) == 0 {
		command = []string{"kubectl"}
	}
	cmd := exec.CommandContext(ctx, command[0], append(command[1:], args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func condition(all []metav1.Condition, kind string) metav1.Condition {
	if c := meta.FindStatusCondition(all, kind); c != nil {
		return *c
	}
	return metav1.Condition{Status: "missing"}
}
