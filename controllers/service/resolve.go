// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// resolved is which target groups a revision of a service gets whose deployments move traffic: those that the revision in production
// doesn't have. It is decided once, before the revision has a task. nil where deployments move none.
func (o observed) resolved(revision *ecsv1.ServiceRevision) *ecsv1.ResolvedConfiguration {
	if !o.staged() {
		return nil
	}
	return traffic.Resolve(revision.Spec.LoadBalancers, o.inProduction(revision.Spec.Revision))
}

// inProduction is what the revision has that most of the production traffic goes to before an ordinal; nil where there is none.
func (o observed) inProduction(before int64) *ecsv1.ResolvedConfiguration {
	for i := len(o.deployments) - 1; i >= 0; i-- {
		d := &o.deployments[i]
		if service.Ordinal(d) >= before {
			continue
		}
		name := carries(d)
		for j := range o.revisions {
			if r := &o.revisions[j]; r.Name == name && r.Status.ResolvedConfiguration != nil {
				return r.Status.ResolvedConfiguration
			}
		}
		return &ecsv1.ResolvedConfiguration{} // one of a rolling deployment
	}
	return nil
}

// carries is the revision that a deployment has left most of the production traffic with.
func carries(d *ecsv1.ServiceDeployment) string {
	target, sources := d.Spec.TargetServiceRevision, d.Spec.SourceServiceRevisions
	switch {
	case d.Status.Rollback != nil && d.Status.Rollback.ServiceRevision != "":
		return d.Status.Rollback.ServiceRevision
	case d.Status.Status == ecsv1.ServiceDeploymentStateSuccessful || len(sources) == 0:
		return target
	}
	if s := d.Status.TargetServiceRevision; s != nil && s.RequestedProductionTrafficWeight != nil && s.RequestedProductionTrafficWeight.Tenths() > traffic.All/2 {
		return target
	}
	return sources[len(sources)-1]
}
