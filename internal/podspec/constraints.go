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

// Member is the expression of a memberOf constraint, with the field that it stands in.
type Member struct {
	Path string
	Expr query.Expr
}

// Members are the memberOf constraints of a service or task, and then those of its task definition. One that can't be read is left to
// validation.
func Members(own []ecsv1.PlacementConstraint, td *ecsv1.TaskDefinitionFields) []Member {
	var out []Member
	add := func(path, expression string) {
		if e, err := query.Parse(expression); err == nil {
			out = append(out, Member{path, e})
		}
	}
	for i, c := range own {
		if c.Type == ecsv1.PlacementConstraintTypeMemberOf {
			add(fmt.Sprintf("placementConstraints[%d].expression", i), c.Expression)
		}
	}
	for i, c := range td.PlacementConstraints {
		add(fmt.Sprintf("placementConstraints[%d].expression of the task definition", i), c.Expression)
	}
	return out
}

// Affinity is constraints as node affinity.
type Affinity struct {
	// Terms are alternatives, one of which has to hold; nil asks for nothing.
	Terms []corev1.NodeSelectorTerm
	// Rest is what no node label says.
	Rest []Rest
}

// Rest is a part of a constraint that node affinity can't say.
type Rest struct {
	Path string
	query.Rest
}

// AffinityOf makes node affinity of all that node labels say exactly.
func AffinityOf(members []Member) Affinity {
	var out Affinity
	alternatives := 1
	for _, m := range members {
		terms, rest := query.Compile(m.Expr, capacity.NodeLabel)
		if more := alternatives * max(len(terms), 1); more > maxAffinityTerms {
			terms, rest = nil, []query.Rest{{Expr: m.Expr, Why: fmt.Sprintf("all constraints together come to more than %d alternatives; join fewer conditions by ||", maxAffinityTerms)}}
		} else {
			alternatives = more
		}
		out.Terms = both(out.Terms, terms)
		for _, r := range rest {
			out.Rest = append(out.Rest, Rest{m.Path, r})
		}
	}
	return out
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

// NoNode is what no node meets: an affinity has no other way to say so.
func NoNode() []corev1.NodeSelectorRequirement {
	return []corev1.NodeSelectorRequirement{
		{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpExists},
		{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpDoesNotExist},
	}
}

// maxShown keeps a sentence about an expression within what a status takes.
const maxShown = 200

// Shown is an expression for people, cut where it is long.
func Shown(e query.Expr) string {
	return Cut(e.String(), maxShown)
}

// Cut shortens a text to about so many bytes.
func Cut(text string, to int) string {
	if len(text) > to {
		text = strings.ToValidUTF8(text[:to], "") + "..."
	}
	return text
}
