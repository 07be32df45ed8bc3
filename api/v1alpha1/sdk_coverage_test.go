// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrschemas "github.com/aws/aws-sdk-go-v2/service/ecr/schemas"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecsschemas "github.com/aws/aws-sdk-go-v2/service/ecs/schemas"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// calls are the request bodies that a spec must be able to hold.
var calls = []struct {
	name   string
	input  any
	schema *smithy.Schema
	kind   string
	spec   any
}{
	{"RegisterTaskDefinition", ecs.RegisterTaskDefinitionInput{}, ecsschemas.RegisterTaskDefinitionRequest, "TaskDefinition", TaskDefinitionSpec{}},
	{"CreateService", ecs.CreateServiceInput{}, ecsschemas.CreateServiceRequest, "Service", ServiceSpec{}},
	{"UpdateService", ecs.UpdateServiceInput{}, ecsschemas.UpdateServiceRequest, "Service", ServiceSpec{}},
	{"CreateCluster", ecs.CreateClusterInput{}, ecsschemas.CreateClusterRequest, "Cluster", ClusterSpec{}},
	{"CreateCapacityProvider", ecs.CreateCapacityProviderInput{}, ecsschemas.CreateCapacityProviderRequest, "CapacityProvider", CapacityProviderSpec{}},
	{"RunTask", ecs.RunTaskInput{}, ecsschemas.RunTaskRequest, "Task", TaskSpec{}},
	{"StartTask", ecs.StartTaskInput{}, ecsschemas.StartTaskRequest, "Task", TaskSpec{}},
	{"CreateRepository", ecr.CreateRepositoryInput{}, ecrschemas.CreateRepositoryRequest, "Repository", RepositorySpec{}},
	{"PutLifecyclePolicy", ecr.PutLifecyclePolicyInput{}, ecrschemas.PutLifecyclePolicyRequest, "Repository", RepositorySpec{}},
	{"SetRepositoryPolicy", ecr.SetRepositoryPolicyInput{}, ecrschemas.SetRepositoryPolicyRequest, "Repository", RepositorySpec{}},
}

// leftOut says why a field of the SDK has no counterpart in a spec.
var leftOut = map[string]string{
	"CreateService.clientToken":        "makes a repeated call harmless; a Kubernetes object's name does that",
	"RunTask.clientToken":              "makes a repeated call harmless; a Kubernetes object's name does that",
	"UpdateService.service":            "names the service to change; the object is that service",
	"UpdateService.forceNewDeployment": "is an order, not a state; spec.kubernetes.forceNewDeployment counts such orders",
	"RunTask.count":                    "one Task object is one task",
	"RunTask.referenceId":              "is set by AWS itself only",
	"StartTask.referenceId":            "is set by AWS itself only",
	"SetRepositoryPolicy.force":        "guards against locking oneself out; Kubernetes RBAC decides who writes the object",
}

// notAnEnum says why a field with an enum in the SDK takes any text here.
var notAnEnum = map[string]string{
	"RegisterTaskDefinition.containerDefinitions[].portMappings[].protocol": "ECS takes any other word for tcp and doesn't refuse it",
}

// ourOwn says why a spec has a field that no call has.
var ourOwn = map[string]string{
	"kubernetes": "holds everything that only Kubernetes has",
}

// retyped says why a field has another type than in the SDK.
var retyped = map[string]string{
	"RegisterTaskDefinition.containerDefinitions[].ulimits[].softLimit": "limits in bytes exceed 32 bits",
	"RegisterTaskDefinition.containerDefinitions[].ulimits[].hardLimit": "limits in bytes exceed 32 bits",
}

func TestSpecsHoldEveryFieldOfTheSDK(t *testing.T) {
	c := coverage{T: t, used: map[string]bool{}}
	for _, call := range calls {
		schema := crdSchema(t, call.kind).Properties["spec"]
		c.structs(call.name, reflect.TypeOf(call.input), call.schema, reflect.TypeOf(call.spec), &schema)
	}
	for _, table := range []map[string]string{leftOut, notAnEnum, retyped} {
		for path := range table {
			if !c.used[path] {
				t.Errorf("the row %s explains nothing any more; take it out", path)
			}
		}
	}
	t.Logf("%d fields and %d enum values of the SDK compared", c.fields, c.enumValues)
	if c.fields < 500 {
		t.Errorf("only %d fields compared: the walk has lost its way", c.fields)
	}
}

func TestSpecsHaveNothingThatAWSHasNot(t *testing.T) {
	known := map[string]map[string]bool{}
	for _, call := range calls {
		if known[call.kind] == nil {
			known[call.kind] = map[string]bool{}
		}
		for name := range call.schema.Members() {
			known[call.kind][name] = true
		}
		for name := range jsonFields(reflect.TypeOf(call.spec)) {
			if ourOwn[name] != "" {
				known[call.kind][name] = true
			}
		}
	}
	for _, call := range calls {
		for name := range jsonFields(reflect.TypeOf(call.spec)) {
			if !known[call.kind][name] {
				t.Errorf("%s.spec.%s is in no call of AWS: move it under kubernetes", call.kind, name)
			}
		}
	}
}

// coverage walks a struct of the SDK, its wire schema, our type and our CRD side by side.
//
//nolint:kubeapilinter // a helper of this test, not a type of the API
type coverage struct {
	*testing.T
	used               map[string]bool
	fields, enumValues int
}

