// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Label is the node label that an attribute is read from.
type Label struct {
	Key string
	// Of turns a value of the attribute into those of the label that mean it, none where no node has that value. ok is false for a value that
	// the label can't tell.
	Of func(value string) (labels []string, ok bool)
	// Only are the values of the label with which a node has the attribute at all; nil for any.
	Only []string
}

// Labels finds the label of an attribute; ok is false for an attribute that no label has.
type Labels func(attribute string) (label Label, ok bool)

// maxTerms bounds how many alternatives an expression may come to.
const maxTerms = 64

// Rest is a part of an expression that node affinity can't say.
type Rest struct {
	Expr Expr
	// Why in a few words: the subject or operator that no node label tells.
	Why string
}

// Compile makes node affinity of an expression. Terms are alternatives, each of which all must hold in, as in a NodeSelector; nil is no
// condition. Of conditions joined by && each is taken by itself: those that a label can't say exactly are the rest, and what is made is
// then necessary, not sufficient.
func Compile(e Expr, labels Labels) ([]corev1.NodeSelectorTerm, []Rest) {
	c := compiler{labels}
	var rest []Rest
	made := always
	for _, part := range Conjuncts(e) {
		alternatives, why := c.compile(part, false)
		if why == "" && len(made)*len(alternatives) > maxTerms {
			why = fmt.Sprintf("it comes to more than %d alternatives", maxTerms)
		}
		if why != "" {
			rest = append(rest, Rest{part, why})
			continue
		}
		made = product(made, alternatives)
	}
	if len(made) == 1 && len(made[0]) == 0 {
		return nil, rest
	}
	if len(made) == 0 {
		made = never
	}
	var out []corev1.NodeSelectorTerm
	for _, all := range made {
		out = append(out, corev1.NodeSelectorTerm{MatchExpressions: all})
	}
	return out, rest
}

// never holds on no node: an affinity has no other way to say so.
var never = [][]corev1.NodeSelectorRequirement{{
	{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpExists},
	{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpDoesNotExist},
}}

// Conjuncts are the parts that must all hold. not(a || b) is not(a) && not(b).
func Conjuncts(e Expr) []Expr {
	var parts []Expr
	switch e := e.(type) {
	case And:
		parts = e
	case Not:
		switch inner := e.Expr.(type) {
		case Not:
			return Conjuncts(inner.Expr)
		case Or:
			for _, part := range inner {
				parts = append(parts, Not{part})
			}
		}
	}
	if parts == nil {
		return []Expr{e}
	}
	var out []Expr
	for _, part := range parts {
		out = append(out, Conjuncts(part)...)
	}
	return out
}

type compiler struct{ labels Labels }

// compile gives the alternatives in which e, or its opposite, holds. why is not empty where no affinity says it.
func (c compiler) compile(e Expr, opposite bool) (alternatives [][]corev1.NodeSelectorRequirement, why string) {
	switch e := e.(type) {
	case Not:
		return c.compile(e.Expr, !opposite)
	case And:
		return c.combine(e, opposite, !opposite)
	case Or:
		return c.combine(e, opposite, opposite)
	case Term:
		return c.term(e, opposite)
	}
	return nil, "it is of no known kind"
}

// combine: all of the parts, or one of them. The opposite of all is the opposite of one.
func (c compiler) combine(parts []Expr, opposite, all bool) ([][]corev1.NodeSelectorRequirement, string) {
	var out [][]corev1.NodeSelectorRequirement
	if all {
		out = append(out, nil)
	}
	for _, part := range parts {
		more, why := c.compile(part, opposite)
		if why != "" {
			return nil, why
		}
		if size := len(out) + len(more); size > maxTerms || all && len(out)*len(more) > maxTerms {
			return nil, fmt.Sprintf("it comes to more than %d alternatives", maxTerms)
		}
		if all {
			out = product(out, more)
			continue
		}
		out = append(out, more...)
	}
	if slices.ContainsFunc(out, func(one []corev1.NodeSelectorRequirement) bool { return len(one) == 0 }) {
		return always, "" // a term that asks for nothing would choose nothing, says the API of pods
	}
	return out, ""
}

func product(a, b [][]corev1.NodeSelectorRequirement) [][]corev1.NodeSelectorRequirement {
	var out [][]corev1.NodeSelectorRequirement
	for _, x := range a {
		for _, y := range b {
			out = append(out, slices.Concat(x, y))
		}
	}
	return out
}

// term: the values of the label for which it holds, or for which it doesn't; and whether it holds where the attribute is missing.
func (c compiler) term(t Term, opposite bool) ([][]corev1.NodeSelectorRequirement, string) {
	name, isAttribute := t.Subject.Attribute()
	if !isAttribute {
		return nil, string(t.Subject) + " changes while tasks run, and no node label has it"
	}
	label, known := c.labels(name)
	if !known {
		return nil, "no node label has the attribute " + name
	}
	var values []string
	in := t.Operator == Equals || t.Operator == In || t.Operator == Matches
	switch t.Operator {
	case Exists, NotExists:
		return c.presence(label, (t.Operator == Exists) != opposite), ""
	case Equals, NotEquals, In, NotIn:
		values = t.Values
	case Matches, NotMatches:
		if !t.pattern.finite {
			return nil, fmt.Sprintf("node affinity has no patterns, and %s isn't a short list", quoted(t.Values[0]))
		}
		values = t.pattern.literals
	case Greater, GreaterEqual, Less, LessEqual:
		return nil, "node affinity orders whole numbers only"
	}
	var chosen []string
	for _, v := range values {
		of, ok := label.Of(v)
		if !ok {
			return nil, fmt.Sprintf("no node label tells %s from others of its kind", quoted(v))
		}
		for _, l := range of {
			if len(validation.IsValidLabelValue(l)) == 0 { // no node has another
				chosen = append(chosen, l)
			}
		}
	}
	slices.Sort(chosen)
	return c.values(label, slices.Compact(chosen), in, opposite), ""
}

// always is the one alternative that asks for nothing.
var always = [][]corev1.NodeSelectorRequirement{{}}

// values: the label is one of these, or another one; the opposite of each includes nodes without the attribute. NotIn does too.
func (c compiler) values(label Label, chosen []string, in, opposite bool) [][]corev1.NodeSelectorRequirement {
	one := [][]corev1.NodeSelectorRequirement{{{Key: label.Key, Operator: corev1.NodeSelectorOpIn, Values: chosen}}}
	other := [][]corev1.NodeSelectorRequirement{{{Key: label.Key, Operator: corev1.NodeSelectorOpNotIn, Values: chosen}}}
	if len(chosen) == 0 {
		one, other = nil, always
	}
	switch {
	case in && !opposite:
		return one
	case in:
		return other
	case !opposite:
		return product(c.presence(label, true), other)
	}
	return slices.Concat(one, c.presence(label, false))
}

// presence: the node has the attribute, or hasn't.
func (c compiler) presence(label Label, there bool) [][]corev1.NodeSelectorRequirement {
	op := cmp.Or(map[bool]corev1.NodeSelectorOperator{true: corev1.NodeSelectorOpExists}[there], corev1.NodeSelectorOpDoesNotExist)
	if label.Only == nil {
		return [][]corev1.NodeSelectorRequirement{{{Key: label.Key, Operator: op}}}
	}
	op = cmp.Or(map[bool]corev1.NodeSelectorOperator{true: corev1.NodeSelectorOpIn}[there], corev1.NodeSelectorOpNotIn)
	return [][]corev1.NodeSelectorRequirement{{{Key: label.Key, Operator: op, Values: label.Only}}}
}
