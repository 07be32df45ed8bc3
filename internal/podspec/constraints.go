// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// maxAffinityTerms bounds the alternatives that all constraints of a task come to together.
const maxAffinityTerms = 64

// constraint is one placement constraint, taken apart.
type constraint struct {
	path  string
	terms []corev1.NodeSelectorTerm
	// rest is what no node label says.
	rest []query.Rest
	// whole: nothing but the rest.
	whole bool
}

// constraints takes the placement constraints apart. One that can't be read is left to [taskdef.Validate].
func constraints(td *ecsv1.TaskDefinitionFields) []constraint {
	var out []constraint
	alternatives := 1
	for i, p := range td.PlacementConstraints {
		e, err := query.Parse(p.Expression)
		if err != nil {
			continue
		}
		c := constraint{path: fmt.Sprintf("placementConstraints[%d].expression", i)}
		c.terms, c.rest = query.Compile(e, capacity.NodeLabel)
		if alternatives *= max(len(c.terms), 1); alternatives > maxAffinityTerms {
			alternatives /= len(c.terms)
			c.terms = nil
			c.rest = []query.Rest{{Expr: e, Why: fmt.Sprintf("all constraints together come to more than %d alternatives; join fewer conditions by ||", maxAffinityTerms)}}
		}
		c.whole = c.terms == nil && len(c.rest) > 0
		out = append(out, c)
	}
	return out
}

// mapPlacementConstraints makes required node affinity of all that node labels say exactly. What they can't say chooses no node until placement
// by instances comes; a warning names it.
func mapPlacementConstraints(t *translation, out *corev1.PodTemplateSpec) {
	var terms []corev1.NodeSelectorTerm
	for _, c := range constraints(&t.in.TaskDefinition) {
		terms = both(terms, c.terms)
		verdict := Approximated
		if c.whole {
			verdict = NoEffect
		}
		for _, r := range c.rest {
			t.warn(c.path, verdict, "%s waits for placement by instances and keeps no task away so far: %s", r.Expr, r.Why)
		}
	}
	if terms == nil {
		return
	}
	if out.Spec.Affinity == nil {
		out.Spec.Affinity = &corev1.Affinity{}
	}
	out.Spec.Affinity.NodeAffinity = &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms}}
}

// both holds where one of a and one of b hold; nil always holds.
func both(a, b []corev1.NodeSelectorTerm) []corev1.NodeSelectorTerm {
	if a == nil || b == nil {
		return slices.Concat(a, b)
	}
	var out []corev1.NodeSelectorTerm
	for _, x := range a {
		for _, y := range b {
			out = append(out, corev1.NodeSelectorTerm{MatchExpressions: slices.Concat(x.MatchExpressions, y.MatchExpressions)})
		}
	}
	return out
}

// maxShownPart keeps a path with a part of an expression within what status.unmappedFields takes.
const maxShownPart = 200

// idleConstraints names the expressions, or the parts of them, that choose no node so far.
func idleConstraints(td *ecsv1.TaskDefinitionFields) []string {
	var out []string
	for _, c := range constraints(td) {
		if c.whole {
			out = append(out, c.path)
			continue
		}
		for _, r := range c.rest {
			part := r.Expr.String()
			if len(part) > maxShownPart {
				part = strings.ToValidUTF8(part[:maxShownPart], "") + "..."
			}
			out = append(out, c.path+" ("+part+")")
		}
	}
	return out
}
