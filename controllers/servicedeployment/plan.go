// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// plan is what to write.
type plan struct {
	// rolling is the count for each revision; its zero value asks for nothing.
	rolling deploy.Plan
	// staged is the plan of a deployment that moves traffic, nil for others; rolling holds its counts.
	staged *deploy.StagedPlan
	// create is the target's Deployment where there is none yet.
	create *appsv1.Deployment
	// occupant has the name of the Deployment to be created, which therefore can't be.
	occupant *appsv1.Deployment
	// scale are Deployments that are to have another count.
	scale []scaling
	// stop are tasks that are stopped by themselves.
	stop []stopping
	// marks are written to tasks before counts are lowered, so that the right ones stop.
	marks []marking
	// rebalancing is the next step to even Availability Zones.
	rebalancing rebalancing
	// remove are the Deployments of sources that have no task left.
	remove []client.Object
	// daemonSet is to be made, or to get the target's template.
	daemonSet *appsv1.DaemonSet
	// pace is to be set on the DaemonSet that is there.
	pace *pace
	// unhealthy is the task of a DAEMON service that is to be stopped, since another is to take its place.
	unhealthy *unhealthy
	// invalid says why the target can't be made.
	invalid *conditions.Reason
	// missing keeps the target from being made: something that its tasks need.
	missing *needs.Outcome
}

// scaling is a Deployment that is to have another count. replacing is how much of it is there only while tasks are replaced.
type scaling struct {
	revision  revision
	from, to  int32
	replacing int32
}

// next plans the service's counts. A deployment that another took over from plans nothing.
func next(seen observed) plan {
	target := seen.goal()
	if !seen.drives() || target == nil {
		return plan{}
	}
	if service.IsDaemon(seen.service) {
		return nextDaemon(seen, *target)
	}
	p := plan{occupant: seen.occupant, stop: seen.stops()}
	p.rolling, p.staged = seen.counted(*target)
	for _, r := range seen.revisions {
		to, replacing := p.rolling.Asked(r.object.Spec.Revision), p.rolling.Replacing[r.object.Spec.Revision]
		switch {
		case r.deployment == nil && r.object.Name == target.object.Name && seen.service.DeletionTimestamp == nil && !seen.frozen():
			p.create, p.invalid = build(seen, *target, to)
		case r.deployment == nil:
		case r.asked() != to || r.replacing() != replacing:
			p.scale = append(p.scale, scaling{revision: r, from: r.asked(), to: to, replacing: replacing})
		case r.object.Name != target.object.Name && r.drained() && !seen.keeps(r):
			p.remove = append(p.remove, r.deployment)
		}
	}
	return seen.admit(p)
}

// observation is what the planner needs to know of the revisions.
func observation(seen observed, target revision) deploy.Observation {
	o := deploy.Observation{
		Desired: service.Desired(seen.service),
		Bounds:  service.Bounds(seen.service),
		Target:  target.object.Spec.Revision,
		Frozen:  seen.frozen(), KeepSources: seen.cleanupIsOver(),
	}
	for _, r := range seen.revisions {
		o.Revisions = append(o.Revisions, deploy.Revision{
			Ordinal: r.object.Spec.Revision,
			Wanted:  r.wanted(), Replacing: r.replacing(),
			Pending: r.tasks.pending, Running: r.tasks.running, Healthy: r.tasks.healthy, Unhealthy: int32(len(r.tasks.unhealthy)),
			Leaving: r.tasks.leaving, LeavingHealthy: r.tasks.leavingHealthy, Relocating: r.tasks.relocating, Stuck: r.tasks.stuck,
			Stopping: r.tasks.stopping, Cooling: r.tasks.cooling, Protected: r.tasks.protected, Retiring: seen.retiring(r),
		})
	}
	return o
}

// asked is the count that the revision's Deployment was last given.
func (r revision) asked() int32 {
	if r.deployment == nil {
		return 0
	}
	return ptr.Deref(r.deployment.Spec.Replicas, 1)
}

// moves is the state of the zones that tasks of the revision are moved for, "" where none are.
func (r revision) moves() string {
	if r.deployment == nil {
		return ""
	}
	return r.deployment.Annotations[ecsv1.AnnotationRebalancing]
}

// replacing is how much of that is there only while tasks are replaced. It was written together with the count.
func (r revision) replacing() int32 {
	if r.deployment == nil {
		return 0
	}
	n, err := strconv.ParseInt(r.deployment.Annotations[ecsv1.AnnotationReplacing], 10, 32)
	if err != nil || int32(n) > r.asked() {
		return 0 // nobody wrote that but a person
	}
	return int32(n)
}

// wanted is how many tasks the revision is to have.
func (r revision) wanted() int32 { return r.asked() - r.replacing() }

// drained reports whether a Deployment has nothing left that is or will be a task.
func (r revision) drained() bool {
	return r.wanted() == 0 && r.asked() == 0 && r.tasks.pending+r.tasks.running+r.tasks.stopping == 0 &&
		r.deployment.Status.ObservedGeneration >= r.deployment.Generation && r.deployment.Status.Replicas == 0
}

// build makes the Deployment of the target revision. Its template is never changed afterwards.
func build(seen observed, target revision, count int32) (*appsv1.Deployment, *conditions.Reason) {
	translated, problem := translate(seen, target)
	if problem != nil {
		return nil, problem
	}
	name, ordinal := target.object.Spec.Service, target.object.Spec.Revision
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       target.object.Namespace,
			Name:            target.object.Name,
			Labels:          withoutProvider(translated.Template.Labels),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(target.object, ecsv1.GroupVersion.WithKind("ServiceRevision"))},
		},
		Spec: appsv1.DeploymentSpec{
			Replicas:             new(count),
			Selector:             &metav1.LabelSelector{MatchLabels: service.RevisionSelector(name, ordinal)},
			Template:             translated.Template,
			MinReadySeconds:      translated.MinReadySeconds,
			RevisionHistoryLimit: ptr.To[int32](0),
		},
	}
	needs.Record(d, translated.Needs)
	metav1.SetMetaDataAnnotation(&d.ObjectMeta, ecsv1.AnnotationPlacement, placementHash(seen.placement(&seen.taskDefinition.Spec.TaskDefinition)))
	return d, nil
}

// translate makes the pod template of the target revision, or says why it can't.
func translate(seen observed, target revision) (podspec.Result, *conditions.Reason) {
	if seen.taskDefinition == nil {
		return podspec.Result{}, &conditions.Reason{Reason: ecsv1.ReasonTaskDefinitionNotFound, Message: fmt.Sprintf(
			"task definition revision %s is gone; change taskDefinition of the service to one that exists", target.object.Spec.TaskDefinitionRevisionName)}
	}
	on := seen.platform
	on.Placement = seen.placement(&seen.taskDefinition.Spec.TaskDefinition)
	translated, err := service.Translate(&target.object.Spec, &seen.taskDefinition.Spec, on)
	if err != nil {
		return podspec.Result{}, &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: err.Error()}
	}
	if unknown := translated.Needs.ImageConfigs; len(unknown) > 0 {
		return podspec.Result{}, &conditions.Reason{Reason: ecsv1.ReasonImageConfigUnknown, Message: fmt.Sprintf(
			"the service revision was made before the launcher needed to know the command of %s; raise spec.kubernetes.forceNewDeployment to read it from the image", strings.Join(unknown, ", "))}
	}
	metav1.SetMetaDataAnnotation(&translated.Template.ObjectMeta, ecsv1.AnnotationTaskGroup, service.Group(seen.service))
	return translated, nil
}
