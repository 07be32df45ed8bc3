// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"net"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// plainApp is the benchmarks' peer: the same application as people run it without this operator. A Deployment with Kubernetes'
// default strategy, a readiness probe as the target group's, and no preStop hook; and a Service of type NodePort.
type plainApp struct {
	namespace, name string
}

func (p plainApp) objects(replicas int) (*appsv1.Deployment, *corev1.Service) {
	labels := map[string]string{"plain": p.name}
	meta := metav1.ObjectMeta{Namespace: p.namespace, Name: p.name, Labels: labels}
	deployment := &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{
		Replicas: new(int32(replicas)),
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Name: "app", Image: image(),
				Ports: []corev1.ContainerPort{{ContainerPort: containerPort}},
				Env:   []corev1.EnvVar{{Name: "VERSION", Value: "v1"}},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
					corev1.ResourceCPU: resource.MustParse("8m"), corev1.ResourceMemory: resource.MustParse("32Mi")}},
				ReadinessProbe: &corev1.Probe{
					ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(containerPort)}},
					PeriodSeconds: 1,
				},
			}}},
		},
	}}
	front := &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, Selector: labels, Ports: []corev1.ServicePort{{Port: containerPort}},
	}}
	return deployment, front
}

func createPlain(ctx context.Context, namespace, name string, replicas int) plainApp {
	GinkgoHelper()
	p := plainApp{namespace, name}
	deployment, front := p.objects(replicas)
	Expect(kube.Create(ctx, front)).To(Succeed())
	Expect(kube.Create(ctx, deployment)).To(Succeed())
	p.settles(ctx, replicas, "v1")
	return p
}

func (p plainApp) key() client.ObjectKey {
	return client.ObjectKey{Namespace: p.namespace, Name: p.name}
}

func (p plainApp) pods(ctx context.Context, g Gomega) []corev1.Pod {
	GinkgoHelper()
	list := &corev1.PodList{}
	g.Expect(kube.List(ctx, list, client.InNamespace(p.namespace), client.MatchingLabels{"plain": p.name})).To(Succeed())
	return list.Items
}

func (p plainApp) ship(ctx context.Context, version string) {
	GinkgoHelper()
	d := &appsv1.Deployment{}
	Expect(kube.Get(ctx, p.key(), d)).To(Succeed())
	before := d.DeepCopy()
	d.Spec.Template.Spec.Containers[0].Env[0].Value = version
	Expect(kube.Patch(ctx, d, client.MergeFrom(before))).To(Succeed())
}

func (p plainApp) settles(ctx context.Context, replicas int, version string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		pods := p.pods(ctx, g)
		g.Expect(pods).To(HaveLen(replicas))
		for i := range pods {
			g.Expect(versionOf(&pods[i])).To(Equal(version))
			g.Expect(isReady(&pods[i])).To(BeTrue())
		}
	}).Should(Succeed())
}

func (p plainApp) url(ctx context.Context) string {
	GinkgoHelper()
	front := &corev1.Service{}
	Expect(kube.Get(ctx, p.key(), front)).To(Succeed())
	port := front.Spec.Ports[0].NodePort
	return "http://" + net.JoinHostPort(host(ctx, port), strconv.Itoa(int(port)))
}

// startPlain measures from the creation of a Deployment and its Service until all pods take traffic.
func startPlain(ctx context.Context, ns, name string, replicas int) time.Duration {
	GinkgoHelper()
	p := plainApp{ns, name}
	deployment, front := p.objects(replicas)
	asService := service{ns, name} // for its endpoints
	began := time.Now()
	Expect(kube.Create(ctx, front)).To(Succeed())
	Expect(kube.Create(ctx, deployment)).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		d := &appsv1.Deployment{}
		g.Expect(kube.Get(ctx, p.key(), d)).To(Succeed())
		g.Expect(d.Status.ReadyReplicas).To(BeEquivalentTo(replicas))
		g.Expect(asService.endpoints(ctx, g)).To(Equal(replicas))
	}).WithPolling(pollFast).WithTimeout(3 * time.Minute).Should(Succeed())
	took := time.Since(began)
	Expect(kube.Delete(ctx, deployment)).To(Succeed())
	Expect(kube.Delete(ctx, front)).To(Succeed())
	Eventually(ctx, func(g Gomega) { g.Expect(p.pods(ctx, g)).To(BeEmpty()) }).WithTimeout(3 * time.Minute).Should(Succeed())
	return took
}
