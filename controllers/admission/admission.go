// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package admission answers the apiserver when someone writes a TaskDefinition, a Service or a Task: it refuses what ECS refuses when a
// task definition is registered, all of it at once, and warns of what will be otherwise than in ECS or can't be started. When someone
// changes a Cluster or deletes a CapacityProvider it warns of what uses what is taken away.
//
// Nothing depends on it. The controllers judge each object again and tell the same in conditions, so that the apiserver may go on
// without an answer (failurePolicy Ignore). What depends on other objects is never refused, since these may come or change later:
// a Service before its TaskDefinition, a namespace's label after both. It is warned of.
package admission

import (
	"context"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Webhooks answers for the kinds that people write.
type Webhooks struct {
	// Reader knows namespaces.
	Reader client.Reader
	// Foresee tells what would keep a Service from being started as it is written, given all that there is now: "" for nothing.
	Foresee func(context.Context, *ecsv1.Service) (string, error)
	// ForeseeTask tells the same of a Task.
	ForeseeTask func(context.Context, *ecsv1.Task) (string, error)
	// ForeseeCluster tells what uses what a change takes out of a Cluster, and ForeseeDeletion what uses a CapacityProvider that is to be deleted.
	ForeseeCluster  func(ctx context.Context, before, after *ecsv1.Cluster) (string, error)
	ForeseeDeletion func(context.Context, *ecsv1.CapacityProvider) (string, error)
	// Platform is what task definitions are translated for.
	Platform service.Platform
}

// Register serves them on the paths that config/webhook names.
func (w *Webhooks) Register(server webhook.Server, scheme *runtime.Scheme) {
	server.Register("/validate-taskdefinition", admission.WithValidator(scheme, validator[*ecsv1.TaskDefinition](w.taskDefinition)).WithRecoverPanic(true))
	server.Register("/validate-service", admission.WithValidator(scheme, validator[*ecsv1.Service](w.service)).WithRecoverPanic(true))
	server.Register("/validate-cluster", admission.WithValidator(scheme, changes[*ecsv1.Cluster](w.cluster)).WithRecoverPanic(true))
	server.Register("/validate-capacityprovider", admission.WithValidator(scheme, deletions[*ecsv1.CapacityProvider](w.capacityProvider)).WithRecoverPanic(true))
	server.Register("/validate-task", admission.WithValidator(scheme, validator[*ecsv1.Task](w.task)).WithRecoverPanic(true))
}

// validator judges an object that is created or changed. Deletion is nobody's to refuse.
type validator[T runtime.Object] func(context.Context, T) (admission.Warnings, error)

// ValidateCreate judges a new object.
func (v validator[T]) ValidateCreate(ctx context.Context, o T) (admission.Warnings, error) {
	return v(ctx, o)
}

// ValidateUpdate judges a changed object.
func (v validator[T]) ValidateUpdate(ctx context.Context, _, o T) (admission.Warnings, error) {
	return v(ctx, o)
}

// ValidateDelete lets everything go.
func (v validator[T]) ValidateDelete(context.Context, T) (admission.Warnings, error) { return nil, nil }

// refusal answers with all problems at once. kubectl prints a line for each, with its field; other clients show the message.
func refusal(kind, name, exception string, problems taskdef.Problems) error {
	if len(problems) == 0 {
		return nil
	}
	status := metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
		Message: exception + ": ",
		Details: &metav1.StatusDetails{Group: ecsv1.GroupVersion.Group, Kind: kind, Name: name},
	}
	for i, p := range problems {
		if i > 0 {
			status.Message += "; "
		}
		status.Message += "spec." + p.String()
		status.Details.Causes = append(status.Details.Causes, metav1.StatusCause{
			Type: metav1.CauseTypeFieldValueInvalid, Field: "spec." + p.Path, Message: exception + ": " + p.Message,
		})
	}
	return &refused{status}
}

// refused is an error that the webhook's answer takes over whole.
type refused struct{ status metav1.Status }

func (r *refused) Error() string         { return r.status.Message }
func (r *refused) Status() metav1.Status { return r.status }

// The apiserver passes on 4096 characters of warnings; when they are more, it cuts each to 256.
const (
	mostWarnings  = 15
	roomForAll    = 4000
	longestOfOne  = 256
	truncatedMark = "..."
)

// few keeps warnings within what the apiserver passes on. more is where the rest is told.
func few(warnings []string, more string) admission.Warnings {
	var out admission.Warnings
	room := 0
	for i, text := range warnings {
		if i == mostWarnings {
			out = append(out, fmt.Sprintf("and %d more: %s", len(warnings)-i, more))
			break
		}
		out = append(out, text)
		room += len(text)
	}
	if room <= roomForAll {
		return out
	}
	for i, text := range out {
		if len(text) > longestOfOne {
			out[i] = text[:longestOfOne-len(truncatedMark)] + truncatedMark
		}
	}
	return out
}
