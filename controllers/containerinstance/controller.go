// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package containerinstance reports what a container instance has: attributes, resources, tasks and health of its node.
package containerinstance

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

// Owner is the field owner of what this controller writes.
const Owner = client.FieldOwner("ecs-containerinstance")

// NodeNameIndex finds the pods on a node.
const NodeNameIndex = "spec.nodeName"

// Reconciler reports ContainerInstances.
type Reconciler struct {
	Client client.Client
	Now    func() time.Time
	Scope  arn.Scope
}

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances,verbs=list;watch
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=containerinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=nodes;pods,verbs=list;watch

// IndexNodeName is the value of NodeNameIndex.
func IndexNodeName(o client.Object) []string {
	if pod, ok := o.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
		return []string{pod.Spec.NodeName}
	}
	return nil
}

// SetupWithManager watches instances, their nodes and the pods there. An instance has its node's name.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).Named("containerinstance").
		For(&ecsv1.ContainerInstance{}).
		Watches(&corev1.Node{}, &handler.EnqueueRequestForObject{}).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(ofPod)).
		Complete(kube.Calm(reconcile.AsReconciler(r.Client, r)))
}

// Reconcile reports one instance. There is nothing else to do: the cluster registers and deregisters.
func (r *Reconciler) Reconcile(ctx context.Context, instance *ecsv1.ContainerInstance) (ctrl.Result, error) {
	seen, err := r.observe(ctx, instance)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observing container instance: %w", err)
	}
	after := instance.DeepCopy()
	setStatus(after, seen, r.Scope)
	_, err = kube.Writer{Client: r.Client, Owner: Owner}.PatchStatus(ctx, instance, after)
	return ctrl.Result{}, err
}

// observed is what an instance is reported from. node is nil when it is gone.
type observed struct {
	node *corev1.Node
	pods []corev1.Pod
	now  time.Time
}

func (r *Reconciler) observe(ctx context.Context, instance *ecsv1.ContainerInstance) (observed, error) {
	o := observed{now: r.Now()}
	node := &corev1.Node{}
	err := r.Client.Get(ctx, client.ObjectKey{Name: instance.Spec.NodeName}, node)
	if apierrors.IsNotFound(err) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	pods := &corev1.PodList{}
	if err := r.Client.List(ctx, pods, client.MatchingFields{NodeNameIndex: node.Name}); err != nil {
		return o, err
	}
	o.node, o.pods = node, pods.Items
	return o, nil
}

func ofPod(_ context.Context, o client.Object) []reconcile.Request {
	pod, ok := o.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: pod.Spec.NodeName}}}
}
