// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// apply writes target groups before the revision, so that no task starts before there is something to register it with; and the
// deployment last, since it is what sets tasks going.
func (r *Reconciler) apply(ctx context.Context, seen observed, plan plan) error {
	r.ask(seen, plan)
	w := r.writer()
	for _, want := range plan.targetGroups {
		var live client.Object
		if s := find(seen.targetGroups, want.Name); s != nil {
			live = s
		}
		if _, err := w.Apply(ctx, want, live); err != nil {
			return fmt.Errorf("applying target group %s: %w", want.Name, err)
		}
	}
	if plan.revision != nil {
		if err := r.Client.Create(ctx, plan.revision, Owner); err != nil {
			return fmt.Errorf("making service revision %s: %w", plan.revision.Name, err)
		}
		plan.describe = append(plan.describe, plan.revision)
	}
	for _, revision := range plan.describe {
		if err := r.describe(ctx, seen, revision); err != nil {
			return fmt.Errorf("describing service revision %s: %w", revision.Name, err)
		}
	}
	if plan.deployment != nil {
		if err := r.Client.Create(ctx, plan.deployment, Owner); err != nil {
			return fmt.Errorf("making service deployment %s: %w", plan.deployment.Name, err)
		}
	}
	for _, stale := range stale(plan) {
		if err := w.Delete(ctx, stale); err != nil {
			return fmt.Errorf("deleting %T %s: %w", stale, stale.GetName(), err)
		}
	}
	return nil
}

// ask starts what is to be read, and drops what has been.
func (r *Reconciler) ask(seen observed, plan plan) {
	switch {
	case r.Images == nil:
	case plan.ask != nil:
		r.Images.Ask(*plan.ask)
	case plan.settled || plan.release:
		r.Images.Forget(client.ObjectKeyFromObject(seen.service))
	}
}

// describe gives a revision its status, once: nothing in it ever changes.
func (r *Reconciler) describe(ctx context.Context, seen observed, revision *ecsv1.ServiceRevision) error {
	after := revision.DeepCopy()
	after.Status.ObservedGeneration = new(revision.Generation)
	after.Status.CreatedAt = new(revision.CreationTimestamp)
	if resolved := seen.resolved(revision); resolved != nil && after.Status.ResolvedConfiguration == nil {
		after.Status.ResolvedConfiguration = resolved
	}
	after.Status.ServiceRevisionArn = r.Scope.ServiceRevision(revision.Spec.Cluster, service.Name(seen.service),
		names.ServiceRevisionID(string(seen.service.UID), revision.Spec.Revision))
	conditions.Set(&after.Status.Conditions, revision.Generation, metav1.NewTime(seen.now), conditions.Outcome{
		Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "recorded"}})
	_, err := r.writer().PatchStatus(ctx, revision, after)
	return err
}

// stale is everything to delete, in an order that is safe to stop in.
func stale(plan plan) []client.Object {
	var out []client.Object
	for _, s := range plan.staleTargetGroups {
		out = append(out, s)
	}
	for _, s := range plan.staleDeployments {
		out = append(out, s)
	}
	for _, s := range plan.staleRevisions {
		out = append(out, s)
	}
	return out
}
