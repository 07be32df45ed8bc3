// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
)

// Answer is what was answered to a hook, "" where nobody has: CONTINUE or ROLLBACK.
func Answer(sd *ecsv1.ServiceDeployment, hook string) string {
	decisions, _ := hooks.Decisions(sd.Annotations[ecsv1.AnnotationContinueDeployment])
	return string(decisions[hook])
}
