// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import "github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"

// named is the condition of that name: whether it is true, or why that isn't known.
func (r *resolver) named(n *source.Node) (on bool, unknown string, err error) {
	if n.Kind != source.String {
		return false, "", r.fail(n, "expected the name of a condition, found %s", n.Describe())
	}
	condition := r.conditions.Find(n.Text)
	if condition == nil {
		return false, "", r.fail(n, "the template has no condition %s", n.Text)
	}
	key := "condition " + n.Text
	if r.visiting[key] {
		return false, "", r.fail(n, "the condition %s depends on itself", n.Text)
	}
	r.visiting[key] = true
	defer delete(r.visiting, key)
	return r.condition(condition)
}

// condition works out Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.
func (r *resolver) condition(n *source.Node) (on bool, unknown string, err error) {
	if r.work++; r.work > maxWork {
		return false, "", r.fail(n, "the template's conditions don't come to an end")
	}
	if n.Kind != source.Map || len(n.Fields) != 1 {
		return false, "", r.fail(n, "expected a condition such as Fn::Equals, found %s", n.Describe())
	}
	arg := n.Fields[0].Value
	switch name := n.Fields[0].Name; name {
	case "Condition":
		return r.named(arg)
	case "Fn::Equals":
		return r.equals(arg)
	case "Fn::Not":
		args, err := r.arguments(arg, name, 1, 1)
		if err != nil {
			return false, "", err
		}
		on, unknown, err := r.condition(args[0])
		return !on, unknown, err
	case "Fn::And":
		return r.each(arg, name, false)
	case "Fn::Or":
		return r.each(arg, name, true)
	default:
		return false, "", r.fail(n, "expected Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition, found %s", name)
	}
}

func (r *resolver) equals(arg *source.Node) (on bool, unknown string, err error) {
	args, err := r.arguments(arg, "Fn::Equals", 2, 2)
	if err != nil {
		return false, "", err
	}
	a, err := r.scalar(args[0], "Fn::Equals")
	if err != nil {
		return false, "", err
	}
	b, err := r.scalar(args[1], "Fn::Equals")
	if err != nil {
		return false, "", err
	}
	return a.Text == b.Text, because(a.Unresolved, b.Unresolved), nil
}

// each goes through the conditions of Fn::And and Fn::Or. One that is decisive decides, whatever isn't known of the others.
func (r *resolver) each(arg *source.Node, name string, decisive bool) (on bool, unknown string, err error) {
	args, err := r.arguments(arg, name, 1, 10)
	if err != nil {
		return false, "", err
	}
	for _, a := range args {
		on, why, err := r.condition(a)
		if err != nil {
			return false, "", err
		}
		if why == "" && on == decisive {
			return decisive, "", nil
		}
		unknown = because(unknown, why)
	}
	return !decisive, unknown, nil
}
