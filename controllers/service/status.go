// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// setStatus computes the status from what was seen and planned.
func setStatus(svc *ecsv1.Service, seen observed, plan plan, applyErr error, scope arn.Scope) {
	s, now := &svc.Status, metav1.NewTime(seen.now)
	s.ObservedGeneration = new(svc.Generation)
	s.ServiceArn = scope.Service(service.Cluster(svc), service.Name(svc))
	s.ClusterArn = scope.Cluster(service.Cluster(svc))
	s.Status = ecsv1.ServiceStateActive
	if svc.DeletionTimestamp != nil {
		s.Status = ecsv1.ServiceStateDraining
	}
	s.DesiredCount = desired(svc, seen.current())
	s.Selector = labels.FormatLabels(service.Selector(svc.Name))
	s.UnmappedFields = service.Unmapped(svc)
	if s.CreatedAt == nil {
		s.CreatedAt = new(svc.CreationTimestamp)
	}
	s.LoadBalancers = targetGroupStatus(seen)
	s.Placement = placementStatus(s.Placement, seen)
	setDeployments(s, seen)
	conditions.Set(&s.Conditions, svc.Generation, now, outcome(svc, seen, plan, applyErr))
	conditions.Flag(&s.Conditions, ecsv1.ConditionFieldsWithoutEffect, unmapped(s.UnmappedFields), svc.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionTasksForbidden, outgrown(seen), svc.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionImagesNotPinned, notPinned(seen, plan, applyErr), svc.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionAlarmsNotFound, missingAlarms(seen), svc.Generation, now)
	conditions.Flag(&s.Conditions, ecsv1.ConditionDeploymentBlocked, blocked(svc), svc.Generation, now)
}

// desired is the count that the service is to have. That of a daemon is what its deployment counts.
func desired(svc *ecsv1.Service, current *ecsv1.ServiceDeployment) int32 {
	if service.IsDaemon(svc) && svc.DeletionTimestamp == nil && current != nil {
		return current.Status.DesiredTaskCount
	}
	return service.Desired(svc)
}

// setDeployments takes over what the current deployment counts: its target is PRIMARY, its sources ACTIVE. One that goes back, or went, has
// the deployment that it goes back to as PRIMARY, and what failed as long as it has tasks.
func setDeployments(s *ecsv1.ServiceStatus, seen observed) {
	s.Deployments, s.CurrentServiceRevisions = nil, nil
	s.RunningCount, s.PendingCount = 0, 0
	current := seen.current()
	if current == nil {
		return
	}
	s.CurrentServiceDeployment = current.Status.ServiceDeploymentArn
	goal := service.Goal(current)
	all := slices.Clone(current.Status.SourceServiceRevisions)
	if target := current.Status.TargetServiceRevision; target != nil && (current.Status.Rollback == nil || hasTasks(*target)) {
		all = append(all, *target)
	}
	for _, one := range slices.Backward(all) {
		if one.Name == goal {
			d := deployment(seen, one, current)
			d.Status, d.DesiredCount = ecsv1.DeploymentStatePrimary, current.Status.DesiredTaskCount
			d.FailedTasks = current.Status.FailedTasks
			d.RolloutState, d.RolloutStateReason = current.Status.RolloutState, current.Status.RolloutStateReason
			if current.Status.Rollback != nil {
				returning(&d, current)
			}
			s.TaskDefinition = d.TaskDefinition
			add(s, d, one)
		}
	}
	for _, one := range slices.Backward(all) {
		if one.Name == goal {
			continue
		}
		d := deployment(seen, one, nil)
		d.Status, d.DesiredCount = ecsv1.DeploymentStateActive, one.RequestedTaskCount
		if one.Name == current.Spec.TargetServiceRevision {
			d.FailedTasks, d.RolloutState, d.RolloutStateReason = current.Status.FailedTasks, current.Status.RolloutState, current.Status.RolloutStateReason
		}
		add(s, d, one)
	}
}

func hasTasks(r ecsv1.ServiceRevisionSummary) bool {
	return r.RequestedTaskCount+r.RunningTaskCount+r.PendingTaskCount > 0
}

// returning is the line of the deployment that another goes back to: it is in progress again until it has all its tasks.
func returning(d *ecsv1.Deployment, current *ecsv1.ServiceDeployment) {
	d.FailedTasks = 0
	d.RolloutState, d.RolloutStateReason = ecsv1.DeploymentRolloutStateInProgress, service.RollingBackTo(d.Id, current.Status.RolloutStateReason)
	switch current.Status.Status {
	case ecsv1.ServiceDeploymentStateRollbackSuccessful:
		d.RolloutState, d.RolloutStateReason = ecsv1.DeploymentRolloutStateCompleted, fmt.Sprintf("ECS deployment %s completed.", d.Id)
	case ecsv1.ServiceDeploymentStateRollbackFailed:
		d.RolloutState = ecsv1.DeploymentRolloutStateFailed
	default:
	}
}

