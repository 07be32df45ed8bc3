// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// validateTraffic finds what keeps a BLUE_GREEN, LINEAR or CANARY service from moving its traffic. With ROLLING, advancedConfiguration has no
// effect. taken are the core Services of the target groups, and gets those of the alternate ones.
func validateTraffic(s *ecsv1.Service, taken map[string]bool) taskdef.Problems {
	c := s.Spec.DeploymentConfiguration
	if !traffic.Staged(c) {
		return nil
	}
	if IsDaemon(s) {
		return taskdef.Problems{{Path: "deploymentConfiguration.strategy", Message: fmt.Sprintf(
			"a DAEMON service has one task on each container instance and no room for two revisions; leave %s out, or use REPLICA", c.Strategy)}}
	}
	pairs := traffic.Pairs(s.Spec.LoadBalancers)
	if traffic.Gradual(c) && len(pairs) == 0 {
		return taskdef.Problems{{Path: "loadBalancers", Message: fmt.Sprintf(
			"%s moves a part of the traffic, and the service has no load balancer; give it one with advancedConfiguration, or use BLUE_GREEN, which then replaces the tasks", c.Strategy)}}
	}
	var problems taskdef.Problems
	for _, p := range pairs {
		problems = append(problems, validatePair(c, p)...)
		name := p.Services()[1]
		if name != "" && taken[name] {
			problems = append(problems, problem(p, "alternateTargetGroupArn", "target group %s is named twice; a target group takes one container and port", p.Groups[1]))
		}
		taken[name] = name != ""
	}
	return problems
}

func validatePair(c *ecsv1.DeploymentConfiguration, p traffic.Pair) taskdef.Problems {
	switch {
	case traffic.Gradual(c) && p.Production == "":
		return taskdef.Problems{problem(p, "productionListenerRule", "%s gives a revision a part of the traffic, which takes a Gateway: name an HTTPRoute that has both target groups as backends, "+
			"or use BLUE_GREEN, which moves all traffic at once", c.Strategy)}
	case p.Production != "" && p.Groups[1] == "":
		return taskdef.Problems{problem(p, "alternateTargetGroupArn", "the two target groups of a listener rule take turns; name a second one, and add its core Service to the backendRefs of %s", p.Production)}
	case p.Test != "" && p.Production == "":
		return taskdef.Problems{problem(p, "testListenerRule", "it needs productionListenerRule beside it; without one, the core Service of alternateTargetGroupArn is where test traffic goes")}
	case p.Test != "" && p.Test == p.Production:
		return taskdef.Problems{problem(p, "testListenerRule", "it is the rule of production traffic; name another one, such as a rule of the same route with a match on a header")}
	}
	var problems taskdef.Problems
	for _, rule := range []struct{ field, text string }{{"productionListenerRule", p.Production}, {"testListenerRule", p.Test}} {
		if _, err := traffic.ParseRule(rule.text); err != nil && rule.text != "" {
			problems = append(problems, problem(p, rule.field, "%s", err))
		}
	}
	return problems
}

func problem(p traffic.Pair, field, format string, args ...any) taskdef.Problem {
	return taskdef.Problem{Path: fmt.Sprintf("loadBalancers[%d].advancedConfiguration.%s", p.Index, field), Message: fmt.Sprintf(format, args...)}
}

// CheckListeners finds what an HTTPRoute can't serve of a task definition: a port that speaks UDP.
func CheckListeners(s *ecsv1.Service, td *ecsv1.TaskDefinitionFields) taskdef.Problems {
	if !traffic.Staged(s.Spec.DeploymentConfiguration) {
		return nil
	}
	var problems taskdef.Problems
	for _, p := range traffic.Pairs(s.Spec.LoadBalancers) {
		lb := s.Spec.LoadBalancers[p.Index]
		if p.Production != "" && Protocol(td, lb.ContainerName, orElse(lb.ContainerPort, 0)) == taskdef.UDP {
			problems = append(problems, problem(p, "productionListenerRule", "container port %d speaks UDP, which no HTTPRoute serves; take productionListenerRule out, and BLUE_GREEN moves the core Service %s all at once",
				orElse(lb.ContainerPort, 0), names.TargetGroup(p.Groups[0])))
		}
	}
	return problems
}

// Protocol of a container's port, tcp where it isn't mapped.
func Protocol(td *ecsv1.TaskDefinitionFields, container string, port int32) string {
	task, err := taskdef.Effective(td)
	if err != nil {
		return taskdef.TCP // somebody else says what is wrong with it
	}
	for _, c := range task.Containers {
		for _, p := range c.Ports {
			if c.Name == container && (p.Container == port || p.InRange(port)) {
				return p.Protocol
			}
		}
	}
	return taskdef.TCP
}
