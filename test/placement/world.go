// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers"
)

// labelPlain is on the pods of plain Deployments, the peers; its value is the Deployment's name.
const labelPlain = "plain"

var (
	admin *rest.Config
	kube  client.Client
	plain kubernetes.Interface
	// pods are all of the cluster, as a watch shows them; a look at them costs the apiserver nothing.
	pods cache.SharedIndexInformer
)

// byOwner finds the pods of a service or of a peer.
const byOwner = "owner"

func connect(ctx context.Context) {
	GinkgoHelper()
	path := os.Getenv("KUBECONFIG")
	Expect(path).NotTo(BeEmpty(), "KUBECONFIG is not set; `make test-placement` runs the suite on a cluster of its own")
	var err error
	admin, err = clientcmd.BuildConfigFromFlags("", path)
	Expect(err).NotTo(HaveOccurred())
	admin.QPS = -1 // the apiserver has a brake of its own
	kube, err = client.New(admin, client.Options{Scheme: controllers.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	plain, err = kubernetes.NewForConfig(admin)
	Expect(err).NotTo(HaveOccurred())

	factory := informers.NewSharedInformerFactoryWithOptions(plain, 0, informers.WithTransform(strip))
	pods = factory.Core().V1().Pods().Informer()
	Expect(pods.AddIndexers(cache.Indexers{byOwner: ownerOf})).To(Succeed())
	stop := make(chan struct{})
	DeferCleanup(func() { close(stop) })
	factory.Start(stop)
	Eventually(ctx, pods.HasSynced).Should(BeTrue())
}

// strip leaves of a pod what the suite looks at.
func strip(o any) (any, error) {
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return o, nil
	}
	pod.ManagedFields = nil
	pod.Spec.Volumes = nil
	return pod, nil
}

func ownerOf(o any) ([]string, error) {
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("%T is no pod", o)
	}
	for _, label := range []string{ecsv1.LabelService, labelPlain} {
		if name := pod.Labels[label]; name != "" {
			return []string{pod.Namespace + "/" + name}, nil
		}
	}
	return nil, nil
}

// tasks are the pods of a service or a peer that are to run: those that are over, or have been asked to stop, don't count.
func tasks(namespace, name string) []*corev1.Pod {
	GinkgoHelper()
	found, err := pods.GetIndexer().ByIndex(byOwner, namespace+"/"+name)
	Expect(err).NotTo(HaveOccurred())
	var out []*corev1.Pod
	for _, o := range found {
		if pod, ok := o.(*corev1.Pod); ok && toRun(pod) {
			out = append(out, pod)
		}
	}
	return out
}

func toRun(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodFailed && pod.Status.Phase != corev1.PodSucceeded
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// settle waits until exactly count tasks run, each on a node, and no other pod of the owner is left.
func settle(ctx context.Context, namespace, name string, count int) {
	GinkgoHelper()
	moves := max(count, len(tasks(namespace, name)))
	Eventually(ctx, func() string { return unsettled(ctx, namespace, name, count) }).
		WithTimeout(patience(moves)).Should(BeEmpty(), "%s/%s on its way to %d tasks", namespace, name, count)
}

// patience is how long a count may take: 3,500 pods take over a minute on two cores, by themselves.
func patience(count int) time.Duration {
	return 90*time.Second + time.Duration(count)*100*time.Millisecond
}

func unsettled(ctx context.Context, namespace, name string, count int) string {
	found, err := pods.GetIndexer().ByIndex(byOwner, namespace+"/"+name)
	if err != nil {
		return err.Error()
	}
	nodes, err := existing(ctx)
	if err != nil {
		return err.Error()
	}
	states := map[string]int{}
	for _, o := range found {
		pod, ok := o.(*corev1.Pod)
		switch {
		case !ok:
		case pod.Spec.NodeName != "" && !nodes[pod.Spec.NodeName]:
			states["on a node that is gone"]++ // Kubernetes takes a minute to notice
		default:
			states[state(pod)]++
		}
	}
	if len(states) == 0 && count == 0 || len(states) == 1 && states["running"] == count {
		return ""
	}
	return fmt.Sprint(states)
}

func existing(ctx context.Context) (map[string]bool, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NodeList"))
	if err := kube.List(ctx, list); err != nil {
		return nil, err
	}
	names := make(map[string]bool, len(list.Items))
	for _, n := range list.Items {
		names[n.Name] = true
	}
	return names, nil
}

func state(pod *corev1.Pod) string {
	switch {
	case pod.DeletionTimestamp != nil:
		return "stopping"
	case !toRun(pod):
		return "over"
	case pod.Spec.NodeName == "" && len(pod.Spec.SchedulingGates) > 0:
		return "gated"
	case pod.Spec.NodeName == "":
		return "unbound"
	case !isReady(pod):
		return "starting"
	}
	return "running"
}

// newNamespace is a namespace for one spec, with everything in it gone at the end: services first, so that the operator ends them as always.
func newNamespace(ctx context.Context) string {
	GinkgoHelper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "placement-"}}
	Expect(kube.Create(ctx, ns)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		Expect(kube.DeleteAllOf(ctx, &ecsv1.Service{}, client.InNamespace(ns.Name))).To(Succeed())
		Expect(kube.Delete(ctx, ns)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			left := 0
			for _, o := range pods.GetStore().List() {
				if pod, ok := o.(*corev1.Pod); ok && pod.Namespace == ns.Name {
					left++
				}
			}
			g.Expect(left).To(BeZero(), "pods left in %s", ns.Name)
		}).WithTimeout(patience(3500)).Should(Succeed())
	}, NodeTimeout(8*time.Minute))
	return ns.Name
}

// dump shows what is there when a spec has failed.
func dump(ctx context.Context) {
	services := &ecsv1.ServiceList{}
	if err := kube.List(ctx, services); err != nil {
		AddReportEntry("services", err.Error())
	}
	var b strings.Builder
	for _, s := range services.Items {
		fmt.Fprintf(&b, "%s/%s: %d running, %d pending, %v\n", s.Namespace, s.Name, s.Status.RunningCount, s.Status.PendingCount, unsettled(ctx, s.Namespace, s.Name, -1))
		for _, c := range s.Status.Conditions {
			fmt.Fprintf(&b, "  %s %s %s: %s\n", c.Type, c.Status, c.Reason, c.Message)
		}
	}
	AddReportEntry("services", b.String())
	AddReportEntry("the operator's last words", operator.lastWords())
}
