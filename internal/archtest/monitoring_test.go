// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// metricNames are metrics where an expression names them.
	metricNames = regexp.MustCompile(`\b(?:ecs|controller_runtime)_[a-z_]+`)
	// registered is a metric in the code, with its kind.
	registered = regexp.MustCompile(`prometheus\.New(Counter|Gauge|Histogram)(?:Vec)?\([^{]*\{\s*Name:\s*"([a-z_]+)"`)
)

// foreign are metrics of controller-runtime that the operator has by itself.
var foreign = []string{"controller_runtime_reconcile_errors_total"}

// metricsInCode are the names of series that the operator has.
func metricsInCode(t *testing.T) []string {
	t.Helper()
	out := slices.Clone(foreign)
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range registered.FindAllStringSubmatch(string(text), -1) {
			if m[1] != "Histogram" {
				out = append(out, m[2])
				continue
			}
			out = append(out, m[2]+"_bucket", m[2]+"_sum", m[2]+"_count")
		}
	}
	return out
}

func TestDashboardAndRulesNameMetricsThatThereAre(t *testing.T) {
	known := metricsInCode(t)
	if len(known) < 15 {
		t.Fatalf("%d series in the code: finding them is broken", len(known))
	}
	for _, file := range []string{"dashboard.json", "rules.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, "config", "monitoring", file))
		if err != nil {
			t.Fatal(err)
		}
		names := metricNames.FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Errorf("%s names %d metrics: finding them is broken", file, len(names))
		}
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
}

func TestTheMetricsPageNamesAllOfOurs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "spec", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range metricsInCode(t)[len(foreign):] {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if !strings.Contains(string(page), "`"+base) {
			t.Errorf("docs/spec/metrics.md doesn't tell of %s", base)
		}
	}
}

// Panels have a place of their own, a sentence that says what they show, and a question.
func TestTheDashboardIsWhole(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "config", "monitoring", "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title  string
		Panels []struct {
			ID                 int
			Title, Description string
			GridPos            struct{ X, Y, W, H int }
			Targets            []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	if len(dashboard.Panels) < 8 {
		t.Errorf("it has %d panels only", len(dashboard.Panels))
	}
	for i, p := range dashboard.Panels {
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q lacks something, or is too wide", p.ID, p.Title)
		}
		for _, q := range dashboard.Panels[:i] {
			a, b := p.GridPos, q.GridPos
			if p.ID == q.ID || a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%q and %q are in one place", p.Title, q.Title)
			}
		}
	}
}
