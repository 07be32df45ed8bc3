// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// plan is what to change.
type plan struct {
	// label are the nodes whose labels are to be others.
	label []labelling
	// register are the nodes to make container instances of.
	register []string
	// deregister are the instances to delete: their node is gone or isn't chosen any more.
	deregister []ecsv1.ContainerInstance
	// waiting counts the instances that wait for their daemons before they take other tasks.
	waiting int32
	// again is when to look again; zero for when something changes.
	again time.Duration
	// conflicts say of each node that another cluster has or wants too, what happens with it.
	conflicts []string
	// invalid says what is wrong with the cluster's selector.
	invalid *conditions.Reason
	// refused says why a cluster that is to be deleted stays.
	refused *conditions.Reason
	// release lets a deleted cluster go.
	release bool
}

func next(seen observed) plan {
	other := seen.namesake()
	switch {
	case other != "" && seen.cluster.DeletionTimestamp != nil:
		return plan{release: true} // the services, tasks and instances of that name are the other's
	case seen.cluster.DeletionTimestamp != nil:
		return leave(seen)
	case other != "":
		return plan{invalid: &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: fmt.Sprintf(
			"spec.clusterName: Cluster %s is named %s already; delete Cluster %s, and make one with another name",
			other, service.ClusterName(seen.cluster), seen.cluster.Name)}}
	}
	chosen, conflicts, err := choose(seen)
	if err != nil {
		return plan{invalid: &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: "spec.kubernetes.nodeSelector: " + err.Error() +
			"; operators are In and NotIn with values, Exists and DoesNotExist without"}}
	}
	p := plan{conflicts: conflicts}
	registered := map[string]*ecsv1.ContainerInstance{}
	for _, i := range seen.own() {
		registered[i.Spec.NodeName] = &i
		if !chosen[i.Spec.NodeName] && i.DeletionTimestamp == nil {
			p.deregister = append(p.deregister, i)
		}
	}
	for i := range seen.nodes {
		n := &seen.nodes[i]
		instance := registered[n.Name]
		switch {
		case instance == nil && chosen[n.Name]:
			p.enlist(seen, n)
		case instance != nil:
			p.keep(seen, n, instance, chosen[n.Name])
		case n.Labels[ecsv1.LabelCluster] == seen.label() || seen.strays(n):
			p.labels(n, nil)
		}
	}
	return p
}

// enlist plans the registration of a node, unless another cluster has yet to let it go: its tasks there come to their end first.
func (p *plan) enlist(seen observed, node *corev1.Node) {
	if holder := seen.holder(node.Name); holder != "" {
		p.conflicts = append(p.conflicts, fmt.Sprintf("Node %s is a container instance of cluster %s still, which is deregistering it", node.Name, holder))
		return
	}
	p.register = append(p.register, node.Name)
	p.instance(seen, node, &ecsv1.ContainerInstance{
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, CreationTimestamp: metav1.NewTime(seen.now)},
		Spec:       ecsv1.ContainerInstanceSpec{Cluster: service.ClusterName(seen.cluster), NodeName: node.Name},
	})
}

// keep plans the labels of an instance that there is. One that somebody wrote before the node was there gets its label and owner; one that
// isn't chosen any more is as good as deleted.
func (p *plan) keep(seen observed, node *corev1.Node, instance *ecsv1.ContainerInstance, chosen bool) {
	switch {
	case instance.DeletionTimestamp != nil:
	case !chosen:
		instance.DeletionTimestamp = new(metav1.NewTime(seen.now))
	case instance.Labels[ecsv1.LabelCluster] != seen.label():
		p.register = append(p.register, node.Name)
	}
	p.instance(seen, node, instance)
}

// leave plans the end of a cluster. Nothing is registered any more; instances that someone deregistered lose their label.
func leave(seen observed) plan {
	var p plan
	own := seen.own()
	kept := map[string]*ecsv1.ContainerInstance{}
	for i := range own {
		kept[own[i].Spec.NodeName] = &own[i]
	}
	for i := range seen.nodes {
		n := &seen.nodes[i]
		switch instance := kept[n.Name]; {
		case instance != nil:
			p.instance(seen, n, instance)
		case n.Labels[ecsv1.LabelCluster] == seen.label() || seen.strays(n):
			p.labels(n, nil)
		}
	}
	tasks := seen.active()
	switch {
	case len(seen.services) > 0:
		p.refused = &conditions.Reason{Reason: ecsv1.ReasonClusterContainsServices, Message: fmt.Sprintf(
			"ClusterContainsServicesException: The Cluster cannot be deleted while Services are active. Delete %s first", listServices(seen.services))}
	case tasks > 0:
		p.refused = &conditions.Reason{Reason: ecsv1.ReasonClusterContainsTasks, Message: fmt.Sprintf(
			"ClusterContainsTasksException: The Cluster cannot be deleted while Tasks are active. Stop the %d tasks first", tasks)}
	case len(own) > 0:
		p.refused = &conditions.Reason{Reason: ecsv1.ReasonClusterContainsContainerInstances, Message: fmt.Sprintf(
			"ClusterContainsContainerInstancesException: The Cluster cannot be deleted while Container Instances are active or draining. "+
				"Deregister the %d first: kubectl delete containerinstances -l %s=%s", len(own), ecsv1.LabelCluster, seen.label())}
	default:
		p.release = true
	}
	return p
}

func listServices(services []ecsv1.Service) string {
	const most = 5
	var out []string
	for i, s := range services {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more", len(services)-most))
			break
		}
		out = append(out, s.Namespace+"/"+s.Name)
	}
	return strings.Join(out, ", ")
}
