// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// ConvergeDaemons plays the daemon set controller on nodes of these names: each gets one pod of each DaemonSet. A rolling update
// deletes as many pods of an old template as maxUnavailable allows.
func (h *Hand) ConvergeDaemons(ctx context.Context, nodes ...string) error {
	list := &appsv1.DaemonSetList{}
	if err := h.Client.List(ctx, list, client.InNamespace(h.Namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		d := &list.Items[i]
		if d.DeletionTimestamp != nil {
			continue
		}
		if err := h.convergeDaemon(ctx, d, nodes); err != nil {
			return fmt.Errorf("converging daemon set %s: %w", d.Name, err)
		}
	}
	return nil
}

func (h *Hand) convergeDaemon(ctx context.Context, d *appsv1.DaemonSet, nodes []string) error {
	list := &corev1.PodList{}
	if err := h.Client.List(ctx, list, client.InNamespace(h.Namespace), client.MatchingLabels(d.Spec.Selector.MatchLabels)); err != nil {
		return err
	}
	on := map[string]*corev1.Pod{}
	unavailable := 0
	for i := range list.Items {
		p := &list.Items[i]
		on[p.Spec.NodeName] = p
		if !ready(p) || p.DeletionTimestamp != nil {
			unavailable++
		}
	}
	for _, node := range nodes {
		if on[node] == nil {
			unavailable++
		}
	}
	most := 0
	if update := d.Spec.UpdateStrategy; update.Type == appsv1.RollingUpdateDaemonSetStrategyType && update.RollingUpdate != nil {
		most = update.RollingUpdate.MaxUnavailable.IntValue()
	}
	for _, node := range nodes {
		p := on[node]
		switch {
		case p == nil:
			if err := h.Client.Create(ctx, daemonPodOf(d, node)); err != nil {
				return err
			}
		case p.DeletionTimestamp == nil && p.Labels[ecsv1.LabelServiceRevision] != d.Spec.Template.Labels[ecsv1.LabelServiceRevision] && (unavailable < most || !ready(p)):
			unavailable++
			if err := h.Client.Delete(ctx, p); err != nil {
				return err
			}
		}
	}
	after := d.DeepCopy()
	after.Status.ObservedGeneration = d.Generation
	after.Status.DesiredNumberScheduled = int32(len(nodes))
	return client.IgnoreNotFound(h.Client.Status().Patch(ctx, after, client.MergeFrom(d)))
}

func daemonPodOf(d *appsv1.DaemonSet, node string) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       d.Namespace,
			GenerateName:    d.Name + "-",
			Labels:          d.Spec.Template.Labels,
			Annotations:     d.Spec.Template.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("DaemonSet"))},
		},
		Spec: *d.Spec.Template.Spec.DeepCopy(),
	}
	p.Spec.NodeName = node
	return p
}
