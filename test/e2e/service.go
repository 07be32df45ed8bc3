// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const containerPort = 8080

// service is a web service of a spec: a TaskDefinition and a Service of one name, and a target group of that name too.
type service struct {
	namespace, name string
}

// manifest is what a spec may change before it is applied.
type manifest struct {
	service        *ecsv1.Service
	taskDefinition *ecsv1.TaskDefinition
}

type setting func(manifest)

func desired(n int32) setting {
	return func(m manifest) { m.service.Spec.DesiredCount = new(n) }
}

// bounds are minimumHealthyPercent and maximumPercent.
func bounds(minimum, maximum int32) setting {
	return func(m manifest) {
		m.service.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{MinimumHealthyPercent: new(minimum), MaximumPercent: new(maximum)}
	}
}

// small makes tasks that dozens of fit on a node.
func small(m manifest) {
	c := &m.taskDefinition.Spec.ContainerDefinitions[0]
	c.Cpu, c.Memory = new(int32(8)), new(int32(32))
}

// image is the sample application's, which every node has.
func image() string { return cmp.Or(os.Getenv("E2E_IMAGE"), "ecs-web:v1") }

func manifests(namespace, name string, settings ...setting) manifest {
	labels := map[string]string{labelOfSuite: "true"}
	m := manifest{
		taskDefinition: &ecsv1.TaskDefinition{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
			Spec: ecsv1.TaskDefinitionSpec{TaskDefinitionFields: ecsv1.TaskDefinitionFields{
				Family:                  name,
				NetworkMode:             ecsv1.NetworkModeAwsvpc,
				RequiresCompatibilities: []ecsv1.Compatibility{ecsv1.CompatibilityEC2},
				ContainerDefinitions: []ecsv1.ContainerDefinition{{
					Name: "app", Image: image(), Essential: new(true), Cpu: new(int32(32)), Memory: new(int32(64)),
					PortMappings: []ecsv1.PortMapping{{ContainerPort: new(int32(containerPort))}},
					Environment:  []ecsv1.KeyValuePair{{Name: "VERSION", Value: "v1"}},
				}},
			}},
		},
		service: &ecsv1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
			Spec: ecsv1.ServiceSpec{
				Cluster: clusterName, TaskDefinition: name, DesiredCount: new(int32(3)), LaunchType: ecsv1.LaunchTypeEC2,
				LoadBalancers: []ecsv1.LoadBalancer{{TargetGroupArn: name, ContainerName: "app", ContainerPort: new(int32(containerPort))}},
				Kubernetes: &ecsv1.ServiceKubernetes{TargetGroups: []ecsv1.TargetGroup{{
					Name: name, Type: ecsv1.TargetGroupTypeNodePort, DeregistrationDelaySeconds: new(int32(3)),
					HealthCheck: &ecsv1.TargetGroupHealthCheck{Path: "/healthz", IntervalSeconds: new(int32(1))},
				}}},
			},
		},
	}
	for _, s := range settings {
		s(m)
	}
	return m
}

// create applies a task definition and a service of it, and waits until it runs.
func create(ctx context.Context, namespace, name string, settings ...setting) service {
	GinkgoHelper()
	m := manifests(namespace, name, settings...)
	Expect(kube.Create(ctx, m.taskDefinition)).To(Succeed())
	Expect(kube.Create(ctx, m.service)).To(Succeed())
	s := service{namespace, name}
	s.settles(ctx, *m.service.Spec.DesiredCount, "v1")
	return s
}

func (s service) key() client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace, Name: s.name}
}

func (s service) get(ctx context.Context, g Gomega) *ecsv1.Service {
	GinkgoHelper()
	out := &ecsv1.Service{}
	g.Expect(kube.Get(ctx, s.key(), out)).To(Succeed())
	return out
}

func (s service) selector() client.MatchingLabels {
	return client.MatchingLabels{ecsv1.LabelService: s.name}
}

// tasks are the service's pods, stopping ones too.
func (s service) tasks(ctx context.Context, g Gomega) []corev1.Pod {
	GinkgoHelper()
	list := &corev1.PodList{}
	g.Expect(kube.List(ctx, list, client.InNamespace(s.namespace), s.selector())).To(Succeed())
	return list.Items
}

func versionOf(pod *corev1.Pod) string {
	for _, e := range pod.Spec.Containers[0].Env {
		if e.Name == "VERSION" {
			return e.Value
		}
	}
	return ""
}

func names(pods []corev1.Pod) []string {
	var out []string
	for _, p := range pods {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

// endpoints counts the tasks that the target group sends traffic to.
func (s service) endpoints(ctx context.Context, g Gomega) int {
	GinkgoHelper()
	list := &discoveryv1.EndpointSliceList{}
	g.Expect(kube.List(ctx, list, client.InNamespace(s.namespace), client.MatchingLabels{discoveryv1.LabelServiceName: s.name})).To(Succeed())
	ready := 0
	for _, slice := range list.Items {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready {
				ready++
			}
		}
	}
	return ready
}

// settles waits until the service runs n tasks of a version, none other is left, and its status says so.
func (s service) settles(ctx context.Context, n int32, version string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) { s.settled(ctx, g, n, version) }).Should(Succeed())
}

