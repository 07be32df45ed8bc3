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
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// apply labels a node before it registers it, so that no instance is ever shown ACTIVE which can't take tasks.
func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
	for _, l := range plan.label {
		if err := client.IgnoreNotFound(r.label(ctx, l)); err != nil {
			return fmt.Errorf("labelling node %s: %w", l.node, err)
		}
	}
	for _, node := range plan.register {
		if err := r.register(ctx, seen.cluster, node); err != nil {
			return fmt.Errorf("registering node %s: %w", node, err)
		}
	}
	for i := range plan.deregister {
		if err := r.writer().Delete(ctx, &plan.deregister[i]); err != nil {
			return fmt.Errorf("deregistering %s: %w", plan.deregister[i].Name, err)
		}
	}
	return nil
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
