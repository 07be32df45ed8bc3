// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// uses is all that can use a task definition revision in a namespace.
type uses struct {
	revisions   []ecsv1.ServiceRevision
	deployments []ecsv1.ServiceDeployment
	// running are the Deployments of service revisions.
	running []appsv1.Deployment
	tasks   []ecsv1.Task
}

func observeUses(ctx context.Context, c client.Reader, namespace string) (uses, error) {
	revisions, deployments := &ecsv1.ServiceRevisionList{}, &ecsv1.ServiceDeploymentList{}
	running, tasks := &appsv1.DeploymentList{}, &ecsv1.TaskList{}
	for _, list := range []client.ObjectList{revisions, deployments, tasks} { // thousands, and they are only read
		if err := c.List(ctx, list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
			return uses{}, err
		}
	}
	if err := c.List(ctx, running, client.InNamespace(namespace), client.HasLabels{ecsv1.LabelService}, client.UnsafeDisableDeepCopy); err != nil {
		return uses{}, err
	}
	return uses{revisions: revisions.Items, deployments: deployments.Items, running: running.Items, tasks: tasks.Items}, nil
}

// names gives the TaskDefinitionRevisions in use: those of service revisions that have tasks, will have, or that a service can be rolled
// back to; and those of tasks that aren't over. A service revision that is only remembered uses nothing.
func (u uses) names() map[string]bool {
	live := u.live()
	out := map[string]bool{}
	for i := range u.revisions {
		if r := &u.revisions[i]; live[r.Name] {
			out[r.Spec.TaskDefinitionRevisionName] = true
		}
	}
	for i := range u.tasks {
		if name := revisionOfTask(&u.tasks[i]); name != "" {
			out[name] = true
		}
	}
	return out
}

// live names the service revisions that count: the newest of each service, the ends and beginnings of its current deployment, the last
// that was deployed successfully, and each that has a Deployment.
func (u uses) live() map[string]bool {
	live, newest := map[string]bool{}, map[string]*ecsv1.ServiceRevision{}
	carried := map[types.UID]bool{}
	for i := range u.running {
		if owner := metav1.GetControllerOf(&u.running[i]); owner != nil {
			carried[owner.UID] = true
		}
	}
	for i := range u.revisions {
		r := &u.revisions[i]
		if last := newest[r.Spec.Service]; last == nil || last.Spec.Revision < r.Spec.Revision {
			newest[r.Spec.Service] = r
		}
		live[r.Name] = carried[r.UID]
	}
	for _, r := range newest {
		live[r.Name] = true
	}
	current, successful := map[string]*ecsv1.ServiceDeployment{}, map[string]*ecsv1.ServiceDeployment{}
	for i := range u.deployments {
		d := &u.deployments[i]
		later(current, d)
		if d.Status.Status == ecsv1.ServiceDeploymentStateSuccessful {
			later(successful, d)
		}
	}
	for _, d := range successful {
		live[d.Spec.TargetServiceRevision] = true
	}
	for _, d := range current {
		live[d.Spec.TargetServiceRevision], live[service.Goal(d)] = true, true
		for _, s := range d.Status.SourceServiceRevisions {
			live[s.Name] = true
		}
		if d.Status.FinishedAt == nil {
			for _, name := range d.Spec.SourceServiceRevisions {
				live[name] = true
			}
		}
	}
	return live
}

// later keeps the newest deployment of each service.
func later(of map[string]*ecsv1.ServiceDeployment, d *ecsv1.ServiceDeployment) {
	if last := of[d.Spec.Service]; last == nil || service.Ordinal(last) < service.Ordinal(d) {
		of[d.Spec.Service] = d
	}
}

// revisionOfTask is the revision that a task has been given, "" for a task that is over and for one that hasn't been given any: it has
// yet to be accepted, and is refused where its revision is on its way out.
func revisionOfTask(t *ecsv1.Task) string {
	if t.Status.LastStatus == ecsv1.TaskStateStopped || t.Status.LastStatus == ecsv1.TaskStateDeleted {
		return ""
	}
	ref, err := arn.ParseTaskDefinition(t.Status.TaskDefinitionArn)
	if err != nil || !ref.Pinned() {
		return ""
	}
	return names.TaskDefinitionRevision(ref.Family, ref.Revision)
}

// mayFree lets through what can end the use of a revision: a ServiceDeployment that goes, or goes on to another state.
func mayFree() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*ecsv1.ServiceDeployment)
			after, also := e.ObjectNew.(*ecsv1.ServiceDeployment)
			return ok && also && (before.Status.Status != after.Status.Status ||
				len(before.Status.SourceServiceRevisions) != len(after.Status.SourceServiceRevisions))
		},
		DeleteFunc:  func(event.DeleteEvent) bool { return true },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// usedBy are the service revisions that a change of one of a service's objects may concern: itself, or all of its service.
func usedBy(ctx context.Context, c client.Reader, o client.Object) []ecsv1.ServiceRevision {
	if r, ok := o.(*ecsv1.ServiceRevision); ok {
		return []ecsv1.ServiceRevision{*r}
	}
	label := o.GetLabels()[ecsv1.LabelService]
	list := &ecsv1.ServiceRevisionList{}
	if label == "" || c.List(ctx, list, references.OfService(o.GetNamespace(), label, client.UnsafeDisableDeepCopy)...) != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	return list.Items
}
