// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// Verdict says what becomes of a field.
type Verdict string

// The verdicts.
const (
	// Mapped: Kubernetes does what ECS does.
	Mapped Verdict = "mapped"
	// Approximated: Kubernetes does nearly what ECS does; the row says where it differs, and a warning where it shows.
	Approximated Verdict = "approximated"
	// Elsewhere: another part of the operator acts on it.
	Elsewhere Verdict = "elsewhere"
	// Accepted: it may be set and there is nothing to do.
	Accepted Verdict = "accepted"
	// Rejected: it can't have an effect, ever; the row says why.
	Rejected Verdict = "rejected"
	// NotYetMapped: it has no effect so far, and the object says so.
	NotYetMapped Verdict = "notYetMapped"
)
