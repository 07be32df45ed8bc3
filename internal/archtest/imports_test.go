// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

var update = flag.Bool("update", false, "write docs/import-graph.md anew")

func TestImportsStayInTheirRings(t *testing.T) {
	for _, v := range loadGraph(t, root).violations(rules) {
		t.Error(v)
	}
}

const graphIntro = `# Who imports whom

The packages that ship, by ring; imports point to lower rings only. What a ring may import is said in
[internal/archtest](../internal/archtest/doc.go), whose test draws this picture (` + "`make generate`" + `).

`

func TestImportGraphIsCurrent(t *testing.T) {
	file := filepath.Join(root, "docs", "import-graph.md")
	want := graphIntro + loadGraph(t, root).mermaid()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/import-graph.md is older than the code: run `make generate`")
	}
}

// TestEachRuleCanFail gives every rule a small graph that breaks it, with the chain of imports that has to be told.
func TestEachRuleCanFail(t *testing.T) {
	const m = module + "/"
	tests := map[string]struct {
		graph graph
		want  string // part of the only report; empty when the graph is fine
	}{
		"a type imports a pure package": {
			graph{m + "api/v1alpha1": {m + "internal/names"}, m + "internal/names": nil},
			"types import nothing of ours:\n\tapi/v1alpha1\n\t-> internal/names",
		},
		"a type reaches a client": {
			graph{m + "api/v1alpha1": {"example.org/x"}, "example.org/x": {"k8s.io/client-go/rest"}},
			"no client:\n\tapi/v1alpha1\n\t-> example.org/x\n\t-> k8s.io/client-go/rest",
		},
		"a type registers by controller-runtime's scheme builder": {
			graph{m + "api/v1alpha1": {"sigs.k8s.io/controller-runtime/pkg/scheme"}},
			"",
		},
		"a pure package reaches the runtime through another module": {
			graph{m + "internal/podspec": {"example.org/x"}, "example.org/x": {"sigs.k8s.io/controller-runtime"}},
			"pure packages know no client and no runtime:\n\tinternal/podspec\n\t-> example.org/x\n\t-> sigs.k8s.io/controller-runtime",
		},
		"a pure package opens files": {
			graph{m + "internal/taskdef": {"os"}},
			"no input or output",
		},
		"a pure package throws dice": {
			graph{m + "internal/placement": {"math/rand/v2"}},
			"no input or output",
		},
		"a library of a pure package opens files": {
			graph{m + "internal/taskdef": {"fmt"}, "fmt": {"os"}},
			"",
		},
		"a pure package imports a server": {
			graph{m + "internal/taskdef": {m + "internal/registry"}, m + "internal/registry": nil},
			"lower levels only:\n\tinternal/taskdef\n\t-> internal/registry",
		},
		"a pure package imports its own level": {
			graph{m + "internal/traffic": {m + "internal/podspec"}, m + "internal/podspec": nil},
			"lower levels only:\n\tinternal/traffic\n\t-> internal/podspec",
		},
		"a pure package imports a lower level": {
			graph{m + "internal/podspec": {m + "internal/names"}, m + "internal/names": nil},
			"",
		},
		"the planner knows pods": {
			graph{m + "internal/deploy": {"k8s.io/api/core/v1"}},
			"never of pods",
		},
		"a server imports a controller": {
			graph{m + "internal/plugin/view": {m + "controllers/task"}, m + "controllers/task": nil},
			"servers know no controller",
		},
		"the image registry reaches Kubernetes": {
			graph{m + "internal/registry": {"example.org/x"}, "example.org/x": {"k8s.io/api/core/v1"}},
			"the image registry knows no Kubernetes",
		},
		"a controller imports a server": {
			graph{m + "controllers/task": {m + "internal/awsapi/ecs"}, m + "internal/awsapi/ecs": nil},
			"controllers know no server",
		},
		"a controller imports another kind's": {
			graph{m + "controllers/task": {m + "controllers/service"}, m + "controllers/service": nil},
			"controllers of one kind don't import those of another:\n\tcontrollers/task\n\t-> controllers/service",
		},
		"controllers share internals": {
			graph{m + "controllers/task": {m + "controllers/internal/kube"}, m + "controllers/internal/kube": nil},
			"",
		},
		"setup imports every kind": {
			graph{m + "controllers": {m + "controllers/task", m + "controllers/service"}, m + "controllers/task": nil, m + "controllers/service": nil},
			"",
		},
		"a program imports a program": {
			graph{m + "cmd/manager": {m + "cmd/kubectl-ecs"}, m + "cmd/kubectl-ecs": nil},
			"nothing imports the wiring",
		},
		"shipped code imports test support": {
			graph{m + "controllers/task": {m + "internal/testkit"}, m + "internal/testkit": nil},
			"test support is imported by tests alone",
		},
		"a tool imports test support": {
			graph{m + "hack/demo": {m + "internal/testkit/load"}, m + "internal/testkit/load": nil},
			"",
		},
		"someone imports kubernetes itself": {
			graph{m + "hack/demo": {"k8s.io/kubernetes/pkg/api"}},
			"everything heavy is a nested module",
		},
		"a package stands in no ring": {
			graph{m + "internal/util": nil},
			"every package stands in a ring",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			found := tc.graph.violations(rules)
			if tc.want == "" {
				if len(found) > 0 {
					t.Errorf("want no report, got %q", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0], tc.want) {
				t.Errorf("want one report with %q, got %q", tc.want, found)
			}
		})
	}
}
