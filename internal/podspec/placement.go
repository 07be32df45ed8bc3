// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// Placement is what a task's pod says about the instances that it may run on, beside its cluster's label. It is a small part of the template,
// and the only one that may change without a deployment.
type Placement struct {
	// Gate: the operator chooses the instance, and the scheduler doesn't look at the pod before.
	Gate bool `json:"gate,omitempty"`
	// Terms are alternatives, one of which the node has to meet; nil for any node.
	Terms []corev1.NodeSelectorTerm `json:"terms,omitempty"`
	// Provider is the capacity provider that the task is placed through, "" for none or for one that the operator chooses later.
	Provider    string              `json:"provider,omitempty"`
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
	// Spread over zones, and over instances within them, as far as possible.
	Spread bool `json:"spread,omitempty"`
	// Distinct: no two tasks of the service that are to run are on one instance.
	Distinct bool `json:"distinct,omitempty"`
}

// Through narrows the terms to nodes that meet the requirements too.
func Through(terms []corev1.NodeSelectorTerm, all []corev1.NodeSelectorRequirement) []corev1.NodeSelectorTerm {
	if len(all) == 0 {
		return terms
	}
	return both(terms, []corev1.NodeSelectorTerm{{MatchExpressions: all}})
}

// mapPlacement keeps the task on its cluster's nodes, and on those among them that its placement leaves. A translation without a placement, which
// is one of a task definition alone, says what the task definition's constraints and ECS's default come to.
func mapPlacement(t *translation, out *corev1.PodTemplateSpec) {
	out.Spec.NodeSelector = maps.Clone(t.in.Cluster.NodeSelector)
	if t.in.Task != nil && t.in.Task.Node != "" {
		out.Spec.Affinity = onNode(t.in.Task.Node)
		return // as by StartTask, past placement
	}
	p := t.in.Placement
	if p == nil {
		p = &Placement{Terms: AffinityOf(Members(nil, &t.in.TaskDefinition)).Terms, Spread: true}
	}
	var selector map[string]string
	if t.in.Service != nil {
		selector = t.in.Service.Selector
	}
	p.Set(out, selector)
}

// Set writes the placement into a template of which it replaces that of before, and nothing else. selector finds the tasks of all revisions of
// the service; none for a task by itself.
func (p *Placement) Set(out *corev1.PodTemplateSpec, selector map[string]string) {
	s := &out.Spec
	s.SchedulingGates, s.TopologySpreadConstraints, s.Tolerations, s.Affinity = nil, nil, slices.Clone(p.Tolerations), nil
	if p.Gate {
		s.SchedulingGates = []corev1.PodSchedulingGate{{Name: ecsv1.GatePlacement}}
	}
	if p.Terms != nil {
		s.Affinity = required(p.Terms)
	}
	delete(out.Labels, ecsv1.LabelCapacityProvider)
	if p.Provider != "" {
		if out.Labels == nil {
			out.Labels = map[string]string{}
		}
		out.Labels[ecsv1.LabelCapacityProvider] = names.LabelValue(p.Provider)
	}
	if len(selector) == 0 {
		return
	}
	if p.Distinct {
		s.TopologySpreadConstraints = append(s.TopologySpreadConstraints, distinct(selector))
	}
	if p.Spread {
		s.TopologySpreadConstraints = append(s.TopologySpreadConstraints, evenly(corev1.LabelTopologyZone, selector), evenly(corev1.LabelHostname, selector))
	}
}

// evenly spreads as far as possible, never at the price of not running. It counts the tasks of all revisions (DG/task-placement).
func evenly(key string, selector map[string]string) corev1.TopologySpreadConstraint {
	return corev1.TopologySpreadConstraint{
		MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: corev1.ScheduleAnyway,
		LabelSelector: &metav1.LabelSelector{MatchLabels: maps.Clone(selector)},
	}
}

// moreNodesThanEver is a number of host names that no cluster has.
const moreNodesThanEver = 1 << 20

// distinct lets a node have one task of the service at most. With fewer nodes than minDomains the least count is 0, so that maxSkew is the most
// that a node may have. Pods that are being deleted don't count: ECS goes by desired status too.
func distinct(selector map[string]string) corev1.TopologySpreadConstraint {
	minDomains := int32(moreNodesThanEver)
	return corev1.TopologySpreadConstraint{
		MaxSkew: 1, MinDomains: &minDomains, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.DoNotSchedule,
		LabelSelector: &metav1.LabelSelector{MatchLabels: maps.Clone(selector)},
	}
}

func required(terms []corev1.NodeSelectorTerm) *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms}}}
}

// onNode leaves the scheduler one node, and the say whether the task fits on it.
func onNode(name string) *corev1.Affinity {
	return required([]corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{
		Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{name},
	}}}})
}
