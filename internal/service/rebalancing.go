// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// ZoneAttribute is the Availability Zone of a container instance.
const ZoneAttribute = "ecs.availability-zone"

// fixed are the reasons for which tasks of a service aren't relocated to even out Availability Zones (DG/service-rebalancing); the first that
// holds counts.
var fixed = []struct {
	why  string
	when func(*ecsv1.Service, *ecsv1.TaskDefinitionFields) bool
}{
	{"availabilityZoneRebalancing: DISABLED", func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		return s.Spec.AvailabilityZoneRebalancing == "DISABLED"
	}},
	{"schedulingStrategy: DAEMON has a task on each instance", func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool { return IsDaemon(s) }},
	{"launchType: EXTERNAL has no Availability Zones", func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		return s.Spec.LaunchType == ecsv1.LaunchTypeExternal
	}},
	{"loadBalancers: a Classic Load Balancer is in the way", func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		for _, lb := range s.Spec.LoadBalancers {
			if lb.LoadBalancerName != "" {
				return true
			}
		}
		return false
	}},
	{"deploymentConfiguration.maximumPercent: no task may be started before another stops", func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		return Bounds(s).Maximum <= 100 || Desired(s) > 0 && Bounds(s).Upper(Desired(s)) <= Desired(s)
	}},
	{"placementConstraints: one of the service's is about " + ZoneAttribute, func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		for _, c := range s.Spec.PlacementConstraints {
			if aboutZones(c.Expression) {
				return true
			}
		}
		return false
	}},
	{"placementConstraints: one of the task definition's is about " + ZoneAttribute, func(_ *ecsv1.Service, td *ecsv1.TaskDefinitionFields) bool {
		for _, c := range td.PlacementConstraints {
			if aboutZones(c.Expression) {
				return true
			}
		}
		return false
	}},
	{"placementStrategy[0]: it isn't spread over attribute:" + ZoneAttribute, func(s *ecsv1.Service, _ *ecsv1.TaskDefinitionFields) bool {
		all := s.Spec.PlacementStrategy
		return len(all) > 0 && (all[0].Type != ecsv1.PlacementStrategyTypeSpread || !strings.EqualFold(all[0].Field, "attribute:"+ZoneAttribute))
	}},
}

func aboutZones(expression string) bool { return strings.Contains(expression, ZoneAttribute) }

// FixedInZones is why tasks of the service aren't relocated to even out Availability Zones, "" where they are: also where the service says nothing
// about it.
func FixedInZones(s *ecsv1.Service, td *ecsv1.TaskDefinitionFields) string {
	for _, f := range fixed {
		if f.when(s, td) {
			return f.why
		}
	}
	return ""
}
