// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// A container instance that is DRAINING gets no tasks, and those of services that are on it go elsewhere: PENDING ones are stopped at once,
// RUNNING ones are replaced within the percentages. Tasks that someone runs by themselves stay.

// InstanceStateIndex finds container instances by their status.
const InstanceStateIndex = "status.status"

// IndexInstanceState is the value of InstanceStateIndex.
func IndexInstanceState(o client.Object) []string {
	if c, ok := o.(*ecsv1.ContainerInstance); ok && c.Status.Status != "" {
		return []string{string(c.Status.Status)}
	}
	return nil
}

// draining are the container instances that are DRAINING, by their Nodes; the value tells whether the machine is about to be taken away.
type draining map[string]bool

func (r *Reconciler) observeDraining(ctx context.Context) (draining, error) {
	list := &ecsv1.ContainerInstanceList{}
	err := r.Client.List(ctx, list, client.MatchingFields{InstanceStateIndex: string(ecsv1.ContainerInstanceStateDraining)})
	out := draining{}
	for i := range list.Items {
		c := &list.Items[i]
		out[c.Spec.NodeName] = meta.IsStatusConditionTrue(c.Status.Conditions, ecsv1.ConditionInterrupted)
	}
	return out, err
}

// has reports whether a pod is on such an instance, or on its way to one.
func (d draining) has(pod *corev1.Pod) bool {
	_, found := d[instances.Destination(pod)]
	return found
}

// interrupted reports whether a pod is a task of FARGATE_SPOT whose machine is about to be taken away.
func (d draining) interrupted(pod *corev1.Pod) bool {
	return d[instances.Destination(pod)] && pod.Labels[ecsv1.LabelCapacityProvider] == string(ecsv1.FargateCapacityProviderNameFargateSpot)
}

// stopping is a task that is stopped by itself, whatever the counts: its place is taken by another at once.
type stopping struct {
	pod *corev1.Pod
	// code is written to the pod first where nothing else would tell why.
	code ecsv1.TaskStopCode
	// because ends the sentence of an error: whose container instance is DRAINING.
	because string
}

const drains = "whose container instance is DRAINING"

// stops are the tasks of the service that nothing waits for: those of interrupted machines of FARGATE_SPOT, PENDING ones on DRAINING instances, and
// those that failed to start.
func (o observed) stops() []stopping {
	var out []stopping
	for _, r := range o.revisions {
		for _, m := range r.tasks.members {
			switch {
			case o.draining.interrupted(m.pod):
				out = append(out, stopping{m.pod, ecsv1.TaskStopCodeSpotInterruption, drains})
			case m.pending && m.leaves:
				out = append(out, stopping{pod: m.pod, because: drains})
			}
		}
	}
	return append(out, o.retries()...)
}

// stop stops a task. The reason is written in a reconcile of its own: an operator that is killed in between finds it and goes on.
func (r *Reconciler) stop(ctx context.Context, s stopping) error {
	if s.code != "" && s.pod.Annotations[ecsv1.AnnotationStopCode] != string(s.code) {
		if err := r.writer().Annotate(ctx, s.pod, map[string]*string{ecsv1.AnnotationStopCode: new(string(s.code))}); err != nil {
			return fmt.Errorf("writing to pod %s why it is stopped: %w", s.pod.Name, err)
		}
		return nil
	}
	if err := r.writer().Delete(ctx, s.pod); err != nil {
		return fmt.Errorf("stopping pod %s, %s: %w", s.pod.Name, s.because, err)
	}
	return nil
}

// left says how many tasks leave which instances: "2 tasks leave container instances a, b, which are DRAINING"; "" for none.
func (o observed) left() string {
	nodes, n := map[string]bool{}, 0
	for _, r := range o.revisions {
		for _, m := range r.tasks.members {
			if m.leaves {
				nodes[instances.Destination(m.pod)] = true
				n++
			}
		}
	}
	names := slices.Sorted(maps.Keys(nodes))
	switch {
	case n == 0:
		return ""
	case len(names) == 1:
		return fmt.Sprintf("%d tasks are to leave container instance %s, which is DRAINING", n, names[0])
	}
	const most = 5
	listed := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		listed += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d tasks are to leave container instances %s, which are DRAINING", n, listed)
}

// ofInstance leads from a container instance to what drives the services of its cluster.
func (r *Reconciler) ofInstance(ctx context.Context, o client.Object) []reconcile.Request {
	instance, ok := o.(*ecsv1.ContainerInstance)
	if !ok {
		return nil
	}
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, client.MatchingFields{references.ClusterIndex: instance.Spec.Cluster}); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		out = append(out, r.driving(ctx, list.Items[i].Namespace, list.Items[i].Name)...)
	}
	return out
}

// stateChanges are the changes of a container instance that services act on: its status, an interruption, its Availability Zone. What its
// tasks leave of its resources changes all the time, and is no such change.
var stateChanges = predicate.Funcs{
	GenericFunc: func(event.GenericEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok1 := e.ObjectOld.(*ecsv1.ContainerInstance)
		after, ok2 := e.ObjectNew.(*ecsv1.ContainerInstance)
		return ok1 && ok2 && (before.Status.Status != after.Status.Status || zone(before) != zone(after) ||
			meta.IsStatusConditionTrue(before.Status.Conditions, ecsv1.ConditionInterrupted) != meta.IsStatusConditionTrue(after.Status.Conditions, ecsv1.ConditionInterrupted))
	},
}

// zone is the Availability Zone of an instance, "" for none.
func zone(c *ecsv1.ContainerInstance) string {
	i, found := slices.BinarySearchFunc(c.Status.Attributes, service.ZoneAttribute, func(a ecsv1.Attribute, name string) int { return cmp.Compare(a.Name, name) })
	if !found {
		return ""
	}
	return c.Status.Attributes[i].Value
}
