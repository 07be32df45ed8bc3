// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
	"github.com/ecs-operator/ecs-operator/internal/spelling"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// Manifest is an object of ours as a file has it.
type Manifest struct {
	File string
	At   source.Position
	// Object is a *Service, *Task, *TaskDefinition, *Cluster or *Repository.
	Object kubeObject
}

// Problem is what is wrong with a manifest, and where.
type Problem struct {
	File          string
	At            source.Position
	Path, Message string
}

func (p Problem) Error() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%s: %s", p.File, p.At, p.Message)
	}
	return fmt.Sprintf("%s:%s: %s: %s", p.File, p.At, p.Path, p.Message)
}

// taskKind isn't converted to: what RunTask was asked for is no state to be kept.
var taskKind = &kind{name: "Task", plural: "tasks", spec: reflect.TypeFor[ecsv1.TaskSpec](), namespaced: true}

// manifests are the kinds that [ReadManifest] reads, with an empty object of each.
var manifests = []struct {
	kind *kind
	make func() kubeObject
}{
	{kindOf("Service"), func() kubeObject { return &ecsv1.Service{} }},
	{taskKind, func() kubeObject { return &ecsv1.Task{} }},
	{kindOf("TaskDefinition"), func() kubeObject { return &ecsv1.TaskDefinition{} }},
	{kindOf("Cluster"), func() kubeObject { return &ecsv1.Cluster{} }},
	{kindOf("Repository"), func() kubeObject { return &ecsv1.Repository{} }},
}

// ReadManifest makes an object of a document, and finds what the apiserver and the operator would refuse of it. A document of another API is
// passed over: neither a manifest nor problems.
func ReadManifest(file string, n *source.Node) (*Manifest, []Problem) {
	r := &reader{file: file, root: n}
	version, kindName := text(n.Find("apiVersion")), text(n.Find("kind"))
	switch {
	case n.Kind != source.Map || version == "" || kindName == "":
		return nil, []Problem{r.problem("", "expected a manifest with apiVersion and kind; kubectl ecs convert makes them of what ECS has")}
	case version != ecsv1.GroupVersion.String():
		return nil, nil
	}
	i := slices.IndexFunc(manifests, func(m struct {
		kind *kind
		make func() kubeObject
	},
	) bool {
		return m.kind.name == kindName
	})
	if i < 0 {
		return nil, nil
	}
	k, object := manifests[i].kind, manifests[i].make()
	r.strangers(n, reflect.TypeOf(object).Elem(), "")
	if len(r.problems) == 0 {
		r.check(k, object)
	}
	return &Manifest{File: file, At: n.At, Object: object}, r.problems
}

func text(n *source.Node) string {
	if n == nil || n.Kind != source.String {
		return ""
	}
	return n.Text
}

// reader collects the problems of one document.
type reader struct {
	file     string
	root     *source.Node
	problems []Problem
}

func (r *reader) problem(path, format string, args ...any) Problem {
	return Problem{File: r.file, At: find(r.root, path), Path: path, Message: fmt.Sprintf(format, args...)}
}

func (r *reader) add(path, message string) {
	r.problems = append(r.problems, r.problem(path, "%s", message))
}

// find is the place of a path such as spec.placementStrategy[0].type, or of what of it is there.
func find(n *source.Node, path string) source.Position {
	at := n.At
	for part := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		if index, err := strconv.Atoi(part); err == nil && n.Kind == source.List {
			if index >= len(n.Items) {
				return at
			}
			n = n.Items[index]
			at = n.At
			continue
		}
		i := slices.IndexFunc(n.Fields, func(f source.Field) bool { return f.Name == part })
		if i < 0 {
			return at
		}
		at, n = n.Fields[i].At, n.Fields[i].Value
	}
	return at
}

// strangers are fields that the type hasn't got. Values of other types than the fields' are the schema's business.
func (r *reader) strangers(n *source.Node, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == freeFormType || t == decimalType || t == reflect.TypeFor[metav1.ObjectMeta]():
	case t.Kind() == reflect.Slice && n.Kind == source.List:
		for i, item := range n.Items {
			r.strangers(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case t.Kind() == reflect.Struct && n.Kind == source.Map:
		known := jsonFields(t)
		for _, f := range n.Fields {
			below := strings.TrimPrefix(path+"."+f.Name, ".")
			if ft, ok := known[f.Name]; ok {
				r.strangers(f.Value, ft, below)
				continue
			}
			message := "there is no field of this name"
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			if near := spelling.Nearest(f.Name, names); near != "" {
				message += "; did you mean " + near + "?"
			}
			r.add(below, message)
		}
	}
}

// check asks the schema, then the rules, then the operator's own checks.
func (r *reader) check(k *kind, object kubeObject) {
	data, err := r.root.MarshalJSON()
	if err != nil {
		r.add("", err.Error())
		return
	}
	o := &Object{kind: k, Kind: k.name, name: text(r.root.Find("metadata").Find("name")), spec: map[string]any{}}
	if o.name == "" {
		r.add("metadata.name", "it is missing; name the object")
		return
	}
	if spec := r.root.Find("spec"); spec != nil {
		plain, err := spec.MarshalJSON()
		if err == nil {
			err = json.Unmarshal(plain, &o.spec)
		}
		if err != nil {
			r.add("spec", "expected an object, found "+spec.Describe())
			return
		}
	}
	problems := schemaProblems(o)
	if len(problems) == 0 {
		problems = ruleProblems(o)
		if err := json.Unmarshal(data, object); err != nil {
			r.add("", err.Error())
			return
		}
		o.Object = object
		problems = append(problems, ownProblems(o)...)
		problems = append(problems, ofLaunch(object)...)
	}
	for _, p := range problems {
		r.add(strings.TrimSuffix("spec."+p.path, "."), p.message)
	}
}

// ofLaunch is what is refused of a Task, and of expressions that say where tasks may run.
func ofLaunch(object kubeObject) []problem {
	var out []problem
	var constraints []ecsv1.PlacementConstraint
	switch o := object.(type) {
	case *ecsv1.Task:
		for _, p := range task.Validate(o) {
			out = append(out, problem{p.Path, p.Message})
		}
		constraints = o.Spec.PlacementConstraints
	case *ecsv1.Service:
		constraints = o.Spec.PlacementConstraints
	}
	for i, c := range constraints {
		if c.Type != ecsv1.PlacementConstraintTypeMemberOf {
			continue
		}
		if _, err := query.Parse(c.Expression); err != nil {
			out = append(out, problem{fmt.Sprintf("placementConstraints[%d].expression", i), err.Error()})
		}
	}
	return out
}
