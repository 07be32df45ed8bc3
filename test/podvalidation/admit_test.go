// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podvalidation

import (
	"context"
	"encoding/json"
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/config/crd"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// admission is what stands between a person and a stored task definition.
type admission struct {
	// spec is the CRD's schema of spec, which drawing goes by.
	spec       *apiextensionsv1.JSONSchemaProps
	schema     schemavalidation.SchemaValidator
	structural *structuralschema.Structural
	rules      *cel.Validator
}

func newAdmission() (*admission, error) {
	text, err := crd.Bases.ReadFile("bases/ecs.pods.dev_taskdefinitions.yaml")
	if err != nil {
		return nil, err
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &definition); err != nil {
		return nil, err
	}
	spec := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&spec, internal, nil); err != nil {
		return nil, err
	}
	a := &admission{spec: &spec}
	if a.schema, _, err = schemavalidation.NewSchemaValidator(internal); err != nil {
		return nil, err
	}
	if a.structural, err = structuralschema.NewStructural(internal); err != nil {
		return nil, err
	}
	a.rules = cel.NewValidator(a.structural, false, celconfig.PerCallLimit)
	return a, nil
}

// admit gives the task definition that tree is, as the apiserver and the webhook let it in, or why they don't.
func (a *admission) admit(tree map[string]any) (*ecsv1.TaskDefinitionFields, error) {
	if problems := schemavalidation.ValidateCustomResource(field.NewPath("spec"), tree, a.schema); len(problems) > 0 {
		return nil, problems.ToAggregate()
	}
	problems, _ := a.rules.Validate(context.Background(), field.NewPath("spec"), a.structural, tree, nil, celconfig.RuntimeCELCostBudget)
	if len(problems) > 0 {
		return nil, problems.ToAggregate()
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	td := &ecsv1.TaskDefinitionFields{}
	if err := json.Unmarshal(text, td); err != nil {
		return nil, fmt.Errorf("the schema lets in what the type doesn't hold: %w", err)
	}
	if problems := taskdef.Validate(td); len(problems) > 0 {
		return nil, problems
	}
	return td, nil
}
