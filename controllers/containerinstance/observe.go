// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package containerinstance

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/daemons"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// observed is what an instance is reported from. node is nil when it is gone.
type observed struct {
	node *corev1.Node
	// pods that are on the node, or on their way there.
	pods []corev1.Pod
	// providers are the capacity providers of its cluster.
	providers []capacity.Provider
	tasks     tasks
	now       time.Time
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
	pods, clusters, providers := &corev1.PodList{}, &ecsv1.ClusterList{}, &ecsv1.CapacityProviderList{}
	if err := r.Client.List(ctx, pods, client.MatchingFields{references.NodeIndex: node.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return o, err
	}
	for _, list := range []client.ObjectList{clusters, providers} {
		if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return o, err
		}
	}
	cluster := &ecsv1.Cluster{Spec: ecsv1.ClusterSpec{ClusterName: instance.Spec.Cluster}}
	if spec := service.FindCluster(instance.Spec.Cluster, clusters.Items); spec != nil {
		cluster.Spec = *spec
		cluster.Name = instance.Spec.Cluster
	}
	o.node, o.pods, o.providers = node, pods.Items, capacity.Providers(cluster, providers.Items)
	o.tasks = tasksOf(o.pods, o.now)
	return o, nil
}

// tasks of an instance.
type tasks struct {
	// running and pending are to run, whoever started them.
	running, pending int32
	// replicas, daemons and alone are left, be they stopping: of REPLICA services, of DAEMON services, and run by themselves.
	replicas, daemons, alone int32
}

func (t tasks) left() int32 { return t.replicas + t.daemons + t.alone }

func tasksOf(pods []corev1.Pod, now time.Time) tasks {
	var t tasks
	for i := range pods {
		pod := &pods[i]
		if pod.Labels[ecsv1.LabelCluster] == "" {
			continue
		}
		switch task := taskstate.Of(pod, 0, now); {
		case task.DesiredStatus != ecsv1.TaskDesiredStatusRunning:
		case task.LastStatus == ecsv1.TaskStateRunning:
			t.running++
		default:
			t.pending++
		}
		switch {
		case slices.Contains([]corev1.PodPhase{corev1.PodSucceeded, corev1.PodFailed}, pod.Status.Phase):
		case daemons.DaemonSetOf(pod) != "":
			t.daemons++
		case pod.Labels[ecsv1.LabelService] != "":
			t.replicas++
		default:
			t.alone++
		}
	}
	return t
}
