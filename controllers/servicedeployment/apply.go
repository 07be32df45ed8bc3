// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// countOwner owns spec.replicas and the annotation that says how much of it is for replacements, and nothing else: the two are written
// at once, so that an operator that is killed leaves both or none. The template has another owner, so giving a count never touches it: an operator that
// would translate a task definition differently today leaves the tasks of yesterday's revision alone.
const countOwner = client.FieldOwner("ecs-servicedeployment-count")

func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
	if err := r.direct(ctx, seen, plan); err != nil {
		return err
	}
	if plan.create != nil && plan.occupant == nil {
		if _, err := r.writer().Apply(ctx, plan.create, nil); err != nil {
			return fmt.Errorf("making deployment %s: %w", plan.create.Name, err)
		}
	}
	for _, s := range plan.stop {
		if err := r.stop(ctx, s); err != nil {
			return err
		}
	}
	if err := r.applyMarks(ctx, plan.marks); err != nil {
		return err
	}
	for _, s := range plan.scale {
		if err := r.scale(ctx, s); err != nil {
			return fmt.Errorf("scaling deployment %s from %d to %d: %w", s.revision.deployment.Name, s.from, s.to, err)
		}
	}
	if err := r.applyRebalancing(ctx, seen, plan.rebalancing); err != nil {
		return err
	}
	for _, d := range plan.remove {
		if err := r.writer().Delete(ctx, d); err != nil {
			return fmt.Errorf("removing %s, which has no tasks left: %w", d.GetName(), err)
		}
	}
	if err := r.applyDaemon(ctx, plan); err != nil {
		return err
	}
	if plan.occupant != nil {
		return occupied(plan.occupant)
	}
	return nil
}

// occupied tells why a Deployment can't be made yet. One of an earlier service of the same name is about to be collected, which is
// seen; one of somebody else's may stay for ever, and is looked at again as after a failure.
func occupied(by *appsv1.Deployment) error {
	if owner := metav1.GetControllerOf(by); owner != nil && owner.Kind == "ServiceRevision" {
		return nil
	}
	return fmt.Errorf("making deployment %s: there is one already that isn't this service's; delete it, or name the service otherwise", by.Name)
}

// scale applies a count to a Deployment that is there. The UID keeps it from making one that has gone.
func (r *Reconciler) scale(ctx context.Context, s scaling) error {
	u := only(s.revision.deployment, "Deployment")
	if s.replacing != 0 {
		u.SetAnnotations(map[string]string{ecsv1.AnnotationReplacing: fmt.Sprintf("%+d", s.replacing)})
	}
	if err := unstructured.SetNestedField(u.Object, int64(s.to), "spec", "replicas"); err != nil {
		return err
	}
	return r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), countOwner, client.ForceOwnership)
}

// only is the beginning of an apply configuration for an object that is there and must not be made if it has gone.
func only(o client.Object, kind string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind(kind))
	u.SetNamespace(o.GetNamespace())
	u.SetName(o.GetName())
	u.SetUID(o.GetUID())
	return u
}
