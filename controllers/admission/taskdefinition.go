// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// taskDefinition refuses what ECS wouldn't register, and warns of what a service of it would be told.
func (w *Webhooks) taskDefinition(ctx context.Context, td *ecsv1.TaskDefinition) (admission.Warnings, error) {
	fields := &td.Spec.TaskDefinitionFields
	if problems := taskdef.Validate(fields); len(problems) > 0 {
		return nil, refusal("TaskDefinition", td.Name, "ClientException", problems)
	}
	var warnings []string
	if without := podspec.Unmapped(fields); len(without) > 0 {
		warnings = append(warnings, "accepted, but without effect: spec."+strings.Join(without, ", spec."))
	}
	level := w.level(ctx, td.Namespace)
	translated, err := podspec.Translate(podspec.Input{
		TaskDefinition: *fields,
		Service:        &podspec.Service{},
		LauncherImage:  w.Platform.LauncherImage,
		Features:       w.Platform.Features,
		PodSecurity:    level.Name(),
	})
	if err != nil { // what is wrong with it alone has been refused
		return few(append(warnings, err.Error()), ""), nil
	}
	if violations := podsecurity.Check(level, fields, &translated.Template); len(violations) > 0 {
		warnings = append(warnings, violations.Tell(td.Namespace, level, "its tasks", "spec."))
	}
	for _, said := range translated.Warnings {
		warnings = append(warnings, "spec."+said.Path+": "+said.Message)
	}
	return few(warnings, "docs/fields.md says what becomes of each field"), nil
}

// level is what the namespace enforces. It serves warnings alone: a namespace that can't be read enforces nothing.
func (w *Webhooks) level(ctx context.Context, name string) podsecurity.Level {
	namespace := &corev1.Namespace{}
	if err := w.Reader.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		log.FromContext(ctx).V(1).Info("Warned without knowing the namespace", "why", err.Error())
	}
	return podsecurity.Enforced(namespace.Labels)
}
