// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package fields

import (
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

var specs = map[string]reflect.Type{
	"Cluster":    reflect.TypeFor[ecsv1.ClusterSpec](),
	"Repository": reflect.TypeFor[ecsv1.RepositorySpec](),
	"Service":    reflect.TypeFor[ecsv1.ServiceSpec](),
}

// leaves gives the paths of all leaves below t. Maps, lists of plain values and free-form values are leaves.
func leaves(t reflect.Type, path string) []string {
	switch {
	case t == reflect.TypeFor[runtime.RawExtension](), t == reflect.TypeFor[ecsv1.Decimal]():
		return []string{path}
	case t.Kind() == reflect.Pointer:
		return leaves(t.Elem(), path)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return leaves(t.Elem(), path+"[]")
	case t.Kind() == reflect.Struct:
		var out []string
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			below := path
			if name != "" {
				below = strings.TrimPrefix(path+"."+name, ".")
			}
			out = append(out, leaves(f.Type, below)...)
		}
		return out
	}
	return []string{path}
}

func TestEveryFieldHasARow(t *testing.T) {
	for kind, spec := range specs {
		used := map[string]bool{}
		for _, leaf := range leaves(spec, "") {
			if strings.HasPrefix(leaf, "kubernetes.") {
				continue // what only Kubernetes has
			}
			row, ok := Find(Of(kind), leaf)
			if !ok {
				t.Errorf("%s.%s has no row: add one", kind, leaf)
			}
			used[row.Path] = true
		}
		for _, row := range Of(kind) {
			if !used[row.Path] {
				t.Errorf("%s.%s has a row and the API has no such field: take it out", kind, row.Path)
			}
			if row.Verdict == podspec.Exact && row.To == "" || row.Verdict != podspec.Exact && row.Why == "" {
				t.Errorf("%s.%s is %s and says neither where to nor why", kind, row.Path, row.Verdict)
			}
		}
	}
}

func TestTheLongestPathWins(t *testing.T) {
	rows := []podspec.Row{{Path: "a"}, {Path: "a.b"}, {Path: "ab"}}
	for path, want := range map[string]string{"a": "a", "a.b.c": "a.b", "a[].x": "a", "ab": "ab", "abc": "", "a.bc": "a"} {
		if got, _ := Find(rows, path); got.Path != want {
			t.Errorf("Find(%q) = %q, want %q", path, got.Path, want)
		}
	}
}
