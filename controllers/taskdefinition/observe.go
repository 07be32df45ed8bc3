// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"cmp"
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// observed is everything that registering is decided from.
type observed struct {
	td     *ecsv1.TaskDefinition
	family string
	// rival is an older TaskDefinition of the same family, which has the right to it.
	rival string
	// counter keeps the last number given; nil for a family that never had a revision.
	counter *appsv1.ControllerRevision
	// revisions of the family, oldest first.
	revisions []ecsv1.TaskDefinitionRevision
	// used names the revisions that something uses, where there are more than are kept.
	used map[string]bool
	now  time.Time
}

func (r *Reconciler) observe(ctx context.Context, td *ecsv1.TaskDefinition) (observed, error) {
	o := observed{td: td, family: taskdef.Family(td), now: r.Now()}
	all := &ecsv1.TaskDefinitionList{}
	if err := r.Client.List(ctx, all, client.InNamespace(td.Namespace)); err != nil {
		return o, err
	}
	o.rival = rival(td, all.Items)
	var err error
	if o.revisions, err = revisionsOf(ctx, r.Client, td.Namespace, o.family); err != nil {
		return o, err
	}
	if len(o.revisions) > historyLimit(td) { // else none is too old, used or not
		users, err := observeUses(ctx, r.Client, td.Namespace)
		if err != nil {
			return o, err
		}
		o.used = users.names()
	}
	counter := &appsv1.ControllerRevision{}
	err = r.Client.Get(ctx, client.ObjectKey{Namespace: td.Namespace, Name: names.FamilyCounter(o.family)}, counter)
	if err != nil {
		return o, client.IgnoreNotFound(err)
	}
	o.counter = counter
	return o, r.catchUp(ctx, &o)
}

// catchUp adds the revision that the counter speaks of where the cache hasn't got it. Either it was made a moment ago, or it was
// never made, or it is gone; only the apiserver can tell.
func (r *Reconciler) catchUp(ctx context.Context, o *observed) error {
	if n := len(o.revisions); n > 0 && o.revisions[n-1].Spec.Revision >= o.counter.Revision {
		return nil
	}
	last := &ecsv1.TaskDefinitionRevision{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: o.td.Namespace, Name: names.TaskDefinitionRevision(o.family, o.counter.Revision)}, last)
	if err == nil {
		o.revisions = append(o.revisions, *last)
	}
	return client.IgnoreNotFound(err)
}

// rival finds the oldest other task definition of td's family that was there before td.
func rival(td *ecsv1.TaskDefinition, all []ecsv1.TaskDefinition) string {
	oldest := td
	for i := range all {
		other := &all[i]
		if taskdef.Family(other) != taskdef.Family(td) || other.DeletionTimestamp != nil {
			continue
		}
		if cmp.Or(other.CreationTimestamp.Compare(oldest.CreationTimestamp.Time), cmp.Compare(other.Name, oldest.Name)) < 0 {
			oldest = other
		}
	}
	if oldest.Name == td.Name {
		return ""
	}
	return oldest.Name
}

func revisionsOf(ctx context.Context, c client.Reader, namespace, family string) ([]ecsv1.TaskDefinitionRevision, error) {
	list := &ecsv1.TaskDefinitionRevisionList{}
	err := c.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{ecsv1.LabelFamily: names.LabelValue(family)})
	slices.SortFunc(list.Items, func(a, b ecsv1.TaskDefinitionRevision) int { return cmp.Compare(a.Spec.Revision, b.Spec.Revision) })
	return list.Items, err
}

// rivals are the other task definitions of a deleted one's family: one of them has the family now.
func (r *Reconciler) rivals(ctx context.Context, deleted client.Object) []reconcile.Request {
	td, ok := deleted.(*ecsv1.TaskDefinition)
	if !ok {
		return nil
	}
	return r.ofFamily(ctx, td.Namespace, taskdef.Family(td))
}

// ofRevision is the task definition whose family a revision belongs to.
func (r *Reconciler) ofRevision(ctx context.Context, o client.Object) []reconcile.Request {
	revision, ok := o.(*ecsv1.TaskDefinitionRevision)
	if !ok {
		return nil
	}
	return r.ofFamily(ctx, revision.Namespace, revision.Spec.Family)
}

// freed are the task definitions whose old revisions something may have used until now.
func (r *Reconciler) freed(ctx context.Context, o client.Object) []reconcile.Request {
	families := map[string]bool{}
	for _, user := range usedBy(ctx, r.Client, o) {
		if ref, err := arn.ParseTaskDefinition(user.Spec.TaskDefinition); err == nil {
			families[ref.Family] = true
		}
	}
	var out []reconcile.Request
	for family := range families {
		out = append(out, r.ofFamily(ctx, o.GetNamespace(), family)...)
	}
	return out
}

func (r *Reconciler) ofFamily(ctx context.Context, namespace, wanted string) []reconcile.Request {
	all := &ecsv1.TaskDefinitionList{}
	if err := r.Client.List(ctx, all, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil { // for each deployment that goes on
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range all.Items {
		if taskdef.Family(&all.Items[i]) == wanted {
			out = append(out, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: all.Items[i].Name}})
		}
	}
	return out
}
