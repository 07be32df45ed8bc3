// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"context"
	"slices"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// router is the traffic as the stages see it.
func (r routing) router() deploy.Router {
	return deploy.Router{Exists: r.Exists, Target: r.TargetTenths, Settled: r.Settled, Why: r.Why}
}

// carrying are the ordinals of the revisions that production traffic goes to, the one with most of it first.
func (t trafficSeen) carrying(revisions []revision) []int64 {
	shares := map[int64]int32{}
	var out []int64
	for _, r := range revisions {
		ordinal := r.object.Spec.Revision
		for i := range t.pairs {
			shares[ordinal] += t.pairs[i].shareOfProduction(ordinal)
		}
		if shares[ordinal] > 0 {
			out = append(out, ordinal)
		}
	}
	slices.SortFunc(out, func(a, b int64) int { return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(b, a)) })
	return out
}

// direct brings the traffic nearer to where the plan wants it. At rest all of it is that of the revision that is left, and target groups without
// traffic are its own, too.
func (r *Reconciler) direct(ctx context.Context, seen observed, p plan) error {
	switch {
	case !seen.drives() || seen.target() == nil || seen.service.DeletionTimestamp != nil:
		return nil
	case p.staged == nil:
		return r.releaseTraffic(ctx, seen)
	case p.staged.Still:
		return nil
	}
	wanted := trafficWanted{target: seen.target().object.Spec.Revision, production: p.staged.Production, test: p.staged.Test}
	source := seen.source()
	switch ended := ending(seen.sd.Status.Status); {
	case ended == deploy.RolledBack && source != nil:
		wanted = trafficWanted{target: source.object.Spec.Revision, production: traffic.All, test: traffic.All}
	case ended == "" && source != nil:
		wanted.source = source.object.Spec.Revision
	}
	return r.applyTraffic(ctx, seen, wanted)
}

// admit keeps the target from its first task as long as its traffic can't be directed.
func (o observed) admit(p plan) plan {
	if p.staged == nil || p.create == nil {
		return p
	}
	switch t := o.traffic; {
	case t.problem != nil:
		p.create, p.invalid = nil, t.problem
	case t.waiting != nil:
		p.create, p.missing = nil, &needs.Outcome{Waiting: t.waiting}
	}
	return p
}

// weigh tells which shares of the traffic are directed to a revision.
func weigh(summary *ecsv1.ServiceRevisionSummary, seen observed, p *deploy.StagedPlan) {
	if p == nil {
		return
	}
	source := seen.source()
	share := func(r routing, target int32) *ecsv1.Decimal {
		switch {
		case !r.Exists:
		case summary.Name == seen.sd.Spec.TargetServiceRevision:
			return new(ecsv1.DecimalFromTenths(int64(target)))
		case source != nil && source.object.Name == summary.Name:
			return new(ecsv1.DecimalFromTenths(int64(deploy.Whole - target)))
		}
		return nil
	}
	summary.RequestedProductionTrafficWeight, summary.RequestedTestTrafficWeight = share(seen.traffic.Production, p.Production), share(seen.traffic.Test, p.Test)
}
