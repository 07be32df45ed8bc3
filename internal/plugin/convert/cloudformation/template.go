// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cloudformation reads a CloudFormation template as far as it speaks of containers, and works its functions out with what is
// known outside of AWS: the parameters, the template itself, and the names of its resources.
//
// What can't be known (the ID that AWS gives a subnet, the value of a secret) isn't guessed. It becomes a node whose Unresolved says what
// is missing and how to give it.
package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// The resource types that are read.
const (
	Cluster        = "AWS::ECS::Cluster"
	TaskDefinition = "AWS::ECS::TaskDefinition"
	Service        = "AWS::ECS::Service"
	Repository     = "AWS::ECR::Repository"
)

// Options are what a template doesn't say.
type Options struct {
	// Parameters of the template by name.
	Parameters map[string]string
	// Resources are what references to resources stand for: by logical ID for Ref, by ID.Attribute for Fn::GetAtt.
	Resources map[string]string
	// Imports are the values of other stacks' exports, for Fn::ImportValue.
	Imports map[string]string
	// Region, AccountID and StackName are the pseudo parameters; "" is not known.
	Region, AccountID, StackName string
}

// Resource is a resource of one of the types that are read, with its functions worked out.
type Resource struct {
	LogicalID  string
	Type       string
	At         source.Position
	Properties *source.Node
}

// Template is what a template says about containers.
type Template struct {
	Resources []Resource
	// Others are the logical IDs of resources that aren't read, by type.
	Others map[string][]string
	// Parameters are the names of the template's parameters.
	Parameters []string
}

// Is reports whether a document is a template: it has resources with types, or says so.
func Is(n *source.Node) bool {
	return n.Find("AWSTemplateFormatVersion") != nil || n.Find("Resources") != nil && n.Find("Resources").Kind == source.Map
}

// Name is the name of an object of ours for a resource that has no name of its own: WebService is web-service.
func Name(logicalID string) string {
	var b strings.Builder
	runes := []rune(logicalID)
	for i, c := range runes {
		upper := c >= 'A' && c <= 'Z'
		afterSmall := i > 0 && (runes[i-1] < 'A' || runes[i-1] > 'Z')
		beforeSmall := i > 0 && i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z'
		if upper && (afterSmall || beforeSmall) && b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

// Read works a template out. It fails with a [source.Error] where the template is malformed.
func Read(file string, n *source.Node, o Options) (*Template, error) {
	r := &resolver{file: file, o: o, visiting: map[string]bool{}}
	for _, section := range []struct {
		name string
		to   **source.Node
	}{{"Parameters", &r.parameters}, {"Mappings", &r.mappings}, {"Conditions", &r.conditions}, {"Resources", &r.resources}} {
		found := n.Find(section.name)
		if found != nil && found.Kind != source.Map && found.Kind != source.Null {
			return nil, r.fail(found, "%s: expected object, found %s", section.name, found.Describe())
		}
		*section.to = found
	}
	t := &Template{Others: map[string][]string{}}
	if r.parameters != nil {
		t.Parameters = r.parameters.Names()
	}
	if r.resources == nil {
		return nil, r.fail(n, "a template has Resources, and this one hasn't")
	}
	for _, f := range r.resources.Fields {
		if err := r.resource(t, f); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// resource adds one resource to t, unless its condition is false.
func (r *resolver) resource(t *Template, f source.Field) error {
	kind := f.Value.Find("Type")
	if kind == nil || kind.Kind != source.String {
		if strings.HasPrefix(f.Name, "Fn::") {
			t.Others[f.Name] = append(t.Others[f.Name], f.Name)
			return nil
		}
		return r.fail(f.Value, "Resources.%s: expected a resource with a Type such as AWS::ECS::Service", f.Name)
	}
	if !slices.Contains([]string{Cluster, TaskDefinition, Service, Repository}, kind.Text) {
		t.Others[kind.Text] = append(t.Others[kind.Text], f.Name)
		return nil
	}
	properties := &source.Node{Kind: source.Map, At: f.At}
	if condition := f.Value.Find("Condition"); condition != nil {
		on, unknown, err := r.named(condition)
		switch {
		case err != nil:
			return err
		case unknown != "":
			properties = unresolved(condition, "${Condition:"+condition.Text+"}", unknown)
			t.Resources = append(t.Resources, Resource{LogicalID: f.Name, Type: kind.Text, At: f.At, Properties: properties})
			return nil
		case !on:
			return nil
		}
	}
	if given := f.Value.Find("Properties"); given != nil {
		if given.Kind != source.Map {
			return r.fail(given, "Resources.%s.Properties: expected object, found %s", f.Name, given.Describe())
		}
		resolved, err := r.value(given)
		if err != nil {
			return err
		}
		if resolved != nil {
			properties = resolved
		}
	}
	t.Resources = append(t.Resources, Resource{LogicalID: f.Name, Type: kind.Text, At: f.At, Properties: properties})
	return nil
}

func (r *resolver) fail(n *source.Node, format string, args ...any) error {
	return &source.Error{File: r.file, At: n.At, Message: fmt.Sprintf(format, args...)}
}
