// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// observed is everything that the tasks of a cluster are placed by.
type observed struct {
	world instances.World
	// waiting are the tasks without an instance, the oldest first.
	waiting []waiting
	// inFlight are those that were sent to one and aren't bound.
	inFlight []inFlight
	// shares counts the tasks of each revision that are to run and to stay, by capacity provider.
	shares map[revisionKey]map[string]int
	// draining are the nodes of the cluster whose container instances are DRAINING.
	draining map[string]bool
	now      time.Time
}

// waiting is a task without an instance.
type waiting struct {
	pod *corev1.Pod
	// kind is what made the pod: the ReplicaSet of a service's task. Pods of one kind are alike.
	kind types.UID
	// revision counts together what a capacity provider strategy shares out: the tasks of a service revision, or one task that someone runs. A
	// revision is counted by itself, since it is all that is left of its service once it is deployed.
	revision revisionKey
	// carriage is what is asked for, nil where nobody asks any more: the service or the task is gone, or going.
	carriage *service.Carriage
	// alone is a task that someone runs by itself.
	alone bool
	// kept: another pod in its place would have the label of its capacity provider, too, from the template of their ReplicaSet. It is asked of those only
	// that stray.
	kept bool
	// avoid are nodes that the scheduler didn't take a task of the kind to.
	avoid map[string]bool
}

// strays reports whether a task waits through a capacity provider that isn't asked for any more. Its node affinity is that provider's, and can only be
// narrowed.
func (w *waiting) strays() bool {
	label := w.pod.Labels[ecsv1.LabelCapacityProvider]
	return label != "" && w.carriage != nil && !slices.ContainsFunc(w.carriage.Shares, func(s placement.Share) bool { return names.LabelValue(s.Provider) == label })
}

type revisionKey struct{ namespace, owner, revision string }

// inFlight is a task that was sent to an instance.
type inFlight struct {
	pod  *corev1.Pod
	kind types.UID
	// refusedSince is since when the scheduler doesn't take it there; zero where it does, or hasn't said.
	refusedSince time.Time
	alone        bool
}

// observe reads what there is of the cluster with that label. Nothing of it may be changed: it is the cache's own.
func (r *Reconciler) observe(ctx context.Context, label string) (observed, error) {
	r.remember()
	o := observed{now: r.Now(), shares: map[revisionKey]map[string]int{}}
	nodes, pods, instanceList := &corev1.NodeList{}, &corev1.PodList{}, &ecsv1.ContainerInstanceList{}
	clusters, providers := &ecsv1.ClusterList{}, &ecsv1.CapacityProviderList{}
	for _, list := range []client.ObjectList{nodes, pods, instanceList, clusters, providers} {
		if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return o, err
		}
	}
	o.world = instances.World{
		Name: nameOf(label, clusters.Items, instanceList.Items), Instances: instanceList.Items, Nodes: nodes.Items, Providers: providers.Items, Now: o.now, Ledger: &r.memory.ledger,
	}
	spec := service.FindCluster(o.world.Name, clusters.Items)
	if spec != nil {
		o.world.Cluster = &ecsv1.Cluster{Spec: *spec}
	}
	for i := range pods.Items {
		pods.Items[i] = r.memory.asChosen(pods.Items[i], o.now)
	}
	o.world.Pods = pods.Items
	o.draining = drainingIn(o.world)
	asks := asking{client: r.Client, cluster: spec, providers: providers.Items, known: map[askKey]*service.Carriage{}, graces: map[askKey]time.Duration{}}
	for i := range pods.Items {
		if pod := &pods.Items[i]; pod.Labels[ecsv1.LabelCluster] == label {
			if err := r.sort(ctx, &o, &asks, pod); err != nil {
				return o, err
			}
		}
	}
	slices.SortStableFunc(o.waiting, func(a, b waiting) int {
		return cmp.Or(a.pod.CreationTimestamp.Compare(b.pod.CreationTimestamp.Time), cmp.Compare(a.pod.Namespace, b.pod.Namespace), cmp.Compare(a.pod.Name, b.pod.Name))
	})
	return o, nil
}

