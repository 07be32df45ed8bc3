// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// movesTraffic reports whether the deployment goes by stages, as its strategy was when it began.
func (o observed) movesTraffic() bool {
	return !service.IsDaemon(o.service) && traffic.Staged(o.sd.Spec.DeploymentConfiguration)
}

// counted plans the counts: within the percentages, or stage by stage.
func (o observed) counted(goal revision) (deploy.Plan, *deploy.StagedPlan) {
	if !o.movesTraffic() {
		return deploy.Rolling(observation(o, goal)), nil
	}
	staged := deploy.Staged(o.staged())
	return staged.Plan, &staged
}

// staged is what the stages are planned from. The revision that a deployment went back from may be gone, with its tasks.
func (o observed) staged() deploy.StagedObservation {
	target, config := o.target(), o.sd.Spec.DeploymentConfiguration
	lost := ""
	if target == nil {
		lost = o.sd.Spec.TargetServiceRevision
		target = &revision{object: &ecsv1.ServiceRevision{Spec: ecsv1.ServiceRevisionSpec{Revision: service.Ordinal(o.sd)}}}
	}
	rolling := observation(o, *target)
	s := deploy.StagedObservation{
		Now: o.now, Schedule: service.Schedule(config), Bake: service.StagedBakeTime(config),
		Desired: rolling.Desired, Bounds: rolling.Bounds, Target: rolling.Target, Lost: lost, Revisions: rolling.Revisions,
		Standing: stageOf(&o.sd.Status), Began: o.sd.CreationTimestamp.Time, Ended: ending(o.sd.Status.Status),
		Production: o.traffic.Production.router(), Test: o.traffic.Test.router(), Deleting: o.service.DeletionTimestamp != nil,
		Watch: o.watch(plan{}, tally(&o.sd.Status, o)),
	}
	s.Watch.Alarms, _ = o.alarmsOf(&o.sd.Status)
	hooksSay(&s, o.hooks)
	if source := o.source(); source != nil {
		s.Source, s.MayGoBack = source.object.Spec.Revision, source.object.Name == o.completed || s.Standing.Back
	}
	s.Elsewhere = slices.DeleteFunc(o.traffic.carrying(o.revisions), func(ordinal int64) bool { return ordinal == s.Target || ordinal == s.Source })
	if lost == "" && target.deployment == nil && s.Watch.Gone == "" {
		if _, problem := translate(o, *target); problem != nil && problem.Reason == ecsv1.ReasonTaskDefinitionNotFound {
			s.Watch.Gone = problem.Message
		}
	}
	return s
}

// source is the revision that the target takes over from, or that it gives back to; nil where there is none.
func (o observed) source() *revision {
	if r := o.sd.Status.Rollback; r != nil {
		return o.named(r.ServiceRevision)
	}
	target, completed := o.target(), o.named(o.completed)
	var last int64
	if completed != nil {
		last = completed.object.Spec.Revision
	}
	var most int64
	if carrying := o.traffic.carrying(o.revisions); len(carrying) > 0 {
		most = carrying[0]
	}
	if keep := deploy.Keep(observation(o, *target).Revisions, target.object.Spec.Revision, most, last); keep != 0 {
		return o.ordinal(keep)
	}
	if slices.Contains(o.sd.Spec.SourceServiceRevisions, o.completed) {
		return completed // it had tasks when the deployment began, and will have some again when any are desired
	}
	return nil
}

// keeps reports whether a revision without tasks keeps its Deployment, since it may get some again before the deployment is over.
func (o observed) keeps(r revision) bool {
	source := o.source()
	return o.movesTraffic() && !deploy.Ended(o.sd.Status.Status) && !deploy.IsFrozen(o.sd.Status.Status) && o.service.DeletionTimestamp == nil &&
		source != nil && source.object.Name == r.object.Name
}

// ending is how a deployment in that state ended, as the stages see it.
func ending(s ecsv1.ServiceDeploymentState) deploy.Ending {
	switch {
	case s == ecsv1.ServiceDeploymentStateSuccessful:
		return deploy.Succeeded
	case s == ecsv1.ServiceDeploymentStateRollbackSuccessful:
		return deploy.RolledBack
	case deploy.IsFrozen(s):
		return deploy.Failed
	}
	return ""
}

// stageOf is where the status says that the deployment stands.
func stageOf(s *ecsv1.ServiceDeploymentStatus) deploy.Standing {
	out := deploy.Standing{Stage: s.LifecycleStage, Back: s.Rollback != nil}
	if k := s.Kubernetes; k != nil {
		out.Step, out.Since, out.Shifted = ptr.Deref(k.TrafficStep, 0), moment(k.LifecycleStageStartedAt), moment(k.TrafficShiftedAt)
	}
	return out
}

// stand stores where the deployment stands from the next look on.
func stand(s *ecsv1.ServiceDeploymentStatus, p *deploy.StagedPlan) {
	if p == nil || p.Next == nil {
		return
	}
	if s.Kubernetes == nil {
		s.Kubernetes = &ecsv1.ServiceDeploymentKubernetes{}
	}
	k := s.Kubernetes
	s.LifecycleStage, k.TrafficStep = p.Next.Stage, nil
	if p.Next.Step > 0 {
		k.TrafficStep = &p.Next.Step
	}
	k.LifecycleStageStartedAt, k.TrafficShiftedAt = stored(p.Next.Since), stored(p.Next.Shifted)
}

func moment(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

func stored(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t}
}
