// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// kind is a row of PROJECT.
type kind struct {
	Name       string
	Namespaced bool
	Controller bool
}

func TestProjectTellsTheTruth(t *testing.T) {
	var project struct {
		Resources []struct {
			API        struct{ Namespaced bool }
			Controller bool
			Kind       string
		}
	}
	read(t, filepath.Join(root, "PROJECT"), &project)
	var got []kind
	for _, r := range project.Resources {
		got = append(got, kind{r.Kind, r.API.Namespaced, r.Controller})
	}
	if diff := cmp.Diff(kindsInTree(t), got); diff != "" {
		t.Errorf("PROJECT differs from config/crd/bases and controllers/ (-tree +PROJECT):\n%s", diff)
	}
}

// kindsInTree reads the kinds from their CRDs. A kind has a controller when a package in controllers/ is set up for it.
func kindsInTree(t *testing.T) []kind {
	t.Helper()
	var setUp strings.Builder
	for _, file := range goFiles(t) {
		if strings.HasPrefix(file, filepath.Join(root, "controllers")) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			setUp.Write(text)
		}
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no CRDs under config/crd/bases: %v", err)
	}
	var kinds []kind
	for _, file := range files {
		var crd struct {
			Spec struct {
				Scope string
				Names struct{ Kind string }
			}
		}
		read(t, file, &crd)
		name := crd.Spec.Names.Kind
		kinds = append(kinds, kind{name, crd.Spec.Scope == "Namespaced", strings.Contains(setUp.String(), "For(&ecsv1."+name+"{}")})
	}
	slices.SortFunc(kinds, func(a, b kind) int { return strings.Compare(a.Name, b.Name) })
	return kinds
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
