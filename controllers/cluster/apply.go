// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// apply labels a node before it registers it, so that no instance is ever shown which can't take tasks.
func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
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
	for _, node := range plan.unlabel {
		if err := client.IgnoreNotFound(r.label(ctx, node, nil)); err != nil {
			return fmt.Errorf("taking the label off node %s: %w", node, err)
		}
	}
	return nil
}

func (r *Reconciler) register(ctx context.Context, cluster *ecsv1.Cluster, node string) error {
	set := map[string]string{ecsv1.LabelCluster: label(cluster)}
	if err := r.label(ctx, node, set); err != nil {
		return err
	}
	instance := &ecsv1.ContainerInstance{
		ObjectMeta: metav1.ObjectMeta{Name: node, Labels: set, OwnerReferences: []metav1.OwnerReference{owner(cluster)}},
		Spec:       ecsv1.ContainerInstanceSpec{Cluster: service.ClusterName(cluster), NodeName: node},
	}
	_, err := r.writer().Apply(ctx, instance, nil)
	return err
}

// label makes the cluster's label the only thing that this owner has on the node; without labels it has nothing there.
func (r *Reconciler) label(ctx context.Context, node string, set map[string]string) error {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Node"))
	u.SetName(node)
	u.SetLabels(set)
	return r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), Owner, client.ForceOwnership)
}

func owner(cluster *ecsv1.Cluster) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: ecsv1.GroupVersion.String(), Kind: "Cluster", Name: cluster.Name, UID: cluster.UID,
		Controller: new(true), BlockOwnerDeletion: new(true),
	}
}
