// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podvalidation

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/podspec"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"
)

const goldens = "../../internal/podspec/testdata/*/*.in.yaml"

// inputs are those of the goldens: good ones, which between them have every field.
func inputs() ([]podspec.Input, error) {
	files, err := filepath.Glob(goldens)
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no goldens at %s: %w", goldens, err)
	}
	var out []podspec.Input
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var in podspec.Input
		if err := yaml.UnmarshalStrict(text, &in); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, in)
	}
	return out, nil
}

// words are what texts are drawn from besides the schema's own: names that refer to each other, amounts, paths, and what is nearly one.
var words = []string{
	"", "app", "web", "log", "App", "a_b", "data", "Data", "x", "0", "1", "80", "256", "512", "1024", "2 GB", "8000-8010", "/", "/a", "/a/../b", "/dev/fuse", "a.b", "A=b", "$(X)", "nginx",
	"true", "tcp", "udp", "10.0.0.1", "fd00::1", "CMD", "CMD-SHELL", "/a/b", "arn:aws:iam::123456789012:role/x", "arn:aws:s3:::b/x.env", "arn:aws:secretsmanager:r:1:secret:x-AbCdEf",
	"www", "1000:1000", "ALL", "kernel.shmmax", "net.core.somaxconn", "nofile", "rprivate", "noexec", "local", "é", "-", "_", ".", "a:b", "x.kubernetes.io/y",
	strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("y", 255),
}

var numbers = []int64{-1, 0, 1, 2, 4, 6, 22, 64, 80, 120, 128, 256, 443, 512, 1024, 2048, 8080, 32768, 65535, 1 << 20, 1<<31 - 1}

// drawTree makes a task definition of the goldens: one of them, with parts of others, and some places changed.
func drawTree(t *rapid.T, from []podspec.Input, spec *apiextensionsv1.JSONSchemaProps) map[string]any {
	one := func(label string) map[string]any {
		return tree(from[rapid.IntRange(0, len(from)-1).Draw(t, label)].TaskDefinition)
	}
	out := one("base")
	for range rapid.IntRange(0, 2).Draw(t, "others") {
		other := one("other")
		for _, name := range slices.Sorted(maps.Keys(other)) {
			if name != containerDefinitions && rapid.Bool().Draw(t, name) {
				out[name] = joined(out[name], other[name])
			}
		}
		mixContainers(t, out, other)
	}
	for range rapid.IntRange(0, 5).Draw(t, "changes") {
		change(t, out, spec)
	}
	return out
}

const containerDefinitions = "containerDefinitions"

// mixContainers puts another task definition's containers beside those of out, or fields of theirs into them.
func mixContainers(t *rapid.T, out, other map[string]any) {
	mine, _ := out[containerDefinitions].([]any)
	theirs, _ := other[containerDefinitions].([]any)
	for _, c := range theirs {
		c, ok := c.(map[string]any)
		if !ok || len(mine) == 0 {
			continue
		}
		if rapid.Bool().Draw(t, "beside") {
			for slices.ContainsFunc(mine, func(m any) bool { return m.(map[string]any)["name"] == c["name"] }) {
				c["name"] = fmt.Sprint(c["name"], "2")
			}
			mine = append(mine, c)
			continue
		}
		into := mine[rapid.IntRange(0, len(mine)-1).Draw(t, "into")].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(c)) {
			if name != "name" && rapid.Bool().Draw(t, name) {
				into[name] = joined(into[name], c[name])
			}
		}
	}
	out[containerDefinitions] = mine
}

// joined puts two lists together, and takes the second of anything else.
func joined(a, b any) any {
	first, ok := a.([]any)
	second, too := b.([]any)
	if !ok || !too {
		return b
	}
	return slices.Concat(first, second)
}

// change walks down the schema to some place and puts another value there, or takes it out.
func change(t *rapid.T, at map[string]any, s *apiextensionsv1.JSONSchemaProps) {
	for {
		names := slices.Sorted(maps.Keys(s.Properties))
		if len(names) == 0 {
			return
		}
		name := rapid.SampledFrom(names).Draw(t, "field")
		if len(at) > 0 && rapid.Bool().Draw(t, "of those there") {
			name = rapid.SampledFrom(slices.Sorted(maps.Keys(at))).Draw(t, "field")
		}
		below, ok := s.Properties[name]
		if !ok {
			return
		}
		next := at[name]
		if items, is := next.([]any); is && len(items) > 0 && below.Items != nil {
			next, below = items[rapid.IntRange(0, len(items)-1).Draw(t, "item")], *below.Items.Schema
		}
		if deeper, is := next.(map[string]any); is && len(below.Properties) > 0 {
			at, s = deeper, &below
			continue
		}
		if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
			delete(at, name)
			return
		}
		whole := s.Properties[name]
		at[name] = drawValue(t, &whole, 0)
		return
	}
}

// drawValue draws what the schema allows, and some of what it doesn't: that is refused and no loss.
func drawValue(t *rapid.T, s *apiextensionsv1.JSONSchemaProps, depth int) any {
	switch {
	case len(s.Enum) > 0:
		var v any
		if err := json.Unmarshal(rapid.SampledFrom(s.Enum).Draw(t, "word").Raw, &v); err != nil {
			t.Fatal(err)
		}
		return v
	case s.Type == "boolean":
		return rapid.Bool().Draw(t, "boolean")
	case s.Type == "integer":
		return drawNumber(t, s)
	case s.Type == "array":
		out := []any{}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			out = append(out, drawValue(t, s.Items.Schema, depth+1))
		}
		return out
	case s.AdditionalProperties != nil:
		out := map[string]any{}
		for range rapid.IntRange(1, 3).Draw(t, "entries") {
			out[drawText(t)] = drawValue(t, s.AdditionalProperties.Schema, depth+1)
		}
		return out
	case len(s.Properties) > 0:
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			below := s.Properties[name]
			if slices.Contains(s.Required, name) || rapid.IntRange(0, 1+depth).Draw(t, name) == 0 {
				out[name] = drawValue(t, &below, depth+1)
			}
		}
		return out
	}
	return drawText(t)
}

func drawNumber(t *rapid.T, s *apiextensionsv1.JSONSchemaProps) int64 {
	n := rapid.SampledFrom(numbers).Draw(t, "number")
	if s.Minimum != nil {
		n = max(n, int64(*s.Minimum))
	}
	if s.Maximum != nil {
		n = min(n, int64(*s.Maximum))
	}
	return n
}

func drawText(t *rapid.T) string {
	return rapid.OneOf(rapid.SampledFrom(words), rapid.StringMatching(`[A-Za-z0-9_./:=-]{0,12}`), rapid.String()).Draw(t, "text")
}

// tree is a value as the apiserver has it before it is decoded: whole numbers are int64.
func tree(v any) map[string]any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // API types always marshal
	}
	var out map[string]any
	if err := yaml.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return whole(out).(map[string]any)
}

func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			v[name] = whole(below)
		}
	case []any:
		for i, below := range v {
			v[i] = whole(below)
		}
	case float64:
		return int64(v)
	}
	return v
}
