// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// maxUnmapped keeps the list within what status.unmappedFields takes; ten containers of a hundred port mappings each could pass it.
const maxUnmapped = 500

// Unmapped gives the paths of the fields that are set in td and have no effect on its pods, sorted. Where nothing below a field
// has an effect, the field stands for all of it: containerDefinitions[0].linuxParameters. What is written but equals being left
// out ("", false, an empty list) isn't named.
func Unmapped(td *ecsv1.TaskDefinitionFields) []string {
	return unmapped(td, Ledger())
}

func unmapped(td *ecsv1.TaskDefinitionFields, ledger []Row) []string {
	text, err := json.Marshal(td)
	if err != nil {
		return nil // API types always marshal
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil
	}
	w := &walk{effects: effects(ledger)}
	w.visit(tree, "", "")
	slices.Sort(w.found)
	if over := len(w.found) - maxUnmapped; over > 0 {
		w.found = append(w.found[:maxUnmapped], fmt.Sprintf("and %d more", over))
	}
	return w.found
}

// effects has each path at or above a leaf, and whether anything at or below it has an effect on pods or elsewhere.
func effects(ledger []Row) map[string]bool {
	out := map[string]bool{}
	for _, row := range ledger {
		effect := row.Verdict != NotYetMapped && row.Verdict != Refused
		for path := row.Path; ; {
			out[path] = out[path] || effect
			cut := strings.LastIndexByte(path, '.')
			if cut < 0 {
				break
			}
			path = strings.TrimSuffix(path[:cut], "[]")
		}
	}
	return out
}

type walk struct {
	effects map[string]bool
	found   []string
}

// visit looks at one value. concrete has indexes, pattern has [] in their place.
func (w *walk) visit(v any, concrete, pattern string) {
	effect, known := w.effects[pattern]
	if known && !effect {
		if says(v) {
			w.found = append(w.found, concrete)
		}
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			w.visit(below, strings.TrimPrefix(concrete+"."+name, "."), strings.TrimPrefix(pattern+"."+name, "."))
		}
	case []any:
		for i, below := range v {
			w.visit(below, fmt.Sprintf("%s[%d]", concrete, i), pattern+"[]")
		}
	}
}

// says: the value differs from being left out.
func says(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, says)
	case map[string]any:
		for _, below := range v {
			if says(below) {
				return true
			}
		}
		return false
	}
	return true
}
