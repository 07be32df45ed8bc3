// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// ofRevision names a revision with its task definition: "web-1 (task definition web:1)".
func (o observed) ofRevision(name string) string {
	if r := o.named(name); r != nil {
		return fmt.Sprintf("%s (task definition %s)", name, r.object.Spec.TaskDefinition)
	}
	return name
}

const wayOut = "change the service or its task definition to start another deployment"

// failed says of a deployment that launches nothing any more why, and what to do. StatusReason holds the reason since it ended.
func failed(s *ecsv1.ServiceDeploymentStatus, seen observed, applyErr error) conditions.Outcome {
	if applyErr != nil {
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonFailed, Message: "trying again: " + applyErr.Error()}}
	}
	reason, text := ecsv1.ReasonDeploymentFailed, "the deployment of %s failed: %s. No task is launched; "+wayOut
	if s.Status == ecsv1.ServiceDeploymentStateRollbackFailed {
		reason, text = ecsv1.ReasonRollbackFailed, "the deployment of %s failed, and can't go back: %s. No task is launched; "+wayOut
	}
	return conditions.Outcome{Stalled: &conditions.Reason{Reason: reason, Message: fmt.Sprintf(text, seen.ofRevision(seen.sd.Spec.TargetServiceRevision), s.StatusReason)}}
}

// returned says of a deployment that goes back, or went, from where to where and why. A service that runs another revision than its spec says isn't ready, however well
// its tasks are; what is wrong with them is told, too.
func returned(s *ecsv1.ServiceDeploymentStatus, seen observed, tasks conditions.Outcome) conditions.Outcome {
	from, to := seen.ofRevision(seen.sd.Spec.TargetServiceRevision), seen.ofRevision(s.Rollback.ServiceRevision)
	more := ""
	if r := tasks.Reconciling; r != nil {
		more = ". Now: " + r.Message
	}
	switch {
	case tasks.Stalled != nil:
		return tasks
	case deploy.Ended(s.Status):
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: ecsv1.ReasonRolledBack, Message: fmt.Sprintf(
			"the deployment of %s was rolled back, and %s runs: %s; %s%s", from, to, s.Rollback.Reason, wayOut, more)}}
	}
	return conditions.Outcome{Reconciling: &conditions.Reason{Reason: ecsv1.ReasonRollingBack, Message: fmt.Sprintf(
		"the deployment of %s goes back to %s: %s%s", from, to, s.Rollback.Reason, more)}}
}

// tooProtected is said where more tasks are protected than are desired.
const tooProtected = ", more than are desired, are"

// protects says that protected tasks are what the service waits for, "" where they aren't: those of the goal are more than are desired, or those of older revisions
// are all that is left of them.
func (o observed) protects(goal revision) string {
	of, n, until := "", goal.tasks.protected, goal.tasks.protectedUntil
	if n > o.desired() {
		of = tooProtected
	} else {
		n, of, until = 0, " of older revisions are", time.Time{}
		for _, r := range o.revisions {
			if t := r.tasks; r.object.Name != goal.object.Name && t.protected > 0 && int(t.protected) == len(t.members) {
				n += t.protected
				if until.IsZero() || t.protectedUntil.Before(until) {
					until = t.protectedUntil
				}
			}
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d tasks%s protected and don't stop before %s", n, of, until.UTC().Format(time.RFC3339))
}
