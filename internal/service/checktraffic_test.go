// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func staged(strategy ecsv1.DeploymentStrategy, loadBalancers ...ecsv1.LoadBalancer) *ecsv1.Service {
	return &ecsv1.Service{Spec: ecsv1.ServiceSpec{
		DeploymentConfiguration: &ecsv1.DeploymentConfiguration{Strategy: strategy}, LoadBalancers: loadBalancers,
	}}
}

func balanced(group, alternate, production, test string) ecsv1.LoadBalancer {
	return ecsv1.LoadBalancer{TargetGroupArn: group, ContainerName: "app", ContainerPort: new(int32(53)), AdvancedConfiguration: &ecsv1.AdvancedConfiguration{
		AlternateTargetGroupArn: alternate, ProductionListenerRule: production, TestListenerRule: test,
	}}
}

func TestTrafficThatCanNotBeMoved(t *testing.T) {
	daemon := staged("BLUE_GREEN")
	daemon.Spec.SchedulingStrategy = "DAEMON"
	for name, tc := range map[string]struct {
		service *ecsv1.Service
		want    string
	}{
		"blue/green with a rule":             {staged("BLUE_GREEN", balanced("blue", "green", "web", "web/test")), ""},
		"blue/green with an entrance":        {staged("BLUE_GREEN", balanced("blue", "", "", "")), ""},
		"blue/green with a test entrance":    {staged("BLUE_GREEN", balanced("blue", "green", "", "")), ""},
		"blue/green without load balancers":  {staged("BLUE_GREEN"), ""},
		"a canary":                           {staged("CANARY", balanced("blue", "green", "web", "")), ""},
		"rolling, whatever the fields say":   {staged("ROLLING", balanced("blue", "", "web", "web")), ""},
		"a canary without a rule":            {staged("CANARY", balanced("blue", "green", "", "")), "loadBalancers[0].advancedConfiguration.productionListenerRule: CANARY gives a revision a part of the traffic, which takes a Gateway"},
		"linear, one of two without a rule":  {staged("LINEAR", balanced("blue", "green", "web", ""), balanced("grey", "", "", "")), "loadBalancers[1].advancedConfiguration.productionListenerRule: LINEAR"},
		"a canary without load balancers":    {staged("CANARY"), "loadBalancers: CANARY moves a part of the traffic, and the service has no load balancer"},
		"a rule, but one target group":       {staged("BLUE_GREEN", balanced("blue", "", "web", "")), "loadBalancers[0].advancedConfiguration.alternateTargetGroupArn: the two target groups of a listener rule take turns"},
		"a test rule alone":                  {staged("BLUE_GREEN", balanced("blue", "green", "", "web/test")), "loadBalancers[0].advancedConfiguration.testListenerRule: it needs productionListenerRule beside it"},
		"one rule for both":                  {staged("BLUE_GREEN", balanced("blue", "green", "web", "web")), "loadBalancers[0].advancedConfiguration.testListenerRule: it is the rule of production traffic"},
		"the ARN of a rule":                  {staged("BLUE_GREEN", balanced("blue", "green", "arn:aws:elasticloadbalancing:x", "")), "loadBalancers[0].advancedConfiguration.productionListenerRule: \"arn:aws:elasticloadbalancing:x\" is the ARN"},
		"an alternate that is another's":     {staged("BLUE_GREEN", balanced("blue", "grey", "web", ""), balanced("grey", "red", "api", "")), "loadBalancers[0].advancedConfiguration.alternateTargetGroupArn: target group grey is named twice"},
		"an alternate that two have":         {staged("BLUE_GREEN", balanced("blue", "red", "web", ""), balanced("grey", "red", "api", "")), "loadBalancers[1].advancedConfiguration.alternateTargetGroupArn: target group red is named twice"},
		"a daemon has no room for two of it": {daemon, "deploymentConfiguration.strategy: a DAEMON service has one task on each container instance"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Validate(tc.service)
			if tc.want == "" && len(got) > 0 || tc.want != "" && !strings.HasPrefix(got.Error(), tc.want) {
				t.Errorf("got %q, want it to begin with %q", got.Error(), tc.want)
			}
		})
	}
}

func TestNoRouteServesUDP(t *testing.T) {
	td := &ecsv1.TaskDefinitionFields{NetworkMode: "awsvpc", ContainerDefinitions: []ecsv1.ContainerDefinition{{
		Name: "app", Image: "dns", PortMappings: []ecsv1.PortMapping{{ContainerPort: new(int32(53)), Protocol: "udp"}, {ContainerPort: new(int32(80))}},
	}}}
	for name, tc := range map[string]struct {
		service *ecsv1.Service
		want    string
	}{
		"with a rule":                 {staged("BLUE_GREEN", balanced("blue", "green", "web", "")), "loadBalancers[0].advancedConfiguration.productionListenerRule: container port 53 speaks UDP"},
		"without one":                 {staged("BLUE_GREEN", balanced("blue", "green", "", "")), ""},
		"rolling, which uses no rule": {staged("ROLLING", balanced("blue", "green", "web", "")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CheckListeners(tc.service, td).Error(); tc.want == "" && got != "" || !strings.HasPrefix(got, tc.want) {
				t.Errorf("got %q, want it to begin with %q", got, tc.want)
			}
		})
	}
	if got := Protocol(td, "app", 53) + " " + Protocol(td, "app", 80) + " " + Protocol(td, "app", 81); got != "udp tcp tcp" {
		t.Errorf("the protocols are %s", got)
	}
}

func TestCoreServices(t *testing.T) {
	all := []ecsv1.LoadBalancer{balanced("blue", "green", "web", ""), balanced("plain", "", "", "")}
	settings := []ecsv1.TargetGroup{{Name: "green", Port: new(int32(8080))}}
	no := func(string) bool { return false }
	for name, tc := range map[string]struct {
		staged bool
		made   func(string) bool
		want   string
	}{
		"rolling has no use for the second one":       {false, no, "blue plain"},
		"two that take turns":                         {true, no, "blue green plain"},
		"rolling again: the second one may be in use": {false, func(group string) bool { return group == "green" }, "blue green plain"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, g := range CoreServices(all, settings, tc.staged, tc.made) {
				got = append(got, g.Name)
				if want := map[string]int32{"green": 8080}[g.Name]; want != 0 && g.ListenPort() != want {
					t.Errorf("%s listens on %d", g.Name, g.ListenPort())
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}
