// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// health is what a health check says.
type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// healthTests is health_test.yaml, as Argo CD's own tests read it.
type healthTests struct {
	Tests []healthTest `json:"tests"`
}

type healthTest struct {
	InputPath    string `json:"inputPath"`
	HealthStatus health `json:"healthStatus"`
}

// action is what actions/discovery.lua says of an action.
type action struct {
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
}

// actionTests is action_test.yaml.
type actionTests struct {
	DiscoveryTests []struct {
		InputPath string   `json:"inputPath"`
		Result    []action `json:"result"`
	} `json:"discoveryTests"`
	ActionTests []struct {
		Action             string `json:"action"`
		InputPath          string `json:"inputPath"`
		ExpectedOutputPath string `json:"expectedOutputPath"`
	} `json:"actionTests"`
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(read(t, file), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// as turns what a script returns into what it stands for.
func as(t *testing.T, from, into any) {
	t.Helper()
	text, err := yaml.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestHealth(t *testing.T) {
	for _, kind := range kinds(t) {
		folder := filepath.Join(customizations, kind)
		var tests healthTests
		load(t, filepath.Join(folder, "health_test.yaml"), &tests)
		seen := map[string]bool{}
		for _, tc := range tests.Tests {
			t.Run(kind+"/"+filepath.Base(tc.InputPath), func(t *testing.T) {
				seen[filepath.Base(tc.InputPath)] = true
				said, err := run(script(t, kind, "health.lua"), manifest(t, filepath.Join(folder, tc.InputPath)))
				if err != nil {
					t.Fatal(err)
				}
				var got health
				as(t, said, &got)
				if d := diff.Diff(tc.HealthStatus, got); d != "" {
					t.Errorf("health (-want +got):\n%s", d)
				}
			})
		}
		for _, state := range []string{"Healthy", "Progressing", "Degraded"} {
			if !slices.ContainsFunc(tests.Tests, func(tc healthTest) bool { return tc.HealthStatus.Status == state }) {
				t.Errorf("%s: no test has %s", kind, state)
			}
		}
		files, err := os.ReadDir(filepath.Join(folder, "testdata"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !seen[f.Name()] {
				t.Errorf("%s/testdata/%s is in no test", kind, f.Name())
			}
		}
	}
}

func TestActions(t *testing.T) {
	for _, kind := range kinds(t) {
		folder := filepath.Join(customizations, kind, "actions")
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			continue
		}
		var tests actionTests
		load(t, filepath.Join(folder, "action_test.yaml"), &tests)
		ran := map[string]bool{}
		for _, tc := range tests.DiscoveryTests {
			t.Run(kind+"/discovery/"+filepath.Base(tc.InputPath), func(t *testing.T) {
				got := discover(t, kind, manifest(t, filepath.Join(folder, tc.InputPath)))
				if d := diff.Diff(tc.Result, got); d != "" {
					t.Errorf("actions (-want +got):\n%s", d)
				}
				for _, a := range got {
					ran[a.Name] = ran[a.Name] || false
				}
			})
		}
		for _, tc := range tests.ActionTests {
			t.Run(kind+"/"+tc.Action+"/"+filepath.Base(tc.InputPath), func(t *testing.T) {
				before := manifest(t, filepath.Join(folder, tc.InputPath))
				after, err := run(script(t, kind, "actions", tc.Action, "action.lua"), manifest(t, filepath.Join(folder, tc.InputPath)))
				if err != nil {
					t.Fatal(err)
				}
				if d := diff.Diff(any(manifest(t, filepath.Join(folder, tc.ExpectedOutputPath))), restored(before, after)); d != "" {
					t.Errorf("the object (-want +got):\n%s", d)
				}
				ran[tc.Action] = true
			})
		}
		for name, ok := range ran {
			if !ok {
				t.Errorf("%s: no test runs the action %s", kind, name)
			}
		}
	}
}

// discover runs discovery.lua. The actions are sorted: Lua gives them in any order.
func discover(t *testing.T, kind string, obj object) []action {
	t.Helper()
	said, err := run(script(t, kind, "actions", "discovery.lua"), obj)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]action{}
	as(t, said, &named)
	var out []action
	for name, a := range named {
		a.Name = name
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b action) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// What is read by conditions alone is read the same way.
func TestKindsWithoutAStoryOfTheirOwnHaveOneScript(t *testing.T) {
	want := script(t, "TaskDefinition", "health.lua")
	for _, kind := range kinds(t) {
		if slices.Contains([]string{"Service", "ServiceDeployment", "Task"}, kind) {
			continue
		}
		if script(t, kind, "health.lua") != want {
			t.Errorf("%s/health.lua isn't TaskDefinition/health.lua", kind)
		}
	}
}