func (s service) settled(ctx context.Context, g Gomega, n int32, version string) {
	GinkgoHelper()
	svc := s.get(ctx, g)
	status := svc.Status
	g.Expect(status.ObservedGeneration).To(HaveValue(Equal(svc.Generation)))
	g.Expect(svc).To(beReady())
	counts := fmt.Sprintf("desired %d, running %d, pending %d", status.DesiredCount, status.RunningCount, status.PendingCount)
	g.Expect(counts).To(Equal(fmt.Sprintf("desired %d, running %d, pending 0", n, n)))
	g.Expect(status.Deployments).To(HaveLen(1))
	g.Expect(status.Deployments[0].RolloutState).To(Equal(ecsv1.DeploymentRolloutStateCompleted))
	tasks := s.tasks(ctx, g)
	g.Expect(tasks).To(HaveLen(int(n)), "tasks: %v", names(tasks))
	for i := range tasks {
		g.Expect(tasks[i].DeletionTimestamp).To(BeNil(), "%s is stopping", tasks[i].Name)
		g.Expect(versionOf(&tasks[i])).To(Equal(version))
	}
	if len(svc.Spec.LoadBalancers) > 0 {
		g.Expect(s.endpoints(ctx, g)).To(BeEquivalentTo(n), "tasks that take traffic")
	}
}

// ship makes a new revision of the task definition, which the service follows.
func (s service) ship(ctx context.Context, version string) {
	GinkgoHelper()
	s.change(ctx, func(c *ecsv1.ContainerDefinition) { c.Environment[0].Value = version })
}

// change edits the container of the task definition.
func (s service) change(ctx context.Context, edit func(*ecsv1.ContainerDefinition)) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		td := &ecsv1.TaskDefinition{}
		g.Expect(kube.Get(ctx, s.key(), td)).To(Succeed())
		before := td.DeepCopy()
		edit(&td.Spec.ContainerDefinitions[0])
		g.Expect(kube.Patch(ctx, td, client.MergeFrom(before))).To(Succeed())
	}).Should(Succeed())
}

// edit changes the Service's manifest.
func (s service) edit(ctx context.Context, edit func(*ecsv1.ServiceSpec)) {
	GinkgoHelper()
	svc := s.get(ctx, Default)
	before := svc.DeepCopy()
	edit(&svc.Spec)
	Expect(kube.Patch(ctx, svc, client.MergeFrom(before))).To(Succeed())
}

// rollingOut waits until tasks of two revisions are there.
func (s service) rollingOut(ctx context.Context) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		revisions := map[string]bool{}
		for _, p := range s.tasks(ctx, g) {
			revisions[p.Labels[ecsv1.LabelServiceRevision]] = true
		}
		g.Expect(len(revisions)).To(BeNumerically(">", 1), "no task of a new revision yet")
	}).WithPolling(pollFast).Should(Succeed())
}

// events are those of the service, as "reason: text".
func (s service) events(ctx context.Context, g Gomega) []string {
	GinkgoHelper()
	list := &eventsv1.EventList{}
	g.Expect(kube.List(ctx, list, client.InNamespace(s.namespace))).To(Succeed())
	var out []string
	for _, e := range list.Items {
		if e.Regarding.Kind == "Service" && e.Regarding.Name == s.name && strings.HasPrefix(e.Regarding.APIVersion, ecsv1.GroupVersion.Group) {
			out = append(out, e.Reason+": "+e.Note)
		}
	}
	return out
}

// revisions are the service's revisions by ordinal.
func (s service) revisions(ctx context.Context, g Gomega) []ecsv1.ServiceRevision {
	GinkgoHelper()
	out := &ecsv1.ServiceRevisionList{}
	s.list(ctx, g, out)
	slices.SortFunc(out.Items, func(a, b ecsv1.ServiceRevision) int { return cmp.Compare(a.Spec.Revision, b.Spec.Revision) })
	return out.Items
}

// list fills in what carries the service's label.
func (s service) list(ctx context.Context, g Gomega, into client.ObjectList) {
	GinkgoHelper()
	g.Expect(kube.List(ctx, into, client.InNamespace(s.namespace), s.selector())).To(Succeed())
}

// deployed waits until the newest deployment has succeeded with a version and nothing of an earlier one is left.
func (s service) deployed(ctx context.Context, n int, version string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		svc := s.get(ctx, g)
		g.Expect(svc.Status.ObservedGeneration).To(HaveValue(Equal(svc.Generation)))
		g.Expect(svc).To(beReady())
		tasks := s.tasks(ctx, g)
		g.Expect(tasks).To(HaveLen(n), "tasks: %v", names(tasks))
		for i := range tasks {
			g.Expect(versionOf(&tasks[i])).To(Equal(version))
		}
	}).WithTimeout(3 * time.Minute).Should(Succeed())
}

// deployment is a service deployment of the service.
func (s service) deployment(ctx context.Context, g Gomega, name string) *ecsv1.ServiceDeployment {
	GinkgoHelper()
	out := &ecsv1.ServiceDeployment{}
	g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: name}, out)).To(Succeed())
	return out
}
