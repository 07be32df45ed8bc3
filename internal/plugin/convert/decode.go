// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
	"github.com/ecs-operator/ecs-operator/internal/spelling"
)

// leaf is one field of a request, as far down as the ledgers go.
type leaf struct {
	// path has indexes: containerDefinitions[0].image; pattern has [] in their place.
	path, pattern string
	at            source.Position
	// said is why the field is what it is, where that isn't the ledger's business.
	said *said
	// unresolved is why the value isn't known.
	unresolved string
}

// said is a verdict that comes from the request alone.
type said struct {
	verdict Verdict
	why     string
	// nothing: there was nothing to convert, so that --strict has nothing to say.
	nothing bool
}

// decoder walks one request along the API type.
type decoder struct {
	request
	leaves []leaf
	// positions of all fields and items, by path.
	positions map[string]source.Position
	errs      []error
}

var (
	decimalType  = reflect.TypeFor[ecsv1.Decimal]()
	freeFormType = reflect.TypeFor[runtime.RawExtension]()
)

// decode gives the request's spec as plain JSON values without the fields that couldn't be taken. What is wrong with the form of the
// request is the error; what is wrong with a field is said by its leaf.
func (d *decoder) decode() (map[string]any, error) {
	d.positions = map[string]source.Position{"": d.node.At}
	if d.node.Unresolved != "" {
		d.leaf("", "", d.node).unresolved = d.node.Unresolved
		return map[string]any{}, nil
	}
	v := d.object(d.node, d.kind.spec, "", "")
	return v, errors.Join(d.errs...)
}

func (d *decoder) leaf(path, pattern string, n *source.Node) *leaf {
	d.leaves = append(d.leaves, leaf{path: path, pattern: pattern, at: n.At, unresolved: n.Unresolved})
	return &d.leaves[len(d.leaves)-1]
}

func (d *decoder) wrongType(path string, n *source.Node, want string) any {
	d.errs = append(d.errs, malformed(d.file, n, "%s: expected %s, found %s", d.where(path), want, n.Describe()))
	return nil
}

// where names a field in a message.
func (d *decoder) where(path string) string {
	if d.logicalID != "" {
		return "Resources." + d.logicalID + " " + path
	}
	return path
}

// empty says of a value that it is the same as none.
func empty(n *source.Node) string {
	switch {
	case n.Unresolved != "":
	case n.Kind == source.Null:
		return "null is the same as left out"
	case n.Kind == source.String && n.Text == "":
		return "an empty string is the same as left out"
	case n.Kind == source.List && len(n.Items) == 0:
		return "an empty list is the same as left out"
	case n.Kind == source.Map && len(n.Fields) == 0:
		return "an empty object is the same as left out"
	}
	return ""
}

func (d *decoder) object(n *source.Node, t reflect.Type, path, pattern string) map[string]any {
	out := map[string]any{}
	fields := jsonFields(t)
	for _, f := range n.Fields {
		name := d.fieldName(f.Name, pattern, fields)
		below, belowPattern := strings.TrimPrefix(path+"."+name, "."), strings.TrimPrefix(pattern+"."+name, ".")
		d.positions[below] = f.At
		ft, known := fields[name]
		if !known || name == "kubernetes" && path == "" {
			d.leaf(below, belowPattern, &source.Node{At: f.At}).said = d.stranger(f.Name, path == "", fields)
			continue
		}
		if _, twice := out[name]; twice {
			d.errs = append(d.errs, &source.Error{File: d.file, At: f.At, Message: d.where(below) + ": the field is there twice in two spellings; take one out"})
			continue
		}
		if why := empty(f.Value); why != "" {
			d.leaf(below, belowPattern, f.Value).said = &said{verdict: NoEffect, why: why, nothing: true}
			continue
		}
		if v := d.value(f.Value, ft, below, belowPattern); v != nil {
			out[name] = v
		}
	}
	return out
}

// fieldName finds ECS's name for a field. In ECS's own requests names are as they are; CloudFormation's differ in capitals, and some more.
func (d *decoder) fieldName(name, pattern string, fields map[string]reflect.Type) string {
	if d.logicalID == "" {
		return name
	}
	if renamed, ok := d.kind.renamed[strings.TrimPrefix(pattern+"."+name, ".")]; ok {
		return renamed
	}
	for known := range fields {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return name
}

// value converts a value to a type. It is nil for a value that can't be taken; then a leaf or an error says why.
func (d *decoder) value(n *source.Node, t reflect.Type, path, pattern string) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Unresolved != "" {
		d.leaf(path, pattern, n)
		if t.Kind() == reflect.String {
			return n.Text
		}
		if t == reflect.TypeFor[[]string]() {
			return []any{n.Text}
		}
		return nil
	}
	switch {
	case t == freeFormType:
		return d.freeForm(n, path, pattern)
	case t == decimalType:
		return d.decimal(n, path, pattern)
	case t.Kind() == reflect.Struct:
		if n.Kind != source.Map {
			return d.wrongType(path, n, "object")
		}
		if v := d.object(n, t, path, pattern); len(v) > 0 {
			return v
		}
		return nil // all in it was null or empty, and so is it
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return d.objects(n, t.Elem(), path, pattern)
	case t.Kind() == reflect.Slice:
		return d.plainList(n, t.Elem(), path, pattern)
	case t.Kind() == reflect.Map:
		return d.textMap(n, path, pattern)
	}
	d.leaf(path, pattern, n)
	return d.scalar(n, t, path)
}

