// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// slug is how golden files are named: testdata/<field>/<case>.in.yaml, the field as ECS spells it.
var slug = regexp.MustCompile(`^testdata/[A-Za-z]+/[a-z0-9-]+\.in\.yaml$`)

// TestGolden translates each testdata/<field>/<case>.in.yaml, an Input, and compares with <case>.out.yaml, a Result. The integration
// tests create each Result's template on a real apiserver, so that no golden says what Kubernetes would refuse.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.in.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Fatalf("found %d inputs only", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".in.yaml"), func(t *testing.T) {
			if !slug.MatchString(file) {
				t.Fatalf("%s isn't named like %s", file, slug)
			}
			got, err := yaml.Marshal(translateFile(t, file))
			if err != nil {
				t.Fatal(err)
			}
			out := strings.TrimSuffix(file, ".in.yaml") + ".out.yaml"
			if *update {
				if err := os.WriteFile(out, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run go test ./internal/podspec -update, then read the diff\n%s", diff)
			}
		})
	}
}

func TestEveryOutputHasAnInput(t *testing.T) {
	outs, err := filepath.Glob("testdata/*/*.out.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		if _, err := os.Stat(strings.TrimSuffix(out, ".out.yaml") + ".in.yaml"); err != nil {
			t.Errorf("%s: %v", out, err)
		}
	}
}

func readInput(t *testing.T, file string) Input {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var in Input
	if err := yaml.UnmarshalStrict(text, &in); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return in
}

func translateFile(t *testing.T, file string) Result {
	t.Helper()
	got, err := Translate(readInput(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestEveryFieldHasAGolden: an input sets each field of the ledger that isn't refused. The object's own words count, so a default doesn't.
func TestEveryFieldHasAGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.in.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var in struct {
			TaskDefinition map[string]any `json:"taskDefinition"`
		}
		if err := yaml.Unmarshal(text, &in); err != nil {
			t.Fatal(err)
		}
		collectPaths(in.TaskDefinition, "", shown)
	}
	for _, row := range Ledger() {
		if row.Verdict != Refused && !shown[row.Path] {
			t.Errorf("%s: no golden shows what becomes of it: write testdata/<field>/<case>.in.yaml with it, and run go test ./internal/podspec -update", row.Path)
		}
	}
}

// collectPaths notes the path of every value, as the ledger writes it: containerDefinitions[].portMappings[].name.
func collectPaths(value any, path string, into map[string]bool) {
	into[path] = true
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			collectPaths(below, strings.TrimPrefix(path+"."+name, "."), into)
		}
	case []any:
		for _, below := range v {
			collectPaths(below, path+"[]", into)
		}
	}
}