func add(s *ecsv1.ServiceStatus, d ecsv1.Deployment, summary ecsv1.ServiceRevisionSummary) {
	s.Deployments = append(s.Deployments, d)
	s.CurrentServiceRevisions = append(s.CurrentServiceRevisions, summary)
	s.RunningCount += summary.RunningTaskCount
	s.PendingCount += summary.PendingTaskCount
}

// deployment is a revision's line in deployments[]. Its own ServiceDeployment says when it was made.
func deployment(seen observed, summary ecsv1.ServiceRevisionSummary, own *ecsv1.ServiceDeployment) ecsv1.Deployment {
	d := ecsv1.Deployment{
		Id:              summary.Name,
		ServiceRevision: summary.Name,
		PendingCount:    summary.PendingTaskCount,
		RunningCount:    summary.RunningTaskCount,
	}
	for i := range seen.revisions {
		if r := &seen.revisions[i]; r.Name == summary.Name {
			d.Id = names.DeploymentID(string(seen.service.UID), r.Spec.Revision)
			d.TaskDefinition = r.Spec.TaskDefinition
			d.CreatedAt = new(r.CreationTimestamp)
		}
	}
	if own != nil {
		d.UpdatedAt = own.Status.FinishedAt
	}
	return d
}

func targetGroupStatus(seen observed) []ecsv1.TargetGroupStatus {
	var out []ecsv1.TargetGroupStatus
	shown := map[string]bool{}
	for _, group := range seen.wantedGroups() {
		if shown[group.Name] {
			continue // named twice, which is refused; the list can't hold both
		}
		shown[group.Name] = true
		status := ecsv1.TargetGroupStatus{Name: group.Name, ServiceName: names.TargetGroup(group.Name)}
		if live := find(seen.targetGroups, status.ServiceName); live != nil && metav1.IsControlledBy(live, seen.service) && len(live.Spec.Ports) > 0 {
			status.ClusterIP, status.Port = live.Spec.ClusterIP, new(live.Spec.Ports[0].Port)
			if nodePort := live.Spec.Ports[0].NodePort; nodePort > 0 {
				status.NodePort = new(nodePort)
			}
			for _, in := range live.Status.LoadBalancer.Ingress {
				status.LoadBalancerIngress = append(status.LoadBalancerIngress, in.IP+in.Hostname)
			}
		}
		out = append(out, status)
	}
	return out
}

// outcome says how the service stands. First match wins.
func outcome(svc *ecsv1.Service, seen observed, plan plan, applyErr error) conditions.Outcome {
	waiting := func(reason, message string) conditions.Outcome {
		return conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}}
	}
	current := seen.current()
	switch {
	case svc.DeletionTimestamp != nil:
		return waiting(ecsv1.ReasonDraining, fmt.Sprintf("DRAINING: %d tasks are left", seen.tasks))
	case apierrors.IsInvalid(applyErr):
		return conditions.Outcome{Stalled: refuse(ecsv1.ReasonInvalid, "Kubernetes refuses what the service needs: %s; change the field that this comes from, for a target group in spec.kubernetes.targetGroups", applyErr)}
	case applyErr != nil:
		return waiting(ecsv1.ReasonFailed, "trying again: "+applyErr.Error())
	case plan.problem != nil:
		return conditions.Outcome{Stalled: plan.problem}
	case plan.waiting != nil:
		return conditions.Outcome{Reconciling: plan.waiting}
	case plan.deployment != nil || current == nil:
		return waiting(ecsv1.ReasonProgressing, "starting a deployment")
	}
	ready := condition(current, ecsv1.ConditionReady)
	switch {
	case ready == nil || ptr.Deref(current.Status.ObservedGeneration, 0) != current.Generation:
		return waiting(ecsv1.ReasonProgressing, "starting a deployment")
	case condition(current, ecsv1.ConditionStalled) != nil:
		return conditions.Outcome{Stalled: &conditions.Reason{Reason: ready.Reason, Message: ready.Message}}
	case ready.Status != metav1.ConditionTrue:
		return waiting(ready.Reason, ready.Message)
	case current.Status.DesiredTaskCount != desired(svc, current):
		return waiting(ecsv1.ReasonProgressing, fmt.Sprintf("going to %d tasks", service.Desired(svc)))
	}
	return conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "has reached a steady state"}}
}

func condition(sd *ecsv1.ServiceDeployment, kind string) *metav1.Condition {
	for i := range sd.Status.Conditions {
		if sd.Status.Conditions[i].Type == kind {
			return &sd.Status.Conditions[i]
		}
	}
	return nil
}

// blocked warns of percentages that will stop the next deployment.
func blocked(svc *ecsv1.Service) *conditions.Reason {
	bounds, desired := service.Bounds(svc), service.Desired(svc)
	if !bounds.Deadlocked(desired) {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonDeploymentStuck, Message: "spec.deploymentConfiguration: " + bounds.Explain(desired)}
}

// unmapped is a condition's reason when fields are set that have no effect yet.
func unmapped(paths []string) *conditions.Reason {
	if len(paths) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonFieldsWithoutEffect, Message: "accepted, but without effect yet: " + strings.Join(paths, ", ")}
}
