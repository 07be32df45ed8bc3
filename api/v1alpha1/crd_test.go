// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// kinds are all kinds, with the plural that names their CRD.
var kinds = map[string]string{
	"Cluster": "clusters", "ContainerInstance": "containerinstances", "CapacityProvider": "capacityproviders",
	"TaskDefinition": "taskdefinitions", "TaskDefinitionRevision": "taskdefinitionrevisions",
	"Service": "services", "ServiceRevision": "servicerevisions", "ServiceDeployment": "servicedeployments",
	"Task": "tasks", "Repository": "repositories",
}

func TestCRDsAreBoundedAndWithoutDefaults(t *testing.T) {
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			root := crdSchema(t, kind)
			for _, part := range []string{"spec", "status"} {
				schema := root.Properties[part]
				checkBounds(t, part, &schema)
			}
		})
	}
}

// A status that nobody has written yet says that it is of no generation, so that tools wait for it. Nobody writes that of a Repository.
func TestAStatusBeginsAsOneOfNoGeneration(t *testing.T) {
	for kind := range kinds {
		want := `{"observedGeneration":-1}`
		if kind == "Repository" {
			want = ""
		}
		got := ""
		if d := crdSchema(t, kind).Properties["status"].Default; d != nil {
			got = string(d.Raw)
		}
		if got != want {
			t.Errorf("the default of %s's status is %q, want %q", kind, got, want)
		}
	}
}

// checkBounds wants a length for each string, list and map, since rules are charged for the largest possible object.
func checkBounds(t *testing.T, path string, s *apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	if s.Default != nil && path != "status" {
		t.Errorf("%s has a default: effective values are computed, objects stay as they were written", path)
	}
	if fromKubernetes(path) {
		return
	}
	if s.Type == "string" && s.MaxLength == nil && s.Enum == nil && s.Format != "date-time" {
		t.Errorf("%s has no MaxLength", path)
	}
	if s.Type == "array" && (s.MaxItems == nil || s.XListType == nil) {
		t.Errorf("%s has no MaxItems or no listType", path)
	}
	if s.AdditionalProperties != nil && s.MaxProperties == nil {
		t.Errorf("%s has no MaxProperties", path)
	}
	if s.Description == "" && !strings.HasSuffix(path, "[]") {
		t.Errorf("%s has no description for kubectl explain", path)
	}
	for name := range s.Properties {
		p := s.Properties[name]
		checkBounds(t, path+"."+name, &p)
	}
	if s.Items != nil {
		checkBounds(t, path+"[]", s.Items.Schema)
	}
}

// fromKubernetes tells whether a type is Kubernetes' own, whose bounds aren't ours to set.
func fromKubernetes(path string) bool {
	for _, part := range []string{"status.conditions", ".nodeSelector", ".tolerations[]", "kubernetes.allowedNamespaces"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

func TestCRDsAreFoundTogether(t *testing.T) {
	shortNames := map[string]string{}
	for kind := range kinds {
		crd := readCRD(t, kind)
		names := crd.Spec.Names
		if len(names.Categories) != 1 || names.Categories[0] != "ecs" {
			t.Errorf("%s isn't in the category ecs", kind)
		}
		if len(names.ShortNames) != 1 {
			t.Errorf("%s has short names %q, want one", kind, names.ShortNames)
		}
		for _, s := range names.ShortNames {
			if shortNames[s] != "" {
				t.Errorf("%s and %s share the short name %s", kind, shortNames[s], s)
			}
			shortNames[s] = kind
		}
		if len(crd.Spec.Versions[0].AdditionalPrinterColumns) == 0 {
			t.Errorf("%s has no printer columns", kind)
		}
		if crd.Spec.Versions[0].Subresources == nil || crd.Spec.Versions[0].Subresources.Status == nil {
			t.Errorf("%s has no status subresource", kind)
		}
	}
	scale := readCRD(t, "Service").Spec.Versions[0].Subresources.Scale
	selector := ".status.selector"
	want := &apiextensionsv1.CustomResourceSubresourceScale{
		SpecReplicasPath: ".spec.desiredCount", StatusReplicasPath: ".status.runningCount", LabelSelectorPath: &selector,
	}
	if !reflect.DeepEqual(scale, want) {
		t.Errorf("Service has the scale subresource %+v, want %+v", scale, want)
	}
}

func TestFieldCommentsTeach(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "zz_") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if st, ok := n.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					fields += checkComment(t, file, f)
				}
			}
			return true
		})
	}
	t.Logf("%d fields", fields)
}

// checkComment wants the JSON name first and then whether the field may be left out. It counts the fields it has seen.
func checkComment(t *testing.T, file string, f *ast.Field) int {
	t.Helper()
	if f.Tag == nil || len(f.Names) == 0 || f.Names[0].Name == "Items" {
		return 0
	}
	name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
	comment := f.Doc.Text()
	if !strings.HasPrefix(comment, name+" ") {
		t.Errorf("%s: the comment of %s must begin with %s", file, f.Names[0].Name, name)
	}
	var markers []string
	for _, line := range f.Doc.List {
		if m := strings.TrimPrefix(line.Text, "// +"); m == "optional" || m == "required" {
			markers = append(markers, m)
		}
	}
	if len(markers) != 1 {
		t.Errorf("%s: %s must be either +optional or +required", file, name)
	}
	return 1
}

func crdSchema(t *testing.T, kind string) *apiextensionsv1.JSONSchemaProps {
	t.Helper()
	return readCRD(t, kind).Spec.Versions[0].Schema.OpenAPIV3Schema
}

func readCRD(t *testing.T, kind string) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "config", "crd", "bases", GroupVersion.Group+"_"+kinds[kind]+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(data, crd); err != nil {
		t.Fatal(err)
	}
	return crd
}
