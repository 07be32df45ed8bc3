// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

var seeds = []string{
	`{"family": "web", "containerDefinitions": [{"name": "a", "cpu": 1.5e3, "essential": true, "x": null}]}`,
	"family: web\ncontainerDefinitions:\n  - {name: a, image: !Sub '${x}', <<: {b: 1}}\n---\n[1, 2]\n",
	"a: &a [x]\nb: *a\nc: |\n  text\n  more\n", "{} [] {\"\\ud83d\\ude00\": \"\\u0000\"}", "\ufeff{}", "\xff\xfe{\x00}\x00", "{\"a\": ${B}}", "{{ .X }}", "{\"a\"", "\t- x", "- - - -",
	"a: 0x1F\nb: .inf\nc: 2001-01-01\nd: 1_000\ne: ~\nf: yes\n", "? [a]\n: b\n", "%YAML 1.2\n---\n{}", "{\"a\":1}{\"a\":-0}", "&a [*a]", "{\"a\\u0062\": 1, \"ab\": 2}", "!Ref x", "!GetAtt a.b", "<<: x",
}

// FuzzParse: whatever the bytes, there is no panic; an error names a place in the text; and what was read, written as JSON, reads the same.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		for _, name := range []string{"x.json", "x.yaml", "-"} {
			f.Add(name, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		docs, err := Parse(name, data)
		if err != nil {
			checkPlace(t, err, data)
			return
		}
		for _, doc := range docs {
			text, err := doc.MarshalJSON()
			if err != nil {
				t.Fatalf("what was read can't be written: %s", err)
			}
			if !json.Valid(text) {
				t.Fatalf("what was read is written as %s, which isn't JSON", text)
			}
			again, err := Parse("again.json", text)
			if errors.Is(err, nil) && len(again) == 1 {
				if second, err := again[0].MarshalJSON(); err != nil || !bytes.Equal(text, second) {
					t.Fatalf("%s reads back as %s, %v", text, second, err)
				}
				continue
			}
			if doc.Kind == List || doc.Kind == Map {
				t.Fatalf("%s doesn't read back: %v", text, err)
			}
		}
	})
}

// checkPlace: the line is one of the text's, or the one behind it, and the column is in it or right behind it. YAML has more line breaks than JSON.
func checkPlace(t *testing.T, err error, data []byte) {
	t.Helper()
	var at *Error
	if !errors.As(err, &at) || at.Message == "" {
		t.Fatalf("an error without a place: %v", err)
	}
	for _, lines := range [][]string{strings.Split(string(plain(data)), "\n"), lineBreak.Split(string(plain(data)), -1)} {
		line, column := at.At.Line, at.At.Column
		if line == len(lines)+1 && column == 1 || line >= 1 && line <= len(lines) && column >= 1 && column <= len([]rune(lines[line-1]))+1 {
			return
		}
	}
	t.Fatalf("%v isn't in the text %q", err, data)
}
