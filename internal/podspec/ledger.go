// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// Verdict says what becomes of a field.
type Verdict string

// The verdicts.
const (
	// Exact: what ECS does is done, by the pod or by another part of the operator; the row says where.
	Exact Verdict = "exact"
	// Approximated: nearly what ECS does; the row says where it differs, and a warning where it shows.
	Approximated Verdict = "approximated"
	// NoEffect: it may be set and there is nothing to do; the row says why.
	NoEffect Verdict = "noEffect"
	// Refused: it can't have an effect, ever, and a task definition with it is turned down; the row says what to use instead.
	Refused Verdict = "refused"
	// NotYetMapped: it has no effect so far, and the object says so.
	NotYetMapped Verdict = "notYetMapped"
)

// Row says what becomes of one leaf of a task definition.
type Row struct {
	// Path by JSON names, [] for the elements of a list: containerDefinitions[].portMappings[].name.
	Path    string
	Verdict Verdict
	// To is where it lands, by JSON names from the pod template's spec on; or which part of the operator acts on it.
	To string
	// Why says what a reader would ask next. Empty where there is nothing to ask.
	Why string
}

// Ledger has one row for each leaf, in the order of the parts below. A theme is a file; a new field is a row in the file of its
// theme. The test that walks the API types fails for a leaf without a row and for a row without a leaf.
func Ledger() []Row {
	return slices.Concat(taskRows, containerRows, sizeRows, networkRows, healthRows, orderRows, secretRows, loggingRows, linuxRows, volumeRows)
}

// containerPath begins the path of a container's field.
const containerPath = "containerDefinitions[]."

// rows gives one verdict to several leaves below one path.
func rows(verdict Verdict, below, to, why string, leaves ...string) []Row {
	out := make([]Row, 0, len(leaves))
	for _, leaf := range leaves {
		out = append(out, Row{Path: below + "." + leaf, Verdict: verdict, To: to, Why: why})
	}
	return out
}
