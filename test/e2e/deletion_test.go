// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("Deletion", func() {
	It("of a service drains it and leaves nothing behind; of its task definition, the numbers given alone", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		web := create(ctx, ns, "web")
		web.ship(ctx, "v2")
		web.settles(ctx, 3, "v2")

		By("deleting the task definition: its revisions stay while the service runs")
		Expect(kube.Delete(ctx, manifests(ns, "web").taskDefinition)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			revision := &ecsv1.TaskDefinitionRevision{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: ns, Name: "web-2"}, revision)).To(Succeed())
			g.Expect(revision.Status.Status).To(Equal(ecsv1.TaskDefinitionStateDeleteInProgress))
		}).Should(Succeed())
		web.settles(ctx, 3, "v2")

		By("deleting the service")
		traffic := send(ctx, load.Options{URL: web.url(ctx)})
		Expect(kube.Delete(ctx, manifests(ns, "web").service)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			status := web.get(ctx, g).Status
			g.Expect(status.Status).To(Equal(ecsv1.ServiceStateDraining))
			g.Expect(status.DesiredCount).To(BeZero())
		}).WithPolling(pollFast).Should(Succeed())
		Eventually(ctx, func(g Gomega) {
			g.Expect(kube.Get(ctx, web.key(), &ecsv1.Service{})).To(beNotFound())
			g.Expect(leftovers(ctx, g, ns)).To(BeEmpty())
		}).Should(Succeed())
		AddReportEntry("requests to a service on its way out, which fail once its last task has left", traffic.Stop().String())

		By("keeping the counter of the family, so that no number is ever given twice")
		counters := &appsv1.ControllerRevisionList{}
		Expect(kube.List(ctx, counters, client.InNamespace(ns))).To(Succeed())
		Expect(counters.Items).To(HaveLen(1))
		again := create(ctx, ns, "web")
		Expect(again.get(ctx, Default).Status.TaskDefinition).To(HaveSuffix("web:3"))
	}, SpecTimeout(3*time.Minute))

	It("of a cluster is refused, with ECS's reason, while anything is in it; then nodes are free again", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		onlyNamespace(ctx, ns)
		web := create(ctx, ns, "web", desired(1))
		refusedBy := func(reason string) {
			GinkgoHelper()
			Eventually(ctx, func(g Gomega) {
				cluster := &ecsv1.Cluster{}
				g.Expect(kube.Get(ctx, client.ObjectKey{Name: clusterName}, cluster)).To(Succeed())
				g.Expect(condition(cluster.Status.Conditions, ecsv1.ConditionStalled).Reason).To(Equal(reason))
				g.Expect(condition(cluster.Status.Conditions, ecsv1.ConditionStalled).Message).To(ContainSubstring("The Cluster cannot be deleted while"))
			}).Should(Succeed())
		}

		Expect(kube.Delete(ctx, sharedCluster())).To(Succeed())
		refusedBy(ecsv1.ReasonClusterContainsServices)
		Expect(web.tasks(ctx, Default)).To(HaveLen(1), "a refused deletion touches no task")
		Expect(kube.Delete(ctx, manifests(ns, "web").service)).To(Succeed())
		refusedBy(ecsv1.ReasonClusterContainsContainerInstances)
		Expect(kube.DeleteAllOf(ctx, &ecsv1.ContainerInstance{}, client.MatchingLabels{ecsv1.LabelCluster: clusterName})).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			g.Expect(kube.Get(ctx, client.ObjectKey{Name: clusterName}, &ecsv1.Cluster{})).To(beNotFound())
			g.Expect(nodes(ctx)).To(HaveEach(HaveField("Labels", Not(HaveKey(ecsv1.LabelCluster)))))
		}).Should(Succeed())
	}, SpecTimeout(3*time.Minute))
})

// leftovers names everything in a namespace that a service, its tasks or its task definition had.
func leftovers(ctx context.Context, g Gomega, namespace string) []string {
	GinkgoHelper()
	var out []string
	for kind, list := range map[string]client.ObjectList{
		"Pod": &corev1.PodList{}, "ReplicaSet": &appsv1.ReplicaSetList{}, "Deployment": &appsv1.DeploymentList{},
		"Service": &corev1.ServiceList{}, "EndpointSlice": &discoveryv1.EndpointSliceList{},
		"ServiceRevision": &ecsv1.ServiceRevisionList{}, "ServiceDeployment": &ecsv1.ServiceDeploymentList{},
		"TaskDefinition": &ecsv1.TaskDefinitionList{}, "TaskDefinitionRevision": &ecsv1.TaskDefinitionRevisionList{},
	} {
		g.Expect(kube.List(ctx, list, client.InNamespace(namespace))).To(Succeed())
		items, err := meta.ExtractList(list)
		g.Expect(err).NotTo(HaveOccurred())
		for _, item := range items {
			object, err := meta.Accessor(item)
			g.Expect(err).NotTo(HaveOccurred())
			out = append(out, kind+" "+object.GetName())
		}
	}
	return out
}
