// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// LastCompleted is the revision that a deployment of that ordinal goes back to: that of the newest deployment before it that is COMPLETED, "" for none.
// One that a rollback brings back isn't COMPLETED until it has all its tasks again; where the rollback was superseded before that, it never is, and a bad deployment
// on top of it has nothing to go back to (DG/deployment-circuit-breaker).
func LastCompleted(all []ecsv1.ServiceDeployment, before int64) string {
	var last *ecsv1.ServiceDeployment
	for i := range all {
		d := &all[i]
		decides := d.Status.Status == ecsv1.ServiceDeploymentStateSuccessful || d.Status.Rollback != nil
		if n := Ordinal(d); decides && n < before && (last == nil || n > Ordinal(last)) {
			last = d
		}
	}
	switch {
	case last == nil:
		return ""
	case last.Status.Rollback == nil:
		return last.Spec.TargetServiceRevision
	case last.Status.Status == ecsv1.ServiceDeploymentStateRollbackSuccessful:
		return last.Status.Rollback.ServiceRevision
	}
	return ""
}

// Goal is the revision that a deployment goes to: its target, or the one that it goes back to.
func Goal(d *ecsv1.ServiceDeployment) string {
	if r := d.Status.Rollback; r != nil && r.ServiceRevision != "" {
		return r.ServiceRevision
	}
	return d.Spec.TargetServiceRevision
}

// RollingBackTo is what ECS says of the deployment that another one goes back to, as its rolloutStateReason. What failed begins the other one's reason.
func RollingBackTo(deploymentID, failed string) string {
	who, _, _ := strings.Cut(failed, ":")
	return who + ": rolling back to deploymentId " + deploymentID + "."
}
