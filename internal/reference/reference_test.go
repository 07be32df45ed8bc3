// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reference

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

func revision(n int64, status ecsv1.TaskDefinitionDesiredStatus) ecsv1.TaskDefinitionRevision {
	return ecsv1.TaskDefinitionRevision{Spec: ecsv1.TaskDefinitionRevisionSpec{Family: "web", Revision: n, DesiredStatus: status}}
}

func TestFindTaskDefinition(t *testing.T) {
	const gone = ecsv1.TaskDefinitionDesiredStatusInactive
	refused := &ecsv1.TaskDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Status:     ecsv1.TaskDefinitionStatus{Conditions: []metav1.Condition{{Type: ecsv1.ConditionStalled, Status: metav1.ConditionTrue, Message: "memory: is missing"}}},
	}
	second := func(r *ecsv1.TaskDefinitionRevision) bool { return r.Spec.Revision == 2 }
	for name, tc := range map[string]struct {
		ref    string
		keep   func(*ecsv1.TaskDefinitionRevision) bool
		seen   Seen
		want   int64 // 0 for none
		reason string
		says   string
	}{
		"a family is its newest ACTIVE revision":      {ref: "web", seen: Seen{Family: family("", "", gone)}, want: 2},
		"a pinned revision is exactly that":           {ref: "web:1", seen: Seen{Family: family("", "")}, want: 1},
		"an ARN is its name":                          {ref: "arn:aws:ecs:x:y:task-definition/web:1", seen: Seen{Family: family("", ""), Scope: arn.DefaultScope}, want: 1},
		"an ARN of elsewhere":                         {ref: "arn:aws:ecs:x:222222222222:task-definition/web:1", seen: Seen{Family: family(""), Scope: arn.Scope{Region: "x", Account: "111111111111"}}, reason: ecsv1.ReasonTaskDefinitionNotFound, says: "write web:1"},
		"nothing of that name":                        {ref: "web", reason: ecsv1.ReasonTaskDefinitionNotFound, says: "there is no web in namespace shop; apply a TaskDefinition"},
		"a revision that isn't there":                 {ref: "web:9", seen: Seen{Family: family("", "")}, reason: ecsv1.ReasonTaskDefinitionNotFound, says: "such as web:2, web:1"},
		"a revision that was deregistered":            {ref: "web:1", seen: Seen{Family: family(gone, "")}, reason: ecsv1.ReasonTaskDefinitionInactive, says: "TaskDefinition is inactive. spec.taskDefinition: web:1 was deregistered; name an ACTIVE revision, such as web:2"},
		"a family without ACTIVE revision":            {ref: "web", seen: Seen{Family: family(gone)}, reason: ecsv1.ReasonTaskDefinitionInactive},
		"one to keep goes on":                         {ref: "web", keep: second, seen: Seen{Family: family("", gone)}, want: 2},
		"one to keep gives way to a newer":            {ref: "web", keep: second, seen: Seen{Family: family("", gone, "")}, want: 3},
		"one that is about to be registered":          {ref: "web", seen: Seen{Unregistered: &ecsv1.TaskDefinition{}}},
		"one that is about to be, pinned":             {ref: "web:1", seen: Seen{Unregistered: &ecsv1.TaskDefinition{}}, reason: ecsv1.ReasonTaskDefinitionNotFound},
		"one that can't be registered":                {ref: "web", seen: Seen{Unregistered: refused}, reason: ecsv1.ReasonTaskDefinitionNotFound, says: "TaskDefinition web is refused; mend it: memory: is missing"},
		"something that is no task definition's name": {ref: "a b", reason: ecsv1.ReasonInvalid, says: "InvalidParameterException"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.seen.Namespace = namespace(nil)
			got, problem := tc.seen.FindTaskDefinition(tc.ref, tc.keep)
			if (got != nil) != (tc.want > 0) || got != nil && got.Spec.Revision != tc.want {
				t.Errorf("got %v, want revision %d", got, tc.want)
			}
			expect(t, problem, tc.reason, tc.says)
		})
	}
}

func family(statuses ...ecsv1.TaskDefinitionDesiredStatus) []ecsv1.TaskDefinitionRevision {
	var out []ecsv1.TaskDefinitionRevision
	for i, status := range statuses {
		out = append(out, revision(int64(i+1), status))
	}
	return out
}

func namespace(labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: labels}}
}

func expect(t *testing.T, got *conditions.Reason, reason, says string) {
	t.Helper()
	switch {
	case reason == "" && got != nil:
		t.Errorf("got a problem: %+v", *got)
	case reason != "" && (got == nil || got.Reason != reason || !strings.Contains(got.Message, says)):
		t.Errorf("got %+v, want %s with %q", got, reason, says)
	}
}

func TestCheckCluster(t *testing.T) {
	cluster := func(edit func(*ecsv1.Cluster)) []ecsv1.Cluster {
		c := ecsv1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: "prod"}}
		edit(&c)
		return []ecsv1.Cluster{c}
	}
	open := func(*ecsv1.Cluster) {}
	teams := func(c *ecsv1.Cluster) {
		c.Spec.Kubernetes = &ecsv1.ClusterKubernetes{AllowedNamespaces: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "shop"}}}
	}
	for name, tc := range map[string]struct {
		clusters     []ecsv1.Cluster
		labels       map[string]string
		reason, says string
	}{
		"a cluster that says nothing takes all": {cluster(open), nil, "", ""},
		"there is none":                         {nil, nil, ecsv1.ReasonClusterNotFound, `Cluster not found. spec.cluster: there is no Cluster "prod"`},
		"it is on its way out":                  {cluster(func(c *ecsv1.Cluster) { c.DeletionTimestamp = &metav1.Time{} }), nil, ecsv1.ReasonClusterNotFound, "is being deleted"},
		"it takes the namespace":                {cluster(teams), map[string]string{"team": "shop"}, "", ""},
		"it doesn't take the namespace":         {cluster(teams), nil, ecsv1.ReasonClusterNotAllowed, `Cluster "prod" takes no tasks from namespace shop`},
		"its selector can't be understood": {cluster(func(c *ecsv1.Cluster) {
			teams(c)
			c.Spec.Kubernetes.AllowedNamespaces.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Like"}}
		}), map[string]string{"team": "shop"}, ecsv1.ReasonClusterNotAllowed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := Seen{Clusters: tc.clusters, Namespace: namespace(tc.labels)}
			expect(t, seen.CheckCluster("prod", "tasks"), tc.reason, tc.says)
		})
	}
}
