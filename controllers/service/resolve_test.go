// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// history is a service that takes turns, with revisions web-1, web-2 and so on in these target groups and a deployment of each.
func history(groups []string, edit func(last *ecsv1.ServiceDeployment)) observed {
	lb := ecsv1.LoadBalancer{TargetGroupArn: "blue", AdvancedConfiguration: &ecsv1.AdvancedConfiguration{AlternateTargetGroupArn: "green", ProductionListenerRule: "web"}}
	o := observed{service: &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}}
	o.service.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{Strategy: "BLUE_GREEN"}
	o.service.Spec.LoadBalancers = []ecsv1.LoadBalancer{lb}
	for i, group := range groups {
		meta := metav1.ObjectMeta{Name: fmt.Sprintf("web-%d", i+1), Labels: service.RevisionSelector("web", int64(i+1))}
		r := ecsv1.ServiceRevision{ObjectMeta: meta, Spec: ecsv1.ServiceRevisionSpec{Revision: int64(i + 1), LoadBalancers: o.service.Spec.LoadBalancers}}
		if group != "" {
			r.Status.ResolvedConfiguration = &ecsv1.ResolvedConfiguration{LoadBalancers: []ecsv1.ServiceRevisionLoadBalancer{{TargetGroupArn: group}}}
		}
		d := ecsv1.ServiceDeployment{ObjectMeta: meta, Spec: ecsv1.ServiceDeploymentSpec{TargetServiceRevision: meta.Name}}
		d.Status.Status = ecsv1.ServiceDeploymentStateSuccessful
		if i > 0 {
			d.Spec.SourceServiceRevisions = []string{fmt.Sprintf("web-%d", i)}
		}
		o.revisions, o.deployments = append(o.revisions, r), append(o.deployments, d)
	}
	if edit != nil {
		edit(&o.deployments[len(o.deployments)-1])
	}
	return o
}

func TestANewRevisionGetsTheTargetGroupThatIsNotInProduction(t *testing.T) {
	shifted := func(percent string) func(*ecsv1.ServiceDeployment) {
		return func(d *ecsv1.ServiceDeployment) {
			weight, err := ecsv1.ParseDecimal(percent)
			if err != nil {
				t.Fatal(err)
			}
			d.Status.Status = ecsv1.ServiceDeploymentStateInProgress
			d.Status.TargetServiceRevision = &ecsv1.ServiceRevisionSummary{RequestedProductionTrafficWeight: &weight}
		}
	}
	for name, tc := range map[string]struct {
		seen observed
		want string
	}{
		"the first":                             {history(nil, nil), "blue"},
		"after a deployment that succeeded":     {history([]string{"blue", "green"}, nil), "blue"},
		"after a rolling one":                   {history([]string{""}, nil), "green"},
		"on top of one that has moved nothing":  {history([]string{"blue", "green"}, shifted("0")), "green"},
		"on top of one that has moved a little": {history([]string{"blue", "green"}, shifted("5")), "green"},
		"on top of one that has moved all":      {history([]string{"blue", "green"}, shifted("100")), "blue"},
		"after one that went back": {history([]string{"blue", "green"}, func(d *ecsv1.ServiceDeployment) {
			d.Status.Status, d.Status.Rollback = ecsv1.ServiceDeploymentStateRollbackSuccessful, &ecsv1.Rollback{ServiceRevision: "web-1"}
		}), "green"},
	} {
		t.Run(name, func(t *testing.T) {
			next := &ecsv1.ServiceRevision{Spec: ecsv1.ServiceRevisionSpec{Revision: int64(len(tc.seen.revisions) + 1), LoadBalancers: tc.seen.service.Spec.LoadBalancers}}
			if got := tc.seen.resolved(next).LoadBalancers[0].TargetGroupArn; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestASelectorThatADeploymentChoseIsLeftAlone(t *testing.T) {
	live := func(selector map[string]string) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "7"}, Spec: corev1.ServiceSpec{Selector: selector}}
	}
	for name, tc := range map[string]struct {
		live     *corev1.Service
		selector int
		version  string
	}{
		"a new one takes everyone's tasks":                          {nil, 1, ""},
		"one that takes everyone's stays so, unless it has changed": {live(service.Selector("web")), 1, "7"},
		"one that takes a revision's is the deployment's":           {live(service.RevisionSelector("web", 2)), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}}, Spec: corev1.ServiceSpec{Selector: service.Selector("web")}}
			shareSelector(s, tc.live)
			if len(s.Spec.Selector) != tc.selector || s.ResourceVersion != tc.version || s.Labels[ecsv1.LabelShiftsTraffic] == "" {
				t.Errorf("got selector %v, version %q, labels %v", s.Spec.Selector, s.ResourceVersion, s.Labels)
			}
		})
	}
}
