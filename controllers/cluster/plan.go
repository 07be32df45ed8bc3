// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// plan is what to change.
type plan struct {
	// register are the nodes to make container instances of, or whose label is to be set.
	register []string
	// deregister are the instances to delete: their node is gone or isn't chosen any more.
	deregister []ecsv1.ContainerInstance
	// unlabel are nodes that carry this cluster's label and are none of its instances.
	unlabel []string
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
	if seen.cluster.DeletionTimestamp != nil {
		return leave(seen)
	}
	if other := seen.namesake(); other != "" {
		return plan{invalid: &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: fmt.Sprintf(
			"spec.clusterName: Cluster %s is named %s already; choose another name", other, service.ClusterName(seen.cluster))}}
	}
	chosen, conflicts, err := choose(seen)
	if err != nil {
		return plan{invalid: &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: "spec.kubernetes.nodeSelector: " + err.Error() +
			"; operators are In and NotIn with values, Exists and DoesNotExist without"}}
	}
	p := plan{conflicts: conflicts}
	registered, draining := map[string]bool{}, map[string]bool{}
	for _, i := range seen.own() {
		if !chosen[i.Spec.NodeName] {
			p.deregister = append(p.deregister, i)
			continue
		}
		registered[i.Spec.NodeName] = i.DeletionTimestamp == nil
		draining[i.Spec.NodeName] = i.Spec.Status == ecsv1.ContainerInstanceDesiredStatusDraining
	}
	for _, n := range seen.nodes {
		p.node(n.Name, n.Labels[ecsv1.LabelCluster] == seen.label(), chosen[n.Name], registered[n.Name], draining[n.Name])
	}
	return p
}

// node plans one node. Tasks are placed by the label, so a DRAINING instance, which keeps its registration, goes without.
func (p *plan) node(name string, labelled, chosen, registered, draining bool) {
	wantsLabel := chosen && (!draining || !registered)
	switch {
	case wantsLabel && (!labelled || !registered):
		p.register = append(p.register, name)
	case !wantsLabel && labelled:
		p.unlabel = append(p.unlabel, name)
	}
}

// leave plans the end of a cluster. Nothing is registered any more; instances that someone deregistered lose their label.
func leave(seen observed) plan {
	var p plan
	own := seen.own()
	kept := map[string]bool{}
	for _, i := range own {
		kept[i.Spec.NodeName] = true
	}
	for _, n := range seen.nodes {
		if n.Labels[ecsv1.LabelCluster] == seen.label() && !kept[n.Name] {
			p.unlabel = append(p.unlabel, n.Name)
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

// choose tells which nodes are this cluster's. A node that two clusters choose belongs to the one that has it already, else to
// the older one; both are told.
func choose(seen observed) (map[string]bool, []string, error) {
	selectors := make(map[string]labels.Selector, len(seen.clusters))
	for i := range seen.clusters {
		c := &seen.clusters[i]
		selector, err := nodeSelector(c)
		if err != nil && c.Name == seen.cluster.Name {
			return nil, nil, err
		}
		if err == nil && c.DeletionTimestamp == nil {
			selectors[c.Name] = selector
		}
	}
	chosen := map[string]bool{}
	var conflicts []string
	for _, n := range seen.nodes {
		if mine := selectors[seen.cluster.Name]; mine == nil || !mine.Matches(labels.Set(n.Labels)) {
			continue
		}
		winner, others := contest(seen, n, selectors)
		chosen[n.Name] = winner == seen.cluster.Name
		if len(others) > 0 {
			conflicts = append(conflicts, conflict(n.Name, winner, seen.cluster.Name, others))
		}
	}
	return chosen, conflicts, nil
}

// contest finds the cluster that gets the node, and the other clusters that choose it.
func contest(seen observed, node corev1.Node, selectors map[string]labels.Selector) (string, []string) {
	winner, holder := "", seen.holder(node.Name)
	var wanting []string
	for i := range seen.clusters {
		name := seen.clusters[i].Name
		selector := selectors[name]
		if selector == nil || !selector.Matches(labels.Set(node.Labels)) {
			continue
		}
		wanting = append(wanting, name)
		if winner == "" || holder == service.ClusterName(&seen.clusters[i]) {
			winner = name
		}
	}
	var others []string
	for _, name := range wanting {
		if name != seen.cluster.Name {
			others = append(others, name)
		}
	}
	return winner, others
}

func conflict(node, winner, self string, others []string) string {
	if winner == self {
		return fmt.Sprintf("Node %s is chosen by Cluster %s too, and stays here", node, strings.Join(others, ", "))
	}
	return fmt.Sprintf("Node %s belongs to Cluster %s", node, winner)
}

// nodeSelector chooses no node when unset, and every node when it is empty.
func nodeSelector(c *ecsv1.Cluster) (labels.Selector, error) {
	if c.Spec.Kubernetes == nil {
		return labels.Nothing(), nil
	}
	return metav1.LabelSelectorAsSelector(c.Spec.Kubernetes.NodeSelector)
}

// label is the value of the cluster's label on its nodes and tasks.
func label(c *ecsv1.Cluster) string { return names.LabelValue(service.ClusterName(c)) }
