// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/fields"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// Verdict says what became of a field.
type Verdict string

// The verdicts, as docs/fields.md explains them.
const (
	Exact        Verdict = "exact"
	Approximated Verdict = "approximated"
	NoEffect     Verdict = "noEffect"
	Refused      Verdict = "refused"
)

// verdicts from best to worst.
var verdicts = []Verdict{Exact, NoEffect, Approximated, Refused}

func worse(a, b Verdict) bool { return slices.Index(verdicts, a) > slices.Index(verdicts, b) }

// Row is one line of the report.
type Row struct {
	File string `json:"file"`
	// Resource is Kind/name of the object.
	Resource string `json:"resource"`
	// Path of the field by ECS's names.
	Path    string  `json:"path"`
	Verdict Verdict `json:"verdict"`
	// To is where it landed.
	To  string `json:"to"`
	Why string `json:"why"`

	// At is where the field is in the file.
	At source.Position `json:"-"`
	// Nothing: there was nothing to convert, as in a null.
	Nothing bool `json:"-"`
}

// report puts a verdict on each field: what the request itself says, else what the ledger says; then what the checks have found. rewritten
// is what there is to say about a service's taskDefinition.
func (o *Object) report(d *decoder, f findings, rewritten *said) {
	rows := fields.Of(o.Kind)
	for _, l := range d.leaves {
		row := Row{File: o.File, Resource: o.Name(), Path: l.path, At: l.at}
		entry, _ := fields.Find(rows, l.pattern)
		switch {
		case l.said != nil:
			row.Verdict, row.Why, row.Nothing = l.said.verdict, l.said.why, l.said.nothing
		case l.unresolved != "" && idle(entry):
			row.Verdict, row.Why = NoEffect, strings.TrimPrefix(entry.Why+"; its value isn't known, and a placeholder stands for it", "; ")
		case l.unresolved != "":
			row.Verdict, row.Why = Refused, l.unresolved
		case rewritten != nil && l.path == "taskDefinition":
			row.Verdict, row.To, row.Why = rewritten.verdict, entry.To, rewritten.why
		default:
			if td, ok := o.Object.(*ecsv1.TaskDefinition); ok && f.known {
				entry = podspec.AtHand(entry, &td.Spec.TaskDefinitionFields, f.result, l.path)
			}
			row.Verdict, row.To, row.Why = o.ledger(entry, l.path, f.idle)
		}
		o.Rows = append(o.Rows, row)
	}
	for _, p := range f.problems {
		o.add(d, Row{Path: p.path, Verdict: Refused, Why: p.message})
	}
	if f.result != nil {
		for _, w := range f.result.Warnings {
			o.add(d, Row{Path: w.Path, Verdict: verdictOf(w.Verdict), Why: w.Message})
		}
	}
	for i := range o.Rows {
		if o.Rows[i].Verdict == Refused {
			o.Rows[i].To = ""
		}
	}
}

// verdictOf the ledger. What isn't mapped yet has no effect so far.
func verdictOf(v podspec.Verdict) Verdict {
	switch v {
	case podspec.Exact:
		return Exact
	case podspec.Approximated:
		return Approximated
	case podspec.Refused:
		return Refused
	case podspec.NoEffect, podspec.NotYetMapped:
	}
	return NoEffect
}

// ledger is the ledger's verdict. A field of a Service that isn't acted on is exact where its value asks for nothing: a circuit breaker
// that isn't enabled. One that is acted on may have values that aren't: launchType EXTERNAL.
func (o *Object) ledger(entry podspec.Row, path string, idle []string) (Verdict, string, string) {
	const idles = "it has no effect so far"
	v := verdictOf(entry.Verdict)
	waits := slices.ContainsFunc(idle, func(p string) bool {
		return path == p || strings.HasPrefix(path, p+".") || strings.HasPrefix(path, p+"[")
	})
	switch {
	case o.Kind == "Service" && entry.Verdict == podspec.NotYetMapped && !waits:
		return Exact, entry.To, "what it asks for is what happens without it"
	case o.Kind == "Service" && entry.Verdict == podspec.Exact && waits:
		return NoEffect, entry.To, "with this value " + idles
	}
	return v, cmp.Or(entry.To, path), cmp.Or(entry.Why, unlessExact(v, idles))
}

