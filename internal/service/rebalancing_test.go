// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestFixedInZones(t *testing.T) {
	spread := func(field string) func(*ecsv1.Service) {
		return func(s *ecsv1.Service) {
			s.Spec.PlacementStrategy = []ecsv1.PlacementStrategy{{Type: "spread", Field: field}}
		}
	}
	maximum := func(n int32) func(*ecsv1.Service) {
		return func(s *ecsv1.Service) {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{MaximumPercent: &n}
		}
	}
	for name, tc := range map[string]struct {
		edit func(*ecsv1.Service)
		td   []ecsv1.TaskDefinitionPlacementConstraint
		want string
	}{
		"a service that says nothing is rebalanced": {func(*ecsv1.Service) {}, nil, ""},
		"one that wants it":                         {func(s *ecsv1.Service) { s.Spec.AvailabilityZoneRebalancing = "ENABLED" }, nil, ""},
		"one that doesn't":                          {func(s *ecsv1.Service) { s.Spec.AvailabilityZoneRebalancing = "DISABLED" }, nil, "availabilityZoneRebalancing"},
		"a daemon":                                  {func(s *ecsv1.Service) { s.Spec.SchedulingStrategy = ecsv1.SchedulingStrategyDaemon }, nil, "DAEMON"},
		"EXTERNAL":                                  {func(s *ecsv1.Service) { s.Spec.LaunchType = ecsv1.LaunchTypeExternal }, nil, "EXTERNAL"},
		"a Classic Load Balancer": {func(s *ecsv1.Service) {
			s.Spec.LoadBalancers = []ecsv1.LoadBalancer{{LoadBalancerName: "old"}}
		}, nil, "Classic"},
		"a maximum of 100":           {maximum(100), nil, "maximumPercent"},
		"125 % of 3 rounded down":    {maximum(125), nil, "maximumPercent"},
		"134 % of 3 is one more":     {maximum(134), nil, ""},
		"spread over zones":          {spread("attribute:ecs.availability-zone"), nil, ""},
		"spread over zones, in caps": {spread("attribute:ECS.Availability-Zone"), nil, ""},
		"spread over instances":      {spread("instanceId"), nil, "placementStrategy[0]"},
		"binpack": {func(s *ecsv1.Service) {
			s.Spec.PlacementStrategy = []ecsv1.PlacementStrategy{{Type: "binpack", Field: "cpu"}}
		}, nil, "placementStrategy[0]"},
		"a constraint on the zone": {func(s *ecsv1.Service) {
			s.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: "memberOf", Expression: "attribute:ecs.availability-zone == us-east-1a"}}
		}, nil, "the service's"},
		"a constraint of the task definition": {func(*ecsv1.Service) {}, []ecsv1.TaskDefinitionPlacementConstraint{
			{Type: "memberOf", Expression: "attribute:ecs.availability-zone in [a, b]"}}, "the task definition's"},
		"a constraint on something else": {func(s *ecsv1.Service) {
			s.Spec.PlacementConstraints = []ecsv1.PlacementConstraint{{Type: "distinctInstance"}, {Type: "memberOf", Expression: "attribute:stack == blue"}}
		}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: ecsv1.ServiceSpec{DesiredCount: new(int32(3))}}
			tc.edit(s)
			td := &ecsv1.TaskDefinitionFields{}
			td.PlacementConstraints = tc.td
			got := FixedInZones(s, td)
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want one with %q", got, tc.want)
			}
		})
	}
}
