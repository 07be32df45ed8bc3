// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// ServiceScene is what the picture of a service is made of.
type ServiceScene struct {
	Service ecsv1.Service
	// Deployments and Revisions are those of the service, in any order.
	Deployments []ecsv1.ServiceDeployment
	Revisions   []ecsv1.ServiceRevision
	Events      []corev1.Event
	Now         time.Time
}

// ServiceState is a service as kubectl ecs status shows it.
type ServiceState struct {
	Namespace    string             `json:"namespace"`
	Name         string             `json:"name"`
	Cluster      string             `json:"cluster"`
	Status       ecsv1.ServiceState `json:"status,omitempty"`
	DesiredCount int32              `json:"desiredCount"`
	RunningCount int32              `json:"runningCount"`
	PendingCount int32              `json:"pendingCount"`
	// Runs is the revision that serves. Nil where none does.
	Runs *RevisionName `json:"runs,omitempty"`
	// NotTheSpecs says why that isn't the revision of the spec, "" where it is or is about to be.
	NotTheSpecs string `json:"notTheSpecs,omitempty"`
	// Deployment is the newest one.
	Deployment *DeploymentState `json:"deployment,omitempty"`
	// Events are the last ones, newest first.
	Events []EventLine `json:"events,omitempty"`
	// WaitsFor says what has to happen next, and who has to do it. "" where nothing has to.
	WaitsFor string `json:"waitsFor,omitempty"`
	// Warnings are what other conditions of the service and of its newest deployment say: "AlarmsNotFound: ...".
	Warnings []string `json:"warnings,omitempty"`

	now time.Time
}

// RevisionName is a service revision and what it runs.
type RevisionName struct {
	ServiceRevision string `json:"serviceRevision"`
	TaskDefinition  string `json:"taskDefinition,omitempty"`
}

func (r *RevisionName) String() string {
	switch {
	case r == nil:
		return "nothing"
	case r.TaskDefinition == "":
		return r.ServiceRevision
	}
	return r.ServiceRevision + " (" + r.TaskDefinition + ")"
}

// EventLine is an event of the service.
type EventLine struct {
	At      time.Time `json:"at"`
	Type    string    `json:"type"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	Count   int32     `json:"count,omitempty"`
}

// mostEvents are shown.
const mostEvents = 5

// LookAtService makes the state of a service of what was read.
func LookAtService(scene ServiceScene) ServiceState {
	s := &scene.Service
	out := ServiceState{
		Namespace: s.Namespace, Name: s.Name, Cluster: arn.ShortName(service.Cluster(s)), Status: s.Status.Status,
		DesiredCount: s.Status.DesiredCount, RunningCount: s.Status.RunningCount, PendingCount: s.Status.PendingCount,
		Events: lastEvents(scene), now: scene.Now,
	}
	if sd := Newest(scene.Deployments); sd != nil {
		out.Deployment = deploymentState(scene, sd)
		out.Runs = scene.runs(sd)
		out.NotTheSpecs = notTheSpecs(sd)
		out.Warnings = warnings(sd.Status.Conditions)
	}
	out.Warnings = append(warnings(s.Status.Conditions), out.Warnings...)
	out.WaitsFor = waitsFor(scene, out.Deployment)
	return out
}

// warnings are the conditions that hold beside those that say how an object stands.
func warnings(list []metav1.Condition) []string {
	var out []string
	for _, c := range list {
		if c.Status == metav1.ConditionTrue && !slices.Contains([]string{ecsv1.ConditionReady, ecsv1.ConditionReconciling, ecsv1.ConditionStalled}, c.Type) {
			out = append(out, c.Type+": "+c.Message)
		}
	}
	return out
}

// Newest is the deployment that drives its service, nil where there is none.
func Newest(all []ecsv1.ServiceDeployment) *ecsv1.ServiceDeployment {
	var out *ecsv1.ServiceDeployment
	for i := range all {
		if out == nil || service.Ordinal(&all[i]) > service.Ordinal(out) {
			out = &all[i]
		}
	}
	return out
}

// named is a revision by the name of its object.
func (scene ServiceScene) named(name string) RevisionName {
	for i := range scene.Revisions {
		if r := &scene.Revisions[i]; r.Name == name {
			return RevisionName{ServiceRevision: name, TaskDefinition: arn.ShortName(r.Spec.TaskDefinition)}
		}
	}
	return RevisionName{ServiceRevision: name}
}

// runs is the revision that serves: the target of a deployment that was completed, the one that a deployment goes back to, and else the newest
// source that still has tasks.
func (scene ServiceScene) runs(sd *ecsv1.ServiceDeployment) *RevisionName {
	name := ""
	switch s := &sd.Status; {
	case s.Status == ecsv1.ServiceDeploymentStateSuccessful:
		name = sd.Spec.TargetServiceRevision
	case s.Rollback != nil && s.Rollback.ServiceRevision != "":
		name = s.Rollback.ServiceRevision
	default:
		for _, source := range s.SourceServiceRevisions {
			if source.RunningTaskCount > 0 {
				name = source.Name
			}
		}
		if name == "" && s.RunningTaskCount > 0 {
			name = sd.Spec.TargetServiceRevision
		}
	}
	if name == "" {
		return nil
	}
	return new(scene.named(name))
}

// notTheSpecs is why the target of a deployment isn't what runs, though nobody works at it any more.
func notTheSpecs(sd *ecsv1.ServiceDeployment) string {
	s := &sd.Status
	switch {
	case s.Rollback != nil:
		return cmp.Or(s.Rollback.Reason, s.StatusReason, s.RolloutStateReason)
	case s.RolloutState == ecsv1.DeploymentRolloutStateFailed:
		return cmp.Or(s.StatusReason, s.RolloutStateReason)
	}
	return ""
}

// lastEvents are those about the service, without what every one of them begins with.
func lastEvents(scene ServiceScene) []EventLine {
	var out []EventLine
	for i := range scene.Events {
		e := &scene.Events[i]
		if e.InvolvedObject.Kind != "Service" || e.InvolvedObject.Name != scene.Service.Name || !strings.HasPrefix(e.InvolvedObject.APIVersion, ecsv1.GroupVersion.Group+"/") {
			continue
		}
		l := EventLine{At: happened(e), Type: e.Type, Reason: e.Reason, Count: e.Count}
		if e.Series != nil {
			l.Count = e.Series.Count
		}
		l.Message = strings.TrimPrefix(e.Message, "(service "+service.Name(&scene.Service)+") ")
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b EventLine) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Message, b.Message)) })
	return out[:min(len(out), mostEvents)]
}

// happened is when an event did so last.
func happened(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	}
	return e.CreationTimestamp.Time
}

// ready is the condition that says how an object stands.
func ready(list []metav1.Condition) metav1.Condition {
	if c := meta.FindStatusCondition(list, ecsv1.ConditionReady); c != nil {
		return *c
	}
	return metav1.Condition{}
}
