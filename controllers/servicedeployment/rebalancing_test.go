// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// Whenever zones are uneven and no task is chosen to move, it is said why; whenever one is, or they are even, nothing is.
func TestWhyNoTaskIsMoved(t *testing.T) {
	guarded := func(m *member) { m.protected = true }
	crowd := func(edits ...func(*member)) []member {
		return []member{on("x", "a1", edits...), on("y", "a1", edits...), on("z", "a2", edits...)}
	}
	for name, tc := range map[string]struct {
		members []member
		tasks   map[string]int
		room    bool
		memory  string
		want    string
		chosen  int
	}{
		"there is room":          {crowd(), map[string]int{"a": 3, "b": 0}, true, "", "", 1},
		"there is none":          {crowd(), map[string]int{"a": 3, "b": 0}, false, "", "(a: 3, b: 0), and no task is moved: no container instance of b has room for one", 0},
		"the tasks are guarded":  {crowd(guarded), map[string]int{"a": 3, "b": 0}, true, "", "(a: 3, b: 0), and no task is moved: those of a are protected", 0},
		"the zones are even":     {crowd(), map[string]int{"a": 2, "b": 1}, false, "", "", 0},
		"it was tried, in vain":  {crowd(), map[string]int{"a": 3, "b": 0}, true, "given up", "(a: 3, b: 0), and no task is moved: tasks were started in other zones than the emptiest, and aren't moved again for the same cause", 0},
		"there are a dozen more": {crowd(), map[string]int{"a": 3, "b": 0, "c": 0, "d": 0, "e": 0, "f": 0, "g": 0, "h": 0, "i": 0, "j": 0, "k": 0}, false, "", "j: 0, and 1 more), and no task", 0},
	} {
		t.Run(name, func(t *testing.T) {
			z := zones{Zones: deploy.Zones{Tasks: tc.tasks, Instances: map[string]int{"a": 2, "b": 1}, Desired: 3}, room: map[string]bool{}, hosts: hostsOf(tc.members)}
			for at := range tc.tasks {
				z.room[at] = tc.room
			}
			if tc.memory != "" {
				z.Memory = deploy.GiveUp(deploy.Rebalance(z.Zones, 1).Memory)
			}
			got := z.next(observed{service: &ecsv1.Service{Spec: ecsv1.ServiceSpec{DesiredCount: new(int32(3))}}}, revision{tasks: tasks{members: tc.members}})
			if !strings.Contains(got.uneven, tc.want) || (got.uneven == "") != (tc.want == "") {
				t.Errorf("said %q, want %q", got.uneven, tc.want)
			}
			if diff := cmp.Diff(tc.chosen, len(got.relocate)); diff != "" {
				t.Error(fmt.Sprint("chosen: ", diff))
			}
		})
	}
}
