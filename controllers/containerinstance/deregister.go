// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	"context"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// plan is what becomes of an instance that is being deleted, which deregisters it.
type plan struct {
	// orphan are the tasks to be given up: they run on, and nobody looks after them.
	orphan []corev1.Pod
	// release lets the instance go.
	release bool
	// refused says why it stays.
	refused *conditions.Reason
}

// next: a node that is gone takes its instance along; so do tasks that are all gone, and force.
func next(instance *ecsv1.ContainerInstance, seen observed) plan {
	switch {
	case instance.DeletionTimestamp == nil:
		return plan{}
	case seen.node == nil || seen.tasks.running+seen.tasks.pending == 0:
		return plan{release: true}
	case forced(instance):
		return plan{release: true, orphan: orphans(instance, seen)}
	case seen.tasks.replicas+seen.tasks.alone == 0:
		return plan{} // the cluster stops its daemons last
	}
	return plan{refused: &conditions.Reason{Reason: ecsv1.ReasonFoundRunningTasks, Message: fmt.Sprintf(
		"InvalidParameterException: Found running tasks on the instance. Drain it first (spec.status: DRAINING), or set spec.kubernetes.forceDeregistration. Tasks that are to run there: %d",
		seen.tasks.running+seen.tasks.pending)}}
}

func forced(i *ecsv1.ContainerInstance) bool {
	return i.Spec.Kubernetes != nil && ptr.Deref(i.Spec.Kubernetes.ForceDeregistration, false)
}

// orphans are the tasks of services that run there. One that is stopping is left to stop, and one that came after the deletion is its service's: a
// DaemonSet makes another as long as the node has its label. Tasks that someone ran by themselves stay what they are: their Task has nothing else.
func orphans(instance *ecsv1.ContainerInstance, seen observed) []corev1.Pod {
	var out []corev1.Pod
	for _, pod := range seen.pods {
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		late := pod.CreationTimestamp.After(instance.DeletionTimestamp.Time)
		if pod.Labels[ecsv1.LabelService] != "" && pod.Spec.NodeName != "" && pod.DeletionTimestamp == nil && !ended && !late {
			out = append(out, pod)
		}
	}
	return out
}

func (r *Reconciler) apply(ctx context.Context, instance *ecsv1.ContainerInstance, plan plan) error {
	for i := range plan.orphan {
		if err := r.orphan(ctx, instance, &plan.orphan[i]); err != nil {
			return fmt.Errorf("giving up pod %s/%s: %w", plan.orphan[i].Namespace, plan.orphan[i].Name, err)
		}
	}
	if !plan.release {
		return nil
	}
	return r.writer().RemoveFinalizer(ctx, instance, ecsv1.FinalizerContainerInstance)
}

// selected are the labels by which ReplicaSets, DaemonSets, services and target groups find their pods.
var selected = []string{
	ecsv1.LabelCluster, ecsv1.LabelService, ecsv1.LabelServiceRevision, ecsv1.LabelServiceRevisionHash, ecsv1.LabelCapacityProvider,
	appsv1.DefaultDeploymentUniqueLabelKey, appsv1.ControllerRevisionHashLabelKey, appsv1.DeprecatedTemplateGeneration,
}

// orphan takes a pod away from all that looks after it, in one write: its ReplicaSet or DaemonSet sees that it has one less and makes another. The pod
// of that UID is meant and no other.
func (r *Reconciler) orphan(ctx context.Context, instance *ecsv1.ContainerInstance, pod *corev1.Pod) error {
	labels := map[string]any{ecsv1.LabelOrphanedFrom: names.LabelValue(instance.Spec.Cluster)}
	for _, key := range selected {
		labels[key] = nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID, "labels": labels, "ownerReferences": nil}})
	if err != nil {
		return err
	}
	return client.IgnoreNotFound(r.Client.Patch(ctx, pod.DeepCopy(), client.RawPatch(types.MergePatchType, patch), Owner))
}