// sort puts a task where it belongs: among those that wait, those that are on their way, and those that a capacity provider has.
func (r *Reconciler) sort(ctx context.Context, o *observed, asks *asking, pod *corev1.Pod) error {
	if pod.DeletionTimestamp != nil {
		return nil
	}
	if err := o.share(ctx, asks, pod); err != nil {
		return err
	}
	switch {
	case instances.Gated(pod):
		if len(pod.Spec.SchedulingGates) > 1 {
			return nil // somebody else holds it too, and isn't done
		}
		carriage, err := asks.of(ctx, pod)
		if err != nil {
			return err
		}
		w := waiting{
			pod: pod, kind: kindOf(pod), revision: revisionOf(pod), carriage: carriage, alone: alone(pod), avoid: r.memory.shunned(kindOf(pod), o.now),
		}
		if w.strays() && !w.alone {
			if w.kept, err = r.kept(ctx, pod); err != nil {
				return err
			}
		}
		o.waiting = append(o.waiting, w)
	case instances.InFlight(pod):
		since := r.memory.refusedSince(pod.UID, taskstate.RefusedByScheduler(pod) != "", o.now)
		o.inFlight = append(o.inFlight, inFlight{pod: pod, kind: kindOf(pod), refusedSince: since, alone: alone(pod)})
	}
	return nil
}

// kept reports whether the ReplicaSet of a pod gives the pod's capacity provider to new ones as well.
func (r *Reconciler) kept(ctx context.Context, pod *corev1.Pod) (bool, error) {
	owner, set := metav1.GetControllerOf(pod), &appsv1.ReplicaSet{}
	if owner == nil {
		return false, nil
	}
	asItIs := &client.GetOptions{UnsafeDisableDeepCopy: new(true)}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: owner.Name}, set, asItIs); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return set.UID == owner.UID && set.Spec.Template.Labels[ecsv1.LabelCapacityProvider] == pod.Labels[ecsv1.LabelCapacityProvider], nil
}

// share counts a task for its capacity provider. One that is to leave doesn't count, so that the task in its place gets what it had: its instance
// is DRAINING, its zone is too full, or it is unhealthy.
func (o *observed) share(ctx context.Context, asks *asking, pod *corev1.Pod) error {
	provider := pod.Labels[ecsv1.LabelCapacityProvider]
	if provider == "" || pod.Annotations[ecsv1.AnnotationRebalancing] != "" || o.draining[instances.Destination(pod)] {
		return nil
	}
	task := taskstate.Of(pod, 0, o.now)
	if task.DesiredStatus != ecsv1.TaskDesiredStatusRunning {
		return nil
	}
	replaced, err := asks.replaces(ctx, pod, task, o.now)
	if err != nil || replaced {
		return err
	}
	revision := revisionOf(pod)
	if o.shares[revision] == nil {
		o.shares[revision] = map[string]int{}
	}
	o.shares[revision][provider]++
	return nil
}

// drainingIn are the nodes of the cluster whose container instances are DRAINING.
func drainingIn(w instances.World) map[string]bool {
	out := map[string]bool{}
	for i := range w.Instances {
		if c := &w.Instances[i]; c.Spec.Cluster == w.Name && c.Status.Status == ecsv1.ContainerInstanceStateDraining {
			out[c.Spec.NodeName] = true
		}
	}
	return out
}

// nameOf is the ECS name of the cluster with that label.
func nameOf(label string, clusters []ecsv1.Cluster, all []ecsv1.ContainerInstance) string {
	for i := range clusters {
		if name := service.ClusterName(&clusters[i]); names.LabelValue(name) == label {
			return name
		}
	}
	for i := range all {
		if name := all[i].Spec.Cluster; names.LabelValue(name) == label {
			return name
		}
	}
	return label
}

// alone reports whether a pod is a task that someone runs by itself.
func alone(pod *corev1.Pod) bool { return pod.Labels[ecsv1.LabelTask] != "" }

func kindOf(pod *corev1.Pod) types.UID {
	if owner := metav1.GetControllerOf(pod); owner != nil {
		return owner.UID
	}
	return pod.UID
}

func revisionOf(pod *corev1.Pod) revisionKey {
	if alone(pod) {
		return revisionKey{pod.Namespace, pod.Name, ""}
	}
	return revisionKey{pod.Namespace, pod.Labels[ecsv1.LabelService], pod.Labels[ecsv1.LabelServiceRevision]}
}
