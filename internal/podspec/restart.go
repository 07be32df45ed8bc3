// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapRestartPolicy: the launcher starts the command again in place, if it has run for the attempt period and its exit code isn't ignored.
// The container itself never is, so what ends it ends it for good (DG/container-restart-policy).
func mapRestartPolicy(t *translation, i int, in taskdef.Container, _ *corev1.Container) {
	if in.Restart == nil {
		return
	}
	t.launcher(i, "restartPolicy").Restart = &launchspec.Restart{
		IgnoredExitCodes: in.Restart.IgnoredExitCodes, AttemptPeriodSeconds: in.Restart.AttemptPeriod,
	}
}
