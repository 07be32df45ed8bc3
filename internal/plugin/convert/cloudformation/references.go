// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

func (r *resolver) ref(n, arg *source.Node) (*source.Node, error) {
	if arg.Kind != source.String {
		return nil, r.fail(arg, "Ref: expected the name of a parameter or resource, found %s", arg.Describe())
	}
	return r.reference(n, arg.Text)
}

// getAtt takes both forms: Resource.Attribute and [Resource, Attribute].
func (r *resolver) getAtt(n, arg *source.Node) (*source.Node, error) {
	name := arg.Text
	if arg.Kind == source.List {
		args, err := r.arguments(arg, "Fn::GetAtt", 2, 2)
		if err != nil {
			return nil, err
		}
		attribute, err := r.scalar(args[1], "Fn::GetAtt")
		if err != nil || attribute.Unresolved != "" {
			return attribute, err
		}
		name = args[0].Text + "." + attribute.Text
	}
	if !strings.Contains(name, ".") {
		return nil, r.fail(arg, "Fn::GetAtt: expected a resource and an attribute as in Role.Arn, found %s", arg.Describe())
	}
	return r.reference(n, name)
}

// reference is what Ref of the name gives, or Fn::GetAtt for a name with a full stop: a pseudo parameter, a parameter or a resource.
func (r *resolver) reference(n *source.Node, name string) (*source.Node, error) {
	if strings.HasPrefix(name, "AWS::") {
		return r.pseudo(n, name)
	}
	if parameter := r.parameters.Find(name); parameter != nil {
		return r.parameter(n, name, parameter)
	}
	if given, ok := r.o.Resources[name]; ok {
		return text(n, given), nil
	}
	id, attribute, _ := strings.Cut(name, ".")
	resource := r.resources.Find(id)
	if resource == nil {
		return nil, r.fail(n, "the template has neither a parameter nor a resource %s", id)
	}
	if r.visiting["resource "+name] {
		return nil, r.fail(n, "the resource %s refers to itself", id)
	}
	r.visiting["resource "+name] = true
	defer delete(r.visiting, "resource "+name)
	return r.identity(n, id, attribute, resource)
}

func (r *resolver) pseudo(n *source.Node, name string) (*source.Node, error) {
	for _, p := range []struct{ name, value, flag string }{
		{"AWS::Region", r.o.Region, "--region"},
		{"AWS::AccountId", r.o.AccountID, "--account-id"},
		{"AWS::StackName", r.o.StackName, "--stack-name"},
	} {
		if p.name != name {
			continue
		}
		if p.value == "" {
			return unresolved(n, "${"+name+"}", name+" isn't known; give it with "+p.flag), nil
		}
		return text(n, p.value), nil
	}
	china := strings.HasPrefix(r.o.Region, "cn-")
	switch {
	case name == "AWS::NoValue":
		return nil, nil
	case name == "AWS::Partition":
		return text(n, r.partition()), nil
	case name == "AWS::URLSuffix" && china:
		return text(n, "amazonaws.com.cn"), nil
	case name == "AWS::URLSuffix":
		return text(n, "amazonaws.com"), nil
	}
	return unresolved(n, "${"+name+"}", name+" is known to CloudFormation alone; write the value in its place"), nil
}

func (r *resolver) partition() string {
	switch {
	case strings.HasPrefix(r.o.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(r.o.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return arn.DefaultScope.Partition
}

// parameter is the value that was given, else the default. The value of an SSM parameter is neither: its default is the name.
func (r *resolver) parameter(n *source.Node, name string, parameter *source.Node) (*source.Node, error) {
	kind, otherwise := parameter.Find("Type"), parameter.Find("Default")
	isSSM := kind != nil && strings.HasPrefix(kind.Text, "AWS::SSM::Parameter::Value")
	value, given := r.o.Parameters[name]
	switch {
	case given:
	case otherwise == nil, isSSM:
		return unresolved(n, "${"+name+"}", "the parameter "+name+" has no value; give it with --parameter "+name+"=VALUE"), nil
	case otherwise.Kind == source.List, otherwise.Kind == source.Map:
		return nil, r.fail(otherwise, "Parameters.%s.Default: expected string, found %s", name, otherwise.Describe())
	default:
		value = otherwise.Text
	}
	if kind == nil || kind.Text != "CommaDelimitedList" && !strings.Contains(kind.Text, "List<") {
		return text(n, value), nil
	}
	out := &source.Node{Kind: source.List, At: n.At}
	for item := range strings.SplitSeq(value, ",") {
		out.Items = append(out.Items, text(n, strings.TrimSpace(item)))
	}
	return out, nil
}
