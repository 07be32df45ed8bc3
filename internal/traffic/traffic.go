// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package traffic says how the traffic of a service goes from one revision to another.
//
// A load balancer of a service that deploys BLUE_GREEN, CANARY or LINEAR has two target groups, each a core Service. Where a listener rule
// (an HTTPRoute) names both, they take turns and its weights say how much of the traffic each gets. Where there is no rule, the core Service of
// targetGroupArn is the entrance for good, and which revision it selects is changed instead: for all traffic at once.
//
// A core Service selects the tasks of one revision while a deployment moves traffic. At rest both select the revision in production, so that
// weights that somebody resets can't send traffic to nothing.
//
// Shares of traffic are whole tenths of a percent, 0 to 1000.
package traffic

import (
	"fmt"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// All is all of the traffic, in tenths of a percent.
const All = 1000

// Staged reports whether a strategy moves traffic, and not only tasks.
func Staged(c *ecsv1.DeploymentConfiguration) bool {
	return c != nil && c.Strategy != "" && c.Strategy != ecsv1.DeploymentStrategyRolling
}

// Gradual reports whether a strategy moves a part of the traffic first.
func Gradual(c *ecsv1.DeploymentConfiguration) bool {
	return c != nil && (c.Strategy == ecsv1.DeploymentStrategyCanary || c.Strategy == ecsv1.DeploymentStrategyLinear)
}

// Pair is a load balancer's two target groups.
type Pair struct {
	// Index in the service's loadBalancers.
	Index int
	// Groups are targetGroupArn and alternateTargetGroupArn, as the service names them. The second is "" where there is none.
	Groups [2]string
	// Production and Test are the listener rules, "" where there is none.
	Production, Test string
}

// Pairs are the target groups of a service's load balancers, in their order. A Classic Load Balancer has none and is left out.
func Pairs(loadBalancers []ecsv1.LoadBalancer) []Pair {
	var out []Pair
	for i, lb := range loadBalancers {
		if lb.TargetGroupArn == "" {
			continue
		}
		p := Pair{Index: i, Groups: [2]string{arn.TargetGroup(lb.TargetGroupArn)}}
		if a := lb.AdvancedConfiguration; a != nil {
			p.Production, p.Test = a.ProductionListenerRule, a.TestListenerRule
			if a.AlternateTargetGroupArn != "" {
				p.Groups[1] = arn.TargetGroup(a.AlternateTargetGroupArn)
			}
		}
		out = append(out, p)
	}
	return out
}

// TakesTurns reports whether the two target groups take turns, as opposed to an entrance that stays.
func (p Pair) TakesTurns() bool { return p.Production != "" && p.Groups[1] != "" }

// Services are the names of the core Services, "" for a target group that there is none of.
func (p Pair) Services() [2]string {
	out := [2]string{names.TargetGroup(p.Groups[0])}
	if p.Groups[1] != "" {
		out[1] = names.TargetGroup(p.Groups[1])
	}
	return out
}

// Field is the path of a field of the load balancer's advancedConfiguration.
func (p Pair) Field(name string) string {
	return fmt.Sprintf("spec.loadBalancers[%d].advancedConfiguration.%s", p.Index, name)
}

// Resolve gives a new revision its target groups: of each pair that takes turns the one that the revision in production doesn't have, so that
// both can get traffic side by side. inProduction is nil for a service's first revision, which gets the first ones.
func Resolve(loadBalancers []ecsv1.LoadBalancer, inProduction *ecsv1.ResolvedConfiguration) *ecsv1.ResolvedConfiguration {
	out := &ecsv1.ResolvedConfiguration{}
	for _, p := range Pairs(loadBalancers) {
		side := 0
		if p.TakesTurns() && inProduction != nil {
			side = 1 - p.Side(inProduction)
		}
		out.LoadBalancers = append(out.LoadBalancers, ecsv1.ServiceRevisionLoadBalancer{TargetGroupArn: p.Groups[side], ProductionListenerRule: p.Production})
	}
	if len(out.LoadBalancers) == 0 {
		return nil
	}
	return out
}

// Side is which of the pair's target groups a revision has: 1 if it has the second, and 0 otherwise. A revision of a rolling deployment, and one
// that had other target groups altogether, counts as having the first.
func (p Pair) Side(resolved *ecsv1.ResolvedConfiguration) int {
	if resolved == nil || p.Groups[1] == "" {
		return 0
	}
	for _, lb := range resolved.LoadBalancers {
		if lb.TargetGroupArn == p.Groups[1] {
			return 1
		}
	}
	return 0
}
