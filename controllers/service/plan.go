// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// plan is what to write.
type plan struct {
	// revision and deployment to make for a change that starts a deployment.
	revision   *ecsv1.ServiceRevision
	deployment *ecsv1.ServiceDeployment
	// targetGroups to apply; staleTargetGroups and history to delete.
	targetGroups      []*corev1.Service
	staleTargetGroups []*corev1.Service
	staleRevisions    []*ecsv1.ServiceRevision
	staleDeployments  []*ecsv1.ServiceDeployment
	// describe are revisions that have no status yet.
	describe []*ecsv1.ServiceRevision
	// problem says why nothing new is started. What runs goes on as it is.
	problem *conditions.Reason
	// waiting says what has to happen first, without anyone's help.
	waiting *conditions.Reason
	// ask registries about the images of the revision that is to be made.
	ask *images.Request
	// settled: there is nothing more to ask about images.
	settled bool
	// again is when to look again though nothing tells to; 0 for never.
	again time.Duration
	// quiet: nothing is worth saying yet.
	quiet bool
	// release lets a deleted service go.
	release bool
}

// next decides what the service needs. A service that can't be started as it is written loses nothing that it has.
func next(seen observed) plan {
	if seen.service.DeletionTimestamp != nil {
		return plan{release: seen.tasks == 0}
	}
	taskDefinition, problem := check(seen)
	if problem != nil {
		if wait := comesNext(seen, problem); wait > 0 {
			return plan{waiting: problem, quiet: true, again: wait}
		}
		return plan{problem: problem}
	}
	if taskDefinition == nil {
		return plan{waiting: refuse(ecsv1.ReasonProgressing, "waiting for task definition %s to be registered", seen.service.Spec.TaskDefinition)}
	}
	p := plan{}
	p.targetGroups, p.staleTargetGroups, p.problem, p.waiting = planTargetGroups(seen, &taskDefinition.Spec.TaskDefinition)
	if p.problem != nil || p.waiting != nil {
		if len(seen.routed) > 0 {
			p.again = lookAtRoutesAgainIn
		}
		return p
	}
	spec := service.Revision(seen.service, taskDefinition)
	newest := seen.newest()
	if newest == nil || newest.Labels[ecsv1.LabelServiceRevisionHash] != service.RevisionHash(spec) {
		spec.Revision = 1
		if newest != nil {
			spec.Revision = newest.Spec.Revision + 1
		}
		if incomplete := complete(&spec, taskDefinition, seen); incomplete != nil {
			return *incomplete
		}
		p.revision = buildRevision(seen.service, spec)
		newest = p.revision
	}
	p.settled = p.revision == nil
	if current := seen.current(); current == nil || service.Ordinal(current) < newest.Spec.Revision {
		p.deployment = buildDeployment(seen, newest)
	}
	p.describe = seen.undescribed()
	p.prune(seen)
	if in := seen.wordOf(p); in > 0 {
		p.quiet, p.again = true, in
	}
	return p
}

// wordOf is how long to wait for the first word of a deployment that was just made, 0 where there is nothing to wait for: its status soon says all that could be
// said of it, and what is said meanwhile would be a write for a moment. A service that nothing was said of yet is told at once that it is seen.
func (o observed) wordOf(p plan) time.Duration {
	if o.service.Status.ObservedGeneration == nil {
		return 0
	}
	if p.deployment != nil {
		return inOneBreath
	}
	current := o.current()
	if current == nil || current.Status.ObservedGeneration != nil {
		return 0
	}
	return min(inOneBreath, max(0, current.CreationTimestamp.Add(inOneBreath).Sub(o.now)))
}

// undescribed are revisions whose status doesn't say yet what they are, or which target groups they have.
func (o observed) undescribed() []*ecsv1.ServiceRevision {
	var out []*ecsv1.ServiceRevision
	for i := range o.revisions {
		if r := &o.revisions[i]; r.Status.ServiceRevisionArn == "" || r == o.newest() && o.resolved(r) != nil && r.Status.ResolvedConfiguration == nil {
			out = append(out, r)
		}
	}
	return out
}

// lookAtRoutesAgainIn is how soon a route is looked at again that keeps a target group from going.
const lookAtRoutesAgainIn = 5 * time.Second

// inOneBreath is how much later than a service what it refers to may come, and nobody is told that it was missing.
const inOneBreath = 2 * time.Second

