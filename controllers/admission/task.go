// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// task refuses what is wrong with a Task whatever else there is, and warns of what its condition would say.
func (w *Webhooks) task(ctx context.Context, t *ecsv1.Task) (admission.Warnings, error) {
	if problems := task.Validate(t); len(problems) > 0 {
		return nil, refusal("Task", t.Name, "InvalidParameterException", problems)
	}
	warnings := service.PlacementWarnings(service.AskOfTask(&t.Spec))
	if without := task.Unmapped(t); len(without) > 0 {
		warnings = append(warnings, "accepted, but without effect: "+strings.Join(without, ", "))
	}
	trouble, err := w.ForeseeTask(ctx, t)
	if err != nil {
		log.FromContext(ctx).V(1).Info("Couldn't foresee what becomes of the task", "why", err.Error())
	}
	if trouble != "" {
		warnings = append(warnings, trouble)
	}
	return few(warnings, ""), nil
}
