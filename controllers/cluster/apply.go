// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// apply labels a node before it registers it, so that no instance is ever shown ACTIVE which can't take tasks.
func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
	labels := each(ctx, len(plan.label), func(ctx context.Context, i int) error {
		if err := client.IgnoreNotFound(r.label(ctx, plan.label[i])); err != nil {
			return fmt.Errorf("labelling node %s: %w", plan.label[i].node, err)
		}
		return nil
	})
	if labels != nil {
		return labels
	}
	registered := each(ctx, len(plan.register), func(ctx context.Context, i int) error {
		if err := r.register(ctx, seen.cluster, plan.register[i]); err != nil {
			return fmt.Errorf("registering node %s: %w", plan.register[i], err)
		}
		return nil
	})
	if registered != nil {
		return registered
	}
	return each(ctx, len(plan.deregister), func(ctx context.Context, i int) error {
		if err := r.writer().Delete(ctx, &plan.deregister[i]); err != nil {
			return fmt.Errorf("deregistering %s: %w", plan.deregister[i].Name, err)
		}
		return nil
	})
}

// inFlight is how many nodes are written at a time. One after the other, thousands of them take minutes, in which nothing else is done for the cluster.
const inFlight = 16

// each does something for every i below n. The first error ends it, though some others may be done by then.
func each(ctx context.Context, n int, do func(context.Context, int) error) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workqueue.ParallelizeUntil(within, inFlight, n, func(i int) {
		if err := do(within, i); err != nil {
			cancel(err)
		}
	})
	return context.Cause(within)
}

func (r *Reconciler) register(ctx context.Context, cluster *ecsv1.Cluster, node string) error {
	instance := &ecsv1.ContainerInstance{
		ObjectMeta: metav1.ObjectMeta{
			Name: node, Labels: map[string]string{ecsv1.LabelCluster: label(cluster)}, OwnerReferences: []metav1.OwnerReference{owner(cluster)},
			Finalizers: []string{ecsv1.FinalizerContainerInstance},
		},
		Spec: ecsv1.ContainerInstanceSpec{Cluster: service.ClusterName(cluster), NodeName: node},
	}
	_, err := r.writer().Apply(ctx, instance, nil)
	return err
}

// label makes the labels all that this owner has on the node, in one write. Where somebody else set one of ours that isn't to be there, such as a node
// pool whose nodes have the cluster's label from birth, it takes a second.
func (r *Reconciler) label(ctx context.Context, l labelling) error {
	u := node(l.node)
	u.SetLabels(l.set)
	if err := r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), Owner, client.ForceOwnership); err != nil {
		return err
	}
	surplus := map[string]any{}
	for key := range u.GetLabels() {
		if _, wanted := l.set[key]; isOurs(key) && !wanted {
			surplus[key] = nil
		}
	}
	if len(surplus) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": surplus}})
	if err != nil {
		return err
	}
	return r.Client.Patch(ctx, node(l.node), client.RawPatch(types.MergePatchType, patch), Owner)
}

func node(name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Node"))
	u.SetName(name)
	return u
}

func owner(cluster *ecsv1.Cluster) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: ecsv1.GroupVersion.String(), Kind: "Cluster", Name: cluster.Name, UID: cluster.UID,
		Controller: new(true), BlockOwnerDeletion: new(true),
	}
}
