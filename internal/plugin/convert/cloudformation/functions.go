// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// variable is ${Name}, ${Resource.Attribute}, ${AWS::Region} or, with a !, text that stays as it is without the !.
var variable = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// sub is Fn::Sub with its two forms: a text, or a text and an object of variables.
func (r *resolver) sub(n, arg *source.Node) (*source.Node, error) {
	template, variables := arg, (*source.Node)(nil)
	if arg.Kind == source.List {
		items, err := r.arguments(arg, "Fn::Sub", 1, 2)
		if err != nil {
			return nil, err
		}
		template = items[0]
		if len(items) == 2 {
			variables = items[1]
		}
	}
	if template.Kind != source.String {
		return nil, r.fail(template, "Fn::Sub: expected string, found %s", template.Describe())
	}
	out := &source.Node{Kind: source.String, At: n.At}
	rest := template.Text
	var b strings.Builder
	for {
		m := variable.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		b.WriteString(rest[:m[0]])
		name := rest[m[4]:m[5]]
		if m[3] > m[2] {
			b.WriteString("${" + name + "}")
		} else {
			v, err := r.variable(n, strings.TrimSpace(name), variables)
			if err != nil {
				return nil, err
			}
			b.WriteString(v.Text)
			out.Unresolved = because(out.Unresolved, v.Unresolved)
		}
		rest = rest[m[1]:]
	}
	b.WriteString(rest)
	out.Text = b.String()
	return r.value(out)
}

// variable is what ${name} stands for.
func (r *resolver) variable(n *source.Node, name string, variables *source.Node) (*source.Node, error) {
	if given := variables.Find(name); given != nil {
		return r.scalar(given, "Fn::Sub "+name)
	}
	v, err := r.reference(n, name)
	if err != nil {
		return nil, err
	}
	if v == nil || v.Kind == source.List || v.Kind == source.Map {
		return nil, r.fail(n, "Fn::Sub: ${%s} is not a text", name)
	}
	return v, nil
}

// because joins two reasons; each is said once.
func because(a, b string) string {
	switch {
	case a == "":
		return b
	case strings.Contains(a, b):
		return a
	}
	return a + "; " + b
}

func (r *resolver) join(n, arg *source.Node) (*source.Node, error) {
	args, err := r.arguments(arg, "Fn::Join", 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := r.scalar(args[0], "Fn::Join")
	if err != nil {
		return nil, err
	}
	items, err := r.list(args[1], "Fn::Join")
	if err != nil || items.Unresolved != "" {
		return items, err
	}
	out := &source.Node{Kind: source.String, At: n.At}
	var parts []string
	for _, item := range items.Items {
		v, err := r.scalar(item, "Fn::Join")
		if err != nil {
			return nil, err
		}
		parts = append(parts, v.Text)
		out.Unresolved = because(out.Unresolved, v.Unresolved)
	}
	out.Text = strings.Join(parts, separator.Text)
	return out, nil
}

func (r *resolver) split(n, arg *source.Node) (*source.Node, error) {
	args, err := r.arguments(arg, "Fn::Split", 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := r.scalar(args[0], "Fn::Split")
	if err != nil {
		return nil, err
	}
	whole, err := r.scalar(args[1], "Fn::Split")
	if err != nil || whole.Unresolved != "" {
		return whole, err
	}
	if separator.Text == "" {
		return nil, r.fail(args[0], "Fn::Split: expected a delimiter, found an empty string")
	}
	out := &source.Node{Kind: source.List, At: n.At}
	for part := range strings.SplitSeq(whole.Text, separator.Text) {
		out.Items = append(out.Items, text(n, part))
	}
	return out, nil
}

func (r *resolver) selectItem(_, arg *source.Node) (*source.Node, error) {
	args, err := r.arguments(arg, "Fn::Select", 2, 2)
	if err != nil {
		return nil, err
	}
	index, err := r.scalar(args[0], "Fn::Select")
	if err != nil || index.Unresolved != "" {
		return index, err
	}
	items, err := r.list(args[1], "Fn::Select")
	if err != nil || items.Unresolved != "" {
		return items, err
	}
	i, err := strconv.Atoi(index.Text)
	if err != nil || i < 0 || i >= len(items.Items) {
		return nil, r.fail(args[0], "Fn::Select: expected an index from 0 to %d, found %q", len(items.Items)-1, index.Text)
	}
	return items.Items[i], nil
}

func (r *resolver) findInMap(n, arg *source.Node) (*source.Node, error) {
	args, err := r.arguments(arg, "Fn::FindInMap", 3, 4)
	if err != nil {
		return nil, err
	}
	at := r.mappings
	var path []string
	for _, key := range args[:3] {
		k, err := r.scalar(key, "Fn::FindInMap")
		if err != nil || k.Unresolved != "" {
			return k, err
		}
		path = append(path, k.Text)
		at = at.Find(k.Text)
	}
	if at != nil {
		return r.value(at)
	}
	if len(args) == 4 {
		if otherwise := args[3].Find("DefaultValue"); otherwise != nil {
			return r.value(otherwise)
		}
	}
	return nil, r.fail(n, "Fn::FindInMap: the template has no Mappings.%s", strings.Join(path, "."))
}

func (r *resolver) ifElse(_, arg *source.Node) (*source.Node, error) {
	args, err := r.arguments(arg, "Fn::If", 3, 3)
	if err != nil {
		return nil, err
	}
	on, unknown, err := r.named(args[0])
	switch {
	case err != nil:
		return nil, err
	case unknown != "":
		return unresolved(args[0], "${Condition:"+args[0].Text+"}", unknown), nil
	case on:
		return r.value(args[1])
	}
	return r.value(args[2])
}

func (r *resolver) base64(n, arg *source.Node) (*source.Node, error) {
	v, err := r.scalar(arg, "Fn::Base64")
	if err != nil || v.Unresolved != "" {
		return v, err
	}
	return text(n, base64.StdEncoding.EncodeToString([]byte(v.Text))), nil
}

func (r *resolver) importValue(n, arg *source.Node) (*source.Node, error) {
	v, err := r.scalar(arg, "Fn::ImportValue")
	if err != nil || v.Unresolved != "" {
		return v, err
	}
	if given, ok := r.o.Imports[v.Text]; ok {
		return text(n, given), nil
	}
	return unresolved(n, "${ImportValue:"+v.Text+"}", "the export "+v.Text+" is another stack's; give it with --import "+v.Text+"=VALUE"), nil
}

func (r *resolver) length(n, arg *source.Node) (*source.Node, error) {
	v, err := r.list(arg, "Fn::Length")
	if err != nil || v.Unresolved != "" {
		return v, err
	}
	return &source.Node{Kind: source.Number, Text: strconv.Itoa(len(v.Items)), At: n.At}, nil
}

func (r *resolver) toJSONString(n, arg *source.Node) (*source.Node, error) {
	v, err := r.value(arg)
	if err != nil || v == nil {
		return v, err
	}
	if why := v.FirstUnresolved(); why != "" {
		return unresolved(n, "${ToJsonString}", why), nil
	}
	out, err := json.Marshal(v)
	if err != nil {
		return nil, r.fail(n, "Fn::ToJsonString: %s", err)
	}
	return text(n, string(out)), nil
}
