// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// addFiles gives the fuzzer the inputs of other tests to begin with.
func addFiles(f *testing.F, patterns ...string) {
	f.Helper()
	const largest = 4096 // what is changed in places stays near what it was
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, "finds nothing", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if len(text) <= largest {
				f.Add(text)
			}
		}
	}
}

var known = cloudformation.Options{Region: "r", AccountID: "1", StackName: "s", Parameters: map[string]string{"Tag": "7"}}

// FuzzConvert: whatever the bytes, there is no panic, and an error names a place. What was converted and not refused, taken as the request
// that it stands for, converts to the same.
func FuzzConvert(f *testing.F) {
	addFiles(f, "../testdata/*/*.json", "../testdata/*/*.yaml", "../../../test/corpus/testdata/*.*")
	f.Fuzz(func(t *testing.T, data []byte) {
		c := New()
		c.Family, c.Template = "f", known
		objects, err := c.Convert("in", data)
		if err != nil {
			var place *source.Error
			var strange *Stranger
			if !errors.As(err, &place) && !errors.As(err, &strange) {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		if _, err := c.Pods(objects); err != nil {
			t.Fatalf("accepted, and has no pod: %v", err)
		}
		for _, o := range objects {
			checkRows(t, o)
			if !o.Refused() {
				checkAgain(t, o)
			}
		}
	})
}

func checkRows(t *testing.T, o *Object) {
	t.Helper()
	for _, row := range o.Rows {
		if row.At.Line < 1 || row.At.Column < 1 {
			t.Fatalf("%s %s has no place", row.Resource, row.Path)
		}
		if row.Verdict != Exact && row.Why == "" {
			t.Fatalf("%s %s is %s and nothing says why", row.Resource, row.Path, row.Verdict)
		}
	}
}

// checkAgain converts what was printed: its spec with the ECS name is a request. The name itself is left out of the comparison: of two objects
// that would share one, the second has a number.
func checkAgain(t *testing.T, o *Object) {
	t.Helper()
	first := specOf(t, o)
	first[o.kind.nameField] = cmp.Or(o.ECSName, o.name)
	request := asJSON(t, first)
	c := New()
	objects, err := c.Convert("again.json", request)
	if err != nil || len(objects) != 1 || objects[0].Refused() {
		t.Fatalf("%s converts to %s, which is refused: %v %v", o.Name(), request, err, objects)
	}
	second := specOf(t, objects[0])
	delete(first, o.kind.nameField)
	delete(second, o.kind.nameField)
	if before, after := asJSON(t, first), asJSON(t, second); !bytes.Equal(before, after) {
		t.Fatalf("%s converts to\n%s\nand that to\n%s", o.Name(), before, after)
	}
}

func specOf(t *testing.T, o *Object) map[string]any {
	t.Helper()
	tree, err := minimal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	if spec, ok := tree["spec"].(map[string]any); ok {
		return spec
	}
	return map[string]any{} // a cluster with nothing but a name
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
