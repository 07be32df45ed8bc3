// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/daemons"
)

// patience is how long a new instance waits for its daemons, from its registration, before it takes other tasks without them.
const patience = 30 * time.Second

// labelling is all labels that a node is to have of ours.
type labelling struct {
	node string
	set  map[string]string
}

// instance plans the labels of a node that is an instance of this cluster, or is about to be one. A new one gets those of its daemons first, and the
// cluster's, by which other tasks are placed, once the daemons run; so daemons start before others. One that has the cluster's label is through
// with that.
func (p *plan) instance(seen observed, node *corev1.Node, instance *ecsv1.ContainerInstance) {
	state, _ := capacity.State(node, instance, seen.providers)
	var tasks daemons.Tasks
	if seen.tasksMatter(node, state) {
		tasks = daemons.TasksOf(seen.podsOn(node.Name), seen.now)
	}
	set := map[string]string{}
	waiting := false
	if len(seen.daemons) > 0 {
		for _, key := range daemons.Labels(daemons.Instance{
			State: state, Facts: capacity.Query(node, instance), Providers: capacity.ProvidersOf(node, seen.providers), Tasks: tasks, Has: node.Labels,
		}, seen.daemons) {
			set[key] = ""
			waiting = waiting || !tasks.Running[key]
		}
	}
	switch state {
	case ecsv1.ContainerInstanceStateActive:
		set[ecsv1.LabelCluster] = seen.label()
	case ecsv1.ContainerInstanceStateRegistering:
		left := patience
		if at := instance.Status.RegisteredAt; at != nil {
			left -= seen.now.Sub(at.Time)
		}
		if !waiting || left <= 0 {
			set[ecsv1.LabelCluster] = seen.label()
			break
		}
		p.waiting++
		if p.again == 0 || left < p.again {
			p.again = left
		}
	case ecsv1.ContainerInstanceStateDraining, ecsv1.ContainerInstanceStateDeregistering, ecsv1.ContainerInstanceStateRegistrationFailed, ecsv1.ContainerInstanceStateInactive:
	}
	p.labels(node, set)
}

// labels plans that the node has these of ours and no others. Nothing is written where that is so.
func (p *plan) labels(node *corev1.Node, set map[string]string) {
	if !maps.Equal(ours(node.Labels), set) {
		p.label = append(p.label, labelling{node: node.Name, set: set})
	}
}

// ours are the labels that this controller writes on nodes.
func ours(all map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range all {
		if isOurs(key) {
			out[key] = value
		}
	}
	return out
}

func isOurs(key string) bool {
	return key == ecsv1.LabelCluster || strings.HasPrefix(key, ecsv1.LabelDaemonPrefix)
}

// tasksMatter reports whether it depends on the instance's tasks which labels it gets.
func (o observed) tasksMatter(node *corev1.Node, state ecsv1.ContainerInstanceState) bool {
	switch state {
	case ecsv1.ContainerInstanceStateRegistering:
		return len(o.daemons) > 0
	case ecsv1.ContainerInstanceStateDraining, ecsv1.ContainerInstanceStateDeregistering:
		return hasDaemonLabel(node)
	case ecsv1.ContainerInstanceStateActive, ecsv1.ContainerInstanceStateRegistrationFailed, ecsv1.ContainerInstanceStateInactive:
	}
	return daemons.AskAboutTasks(o.daemons)
}

func hasDaemonLabel(node *corev1.Node) bool {
	for key := range node.Labels {
		if strings.HasPrefix(key, ecsv1.LabelDaemonPrefix) {
			return true
		}
	}
	return false
}

// strays reports whether a node that no cluster has or chooses has labels of daemons left, which the oldest cluster takes off.
func (o observed) strays(node *corev1.Node) bool {
	if o.clusters[0].Name != o.cluster.Name || !hasDaemonLabel(node) || o.holder(node.Name) != "" {
		return false
	}
	for i := range o.clusters {
		c := &o.clusters[i]
		if selector, err := nodeSelector(c); err == nil && c.DeletionTimestamp == nil && selector.Matches(labels.Set(node.Labels)) {
			return false
		}
	}
	return true
}
