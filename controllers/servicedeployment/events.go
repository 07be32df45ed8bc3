// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// announceCounts tells which counts were given. The counts stand in the action, since two events of one reason and action
// soon after each other are taken for the same.
func (r *Reconciler) announceCounts(seen observed, plan plan) {
	if plan.create != nil && seen.occupant == nil && plan.create.Spec.Replicas != nil && *plan.create.Spec.Replicas > 0 {
		r.started(seen, plan.create.Name, 0, *plan.create.Spec.Replicas)
	}
	if plan.unhealthy != nil {
		r.replaced(seen, plan.unhealthy)
	}
	switch b := plan.rebalancing; {
	case b.reason != "":
		r.on(seen, corev1.EventTypeNormal, b.reason, "Rebalance", "%s", b.note)
	case b.uneven != "" && !strings.Contains(seen.sd.Status.StatusReason, staysUneven):
		r.on(seen, corev1.EventTypeNormal, "RebalancingStopped", "StayUneven", "%s.", b.uneven)
	}
	for _, s := range plan.scale {
		for i := range s.begun() {
			r.replaced(seen, &s.revision.tasks.unhealthy[i])
		}
		if s.to < s.from && s.revision.tasks.cooling+seen.retiring(s.revision) > 0 {
			continue // a place that cools is left empty, or others are launched there: no task that served is stopped
		}
		if s.to > s.from {
			r.started(seen, s.revision.object.Name, s.from, s.to)
			continue
		}
		r.on(seen, corev1.EventTypeNormal, "TasksStopped", fmt.Sprintf("ScaleFrom%dTo%d", s.from, s.to),
			"has stopped %d running tasks: (service revision %s)", s.from-s.to, s.revision.object.Name)
	}
}

// begun is for how many of the revision's unhealthy tasks the replacement begins, those that have become so last: for which one more is
// started, or the one that is stopped first.
func (s scaling) begun() int {
	more, was := s.replacing, s.revision.replacing()
	switch {
	case more > max(was, 0):
		return min(int(more-max(was, 0)), len(s.revision.tasks.unhealthy))
	case more < min(was, 0):
		return min(int(min(was, 0)-more), len(s.revision.tasks.unhealthy))
	}
	return 0
}

// replaced tells of an unhealthy task, in the words that ECS has for a container's health check and for a target group's.
func (r *Reconciler) replaced(seen observed, u *unhealthy) {
	text := "failed container health checks."
	if u.failure.Container == "" {
		text = seen.targetGroup(u) + "due to (reason Health checks failed)"
	}
	r.Events.Eventf(seen.service, u.pod, corev1.EventTypeWarning, ecsv1.ReasonTasksUnhealthy, "ReplaceTask", "(service %s) (task %s) %s",
		service.Name(seen.service), names.TaskID(string(u.pod.UID)), text)
}

// targetGroup names the target group whose check a task failed as its service revision does, with the port.
func (o observed) targetGroup(u *unhealthy) string {
	for _, r := range o.revisions {
		if strconv.FormatInt(r.object.Spec.Revision, 10) != u.pod.Labels[ecsv1.LabelServiceRevision] {
			continue
		}
		for _, lb := range r.object.Spec.LoadBalancers {
			if arn.TargetGroup(lb.TargetGroupArn) == u.failure.TargetGroup {
				return fmt.Sprintf("(port %d) is unhealthy in (target-group %s) ", ptr.Deref(lb.ContainerPort, 0), lb.TargetGroupArn)
			}
		}
	}
	return "is unhealthy in its target group "
}

func (r *Reconciler) started(seen observed, revision string, from, to int32) {
	r.on(seen, corev1.EventTypeNormal, "TasksStarted", fmt.Sprintf("ScaleFrom%dTo%d", from, to),
		"has started %d tasks: (service revision %s)", to-from, revision)
}

// announce tells what the status patch changed, in the words of ECS's service events.
func (r *Reconciler) announce(seen observed, before, after *ecsv1.ServiceDeployment) {
	if strings.Contains(after.Status.StatusReason, tooProtected) && (!strings.Contains(before.Status.StatusReason, tooProtected) || isToldAgain(before, after)) {
		r.on(seen, corev1.EventTypeWarning, ecsv1.ReasonTasksProtected, "ScaleIn", "was unable to reach steady state because task set (%s) was unable to scale in. "+
			"Reason: The number of protected tasks are more than the desired count of tasks.", after.Status.DeploymentId)
	}
	if reason := why(after); reason != why(before) || isToldAgain(before, after) {
		r.tell(seen, reason, after)
	}
}