// comesNext is how long to wait for what the service refers to, before its absence is worth a word: in a folder of manifests the cluster or the
// task definition often comes after the service. 0 for any other problem, and for a service that has been there for a while.
func comesNext(seen observed, problem *conditions.Reason) time.Duration {
	if problem.Reason != ecsv1.ReasonTaskDefinitionNotFound && problem.Reason != ecsv1.ReasonClusterNotFound && problem.Reason != ecsv1.ReasonCapacityProviderNotFound {
		return 0
	}
	return max(0, seen.service.CreationTimestamp.Add(inOneBreath).Sub(seen.now))
}

// complete checks a revision that is to be made, and gives it its images; or says what keeps it from being made. With the images known the
// tasks may be others, and are checked again.
func complete(spec *ecsv1.ServiceRevisionSpec, td *ecsv1.TaskDefinitionRevision, seen observed) *plan {
	translated, problem := checkTranslation(*spec, td, seen)
	if problem != nil {
		return &plan{problem: problem}
	}
	if incomplete := planImages(seen, spec, td, translated); incomplete != nil {
		return incomplete
	}
	if _, problem = checkTranslation(*spec, td, seen); problem != nil {
		return &plan{problem: problem}
	}
	return nil
}

func buildRevision(svc *ecsv1.Service, spec ecsv1.ServiceRevisionSpec) *ecsv1.ServiceRevision {
	meta := childMeta(svc, names.ServiceRevision(svc.Name, spec.Revision), spec.Revision)
	meta.Labels[ecsv1.LabelServiceRevisionHash] = service.RevisionHash(spec)
	return &ecsv1.ServiceRevision{ObjectMeta: meta, Spec: spec}
}

func buildDeployment(seen observed, target *ecsv1.ServiceRevision) *ecsv1.ServiceDeployment {
	sd := &ecsv1.ServiceDeployment{
		ObjectMeta: childMeta(seen.service, target.Name, target.Spec.Revision),
		Spec: ecsv1.ServiceDeploymentSpec{
			Service:                 seen.service.Name,
			TargetServiceRevision:   target.Name,
			DeploymentConfiguration: seen.service.Spec.DeploymentConfiguration,
		},
	}
	// The sources are what the deployment before it left running: its target, and its own sources if it wasn't complete.
	if last := seen.current(); last != nil && last.Status.TargetServiceRevision != nil {
		for _, s := range append(last.Status.SourceServiceRevisions, *last.Status.TargetServiceRevision) {
			if s.Name != target.Name {
				sd.Spec.SourceServiceRevisions = append(sd.Spec.SourceServiceRevisions, s.Name)
			}
		}
	}
	return sd
}

func childMeta(svc *ecsv1.Service, name string, ordinal int64) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace:       svc.Namespace,
		Name:            name,
		Labels:          service.RevisionSelector(svc.Name, ordinal),
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(svc, ecsv1.GroupVersion.WithKind("Service"))},
	}
}

// prune drops the oldest revisions and deployments beyond the history limit, when nothing is under way. Those with tasks are never dropped, and neither are the newest, the
// one that runs, and the one that a deployment would go back to.
func (p *plan) prune(seen observed) {
	current := seen.current()
	if current == nil || p.deployment != nil || !deploy.Ended(current.Status.Status) {
		return
	}
	inUse := map[string]bool{current.Spec.TargetServiceRevision: true, service.Goal(current): true}
	inUse[service.LastCompleted(seen.deployments, math.MaxInt64)] = true
	for _, s := range current.Status.SourceServiceRevisions {
		inUse[s.Name] = true
	}
	if len(current.Status.SourceServiceRevisions) >= mostSourcesListed {
		return // there may be more with tasks
	}
	surplus := len(seen.revisions) - 1 - service.RevisionHistoryLimit(seen.service)
	gone := map[string]bool{}
	for i := range seen.revisions {
		if r := &seen.revisions[i]; surplus > 0 && !inUse[r.Name] {
			p.staleRevisions = append(p.staleRevisions, r)
			gone[r.Name] = true
			surplus--
		}
	}
	for i := range seen.deployments {
		if d := &seen.deployments[i]; gone[d.Spec.TargetServiceRevision] {
			p.staleDeployments = append(p.staleDeployments, d)
		}
	}
}

// mostSourcesListed are listed in the status of a ServiceDeployment.
const mostSourcesListed = 9
