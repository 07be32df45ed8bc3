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
	// weighs gives the last deployment a status with these shares of the revisions, the target's last.
	weighs := func(d *ecsv1.ServiceDeployment, shares map[string]int64) {
		d.Status.Status, d.Status.SourceServiceRevisions = ecsv1.ServiceDeploymentStateInProgress, nil
		for _, name := range append(d.Spec.SourceServiceRevisions, d.Spec.TargetServiceRevision) {
			summary := ecsv1.ServiceRevisionSummary{Name: name}
			if share, ok := shares[name]; ok {
				summary.RequestedProductionTrafficWeight = new(ecsv1.DecimalFromTenths(share))
			}
			if name == d.Spec.TargetServiceRevision {
				d.Status.TargetServiceRevision = &summary
			} else {
				d.Status.SourceServiceRevisions = append(d.Status.SourceServiceRevisions, summary)
			}
		}
	}
	// chain is a service whose second deployment was taken over from in the middle by a third.
	chain := func(edit func(second, third *ecsv1.ServiceDeployment)) observed {
		o := history([]string{"blue", "green", "green"}, nil)
		second, third := &o.deployments[1], &o.deployments[2]
		second.Status.Status, third.Spec.SourceServiceRevisions = ecsv1.ServiceDeploymentStateStopped, []string{"web-1", "web-2"}
		third.Status = ecsv1.ServiceDeploymentStatus{}
		edit(second, third)
		return o
	}
	shifted := func(percent string) func(*ecsv1.ServiceDeployment) {
		return func(d *ecsv1.ServiceDeployment) {
			weight, err := ecsv1.ParseDecimal(percent)
			if err != nil {
				t.Fatal(err)
			}
			d.Status.Status = ecsv1.ServiceDeploymentStateInProgress
			weighs(d, map[string]int64{"web-1": 1000 - weight.Tenths(), "web-2": weight.Tenths()})
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
		"on top of one that has moved half":     {history([]string{"blue", "green"}, shifted("50")), "blue"},
		"on top of one that took over from another, and has moved nothing": {chain(func(_, third *ecsv1.ServiceDeployment) {
			weighs(third, map[string]int64{"web-1": 1000, "web-3": 0})
		}), "green"},
		"on top of one that took over from another that had moved most": {chain(func(_, third *ecsv1.ServiceDeployment) {
			weighs(third, map[string]int64{"web-2": 1000, "web-3": 0})
		}), "blue"},
		"on top of one that nobody has looked at yet": {chain(func(second, _ *ecsv1.ServiceDeployment) {
			weighs(second, map[string]int64{"web-1": 975, "web-2": 25})
		}), "green"},
		"on top of one that goes back, and has given nothing back yet": {history([]string{"blue", "green"}, func(d *ecsv1.ServiceDeployment) {
			weighs(d, map[string]int64{"web-1": 0, "web-2": 1000})
			d.Status.Status, d.Status.Rollback = ecsv1.ServiceDeploymentStateRollbackInProgress, &ecsv1.Rollback{ServiceRevision: "web-1"}
		}), "blue"},
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
