// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// startPeer makes a plain Deployment of the same pods as those of a service: what the operator put into its Deployment, without what is about
// placement. The default scheduler places them as it does by itself, on the nodes of the same cluster.
func startPeer(ctx context.Context, like service, name string, count int32) {
	GinkgoHelper()
	Expect(kube.Create(ctx, peerOf(ctx, like, name, count))).To(Succeed())
}

func peerOf(ctx context.Context, like service, name string, count int32) *appsv1.Deployment {
	GinkgoHelper()
	var template corev1.PodTemplateSpec
	Eventually(ctx, func(g Gomega) {
		list := &appsv1.DeploymentList{}
		g.Expect(kube.List(ctx, list, client.InNamespace(like.namespace), client.MatchingLabels{ecsv1.LabelService: like.name})).To(Succeed())
		g.Expect(list.Items).NotTo(BeEmpty())
		template = list.Items[0].Spec.Template
	}).Should(Succeed())
	labels := map[string]string{labelPlain: name}
	spec := template.Spec
	pool := map[string]string{labelPool: clusterOf(ctx, like)}
	spec.SchedulingGates, spec.Affinity, spec.TopologySpreadConstraints, spec.Tolerations, spec.NodeSelector = nil, nil, nil, nil, pool
	// As many labels and annotations as the others have, under names that are nobody's: the apiserver carries them too.
	annotations := map[string]string{}
	for key, value := range template.Annotations {
		annotations["plain-"+key] = value
	}
	podLabels := maps.Clone(labels)
	for key, value := range template.Labels {
		podLabels["plain-"+key] = value
	}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: like.namespace, Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &count,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: podLabels, Annotations: annotations}, Spec: spec},
		},
	}
}

func clusterOf(ctx context.Context, s service) string {
	GinkgoHelper()
	object := &ecsv1.Service{}
	Expect(kube.Get(ctx, s.key(), object)).To(Succeed())
	return object.Spec.Cluster
}

// removePeer ends it and waits for its pods to go.
func removePeer(ctx context.Context, namespace, name string) {
	GinkgoHelper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	Expect(kube.Patch(ctx, d, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"replicas":0}}`)))).To(Succeed())
	emptied(ctx, namespace, name)
	Expect(kube.Delete(ctx, d)).To(Succeed())
}

// emptied takes the pods away of an owner that is to have none, faster than by one request for each.
func emptied(ctx context.Context, namespace, name string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		sets := &appsv1.ReplicaSetList{}
		g.Expect(kube.List(ctx, sets, client.InNamespace(namespace))).To(Succeed())
		for _, set := range sets.Items {
			if owner, err := ownerOf(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: set.Spec.Template.Labels}}); err == nil && slices.Contains(owner, namespace+"/"+name) {
				g.Expect(*set.Spec.Replicas).To(BeZero())
			}
		}
	}).Should(Succeed())
	label := labelPlain
	if name == "ours" {
		label = ecsv1.LabelService
	}
	Eventually(func() error { // one request may take a minute, in which a busy machine doesn't delete thousands
		return kube.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(namespace), client.MatchingLabels{label: name}, client.GracePeriodSeconds(0))
	}).WithTimeout(5 * time.Minute).Should(Succeed())
	settle(ctx, namespace, name, 0)
}

func nodeNames(ctx context.Context, pool string) []string {
	GinkgoHelper()
	list := &corev1.NodeList{}
	Expect(kube.List(ctx, list, client.MatchingLabels{labelPool: pool})).To(Succeed())
	var out []string
	for _, n := range list.Items {
		out = append(out, n.Name)
	}
	return out
}
