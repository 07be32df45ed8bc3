// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	openapierrors "k8s.io/kube-openapi/pkg/validation/errors"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/config/crd"
	"github.com/ecs-operator/ecs-operator/internal/fields"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	ecsservice "github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// problem is a reason to refuse an object.
type problem struct{ path, message string }

// findings are what the checks say about an object.
type findings struct {
	problems []problem
	// known: all values that matter are, so that they can be judged.
	known bool
	// result is a task definition's pod; nil where there is none.
	result *podspec.Result
	// idle are the fields of a Service that are set and have no effect, when that depends on their value.
	idle []string
}

// check asks the CRD's schema and rules, then the operator's own checks, which together are admission, then the translation. An object
// with a value that isn't known isn't asked about: what the checks would say about it means nothing.
func (c *Converter) check(o *Object, d *decoder, problems []problem) findings {
	f := findings{problems: problems}
	if s, ok := o.Object.(*ecsv1.Service); ok {
		f.idle = ecsservice.Unmapped(s)
	}
	if d.unknown(o.Kind) {
		return f
	}
	f.known = true
	ofSchema := schemaProblems(o)
	f.problems = slices.Concat(f.problems, ofSchema, ownProblems(o))
	if len(ofSchema) == 0 {
		f.problems = append(f.problems, without(ruleProblems(o), f.problems)...)
	}
	td, ok := o.Object.(*ecsv1.TaskDefinition)
	if !ok || len(f.problems) > 0 {
		return f
	}
	result, err := podspec.Translate(c.podInput(td))
	if err != nil {
		f.problems = append(f.problems, problem{"", err.Error()})
		return f
	}
	f.result = &result
	return f
}

// ownProblems are what the operator's own checks say, which the webhook asks.
func ownProblems(o *Object) []problem {
	var out []problem
	switch object := o.Object.(type) {
	case *ecsv1.Service:
		if path, message, ok := strings.Cut(ecsservice.Unsupported(object), ": "); ok {
			out = append(out, problem{strings.TrimPrefix(path, "spec."), message})
		}
	case *ecsv1.TaskDefinition:
		for _, p := range taskdef.Validate(&object.Spec.TaskDefinitionFields) {
			out = append(out, problem{p.Path, p.Message})
		}
	}
	return out
}

// unknown: a value that matters isn't known.
func (d *decoder) unknown(kind string) bool {
	rows := fields.Of(kind)
	return slices.ContainsFunc(d.leaves, func(l leaf) bool {
		entry, _ := fields.Find(rows, l.pattern)
		return l.unresolved != "" && !idle(entry)
	})
}

// idle: whatever the field's value, nothing comes of it.
func idle(entry podspec.Row) bool {
	return entry.Verdict == podspec.NoEffect || entry.Verdict == podspec.NotYetMapped
}

// schemas are those of the specs by plural, read once.
var schemas = struct {
	sync.Mutex
	of map[string]*spec.Schema
}{of: map[string]*spec.Schema{}}

// schema is the CRD's schema of a kind's spec.
func schema(k *kind) (*spec.Schema, error) {
	schemas.Lock()
	defer schemas.Unlock()
	if found := schemas.of[k.plural]; found != nil {
		return found, nil
	}
	definition, err := definitionOf(k)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"])
	if err != nil {
		return nil, err
	}
	out := &spec.Schema{}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", k.name, err)
	}
	schemas.of[k.plural] = out
	return out, nil
}

// definitionOf reads a kind's CRD.
func definitionOf(k *kind) (*apiextensionsv1.CustomResourceDefinition, error) {
	file := "bases/" + ecsv1.GroupVersion.Group + "_" + k.plural + ".yaml"
	text, err := crd.Bases.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("finding the schema of %s: %w", k.name, err)
	}
	out := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, out); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return out, nil
}

// schemaProblems are what the schema refuses: values out of bounds, words that aren't of the list, what is required and isn't there.
func schemaProblems(o *Object) []problem {
	s, err := schema(o.kind)
	if err != nil {
		return []problem{{"", err.Error()}}
	}
	text, err := json.Marshal(o.spec)
	if err != nil {
		return []problem{{"", err.Error()}}
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return []problem{{"", err.Error()}}
	}
	var out []problem
	for _, err := range validate.NewSchemaValidator(s, nil, "", strfmt.Default).Validate(plain).Errors {
		var v *openapierrors.Validation
		if !errors.As(err, &v) {
			out = append(out, problem{"", err.Error()})
			continue
		}
		path := strings.TrimPrefix(v.Name, ".")
		message := strings.TrimPrefix(strings.TrimPrefix(err.Error(), v.Name), " in body ")
		out = append(out, problem{path, "it " + message})
	}
	return out
}
