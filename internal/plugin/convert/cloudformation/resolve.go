// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// resolver works out the functions of one template.
type resolver struct {
	file string
	o    Options

	parameters, mappings, conditions, resources *source.Node

	// visiting are the conditions and resources that are being worked out; meeting one again is a circle.
	visiting map[string]bool
	work     int
}

// maxWork bounds what one template may cost: functions can refer to functions.
const maxWork = 500_000

// unresolved is a value that isn't known. placeholder is how it looks inside of a longer text.
func unresolved(at *source.Node, placeholder, why string) *source.Node {
	return &source.Node{Kind: source.String, Text: placeholder, At: at.At, Unresolved: why}
}

func text(at *source.Node, s string) *source.Node {
	return &source.Node{Kind: source.String, Text: s, At: at.At}
}

// value works out a value and all below it. It is nil for AWS::NoValue: the field or item isn't there.
func (r *resolver) value(n *source.Node) (*source.Node, error) {
	if r.work++; r.work > maxWork {
		return nil, r.fail(n, "the template's functions don't come to an end")
	}
	switch n.Kind {
	case source.Map:
		if run, arg := function(n); run != nil {
			return run(r, n, arg)
		}
		return r.object(n)
	case source.List:
		return r.items(n)
	case source.String:
		if start := strings.Index(n.Text, "{{resolve:"); start >= 0 && n.Unresolved == "" {
			return unresolved(n, n.Text, "a dynamic reference is looked up by CloudFormation; put the parameter or secret into the container's secrets instead"), nil
		}
	case source.Null, source.Bool, source.Number: // are what they are
	}
	return n, nil
}

func (r *resolver) object(n *source.Node) (*source.Node, error) {
	out := &source.Node{Kind: source.Map, At: n.At}
	for _, f := range n.Fields {
		v, err := r.value(f.Value)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out.Fields = append(out.Fields, source.Field{Name: f.Name, At: f.At, Value: v})
		}
	}
	return out, nil
}

func (r *resolver) items(n *source.Node) (*source.Node, error) {
	out := &source.Node{Kind: source.List, At: n.At}
	for _, item := range n.Items {
		v, err := r.value(item)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out.Items = append(out.Items, v)
		}
	}
	return out, nil
}

// known are the functions by the name of the one field of their object.
var known map[string]func(r *resolver, n, arg *source.Node) (*source.Node, error)

func init() {
	known = map[string]func(r *resolver, n, arg *source.Node) (*source.Node, error){
		"Ref":              (*resolver).ref,
		"Fn::GetAtt":       (*resolver).getAtt,
		"Fn::Sub":          (*resolver).sub,
		"Fn::Join":         (*resolver).join,
		"Fn::Split":        (*resolver).split,
		"Fn::Select":       (*resolver).selectItem,
		"Fn::FindInMap":    (*resolver).findInMap,
		"Fn::If":           (*resolver).ifElse,
		"Fn::Base64":       (*resolver).base64,
		"Fn::ImportValue":  (*resolver).importValue,
		"Fn::Length":       (*resolver).length,
		"Fn::ToJsonString": (*resolver).toJSONString,
	}
}

// function gives what works out n if n is a function: an object with one field whose name says so.
func function(n *source.Node) (func(r *resolver, n, arg *source.Node) (*source.Node, error), *source.Node) {
	if len(n.Fields) != 1 {
		return nil, nil
	}
	f := n.Fields[0]
	if run := known[f.Name]; run != nil {
		return run, f.Value
	}
	if name, isFunction := strings.CutPrefix(f.Name, "Fn::"); isFunction {
		return func(_ *resolver, n, _ *source.Node) (*source.Node, error) {
			return unresolved(n, "${"+name+"}", f.Name+" can only be worked out by CloudFormation; write the value in its place"), nil
		}, f.Value
	}
	return nil, nil
}

// scalar works out n, which has to become a text; numbers and booleans are texts here.
func (r *resolver) scalar(n *source.Node, what string) (*source.Node, error) {
	v, err := r.value(n)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, r.fail(n, "%s: expected string, found AWS::NoValue", what)
	}
	switch v.Kind {
	case source.String:
		return v, nil
	case source.Number, source.Bool:
		return text(n, v.Text), nil
	default:
		return nil, r.fail(n, "%s: expected string, found %s", what, v.Describe())
	}
}

// list works out n, which has to become a list. A value that isn't known is passed on as it is.
func (r *resolver) list(n *source.Node, what string) (*source.Node, error) {
	v, err := r.value(n)
	if err != nil {
		return nil, err
	}
	if v == nil || v.Kind != source.List && v.Unresolved == "" {
		found := "AWS::NoValue"
		if v != nil {
			found = v.Describe()
		}
		return nil, r.fail(n, "%s: expected list, found %s", what, found)
	}
	return v, nil
}

// arguments checks that a function has a list of arguments, least to most of them.
func (r *resolver) arguments(arg *source.Node, name string, least, most int) ([]*source.Node, error) {
	if arg.Kind != source.List || len(arg.Items) < least || len(arg.Items) > most {
		return nil, r.fail(arg, "%s: expected a list of %d arguments, found %s", name, least, arg.Describe())
	}
	return arg.Items, nil
}
