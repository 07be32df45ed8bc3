// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	kubejson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// What the apiserver lets rules cost (k8s.io/apiserver/pkg/apis/cel).
const (
	mostOfOneRule = 1_000_000
	mostOfAll     = 10_000_000
)

// rules are those of a kind's CRD, as the apiserver has them.
type rules struct {
	structural *structuralschema.Structural
	validator  *cel.Validator
}

// compiled are the rules by plural. Compiling them takes a moment, so it is done for kinds that are met, once.
var compiled sync.Map

func rulesOf(k *kind) (*rules, error) {
	if found, ok := compiled.Load(k.plural); ok {
		return found.(*rules), nil //nolint:forcetypeassert // nothing else is stored
	}
	definition, err := definitionOf(k)
	if err != nil {
		return nil, err
	}
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, internal, nil); err != nil {
		return nil, fmt.Errorf("reading the rules of %s: %w", k.name, err)
	}
	structural, err := structuralschema.NewStructural(internal)
	if err != nil {
		return nil, fmt.Errorf("reading the rules of %s: %w", k.name, err)
	}
	out := &rules{structural, cel.NewValidator(structural, true, mostOfOneRule)}
	compiled.Store(k.plural, out)
	return out, nil
}

// ruleProblems are what the CRD's rules refuse. They are asked about an object that its schema has nothing against.
func ruleProblems(o *Object) []problem {
	r, err := rulesOf(o.kind)
	if err != nil {
		return []problem{{"", err.Error()}}
	}
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"name": o.name}, "spec": o.spec})
	if err != nil {
		return []problem{{"", err.Error()}}
	}
	var tree map[string]any
	if err := kubejson.Unmarshal(text, &tree); err != nil {
		return []problem{{"", err.Error()}}
	}
	found, _ := r.validator.Validate(context.Background(), nil, r.structural, tree, nil, mostOfAll)
	var out []problem
	for _, f := range found {
		path := rulePath(f)
		out = append(out, problem{path, strings.TrimPrefix(f.Detail, path[strings.LastIndexByte(path, '.')+1:]+": ")})
	}
	return out
}

// rulePath is the path of a rule's field in the spec, "" for one of the metadata.
func rulePath(f *field.Error) string {
	path, ok := strings.CutPrefix(f.Field, "spec.")
	if !ok {
		return ""
	}
	return path
}

var place = regexp.MustCompile(`\[[^\]]*\]`)

// without leaves out the problems of rules that others say better: of the same field, with the same words, or with the same way out. A rule
// of a list names the field in its message: "portMappings[].hostPort: ...".
func without(ofRules, others []problem) []problem {
	return slices.DeleteFunc(ofRules, func(p problem) bool {
		named, words, ok := strings.Cut(p.message, ": ")
		if !ok {
			named, words = "", p.message
		}
		words, _, _ = strings.Cut(words, ";")
		at := place.ReplaceAllString(p.path, "")
		return slices.ContainsFunc(others, func(other problem) bool {
			theirs := place.ReplaceAllString(other.path, "")
			return theirs == at || theirs == strings.TrimPrefix(at+"."+place.ReplaceAllString(named, ""), ".") ||
				strings.Contains(other.message, words) || strings.HasSuffix(other.message, "Set "+p.path)
		})
	})
}