// excused tells whether a table has a row for this path.
func (c *coverage) excused(table map[string]string, path string) bool {
	_, ok := table[path]
	c.used[path] = c.used[path] || ok
	return ok
}

func (c *coverage) structs(path string, sdk reflect.Type, wire *smithy.Schema, ours reflect.Type, crd *apiextensionsv1.JSONSchemaProps) {
	if ours.Kind() != reflect.Struct {
		c.Errorf("%s is a structure in AWS and %s here", path, ours)
		return
	}
	fields := jsonFields(ours)
	for f := range sdk.Fields() {
		if !f.IsExported() {
			continue
		}
		name := wireName(wire, f.Name)
		if name == "" {
			c.Errorf("%s: the SDK's wire schema has no member for %s", path, f.Name)
			continue
		}
		c.fields++
		at := path + "." + name
		if c.excused(leftOut, at) {
			continue
		}
		our, ok := fields[name]
		if !ok {
			c.Errorf("%s is missing: add it to %s, or a row to leftOut", at, ours.Name())
			continue
		}
		property, ok := crd.Properties[name]
		if !ok {
			c.Errorf("%s isn't in the generated CRD: run make generate manifests", at)
			continue
		}
		c.values(at, f.Type, wire.Member(name), our, &property)
	}
}

func (c *coverage) values(path string, sdk reflect.Type, wire *smithy.Schema, ours reflect.Type, crd *apiextensionsv1.JSONSchemaProps) {
	sdk, ours = deref(sdk), deref(ours)
	switch {
	case sdk.Kind() == reflect.Slice:
		if ours.Kind() != reflect.Slice {
			c.Errorf("%s is a list in AWS and %s here", path, ours)
			return
		}
		c.values(path+"[]", sdk.Elem(), wire.ListMember(), ours.Elem(), crd.Items.Schema)
	case sdk.Kind() == reflect.Map:
		if ours != reflect.TypeFor[map[string]string]() {
			c.Errorf("%s is a map of strings in AWS and %s here", path, ours)
		}
	case sdk.Kind() == reflect.Struct:
		c.structs(path, sdk, wire, ours, crd)
	case sdk.Kind() == reflect.Interface:
		c.unions(path, wire, ours, crd)
	case isEnum(sdk):
		c.enums(path, sdk, crd)
	default:
		c.scalars(path, sdk, ours)
	}
}

// alternatives are the members of the SDK's unions, which reflection can't list: the SDK models a union as an interface.
var alternatives = map[string]reflect.Type{
	"nvidiaMps": reflect.TypeFor[ecstypes.NvidiaMpsAllocation](),
	"logLevel":  reflect.TypeFor[ecstypes.ServiceConnectContainerLogLevel](),
}

// unions have one field for each alternative. A document, which is any JSON, has no alternatives on the wire.
func (c *coverage) unions(path string, wire *smithy.Schema, ours reflect.Type, crd *apiextensionsv1.JSONSchemaProps) {
	if len(wire.Members()) == 0 {
		if crd.XPreserveUnknownFields == nil || !*crd.XPreserveUnknownFields {
			c.Errorf("%s is free-form in AWS and not here", path)
		}
		return
	}
	for name, member := range wire.Members() {
		c.fields++
		our, ok := jsonFields(ours)[name]
		if !ok || alternatives[name] == nil {
			c.Errorf("%s.%s is missing: add it to %s and to alternatives", path, name, ours.Name())
			continue
		}
		property := crd.Properties[name]
		c.values(path+"."+name, alternatives[name], member, our, &property)
	}
}

func (c *coverage) enums(path string, sdk reflect.Type, crd *apiextensionsv1.JSONSchemaProps) {
	if c.excused(notAnEnum, path) {
		return
	}
	var ours, theirs []string
	for _, raw := range crd.Enum {
		var v string
		if err := json.Unmarshal(raw.Raw, &v); err != nil {
			c.Fatal(err)
		}
		ours = append(ours, v)
	}
	values := reflect.Zero(sdk).MethodByName("Values").Call(nil)[0]
	for i := range values.Len() {
		theirs = append(theirs, values.Index(i).String())
		c.enumValues++
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if !slices.Equal(ours, theirs) {
		c.Errorf("%s takes %q, in AWS %q", path, ours, theirs)
	}
}

func (c *coverage) scalars(path string, sdk, ours reflect.Type) {
	same := sdk.Kind() == ours.Kind() || (sdk.Kind() == reflect.Float64 && ours == reflect.TypeFor[Decimal]())
	if !same && !c.excused(retyped, path) {
		c.Errorf("%s is %s in AWS and %s here", path, sdk, ours)
	}
}

// wireName finds what a Go field is called on the wire. The SDK only raises the first letter.
func wireName(wire *smithy.Schema, goName string) string {
	for name := range wire.Members() {
		if strings.EqualFold(name, goName) {
			return name
		}
	}
	return ""
}

// jsonFields are a struct's fields by JSON name, those of inlined structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return out
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "inline" {
			maps.Copy(out, jsonFields(f.Type))
			continue
		}
		if name != "" {
			out[name] = f.Type
		}
	}
	return out
}

func isEnum(t reflect.Type) bool {
	_, ok := t.MethodByName("Values")
	return ok && t.Kind() == reflect.String
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
