// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// sorted puts objects in the order in which they refer to each other, those of one kind as the files have them.
func sorted(objects []*Object) []*Object {
	out := slices.Clone(objects)
	slices.SortStableFunc(out, func(a, b *Object) int { return slices.Index(kinds, a.kind) - slices.Index(kinds, b.kind) })
	return out
}

// minimal is an object as people write it: without status, nulls and what is empty and stands for nothing.
func minimal(object any) (map[string]any, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		return nil, err
	}
	delete(out, "status")
	if metadata, ok := out["metadata"].(map[string]any); ok {
		delete(metadata, "creationTimestamp")
	}
	if spec, ok := out["spec"].(map[string]any); ok {
		dropNulls(spec)
	}
	return out, nil
}

func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			if below == nil {
				delete(v, name)
				continue
			}
			dropNulls(below)
		}
	case []any:
		for _, below := range v {
			dropNulls(below)
		}
	}
}

// printYAML writes documents with --- between them.
func printYAML[T any](w io.Writer, objects []T) error {
	for i, o := range objects {
		tree, err := minimal(o)
		if err != nil {
			return err
		}
		text, err := yaml.Marshal(tree)
		if err != nil {
			return err
		}
		separator := "---\n"
		if i == 0 {
			separator = ""
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, text); err != nil {
			return err
		}
	}
	return nil
}

// printJSON writes one object as it is, and more as a List, which is what kubectl does.
func printJSON[T any](w io.Writer, objects []T) error {
	var trees []any
	for _, o := range objects {
		tree, err := minimal(o)
		if err != nil {
			return err
		}
		trees = append(trees, tree)
	}
	var all any = map[string]any{"apiVersion": "v1", "kind": "List", "items": trees}
	if len(trees) == 1 {
		all = trees[0]
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

// reportJSON writes one row a line.
func reportJSON(w io.Writer, rows []Row) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

var colours = map[Verdict]string{Exact: "\x1b[32m", NoEffect: "\x1b[2m", Approximated: "\x1b[33m", Refused: "\x1b[31m"}

const (
	bold      = "\x1b[1m"
	colourOff = "\x1b[0m"
)

// reportTable writes the rows of each object under its name, the worst first, and a summary.
func reportTable(w io.Writer, objects []*Object, colour bool) error {
	paint := func(how, text string) string {
		if !colour {
			return text
		}
		return how + text + colourOff
	}
	var b strings.Builder
	var all []Row
	for _, o := range objects {
		all = append(all, o.Rows...)
		fmt.Fprintf(&b, "%s  %s\n", paint(bold, o.Name()), o.File)
		rows := slices.Clone(o.Rows)
		slices.SortStableFunc(rows, func(x, y Row) int {
			return slices.Index(verdicts, y.Verdict) - slices.Index(verdicts, x.Verdict)
		})
		width := 0
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row.Path))
		}
		for _, row := range rows {
			line := fmt.Sprintf("  %s  %s  %s", paint(colours[row.Verdict], pad(string(row.Verdict), len(Approximated))), pad(row.Path, width), what(row))
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		b.WriteByte('\n')
	}
	b.WriteString(summary(len(objects), all) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// what is the last column: where a field landed, and what there is to say about it.
func what(row Row) string {
	switch {
	case row.To != "" && row.Why != "":
		return row.To + ": " + row.Why
	case row.To != "":
		return row.To
	}
	return row.Why
}

// summary counts objects and fields.
func summary(objects int, rows []Row) string {
	count := Counts(rows)
	return fmt.Sprintf("%s, %s: %d exact, %d without effect, %d approximated, %d refused",
		plural(objects, "object"), plural(len(rows), "field"), count[Exact], count[NoEffect], count[Approximated], count[Refused])
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
