// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package task ends tasks that are over. In ECS a task ends when an essential container exits, with whatever code; Kubernetes
// would restart the container in the same pod. The pod is deleted here, and its service's Deployment starts another.
package task

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// Reconciler deletes the pods of tasks that are over.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Now    func() time.Time
}

// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=services;servicerevisions,verbs=list;watch

// SetupWithManager watches the pods of services.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	ours := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[ecsv1.LabelService] != "" })
	return ctrl.NewControllerManagedBy(mgr).Named("task").For(&corev1.Pod{}).WithEventFilter(ours).Complete(kube.Calm(r))
}

// Reconcile looks at one pod. There is no status to write: what the task was stands in its service's events and counts.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	pod := &corev1.Pod{}
	if err := r.Client.Get(ctx, req.NamespacedName, pod, &client.GetOptions{UnsafeDisableDeepCopy: new(true)}); err != nil { // each event comes here, and it is only read
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if pod.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	task := taskstate.Of(pod, 0, r.Now())
	if !task.Over || task.FailedStart() {
		return ctrl.Result{}, nil // of tasks that fail to start the deployment keeps count, and launches others after a pause
	}
	if wait := task.CoolsUntil.Sub(r.Now()); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	if err := (kube.Writer{Client: r.Client, Owner: "ecs-task"}).Delete(ctx, pod); err != nil {
		return ctrl.Result{}, fmt.Errorf("deleting the pod of a task that is over: %w", err)
	}
	log.FromContext(ctx).Info("Ended task", "pod", klog.KObj(pod), "because", task.OverBecause)
	return ctrl.Result{}, r.announce(ctx, pod, task)
}
