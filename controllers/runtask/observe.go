// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// observed is everything that a task is planned from.
type observed struct {
	task *ecsv1.Task
	// Seen is what the task refers to; read while it has no pod.
	reference.Seen
	// revision that the task has been given; nil while it has none, and when it is gone.
	revision *ecsv1.TaskDefinitionRevision
	// instances of all clusters. They are the cache's own.
	instances []ecsv1.ContainerInstance
	// pod of the task, nil where there is none: the apiserver itself was asked.
	pod *corev1.Pod
	// reading is what registries have said about its images; readsImages is false where nobody asks them.
	reading     images.Reading
	readsImages bool

	platform service.Platform
	scope    arn.Scope
	now      time.Time
}

func (r *Reconciler) observe(ctx context.Context, t *ecsv1.Task) (observed, error) {
	o := observed{task: t, platform: r.Platform, scope: r.Scope, now: r.Now()}
	if r.Images != nil {
		o.reading, o.readsImages = r.Images.Known(client.ObjectKeyFromObject(t)), true
	}
	if err := r.observePod(ctx, &o); err != nil {
		return o, err
	}
	if task.Stopped(t) {
		return o, nil
	}
	instances := &ecsv1.ContainerInstanceList{}
	if err := r.Client.List(ctx, instances, client.UnsafeDisableDeepCopy); err != nil { // thousands, and they are only read
		return o, err
	}
	o.instances = instances.Items
	if err := r.observeRevision(ctx, &o); err != nil {
		return o, err
	}
	if o.pod != nil {
		return o, nil
	}
	return o, r.observeReferences(ctx, &o)
}

// observePod finds the pod. That there is none matters: another would be made, or the task declared over. So the cache's word for it
// isn't enough, neither that on the pod nor that on the Task.
func (r *Reconciler) observePod(ctx context.Context, o *observed) error {
	key := client.ObjectKey{Namespace: o.task.Namespace, Name: task.PodName(o.task)}
	pod := &corev1.Pod{}
	err := r.Client.Get(ctx, key, pod)
	if apierrors.IsNotFound(err) && task.Accepted(o.task) && !task.Stopped(o.task) {
		pod = &corev1.Pod{}
		if err = r.Live.Get(ctx, key, pod); apierrors.IsNotFound(err) {
			return r.confirm(ctx, o.task)
		}
	}
	if err == nil && metav1.IsControlledBy(pod, o.task) {
		o.pod = pod
	}
	return client.IgnoreNotFound(err)
}

// confirm fails with a conflict when the Task is another by now than the one that was seen.
func (r *Reconciler) confirm(ctx context.Context, seen *ecsv1.Task) error {
	now := &ecsv1.Task{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(seen), now); err != nil {
		return client.IgnoreNotFound(err)
	}
	if now.UID != seen.UID || now.ResourceVersion != seen.ResourceVersion {
		return apierrors.NewConflict(ecsv1.GroupVersion.WithResource("tasks").GroupResource(), seen.Name, nil)
	}
	return nil
}

// observeReferences reads what the task names, and the revision that it has been given.
func (r *Reconciler) observeReferences(ctx context.Context, o *observed) error {
	var err error
	cluster := task.Cluster(o.task)
	if o.Seen, err = references.Observe(ctx, r.Client, r.Scope, o.task.Namespace, cluster, o.task.Spec.TaskDefinition); err != nil {
		return err
	}
	o.platform.Cluster = service.ClusterOf(cluster, o.Clusters)
	o.platform.PodSecurity = podsecurity.Enforced(o.Namespace.Labels).Name()
	return nil
}

// observeRevision reads the revision that the task has been given.
func (r *Reconciler) observeRevision(ctx context.Context, o *observed) error {
	name := revisionOf(o.task)
	if name == "" {
		return nil
	}
	revision := &ecsv1.TaskDefinitionRevision{}
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: o.task.Namespace, Name: name}, revision)
	if err == nil {
		o.revision = revision
	}
	return client.IgnoreNotFound(err)
}

// revisionOf names the revision that the task has been given, "" where that is none.
func revisionOf(t *ecsv1.Task) string {
	ref, err := arn.ParseTaskDefinition(t.Status.TaskDefinitionArn)
	if err != nil {
		return ""
	}
	return names.TaskDefinitionRevision(ref.Family, ref.Revision)
}

// clusterSpec is the task's cluster, nil where there is none.
func (o observed) clusterSpec() *ecsv1.ClusterSpec {
	if len(o.Clusters) == 0 {
		return nil
	}
	return &o.Clusters[0].Spec
}

// instance is where the task's pod is, nil where it isn't or nobody knows.
func (o observed) instance() *ecsv1.ContainerInstance {
	if o.pod == nil || o.pod.Spec.NodeName == "" {
		return nil
	}
	for i := range o.instances {
		if o.instances[i].Spec.NodeName == o.pod.Spec.NodeName {
			return &o.instances[i]
		}
	}
	return nil
}

// letGoStrays takes the finalizer from pods whose Task is gone: nobody will ask any more what became of them. Deleting them is garbage
// collection's work.
func (r *Reconciler) letGoStrays(ctx context.Context, key types.NamespacedName, except types.UID) error {
	pods := &corev1.PodList{}
	if err := r.Client.List(ctx, pods, client.InNamespace(key.Namespace), client.MatchingLabels{ecsv1.LabelTask: names.LabelValue(key.Name)}); err != nil {
		return err
	}
	for i := range pods.Items {
		owner := metav1.GetControllerOf(&pods.Items[i])
		if owner == nil || owner.Kind != "Task" || owner.Name != key.Name || owner.UID == except || !controllerutil.ContainsFinalizer(&pods.Items[i], ecsv1.FinalizerTask) {
			continue
		}
		if err := r.writer().RemoveFinalizer(ctx, &pods.Items[i], ecsv1.FinalizerTask); err != nil {
			return err
		}
	}
	return nil
}
