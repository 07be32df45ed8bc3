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
)

// service refuses what is wrong with a Service whatever else there is, and warns of what its condition would say.
func (w *Webhooks) service(ctx context.Context, svc *ecsv1.Service) (admission.Warnings, error) {
	if problems := service.Validate(svc); len(problems) > 0 {
		return nil, refusal("Service", svc.Name, "InvalidParameterException", problems)
	}
	warnings := service.PlacementWarnings(service.AskOf(&svc.Spec))
	if without := service.Unmapped(svc); len(without) > 0 {
		warnings = append(warnings, "accepted, but without effect: "+strings.Join(without, ", "))
	}
	trouble, err := w.Foresee(ctx, svc)
	if err != nil {
		log.FromContext(ctx).V(1).Info("Couldn't foresee what becomes of the service", "why", err.Error())
	}
	if trouble != "" {
		warnings = append(warnings, trouble)
	}
	return few(warnings, ""), nil
}
