// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// announce tells on the service's object which task ended and why, in the words of a service event.
func (r *Reconciler) announce(ctx context.Context, pod *corev1.Pod, task taskstate.Task) error {
	name, err := references.ServiceOf(ctx, r.Client, pod)
	if err != nil {
		return err
	}
	svc := &ecsv1.Service{}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: name}, svc); err != nil {
		return client.IgnoreNotFound(err)
	}
	r.Events.Eventf(svc, podReference(pod), corev1.EventTypeWarning, "EssentialContainerExited", "StopTask",
		"(service %s) has stopped 1 running tasks: (task %s). %s", service.Name(svc), names.TaskID(string(pod.UID)), task.OverBecause)
	return nil
}

// podReference names the pod without reading the scheme, since the pod may be gone by the time that the event is written.
func podReference(pod *corev1.Pod) *corev1.ObjectReference {
	return &corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}
}
