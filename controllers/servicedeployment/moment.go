// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"context"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// hookMoment is where the deployment stands as hooks see it, nil where none can run. Only the stages of a shift in steps have any.
func (o observed) hookMoment() *hooks.Moment {
	at := stageOf(&o.sd.Status)
	if !o.drives() || !o.movesTraffic() || at.Stage == "" || ending(o.sd.Status.Status) != "" || o.service.DeletionTimestamp != nil || o.target() == nil {
		return nil
	}
	m := &hooks.Moment{Stage: ecsv1.DeploymentLifecycleHookStage(at.Stage), Back: at.Back}
	if stepwise := service.Schedule(o.sd.Spec.DeploymentConfiguration).Steps() > 1; stepwise &&
		(at.Stage == ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift || at.Stage == ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift) {
		m.Step = at.Step
	}
	return m
}

// observeStage finds out how the hooks of the stage stand, when everything else is seen: they are told the weights that the stage wants.
func (r *Reconciler) observeStage(ctx context.Context, o *observed) error {
	at := o.hookMoment()
	out, err := r.observeHooks(ctx, o, at, func(d *hooks.Deployment) {
		wanted := deploy.Staged(o.staged())
		d.ProductionWeights, d.TestWeights = r.weights(o, wanted.Production), r.weights(o, wanted.Test)
	})
	o.hooks = out
	return err
}

// weights are the target's share and the source's, by the ARNs of the revisions.
func (r *Reconciler) weights(o *observed, target int32) hooks.Weights {
	out := hooks.Weights{r.revisionARN(o, o.target().object.Spec.Revision): target}
	if source := o.source(); source != nil {
		out[r.revisionARN(o, source.object.Spec.Revision)] = deploy.Whole - target
	}
	return out
}

// hooksSay fills in what the hooks of the moment say: what is waited for, or what ends the deployment.
func hooksSay(s *deploy.StagedObservation, out hooks.Output) {
	switch out.Verdict {
	case hooks.Waiting:
		s.HooksWait = cmp.Or(out.Why, "waiting for lifecycle hooks")
	case hooks.Failed:
		s.Watch.Hook = cmp.Or(out.Why, "a lifecycle hook failed")
	case hooks.Passed:
	}
}
