// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Constraints, strategies and capacity providers change without a deployment, and count for new tasks (API_UpdateService). A Deployment that
// gets another template replaces its tasks, unless one of its ReplicaSets has that template already: then it goes on with that one. So the
// Deployment is paused, its ReplicaSet gets the new placement, then the Deployment the same one, and it goes on. A paused Deployment keeps its count
// meanwhile, and its controller copies its annotations to the ReplicaSet of its template, by which we know that it has found it. Each step is made from what is seen of the one before, so that an operator that is killed between two of them goes on with
// the next; and of the template nothing but the placement is compared and written.

// retemplating is the next step. What has to be confirmed must still be as it was seen, or nothing is written.
type retemplating struct {
	confirm       client.Object
	before, after client.Object
}

// retemplate is the next step on the way to tasks that carry the placement, nil where there is none to make now. sets are the Deployment's
// ReplicaSets, selector finds the tasks of the service.
func retemplate(d *appsv1.Deployment, sets []*appsv1.ReplicaSet, want *podspec.Placement, selector map[string]string) *retemplating {
	after := d.DeepCopy()
	want.Set(&after.Spec.Template, selector)
	carried := d.Annotations[ecsv1.AnnotationPlacement] == placementHash(want)
	metav1.SetMetaDataAnnotation(&after.ObjectMeta, ecsv1.AnnotationPlacement, placementHash(want))
	switch {
	case !d.Spec.Paused && carried:
		return nil
	case !d.Spec.Paused && equality.Semantic.DeepEqual(d.Spec.Template, after.Spec.Template):
		return &retemplating{before: d, after: after} // made before there was such an annotation, or another ask comes to the same
	case !d.Spec.Paused:
		return paused(d, true, nil)
	case d.Status.ObservedGeneration < d.Generation:
		return nil // the Deployment's controller may not know yet that it is paused
	}
	set, known := carrier(d, sets)
	if !known {
		return nil
	}
	if set != nil {
		changed := set.DeepCopy()
		want.Set(&changed.Spec.Template, selector)
		delete(changed.Annotations, ecsv1.AnnotationPlacement)
		if !equality.Semantic.DeepEqual(set.Spec.Template, changed.Spec.Template) {
			return &retemplating{confirm: d, before: set, after: changed}
		}
	}
	if !carried {
		return &retemplating{confirm: object(set), before: d, after: after}
	}
	if set != nil && set.Annotations[ecsv1.AnnotationPlacement] != placementHash(want) {
		return nil // its controller hasn't found the ReplicaSet to be the template's yet, and would make another
	}
	return paused(d, false, object(set))
}

// placementHash stands for a placement in the Deployment's annotation.
func placementHash(p *podspec.Placement) string { return names.ContentHash(p) }

func paused(d *appsv1.Deployment, is bool, confirm client.Object) *retemplating {
	after := d.DeepCopy()
	after.Spec.Paused = is
	return &retemplating{confirm: confirm, before: d, after: after}
}

// carrier is the ReplicaSet that has the Deployment's tasks, nil where it has none; not known while one must be there that isn't seen, or while
// there are two.
func carrier(d *appsv1.Deployment, sets []*appsv1.ReplicaSet) (set *appsv1.ReplicaSet, known bool) {
	if ptr.Deref(d.Spec.Replicas, 1) == 0 && d.Status.Replicas == 0 {
		return nil, true // nothing is replaced, whatever becomes of its ReplicaSets
	}
	var all []*appsv1.ReplicaSet
	for _, s := range sets {
		if ptr.Deref(s.Spec.Replicas, 1) > 0 || s.Status.Replicas > 0 {
			all = append(all, s)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], true
	case len(all) == 0 && len(sets) == 1:
		return sets[0], true // it is about to be scaled up
	}
	return nil, len(all) == 0 && d.Status.Replicas == 0
}

// object is nil for no ReplicaSet: an interface with nothing in it isn't.
func object(set *appsv1.ReplicaSet) client.Object {
	if set == nil {
		return nil
	}
	return set
}

// observePlacement finds what of each Deployment's tasks has to be otherwise. A revision whose task definition is gone keeps what it has, and
// so does a service that asks for what is refused.
func (r *Reconciler) observePlacement(ctx context.Context, o *observed) error {
	if service.IsDaemon(o.service) || o.service.DeletionTimestamp != nil || !o.drives() {
		return nil
	}
	sets := &appsv1.ReplicaSetList{}
	if err := r.Client.List(ctx, sets, references.OfService(o.sd.Namespace, o.service.Name)...); err != nil {
		return err
	}
	for _, one := range o.revisions {
		if one.deployment == nil {
			continue
		}
		td := &ecsv1.TaskDefinitionRevision{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: o.sd.Namespace, Name: one.object.Spec.TaskDefinitionRevisionName}, td)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if err != nil || !o.canBePlaced(&td.Spec.TaskDefinition) {
			continue
		}
		var own []*appsv1.ReplicaSet
		for i := range sets.Items {
			if s := &sets.Items[i]; metav1.IsControlledBy(s, one.deployment) && s.DeletionTimestamp == nil {
				own = append(own, s)
			}
		}
		if step := retemplate(one.deployment, own, o.placement(&td.Spec.TaskDefinition), service.Selector(o.service.Name)); step != nil {
			o.retemplating = append(o.retemplating, *step)
		}
	}
	return nil
}

// applyPlacement makes the steps. The cache may be behind: an object that isn't any more what was seen is a conflict, and looked at again.
func (r *Reconciler) applyPlacement(ctx context.Context, steps []retemplating) error {
	for _, s := range steps {
		if s.confirm != nil {
			if err := r.writer().Confirm(ctx, s.confirm); err != nil {
				return fmt.Errorf("looking whether %s is still as it was: %w", s.confirm.GetName(), err)
			}
		}
		if err := r.writer().Change(ctx, s.before, s.after); err != nil {
			return fmt.Errorf("giving new tasks of %s another placement: %w", s.before.GetName(), err)
		}
	}
	return nil
}

// withoutProvider are the labels of a Deployment: the capacity provider of its tasks may change.
func withoutProvider(labels map[string]string) map[string]string {
	out := maps.Clone(labels)
	delete(out, ecsv1.LabelCapacityProvider)
	return out
}