func unlessExact(v Verdict, why string) string {
	if v == Exact {
		return ""
	}
	return why
}

// add adds what a check has found to the row of the field, or as a row of its own for a field that isn't in the file.
func (o *Object) add(d *decoder, found Row) {
	for i := range o.Rows {
		row := &o.Rows[i]
		if row.Path != found.Path {
			continue
		}
		switch {
		case worse(found.Verdict, row.Verdict):
			row.Verdict, row.Why = found.Verdict, found.Why
		case found.Verdict == row.Verdict && !strings.Contains(row.Why, found.Why) && found.Verdict == Refused:
			row.Why += "; " + found.Why
		case found.Verdict == row.Verdict:
			row.Why = found.Why // of this object, where the ledger speaks of all
		}
		row.Nothing = row.Nothing && found.Verdict != Refused
		return
	}
	found.File, found.Resource, found.At = o.File, o.Name(), d.position(found.Path)
	o.Rows = append(o.Rows, found)
}

// position of a field, or of what it would be in.
func (d *decoder) position(path string) source.Position {
	for path != "" {
		if at, ok := d.positions[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return d.positions[""]
}

// prune takes the fields out that are refused.
func (o *Object) prune(d *decoder) {
	for _, l := range d.leaves {
		i := slices.IndexFunc(o.Rows, func(r Row) bool { return r.Path == l.path })
		if o.Rows[i].Verdict == Refused {
			remove(o.spec, l.path)
		}
	}
}

// remove takes the field at path out of tree.
func remove(tree any, path string) {
	name, rest, deeper := strings.Cut(path, ".")
	name, index, indexed := strings.Cut(name, "[")
	fields, ok := tree.(map[string]any)
	if !ok {
		return
	}
	switch {
	case !deeper && !indexed:
		delete(fields, name)
	case indexed:
		var i int
		items, ok := fields[name].([]any)
		if _, err := fmt.Sscanf(index, "%d]", &i); err == nil && ok && i < len(items) && deeper {
			remove(items[i], rest)
		}
	default:
		remove(fields[name], rest)
	}
}

// Refusal is a reason to turn an object down.
type Refusal struct {
	// Row is the first field that it is about; Fields is how many there are.
	Row
	Fields int
}

// Refusals gives the reasons in the order of the rows. One that is about all of a field of the task definition, such as proxyConfiguration,
// is there once.
func (o *Object) Refusals() []Refusal {
	var out []Refusal
	for _, row := range o.Rows {
		if row.Verdict != Refused {
			continue
		}
		if i := slices.IndexFunc(out, func(r Refusal) bool { return r.Why == row.Why && whole(r.Path, row.Path) }); i >= 0 {
			out[i].Fields++
			continue
		}
		out = append(out, Refusal{row, 1})
	}
	return out
}

// whole: two fields are parts of one that stands beside containerDefinitions.
func whole(a, b string) bool {
	top := func(path string) string { return path[:max(0, strings.IndexAny(path, ".["))] }
	return top(a) != "" && top(a) == top(b) && top(a) != "containerDefinitions"
}

// String is path: why, and how many fields more.
func (r Refusal) String() string {
	text := strings.TrimPrefix(r.Path+": "+r.Why, ": ")
	if r.Fields > 1 {
		text += fmt.Sprintf(" (and %s more)", plural(r.Fields-1, "field"))
	}
	return text
}

// Counts of rows by verdict.
func Counts(rows []Row) map[Verdict]int {
	out := map[Verdict]int{}
	for _, row := range rows {
		out[row.Verdict]++
	}
	return out
}
