// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdefinition

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func definition(image string) ecsv1.TaskDefinitionFields {
	return ecsv1.TaskDefinitionFields{Family: "web", ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", Image: image, Memory: new(int32(64))}}}
}

func revisionOf(number int64, image string, edits ...func(*ecsv1.TaskDefinitionRevision)) ecsv1.TaskDefinitionRevision {
	r := ecsv1.TaskDefinitionRevision{Spec: ecsv1.TaskDefinitionRevisionSpec{Family: "web", Revision: number, TaskDefinition: definition(image)}}
	r.Name = "web-" + string(rune('0'+number))
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

func deregistered(r *ecsv1.TaskDefinitionRevision) {
	r.Spec.DesiredStatus = ecsv1.TaskDefinitionDesiredStatusInactive
}
func going(r *ecsv1.TaskDefinitionRevision) { r.DeletionTimestamp = &metav1.Time{} }

func counter(number int64, image string) *appsv1.ControllerRevision {
	c := &appsv1.ControllerRevision{Revision: number}
	c.Labels = map[string]string{ecsv1.LabelContentHash: hashOf(definition(image))}
	return c
}

func TestWhatIsRegistered(t *testing.T) {
	revisions := func(all ...ecsv1.TaskDefinitionRevision) []ecsv1.TaskDefinitionRevision { return all }
	for name, tc := range map[string]struct {
		image     string // what the task definition says
		latest    int64  // what this object registered last, 0 for nothing
		counter   *appsv1.ControllerRevision
		revisions []ecsv1.TaskDefinitionRevision
		register  int64 // 0 for none
		current   int64 // 0 for none
	}{
		"the first":                               {"v1", 0, nil, nil, 1, 1},
		"a change":                                {"v2", 1, counter(1, "v1"), revisions(revisionOf(1, "v1")), 2, 2},
		"no change":                               {"v1", 1, counter(1, "v1"), revisions(revisionOf(1, "v1")), 0, 1},
		"one made before a crash":                 {"v2", 1, counter(2, "v2"), revisions(revisionOf(1, "v1"), revisionOf(2, "v2")), 0, 2},
		"one counted before a crash":              {"v2", 1, counter(2, "v2"), revisions(revisionOf(1, "v1")), 3, 3},
		"one that was deregistered":               {"v1", 1, counter(1, "v1"), revisions(revisionOf(1, "v1", deregistered)), 0, 1},
		"a change after deregistration":           {"v2", 1, counter(1, "v1"), revisions(revisionOf(1, "v1", deregistered)), 2, 2},
		"one that is being deleted":               {"v1", 1, counter(1, "v1"), revisions(revisionOf(1, "v1", going)), 0, 1},
		"one that was deleted":                    {"v1", 1, counter(1, "v1"), nil, 0, 0},
		"one that was deleted, not the first":     {"v2", 2, counter(2, "v2"), revisions(revisionOf(1, "v1")), 0, 0},
		"a change after deletion":                 {"v3", 2, counter(2, "v2"), revisions(revisionOf(1, "v1")), 3, 3},
		"a new object after deregistration":       {"v1", 0, counter(1, "v1"), revisions(revisionOf(1, "v1", deregistered)), 2, 2},
		"a new object while the old ones go":      {"v1", 0, counter(1, "v1"), revisions(revisionOf(1, "v1", going)), 2, 2},
		"a new object after all revisions went":   {"v1", 0, counter(3, "v1"), nil, 4, 4},
		"a new object that says what is in force": {"v1", 0, counter(1, "v1"), revisions(revisionOf(1, "v1")), 0, 1},
		"back to an earlier content":              {"v1", 2, counter(2, "v2"), revisions(revisionOf(1, "v1"), revisionOf(2, "v2")), 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			td := &ecsv1.TaskDefinition{Spec: ecsv1.TaskDefinitionSpec{TaskDefinitionFields: definition(tc.image)}}
			if tc.latest > 0 {
				td.Status.LatestRevision = &tc.latest
			}
			got := next(observed{td: td, family: "web", counter: tc.counter, revisions: tc.revisions})
			var register, current int64
			if got.register != nil {
				register = got.register.Spec.Revision
			}
			if got.current != nil {
				current = got.current.Spec.Revision
			}
			if register != tc.register || current != tc.current {
				t.Errorf("registers %d and stands at %d, want %d and %d", register, current, tc.register, tc.current)
			}
		})
	}
}

func TestWhatExpires(t *testing.T) {
	for name, tc := range map[string]struct {
		limit     int
		revisions []ecsv1.TaskDefinitionRevision
		used      []string
		want      []string
	}{
		"none within the limit":                {3, []ecsv1.TaskDefinitionRevision{revisionOf(1, ""), revisionOf(2, ""), revisionOf(3, ""), revisionOf(4, "")}, nil, nil},
		"the oldest beyond it":                 {1, []ecsv1.TaskDefinitionRevision{revisionOf(1, ""), revisionOf(2, ""), revisionOf(3, ""), revisionOf(4, "")}, nil, []string{"web-1", "web-2"}},
		"none but the newest are kept":         {0, []ecsv1.TaskDefinitionRevision{revisionOf(1, ""), revisionOf(2, "")}, nil, []string{"web-1"}},
		"one in use is kept and doesn't count": {1, []ecsv1.TaskDefinitionRevision{revisionOf(1, ""), revisionOf(2, ""), revisionOf(3, ""), revisionOf(4, "")}, []string{"web-1"}, []string{"web-2"}},
		"the newest ACTIVE is kept":            {0, []ecsv1.TaskDefinitionRevision{revisionOf(1, ""), revisionOf(2, ""), revisionOf(3, "", deregistered), revisionOf(4, "", deregistered)}, nil, []string{"web-1", "web-3"}},
		"one that goes is not asked again":     {0, []ecsv1.TaskDefinitionRevision{revisionOf(1, "", going), revisionOf(2, "")}, nil, nil},
		"no revision at all":                   {0, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			used := map[string]bool{}
			for _, n := range tc.used {
				used[n] = true
			}
			var got []string
			for _, r := range expired(observed{revisions: tc.revisions, used: used}, tc.limit) {
				got = append(got, r.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsInUse(t *testing.T) {
	service := func(name string, ordinal int64, td string) ecsv1.ServiceRevision {
		r := ecsv1.ServiceRevision{Spec: ecsv1.ServiceRevisionSpec{Service: name, Revision: ordinal, TaskDefinitionRevisionName: td}}
		r.Name = name + "-" + string(rune('0'+ordinal))
		r.UID = types.UID("uid of " + r.Name)
		return r
	}
	deployment := func(name, ordinal string, status ecsv1.ServiceDeploymentState, sources ...string) ecsv1.ServiceDeployment {
		d := ecsv1.ServiceDeployment{Spec: ecsv1.ServiceDeploymentSpec{Service: name, TargetServiceRevision: name + "-" + ordinal, SourceServiceRevisions: sources}}
		d.Labels = map[string]string{ecsv1.LabelServiceRevision: ordinal}
		d.Status.Status = status
		if status == ecsv1.ServiceDeploymentStateSuccessful || status == ecsv1.ServiceDeploymentStateStopped {
			d.Status.FinishedAt = &metav1.Time{}
		}
		return d
	}
	three := []ecsv1.ServiceRevision{service("web", 1, "web-1"), service("web", 2, "web-2"), service("web", 3, "web-3")}
	const done, under, stopped = ecsv1.ServiceDeploymentStateSuccessful, ecsv1.ServiceDeploymentStateInProgress, ecsv1.ServiceDeploymentStateStopped
	for name, tc := range map[string]struct {
		uses uses
		want map[string]bool
	}{
		"nothing": {uses{}, map[string]bool{}},
		"the newest of a service, not its history": {
			uses{revisions: three, deployments: []ecsv1.ServiceDeployment{deployment("web", "1", done), deployment("web", "2", done, "web-1"), deployment("web", "3", done, "web-2")}},
			map[string]bool{"web-3": true},
		},
		"what a deployment under way replaces": {
			uses{revisions: three, deployments: []ecsv1.ServiceDeployment{deployment("web", "1", done), deployment("web", "2", done, "web-1"), deployment("web", "3", under, "web-2")}},
			map[string]bool{"web-2": true, "web-3": true},
		},
		"what it could be rolled back to": {
			uses{revisions: three, deployments: []ecsv1.ServiceDeployment{deployment("web", "1", done), deployment("web", "2", stopped, "web-1"), deployment("web", "3", under, "web-2")}},
			map[string]bool{"web-1": true, "web-2": true, "web-3": true},
		},
		"one that has a Deployment still": {
			uses{revisions: three, running: []appsv1.Deployment{{ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{UID: three[0].UID, Controller: new(true)}}}}}},
			map[string]bool{"web-1": true, "web-3": true},
		},
		"a task that runs, by its ARN":        {uses{tasks: []ecsv1.Task{{Spec: ecsv1.TaskSpec{TaskDefinition: "web"}, Status: ecsv1.TaskStatus{TaskDefinitionArn: "arn:aws:ecs:r:a:task-definition/web:4"}}}}, map[string]bool{"web-4": true}},
		"a task that wasn't accepted yet":     {uses{tasks: []ecsv1.Task{{Spec: ecsv1.TaskSpec{TaskDefinition: "web:4"}}}}, map[string]bool{}},
		"a task that has yet to be given one": {uses{tasks: []ecsv1.Task{{Spec: ecsv1.TaskSpec{TaskDefinition: "web"}}}}, map[string]bool{}},
		"a task that is over uses nothing":    {uses{tasks: []ecsv1.Task{{Spec: ecsv1.TaskSpec{TaskDefinition: "web:4"}, Status: ecsv1.TaskStatus{TaskDefinitionArn: "arn:aws:ecs:r:a:task-definition/web:4", LastStatus: ecsv1.TaskStateStopped}}}}, map[string]bool{}},
		"each service for itself":             {uses{revisions: []ecsv1.ServiceRevision{service("a", 1, "web-1"), service("b", 1, "web-2"), service("b", 2, "web-3")}}, map[string]bool{"web-1": true, "web-3": true}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.uses.names()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
