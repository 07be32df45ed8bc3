// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import "testing"

func TestARuleIsLeftOutWhereOthersSayItBetter(t *testing.T) {
	rule := problem{"containerDefinitions", "portMappings[].hostPort: it is the container port; leave it out"}
	for name, tc := range map[string]struct {
		rule  problem
		other problem
		left  bool
	}{
		"the same field":                 {rule, problem{"containerDefinitions[1].portMappings[0].hostPort", "ports must match"}, false},
		"another field":                  {rule, problem{"containerDefinitions[1].portMappings[0].name", "used twice"}, true},
		"the same words":                 {rule, problem{"containerDefinitions[1]", "of web: it is the container port"}, false},
		"the same way out":               {problem{"executionRoleArn", "Fargate needs it"}, problem{"containerDefinitions[0].image", "a role is needed. Set executionRoleArn"}, false},
		"a field that only is spoken of": {problem{"memory", "Fargate needs it"}, problem{"cpu", "goes with memory"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if left := len(without([]problem{tc.rule}, []problem{tc.other})) == 1; left != tc.left {
				t.Errorf("left: %t", left)
			}
		})
	}
}
