// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var indexed = regexp.MustCompile(`\[[0-9]+\]`)

var update = flag.Bool("update", false, "write testdata and docs/fields.md anew; look at the diff")

// leaves gives the paths of all leaves below t: containerDefinitions[].portMappings[].name. Maps and lists of plain values are leaves.
func leaves(t reflect.Type, path string) []string {
	switch {
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

func TestEveryFieldHasOneRow(t *testing.T) {
	fields := map[string]bool{}
	for _, path := range leaves(reflect.TypeFor[ecsv1.TaskDefinitionFields](), "") {
		fields[path] = true
	}
	seen := map[string]bool{}
	for _, row := range Ledger() {
		if seen[row.Path] {
			t.Errorf("%s has two rows", row.Path)
		}
		seen[row.Path] = true
		if !fields[row.Path] {
			t.Errorf("%s has a row and the API has no such field: take the row out", row.Path)
		}
	}
	for path := range fields {
		if !seen[path] {
			t.Errorf("%s has no row: add one to the ledger file of its theme, and a mapper if it says mapped", path)
		}
	}
}

func TestRowsSayEnough(t *testing.T) {
	for _, row := range Ledger() {
		switch row.Verdict {
		case Exact:
			if row.To == "" {
				t.Errorf("%s is %s and doesn't say where to", row.Path, row.Verdict)
			}
		case Approximated, NoEffect, Refused:
			if row.Why == "" {
				t.Errorf("%s is %s and doesn't say why", row.Path, row.Verdict)
			}
		case NotYetMapped:
			if row.To == "" && row.Why == "" {
				t.Errorf("%s says neither where it will land nor why that is open", row.Path)
			}
		default:
			t.Errorf("%s has the verdict %q, which is none", row.Path, row.Verdict)
		}
	}
}

func TestDocsFieldsIsCurrent(t *testing.T) {
	const file = "../../docs/fields.md"
	want := fieldsPage()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/fields.md is stale; run go test ./internal/podspec -update\n%s", diff)
	}
}

func fieldsPage() []byte {
	count := map[Verdict]int{}
	for _, row := range Ledger() {
		count[row.Verdict]++
	}
	var b bytes.Buffer
	b.WriteString(`# What becomes of each field of a task definition

<!-- Printed from internal/podspec/ledger*.go by go test ./internal/podspec -update. Don't edit. -->

One row for each field, with the verdict of its worst value; where some values are exact, it says which. kubectl ecs convert --report table has the
verdict of each value. A field that is set and has no effect yet is also named on the object, in the TaskDefinition's
status.unmappedFields.

| Verdict | Fields | Meaning |
|---|---|---|
`)
	for _, v := range []struct {
		verdict Verdict
		meaning string
	}{
		{Exact, "what ECS does is done; the column To says by what"},
		{Approximated, fmt.Sprintf("Kubernetes does nearly what ECS does; the row says where it differs. %d of them are exact for some values", exactForSome())},
		{NoEffect, "it may be set and there is nothing to do"},
		{Refused, "it can't ever have an effect, and is turned down with what to use instead"},
		{NotYetMapped, "no effect so far; the column To says where it will land"},
	} {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", v.verdict, count[v.verdict], v.meaning)
	}
	b.WriteString("\n| Field | Verdict | To | Notes |\n|---|---|---|---|\n")
	for _, row := range Ledger() {
		verdict := string(row.Verdict)
		if e, ok := exceptions[row.Path]; ok {
			verdict += "; exact: " + e.when
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.Path, verdict, row.To, row.Why)
	}
	return b.Bytes()
}

// exactForSome counts the approximated fields of which some values are exact.
func exactForSome() int {
	n := 0
	for _, row := range Ledger() {
		if _, ok := exceptions[row.Path]; ok && row.Verdict == Approximated {
			n++
		}
	}
	return n
}
