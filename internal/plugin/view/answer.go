// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Answer is what was answered to a hook, "" where nobody has: CONTINUE or ROLLBACK.
func Answer(sd *ecsv1.ServiceDeployment, hook string) string {
	for word := range strings.SplitSeq(sd.Annotations[ecsv1.AnnotationContinueDeployment], ",") {
		id, action, _ := strings.Cut(strings.TrimSpace(word), "=")
		if id == hook {
			return cmp.Or(action, string(ecsv1.DeploymentLifecycleHookActionContinue))
		}
	}
	return ""
}
