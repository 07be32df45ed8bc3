// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"slices"

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

// inProduction is what the revision has that most of the production traffic goes to before an ordinal; nil where there is none. A deployment that took over from
// others and has moved nothing yet leaves it where they left it.
func (o observed) inProduction(before int64) *ecsv1.ResolvedConfiguration {
	found := ""
	for i := len(o.deployments) - 1; i >= 0; i-- {
		d := &o.deployments[i]
		if service.Ordinal(d) >= before {
			continue
		}
		name, known := carries(d)
		if known || found == "" {
			found = name
		}
		if known {
			break
		}
	}
	if found == "" {
		return nil
	}
	for i := range o.revisions {
		if r := &o.revisions[i]; r.Name == found && r.Status.ResolvedConfiguration != nil {
			return r.Status.ResolvedConfiguration
		}
	}
	return &ecsv1.ResolvedConfiguration{} // one of a rolling deployment
}

// carries is the revision that a deployment has left most of the production traffic with, of equals the newest, and whether its status tells. That of one that
// another took over from doesn't any more.
func carries(d *ecsv1.ServiceDeployment) (name string, known bool) {
	sources := d.Spec.SourceServiceRevisions
	if d.Status.Status == ecsv1.ServiceDeploymentStateSuccessful || len(sources) == 0 {
		return d.Spec.TargetServiceRevision, true
	}
	var most int64
	all := slices.Clone(d.Status.SourceServiceRevisions)
	if target := d.Status.TargetServiceRevision; target != nil {
		all = append(all, *target)
	}
	for _, r := range all {
		if w := r.RequestedProductionTrafficWeight; w != nil && w.Tenths() > 0 && w.Tenths() >= most {
			name, most = r.Name, w.Tenths()
		}
	}
	switch back := d.Status.Rollback; {
	case name != "":
		return name, true
	case back != nil && back.ServiceRevision != "":
		return back.ServiceRevision, true
	}
	return sources[len(sources)-1], false
}
