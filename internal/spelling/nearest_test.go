// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package spelling

import "testing"

func TestNearestIsTheNameThatWasLikelyMeant(t *testing.T) {
	names := []string{"ecs.os-type", "ecs.os-family", "ecs.instance-type"}
	for name, want := range map[string]string{"ecs.os-typ": "ecs.os-type", "ECS.OS-Family": "ecs.os-family", "ecs.instnace-type": "ecs.instance-type", "stack": ""} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
