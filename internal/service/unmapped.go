// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// notActedOn lists the fields of a Service that are accepted and have no effect yet, with how to tell that one is set.
var notActedOn = []struct {
	path string
	set  func(*ecsv1.ServiceSpec) bool
}{
	{"enableECSManagedTags", func(s *ecsv1.ServiceSpec) bool { return orElse(s.EnableECSManagedTags, false) }},
	{"enableExecuteCommand", func(s *ecsv1.ServiceSpec) bool { return orElse(s.EnableExecuteCommand, false) }},
	{"gatewayConnectors", func(s *ecsv1.ServiceSpec) bool { return len(s.GatewayConnectors) > 0 }},
	{"launchType", func(s *ecsv1.ServiceSpec) bool { return s.LaunchType == ecsv1.LaunchTypeExternal }},
	{"monitoring", func(s *ecsv1.ServiceSpec) bool { return s.Monitoring != nil }},
	{"networkConfiguration", func(s *ecsv1.ServiceSpec) bool { return s.NetworkConfiguration != nil }},
	{"platformVersion", func(s *ecsv1.ServiceSpec) bool { return s.PlatformVersion != "" }},
	{"propagateTags", func(s *ecsv1.ServiceSpec) bool { return s.PropagateTags != "" && s.PropagateTags != "NONE" }},
	{"role", func(s *ecsv1.ServiceSpec) bool { return s.Role != "" }},
	{"serviceConnectConfiguration", func(s *ecsv1.ServiceSpec) bool {
		return s.ServiceConnectConfiguration != nil && orElse(&s.ServiceConnectConfiguration.Enabled, false)
	}},
	{"serviceRegistries", func(s *ecsv1.ServiceSpec) bool { return len(s.ServiceRegistries) > 0 }},
	{"vpcLatticeConfigurations", func(s *ecsv1.ServiceSpec) bool { return len(s.VpcLatticeConfigurations) > 0 }},
}

// Unmapped lists the fields that are set in s and have no effect yet, in order of their paths.
func Unmapped(s *ecsv1.Service) []string {
	var out []string
	for _, f := range notActedOn {
		if f.set(&s.Spec) {
			out = append(out, f.path)
		}
	}
	return out
}

// Unsupported is why a Service can't be run at all yet, or "". Running it some other way would not be what its author meant.
func Unsupported(s *ecsv1.Service) string {
	if c := s.Spec.DeploymentController; c != nil && c.Type != ecsv1.DeploymentControllerTypeECS {
		return fmt.Sprintf("spec.deploymentController.type: %s is not supported; leave it out, or set ECS", c.Type)
	}
	for i, lb := range s.Spec.LoadBalancers {
		if lb.TargetGroupArn == "" {
			return fmt.Sprintf("spec.loadBalancers[%d].loadBalancerName: a Classic Load Balancer has no equal on Kubernetes; name a target group in targetGroupArn", i)
		}
	}
	return ""
}
