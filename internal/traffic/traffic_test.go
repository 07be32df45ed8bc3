// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func balancer(group string, advanced *ecsv1.AdvancedConfiguration) ecsv1.LoadBalancer {
	return ecsv1.LoadBalancer{TargetGroupArn: group, ContainerName: "app", ContainerPort: new(int32(80)), AdvancedConfiguration: advanced}
}

func turns(alternate string) *ecsv1.AdvancedConfiguration {
	return &ecsv1.AdvancedConfiguration{AlternateTargetGroupArn: alternate, ProductionListenerRule: "web"}
}

func TestResolve(t *testing.T) {
	blueGreen := []ecsv1.LoadBalancer{balancer("blue", turns("green"))}
	resolved := func(groups ...string) *ecsv1.ResolvedConfiguration {
		out := &ecsv1.ResolvedConfiguration{}
		for _, g := range groups {
			rule := "web"
			if g == "plain" {
				rule = ""
			}
			out.LoadBalancers = append(out.LoadBalancers, ecsv1.ServiceRevisionLoadBalancer{TargetGroupArn: g, ProductionListenerRule: rule})
		}
		return out
	}
	for name, tc := range map[string]struct {
		loadBalancers []ecsv1.LoadBalancer
		inProduction  *ecsv1.ResolvedConfiguration
		want          *ecsv1.ResolvedConfiguration
	}{
		"the first revision gets the first target group":               {blueGreen, nil, resolved("blue")},
		"the next one gets the other":                                  {blueGreen, resolved("blue"), resolved("green")},
		"and the one after that the first again":                       {blueGreen, resolved("green"), resolved("blue")},
		"after a rolling deployment, which knows one target group":     {blueGreen, &ecsv1.ResolvedConfiguration{}, resolved("green")},
		"an entrance without a rule stays":                             {[]ecsv1.LoadBalancer{balancer("plain", nil)}, resolved("plain"), resolved("plain")},
		"each load balancer by itself":                                 {[]ecsv1.LoadBalancer{balancer("plain", nil), balancer("blue", turns("green"))}, resolved("plain", "green"), resolved("plain", "blue")},
		"a pair that was turned round, so that the group in use stays": {[]ecsv1.LoadBalancer{balancer("green", turns("blue"))}, resolved("green"), resolved("blue")},
		"no load balancer":                                             {nil, resolved("blue"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Resolve(tc.loadBalancers, tc.inProduction)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
