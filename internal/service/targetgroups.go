// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"cmp"
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// TargetGroup is one of a service's target groups with the load balancers that name it.
type TargetGroup struct {
	ecsv1.TargetGroup
	ContainerName string
	ContainerPort int32
}

// ListenPort is what the target group listens on: the container port unless it says otherwise.
func (g TargetGroup) ListenPort() int32 { return orElse(g.Port, g.ContainerPort) }

// TargetGroups joins each load balancer of the list with the settings of its target group, in order. A Classic Load Balancer
// has no target group and is left out.
func TargetGroups(loadBalancers []ecsv1.LoadBalancer, settings []ecsv1.TargetGroup) []TargetGroup {
	byName := make(map[string]ecsv1.TargetGroup, len(settings))
	for _, g := range settings {
		byName[g.Name] = g
	}
	var out []TargetGroup
	for _, lb := range loadBalancers {
		if lb.TargetGroupArn == "" {
			continue
		}
		name := arn.TargetGroup(lb.TargetGroupArn)
		group := byName[name]
		group.Name = name
		group.Type = cmp.Or(group.Type, ecsv1.TargetGroupTypeClusterIP)
		out = append(out, TargetGroup{TargetGroup: group, ContainerName: lb.ContainerName, ContainerPort: orElse(lb.ContainerPort, 0)})
	}
	return out
}

// CoreServices are the target groups that core Services stand for: those of the load balancers and, where deployments move traffic between
// two, the alternate ones. staged says so of the service; made of an alternate one that is there already, which stays as long as it is named.
func CoreServices(loadBalancers []ecsv1.LoadBalancer, settings []ecsv1.TargetGroup, staged bool, made func(group string) bool) []TargetGroup {
	var both []ecsv1.LoadBalancer
	for _, p := range traffic.Pairs(loadBalancers) {
		lb := loadBalancers[p.Index]
		both = append(both, lb)
		if p.Groups[1] != "" && (staged || made(p.Groups[1])) {
			lb.TargetGroupArn = p.Groups[1]
			both = append(both, lb)
		}
	}
	return TargetGroups(both, settings)
}

// Validate finds what ECS refuses of a Service whatever else there is, and one field's rules can't say.
func Validate(s *ecsv1.Service) taskdef.Problems {
	var problems taskdef.Problems
	taken := map[string]bool{}
	for i, lb := range s.Spec.LoadBalancers {
		if lb.TargetGroupArn == "" {
			continue
		}
		group := arn.TargetGroup(lb.TargetGroupArn)
		if name := names.TargetGroup(group); taken[name] {
			problems = append(problems, taskdef.Problem{Path: fmt.Sprintf("loadBalancers[%d].targetGroupArn", i),
				Message: fmt.Sprintf("target group %s is named twice; a target group takes one container and port", group)})
		} else {
			taken[name] = true
		}
	}
	problems = append(problems, validateTraffic(s, taken)...)
	problems = append(problems, checkHooks(s)...)
	return append(problems, CheckAsk(AskOf(&s.Spec))...)
}

// Settings are the target groups that the Service configures.
func Settings(s *ecsv1.Service) []ecsv1.TargetGroup {
	if s.Spec.Kubernetes == nil {
		return nil
	}
	return s.Spec.Kubernetes.TargetGroups
}
