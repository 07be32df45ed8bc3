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
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

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
