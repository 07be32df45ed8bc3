// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// asking finds out what is asked for about the placement of tasks: by their service as it is now, and by the task definition that they were made
// from. The tasks of a revision ask for the same.
type asking struct {
	client    client.Reader
	cluster   *ecsv1.ClusterSpec
	providers []ecsv1.CapacityProvider
	known     map[askKey]*service.Carriage
	// graces are how long after their start the tasks of a service aren't judged by their health.
	graces map[askKey]time.Duration
}

type askKey struct{ namespace, owner, revision string }

// of is what a pod's service or task asks for; nil where that is gone or going: then the pod is about to go as well.
func (a *asking) of(ctx context.Context, pod *corev1.Pod) (*service.Carriage, error) {
	key := askKey(revisionOf(pod))
	if carriage, known := a.known[key]; known {
		return carriage, nil
	}
	ask, revision, err := a.ask(ctx, pod)
	if err != nil || revision == "" {
		a.known[key] = nil
		return nil, client.IgnoreNotFound(err)
	}
	td := &ecsv1.TaskDefinitionRevision{}
	if err := a.client.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: revision}, td); err != nil {
		a.known[key] = nil
		return nil, client.IgnoreNotFound(err)
	}
	carriage := service.Carry(ask, &td.Spec.TaskDefinition, a.cluster, a.providers)
	a.known[key] = &carriage
	return &carriage, nil
}

// replaces reports whether the service of a task is to replace it for its health.
func (a *asking) replaces(ctx context.Context, pod *corev1.Pod, task taskstate.Task, now time.Time) (bool, error) {
	if task.Failing == nil {
		return false, nil
	}
	if carriage, err := a.of(ctx, pod); carriage == nil {
		return false, err
	}
	at := task.UnhealthyAt(a.graces[askKey(revisionOf(pod))])
	return !at.IsZero() && !at.After(now), nil
}

// ask is what the service or task says, and the name of the task definition revision; "" where there is none.
func (a *asking) ask(ctx context.Context, pod *corev1.Pod) (service.PlacementAsk, string, error) {
	if alone(pod) {
		return a.askOfTask(ctx, pod)
	}
	revision, err := a.serviceRevision(ctx, pod)
	if err != nil || revision == nil {
		return service.PlacementAsk{}, "", err
	}
	svc := &ecsv1.Service{}
	if err := a.client.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: revision.Spec.Service}, svc); err != nil {
		return service.PlacementAsk{}, "", err
	}
	if svc.DeletionTimestamp != nil {
		return service.PlacementAsk{}, "", nil
	}
	a.graces[askKey(revisionOf(pod))] = service.HealthCheckGrace(svc)
	return service.AskOf(&svc.Spec), revision.Spec.TaskDefinitionRevisionName, nil
}

// serviceRevision is the one that a pod belongs to. Its name is made of the service's, of which the pod's label may be a folded form: then
// the labels find it.
func (a *asking) serviceRevision(ctx context.Context, pod *corev1.Pod) (*ecsv1.ServiceRevision, error) {
	list := &ecsv1.ServiceRevisionList{}
	labels := client.MatchingLabels{ecsv1.LabelService: pod.Labels[ecsv1.LabelService], ecsv1.LabelServiceRevision: pod.Labels[ecsv1.LabelServiceRevision]}
	if err := a.client.List(ctx, list, client.InNamespace(pod.Namespace), labels); err != nil || len(list.Items) == 0 {
		return nil, err
	}
	return &list.Items[0], nil
}

func (a *asking) askOfTask(ctx context.Context, pod *corev1.Pod) (service.PlacementAsk, string, error) {
	owner := metav1.GetControllerOf(pod)
	t := &ecsv1.Task{}
	if owner == nil {
		return service.PlacementAsk{}, "", nil
	}
	if err := a.client.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: owner.Name}, t); err != nil {
		return service.PlacementAsk{}, "", err
	}
	if !task.Accepted(t) || t.UID != owner.UID || t.DeletionTimestamp != nil {
		return service.PlacementAsk{}, "", nil
	}
	ref, err := arn.ParseTaskDefinition(t.Status.TaskDefinitionArn)
	return service.AskOfTask(&t.Spec), names.TaskDefinitionRevision(ref.Family, ref.Revision), err
}
