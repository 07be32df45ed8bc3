// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"

	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// checkPlacementConstraints: each expression can be read. What it says is for placement.
func checkPlacementConstraints(c *checker) {
	for i, constraint := range c.td.PlacementConstraints {
		if constraint.Expression == "" {
			c.add(fmt.Sprintf("placementConstraints[%d].expression", i), "memberOf needs an expression, such as attribute:ecs.os-type == linux; set it")
			continue
		}
		if _, err := query.Parse(constraint.Expression); err != nil {
			c.add(fmt.Sprintf("placementConstraints[%d].expression", i), "%s", err)
		}
	}
}
