// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// kubeObject is an object of the API.
type kubeObject interface {
	metav1.Object
	runtime.Object
}

// Object is a converted object.
type Object struct {
	File string
	Kind string
	// ECSName is the family, the name of the service and so on; "" where the request leaves it to AWS.
	ECSName string
	// Object is typed, without the fields that were refused.
	Object kubeObject
	// Rows are the fields with their verdicts, in the order of the file.
	Rows []Row

	kind *kind
	name string // metadata.name
	spec map[string]any
	at   source.Position
}

// Name is Kind/metadata.name.
func (o *Object) Name() string { return o.Kind + "/" + o.name }

// Refused says whether the object has a field that is turned down.
func (o *Object) Refused() bool {
	return slices.ContainsFunc(o.Rows, func(r Row) bool { return r.Verdict == Refused })
}

// object converts one request.
func (c *Converter) object(r request) (*Object, error) {
	d := &decoder{request: r}
	spec, err := d.decode()
	if err != nil {
		return nil, err
	}
	o := &Object{File: r.file, Kind: r.kind.name, kind: r.kind, spec: spec, at: r.node.At}
	problems := c.giveName(o, d)
	rewrite := followFamily(o)
	if err := o.build(); err != nil {
		return nil, malformed(r.file, r.node, "%s: %s", r.kind.name, err)
	}
	o.report(d, c.check(o, d, problems), rewrite)
	o.prune(d)
	if err := o.build(); err != nil {
		return nil, malformed(r.file, r.node, "%s: %s", r.kind.name, err)
	}
	o.Object.SetNamespace(c.namespace(o))
	return o, nil
}

func (c *Converter) namespace(o *Object) string {
	if !o.kind.namespaced {
		return ""
	}
	return c.Namespace
}

// build makes the typed object of the spec.
func (o *Object) build() error {
	text, err := json.Marshal(o.spec)
	if err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	meta := metav1.ObjectMeta{Name: o.name}
	types := metav1.TypeMeta{APIVersion: ecsv1.GroupVersion.String(), Kind: o.Kind}
	switch o.Kind {
	case "Cluster":
		out := &ecsv1.Cluster{TypeMeta: types, ObjectMeta: meta}
		o.Object, err = out, strict.Decode(&out.Spec)
	case "Repository":
		out := &ecsv1.Repository{TypeMeta: types, ObjectMeta: meta}
		o.Object, err = out, strict.Decode(&out.Spec)
	case "TaskDefinition":
		out := &ecsv1.TaskDefinition{TypeMeta: types, ObjectMeta: meta}
		o.Object, err = out, strict.Decode(&out.Spec)
	case "Service":
		out := &ecsv1.Service{TypeMeta: types, ObjectMeta: meta}
		o.Object, err = out, strict.Decode(&out.Spec)
	}
	return err
}