func (d *decoder) objects(n *source.Node, t reflect.Type, path, pattern string) any {
	if n.Kind != source.List {
		return d.wrongType(path, n, "list in [ ]")
	}
	out := []any{}
	for i, item := range n.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.positions[at] = item.At
		switch {
		case item.Unresolved != "":
			d.leaf(at, pattern+"[]", item)
		case item.Kind != source.Map:
			d.wrongType(at, item, "object")
		default:
			out = append(out, d.object(item, t, at, pattern+"[]"))
		}
	}
	return out
}

// plainList is one leaf, whatever is in it. An item that isn't known makes the whole list unknown.
func (d *decoder) plainList(n *source.Node, t reflect.Type, path, pattern string) any {
	if n.Kind != source.List {
		return d.wrongType(path, n, "list in [ ]")
	}
	n.Unresolved = n.FirstUnresolved()
	d.leaf(path, pattern, n)
	out := []any{}
	for i, item := range n.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.positions[at] = item.At
		if v := d.scalar(item, t, at); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// textMap is one leaf: options and labels, whose names are the user's.
func (d *decoder) textMap(n *source.Node, path, pattern string) any {
	if n.Kind != source.Map {
		return d.wrongType(path, n, "object")
	}
	n.Unresolved = n.FirstUnresolved()
	d.leaf(path, pattern, n)
	out := map[string]any{}
	for _, f := range n.Fields {
		at := path + "." + f.Name
		d.positions[at] = f.At
		if v := d.scalar(f.Value, reflect.TypeFor[string](), at); v != nil {
			out[f.Name] = v
		}
	}
	return out
}

// scalar converts text, numbers and booleans. ECS takes each in its own form only; CloudFormation takes each for the other.
func (d *decoder) scalar(n *source.Node, t reflect.Type, path string) any {
	loose := d.logicalID != ""
	text := n.Kind == source.String || loose && (n.Kind == source.Number || n.Kind == source.Bool)
	switch t.Kind() {
	case reflect.String:
		if text {
			return n.Text
		}
		return d.wrongType(path, n, "string")
	case reflect.Bool:
		if v, ok := boolean(n.Text); ok && (n.Kind == source.Bool || loose && text) {
			return v
		}
		return d.wrongType(path, n, "boolean")
	default:
		v, err := strconv.ParseInt(n.Text, 10, t.Bits())
		if err == nil && (n.Kind == source.Number || loose && n.Kind == source.String) {
			return json.Number(strconv.FormatInt(v, 10))
		}
		return d.wrongType(path, n, fmt.Sprintf("whole number of %d bits", t.Bits()))
	}
}

// boolean reads true and false in any case, and none of the other words that Go takes for them.
func boolean(text string) (v, ok bool) {
	v = strings.EqualFold(text, "true")
	return v, v || strings.EqualFold(text, "false")
}

func (d *decoder) decimal(n *source.Node, path, pattern string) any {
	d.leaf(path, pattern, n)
	if n.Kind == source.Number || d.logicalID != "" && n.Kind == source.String {
		if v, err := ecsv1.ParseDecimal(n.Text); err == nil {
			return json.Number(v.String())
		}
	}
	return d.wrongType(path, n, "number")
}

func (d *decoder) freeForm(n *source.Node, path, pattern string) any {
	n.Unresolved = n.FirstUnresolved()
	d.leaf(path, pattern, n)
	text, err := n.MarshalJSON()
	if err != nil {
		return d.wrongType(path, n, "object")
	}
	return json.RawMessage(text)
}

// stranger says what a field is that the object hasn't got.
func (d *decoder) stranger(name string, top bool, fields map[string]reflect.Type) *said {
	if top {
		for _, output := range d.kind.outputs {
			if name == output || d.logicalID != "" && strings.EqualFold(name, output) {
				return &said{verdict: NoEffect, why: "only AWS sets it; it is part of answers", nothing: true}
			}
		}
		for aside, why := range d.kind.aside {
			if strings.EqualFold(name, aside) {
				return &said{verdict: NoEffect, why: why}
			}
		}
	}
	names := make([]string, 0, len(fields))
	for known := range fields {
		if known != "kubernetes" {
			names = append(names, known)
		}
	}
	slices.Sort(names)
	why := "ECS has no field of this name"
	if near := spelling.Nearest(name, names); near != "" {
		why += "; did you mean " + near + "?"
	} else if len(names) <= 8 {
		why += "; it has " + strings.Join(names, ", ")
	}
	return &said{verdict: Refused, why: why}
}

// jsonFields are a struct's fields by JSON name, those of inlined structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case options == "inline":
			maps.Copy(out, jsonFields(f.Type))
		case name != "" && name != "-":
			out[name] = f.Type
		}
	}
	return out
}