// told are the reasons that have an event, which is told when one of them becomes the reason, and again while it stays that.
var told = []string{ecsv1.ReasonDeploymentStuck, ecsv1.ReasonTasksLeaving, ecsv1.ReasonTasksFailedToStart, ecsv1.ReasonTasksNotPlaced,
	ecsv1.ReasonInvalid, ecsv1.ReasonTaskDefinitionNotFound}

func (r *Reconciler) tell(seen observed, reason string, after *ecsv1.ServiceDeployment) {
	switch reason {
	case ecsv1.ReasonDeploymentStuck:
		r.stuck(seen, reason)
	case ecsv1.ReasonTasksLeaving:
		r.on(seen, corev1.EventTypeNormal, reason, "Drain", "%s; others are started elsewhere in their place.", seen.left())
	case ecsv1.ReasonTasksFailedToStart:
		r.on(seen, corev1.EventTypeWarning, reason, "Deploy", "is unable to consistently start tasks successfully. %s", after.Status.StatusReason)
	case ecsv1.ReasonTasksNotPlaced:
		r.on(seen, corev1.EventTypeWarning, reason, "Deploy", "%s", notPlaced(seen.goal()))
	case ecsv1.ReasonInvalid, ecsv1.ReasonTaskDefinitionNotFound:
		r.on(seen, corev1.EventTypeWarning, reason, "Deploy", "could not launch tasks for deployment %s. %s", after.Status.DeploymentId, after.Status.StatusReason)
	}
}

// remind notes when the reason is told: now, where it is another than before or has been told long ago.
func remind(before, after *ecsv1.ServiceDeployment, now metav1.Time) {
	reason, protects := why(after), strings.Contains(after.Status.StatusReason, tooProtected)
	isNew := reason != why(before) || protects && !strings.Contains(before.Status.StatusReason, tooProtected)
	at := service.Told(toldAt(before), isNew, protects || slices.Contains(told, reason), now)
	if after.Status.Kubernetes == nil && at != nil {
		after.Status.Kubernetes = &ecsv1.ServiceDeploymentKubernetes{}
	}
	if k := after.Status.Kubernetes; k != nil {
		k.ToldAt = at
	}
}

func toldAt(sd *ecsv1.ServiceDeployment) *metav1.Time {
	if k := sd.Status.Kubernetes; k != nil {
		return k.ToldAt
	}
	return nil
}

func isToldAgain(before, after *ecsv1.ServiceDeployment) bool {
	return service.IsToldAgain(toldAt(before), toldAt(after)) && why(before) == why(after)
}

// notPlaced is ECS's sentence for tasks that have no place. The scheduler's own words follow it where the scheduler is the one that found none.
func notPlaced(target *revision) string {
	if target == nil || !taskstate.FromOperator(target.tasks.unplacedWhy) {
		text := taskstate.NotPlaced + " a task because no container instance met all of its requirements."
		if target != nil && target.tasks.unplacedWhy != "" {
			text += " " + target.tasks.unplacedWhy
		}
		return text
	}
	return target.tasks.unplacedWhy
}

// stuck tells in ECS's words that no task can be stopped or started, and which instances that keeps from being drained.
func (r *Reconciler) stuck(seen observed, reason string) {
	const advice = "Update the minimumHealthyPercent or maximumPercent value and try again."
	if left := seen.left(); left != "" {
		r.on(seen, corev1.EventTypeWarning, reason, "Drain", "was unable to stop or start tasks because of the service deployment configuration: %s. "+advice, left)
		return
	}
	r.on(seen, corev1.EventTypeWarning, reason, "Deploy", "was unable to stop or start tasks during a deployment because of the service deployment configuration. "+advice)
}

// why is the reason that the deployment is not ready for, or "".
func why(sd *ecsv1.ServiceDeployment) string {
	ready := meta.FindStatusCondition(sd.Status.Conditions, ecsv1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Reason
}

// on writes an event on the Service, where its users look, about the deployment.
func (r *Reconciler) on(seen observed, kind, reason, action, text string, args ...any) {
	r.Events.Eventf(seen.service, seen.sd, kind, reason, action, "(service %s) %s", service.Name(seen.service), fmt.Sprintf(text, args...))
}
