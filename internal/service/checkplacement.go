// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/spelling"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// maxConstraints of a service or task and its task definition together.
const maxConstraints = 10

// CheckAsk finds what is wrong with an ask whatever else there is, and the rules of single fields can't say.
func CheckAsk(ask PlacementAsk) taskdef.Problems {
	var out taskdef.Problems
	add := func(path, format string, args ...any) {
		out = append(out, taskdef.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	for i, c := range ask.Constraints {
		if c.Type != ecsv1.PlacementConstraintTypeMemberOf || c.Expression == "" {
			continue
		}
		if _, err := query.Parse(c.Expression); err != nil {
			add(fmt.Sprintf("placementConstraints[%d].expression", i), "%s", err)
		}
	}
	if p := contradiction(podspec.Members(ask.Constraints, &ecsv1.TaskDefinitionFields{})); p != nil {
		out = append(out, *p)
	}
	fargate, others := kinds(ask.Strategy)
	if fargate >= 0 && others >= 0 {
		add(fmt.Sprintf("capacityProviderStrategy[%d].capacityProvider", others), "%s isn't of Fargate, and %s is: a strategy can't contain both; take one of them out",
			ask.Strategy[others].CapacityProvider, ask.Strategy[fargate].CapacityProvider)
	}
	if fargate < 0 {
		return out
	}
	name := ask.Strategy[fargate].CapacityProvider
	if len(ask.Constraints) > 0 {
		add("placementConstraints", "capacity provider %s is Fargate's, which has no container instances to choose from; take them out", name)
	}
	if len(ask.Preferences) > 0 {
		add("placementStrategy", "capacity provider %s is Fargate's, which has no container instances to choose from; take it out", name)
	}
	if ask.Daemon {
		add("capacityProviderStrategy", "DAEMON doesn't go with Fargate; use other capacity providers, or REPLICA")
	}
	return out
}

// kinds are the first item of a strategy that is Fargate's and the first that isn't, -1 for none.
func kinds(strategy []ecsv1.CapacityProviderStrategyItem) (fargate, others int) {
	is := func(i ecsv1.CapacityProviderStrategyItem) bool { return IsFargate(i.CapacityProvider) }
	isn := func(i ecsv1.CapacityProviderStrategyItem) bool { return !IsFargate(i.CapacityProvider) }
	return slices.IndexFunc(strategy, is), slices.IndexFunc(strategy, isn)
}

// contradiction is two conditions that can't hold together.
func contradiction(members []podspec.Member) *taskdef.Problem {
	var all []query.Expr
	for _, m := range members {
		all = append(all, m.Expr)
	}
	one, other, of, found := query.Contradiction(all)
	if !found {
		return nil
	}
	return &taskdef.Problem{Path: members[of[0]].Path, Message: fmt.Sprintf("no container instance meets both %s and %s (%s); take one of them out, or join the two by ||",
		podspec.Shown(one), podspec.Shown(other), members[of[1]].Path)}
}

// CheckPlacement says why a service or task can't be placed as it asks, given its task definition, its cluster and the capacity providers there
// are; nil when it can.
func CheckPlacement(ask PlacementAsk, td *ecsv1.TaskDefinitionFields, cluster *ecsv1.ClusterSpec, all []ecsv1.CapacityProvider) *conditions.Reason {
	invalid := func(format string, args ...any) *conditions.Reason {
		return &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: "InvalidParameterException: spec." + fmt.Sprintf(format, args...)}
	}
	if own, others := len(ask.Constraints), len(td.PlacementConstraints); own > 0 && own+others > maxConstraints {
		return invalid("placementConstraints: there are %d with the %d of the task definition, of at most %d; join expressions by &&", own+others, others, maxConstraints)
	}
	if p := contradiction(podspec.Members(ask.Constraints, td)); p != nil {
		return invalid("%s", p)
	}
	for i, item := range ask.Strategy {
		name := item.CapacityProvider
		if cluster == nil || !slices.Contains(cluster.CapacityProviders, name) {
			return invalid("capacityProviderStrategy[%d].capacityProvider: The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster: "+
				"%s; add it to capacityProviders of the Cluster, or name one that is there", i, name)
		}
		if _, known := FindProvider(name, cluster, all); !known {
			return &conditions.Reason{Reason: ecsv1.ReasonCapacityProviderNotFound, Message: fmt.Sprintf(
				"InvalidParameterException: spec.capacityProviderStrategy[%d].capacityProvider: The specified capacity provider was not found: there is no CapacityProvider %s; create it, or name another", i, name)}
		}
	}
	items, _ := strategyOf(ask, orNone(cluster))
	if fargate, _ := kinds(items); fargate >= 0 && len(ask.Strategy) == 0 && len(ask.Constraints)+len(ask.Preferences) > 0 {
		return invalid("placementConstraints and placementStrategy: defaultCapacityProviderStrategy of the cluster is Fargate, which has no container instances to choose from; " +
			"take them out, or set launchType: EC2")
	}
	return nil
}

func orNone(cluster *ecsv1.ClusterSpec) *ecsv1.ClusterSpec {
	if cluster == nil {
		return &ecsv1.ClusterSpec{}
	}
	return cluster
}

// builtInAttributes are those that ECS gives to container instances (DG/task-placement-constraints).
var builtInAttributes = []string{
	"ecs.ami-id", "ecs.availability-zone", "ecs.awsvpc-trunk-id", "ecs.cpu-architecture", "ecs.instance-type", "ecs.os-family", "ecs.os-type", "ecs.outpost-arn",
	"ecs.subnet-id", "ecs.vpc-id",
}

// PlacementWarnings tell of attributes that begin as ECS's own do and are none. ECS takes them, and no instance has them.
func PlacementWarnings(ask PlacementAsk) []string {
	var out []string
	warn := func(path, name string) {
		if !strings.HasPrefix(name, "ecs.") || strings.HasPrefix(name, "ecs.capability.") || slices.Contains(builtInAttributes, name) {
			return
		}
		nearest := slices.MinFunc(builtInAttributes, func(a, b string) int { return spelling.Distance(a, name) - spelling.Distance(b, name) })
		out = append(out, fmt.Sprintf("spec.%s: ECS gives no attribute %s to container instances; did you mean %s? There are %s and ecs.capability.*",
			path, name, nearest, strings.Join(builtInAttributes, ", ")))
	}
	for _, m := range podspec.Members(ask.Constraints, &ecsv1.TaskDefinitionFields{}) {
		for _, name := range query.Attributes(m.Expr) {
			warn(m.Path, name)
		}
	}
	for i, s := range ask.Preferences {
		if name, is := strings.CutPrefix(s.Field, "attribute:"); is {
			warn(fmt.Sprintf("placementStrategy[%d].field", i), name)
		}
	}
	return out
}
