// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskstate

import "testing"

// Each look at a service asks about each of its tasks.
func BenchmarkOf(b *testing.B) {
	task := pod()
	b.ReportAllocs()
	for b.Loop() {
		if Of(task, 0, at(60).Time).LastStatus == "" {
			b.Fatal("no status")
		}
	}
}
