// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// PlacementAsk is what a service, or a task that someone runs by itself, says about where its tasks may run. It can change without a
// deployment, and counts for the next task.
type PlacementAsk struct {
	LaunchType  ecsv1.LaunchType
	Strategy    []ecsv1.CapacityProviderStrategyItem
	Constraints []ecsv1.PlacementConstraint
	Preferences []ecsv1.PlacementStrategy
	// Daemon: one task on each instance.
	Daemon bool
	// Exact: the engine places what the scheduler's means only come near to.
	Exact bool
	// Alone is a task without a service: it has no default strategy, and no label finds the others of its group.
	Alone bool
}

// AskOf a Service.
func AskOf(s *ecsv1.ServiceSpec) PlacementAsk {
	return PlacementAsk{
		LaunchType: s.LaunchType, Strategy: s.CapacityProviderStrategy, Constraints: s.PlacementConstraints, Preferences: s.PlacementStrategy,
		Daemon: s.SchedulingStrategy == ecsv1.SchedulingStrategyDaemon,
		Exact:  s.Kubernetes != nil && orElse(s.Kubernetes.ExactPlacement, false),
	}
}

// AskOfTask is what RunTask was given.
func AskOfTask(t *ecsv1.TaskSpec) PlacementAsk {
	return PlacementAsk{
		LaunchType: t.LaunchType, Strategy: t.CapacityProviderStrategy, Constraints: t.PlacementConstraints, Preferences: t.PlacementStrategy,
		Alone: true,
	}
}

// Carriage is what a PlacementAsk comes to: who chooses the instances, and by what.
type Carriage struct {
	Mechanism ecsv1.PlacementMechanism
	// Reason is a sentence that names the field which decided.
	Reason string
	// Strategies in effect: those asked for, else ECS's default; none for a task by itself.
	Strategies []placement.Strategy
	// Constraints are those of the service or task and then those of the task definition.
	Constraints []placement.Constraint
	// Shares are the capacity provider strategy in effect, without items that never get a task; none where any instance will do.
	Shares []placement.Share
	// Providers are the capacity providers of the Shares, in their order.
	Providers []Provider
	// Distinct: one of the constraints is distinctInstance.
	Distinct bool
	// Affinity is what node labels say of the constraints, and Rest what they don't.
	Affinity podspec.Affinity
	// tolerated are the capacity providers whose nodes a DAEMON service runs on too: all of the cluster's.
	tolerated []Provider
}

// Only is the one capacity provider that gets all the tasks, nil where there is none or more than one.
func (c Carriage) Only() *Provider {
	if len(c.Providers) != 1 {
		return nil
	}
	return &c.Providers[0]
}

// Carry decides how an ask is carried out. A field that can't be read is left to [CheckPlacement], and counts for nothing here.
func Carry(ask PlacementAsk, td *ecsv1.TaskDefinitionFields, cluster *ecsv1.ClusterSpec, all []ecsv1.CapacityProvider) Carriage {
	if cluster == nil {
		cluster = &ecsv1.ClusterSpec{}
	}
	c := Carriage{}
	c.Strategies = strategies(ask)
	c.Constraints, c.Affinity = constraints(ask, td)
	for _, one := range c.Constraints {
		c.Distinct = c.Distinct || one.Distinct
	}
	items, field := strategyOf(ask, cluster)
	c.Shares = shares(items)
	for _, s := range c.Shares {
		provider, _ := FindProvider(s.Provider, cluster, all)
		c.Providers = append(c.Providers, provider)
	}
	if ask.Daemon {
		for _, name := range cluster.CapacityProviders {
			if provider, known := FindProvider(name, cluster, all); known && !IsFargate(name) {
				c.tolerated = append(c.tolerated, provider)
			}
		}
	}
	c.Mechanism, c.Reason = decide(ask, c, field)
	return c
}

// maxReason is what status.placement.reason takes.
const maxReason = 1000

// deciding are the reasons to place by something else than the scheduler alone; the first that gives a sentence decides.
var deciding = []struct {
	mechanism ecsv1.PlacementMechanism
	why       func(ask PlacementAsk, c Carriage, providers string) string
}{
	{ecsv1.PlacementMechanismDaemonSet, func(ask PlacementAsk, _ Carriage, _ string) string {
		return sentence(ask.Daemon, "schedulingStrategy: DAEMON runs one task on each instance that its constraints leave")
	}},
	{ecsv1.PlacementMechanismEngine, func(ask PlacementAsk, _ Carriage, _ string) string {
		if len(ask.Preferences) == 0 {
			return ""
		}
		return "placementStrategy[0]: " + string(ask.Preferences[0].Type) + " is decided for one task after the other, by what is on the instances then"
	}},
	{ecsv1.PlacementMechanismEngine, func(_ PlacementAsk, c Carriage, providers string) string {
		return sentence(len(c.Shares) > 1, "%s: the tasks are shared out among %d capacity providers", providers, len(c.Shares))
	}},
	{ecsv1.PlacementMechanismEngine, func(_ PlacementAsk, c Carriage, _ string) string {
		if len(c.Affinity.Rest) == 0 {
			return ""
		}
		rest := c.Affinity.Rest[0]
		return fmt.Sprintf("%s: node affinity can't say %s: %s", rest.Path, podspec.Shown(rest.Expr), rest.Why)
	}},
	{ecsv1.PlacementMechanismEngine, func(ask PlacementAsk, c Carriage, _ string) string {
		return sentence(ask.Alone && c.Distinct, "placementConstraints: distinctInstance is about the tasks of a group, which no label of pods says")
	}},
	{ecsv1.PlacementMechanismEngine, func(ask PlacementAsk, _ Carriage, _ string) string {
		return sentence(ask.Exact, "kubernetes.exactPlacement: the default strategy, zones and then instances, is held to for each task")
	}},
}

// decide tells who places, and why.
func decide(ask PlacementAsk, c Carriage, providers string) (ecsv1.PlacementMechanism, string) {
	for _, d := range deciding {
		if why := d.why(ask, c, providers); why != "" {
			return d.mechanism, podspec.Cut(why, maxReason)
		}
	}
	said := "no placementStrategy: tasks are spread over zones and then over instances as far as possible"
	if ask.Alone {
		said = "no placementStrategy: any instance will do on which the task fits"
	}
	if len(c.Constraints) > 0 {
		said += "; node affinity and topology spread say all of the placementConstraints"
	}
	if p := c.Only(); p != nil {
		said += "; " + providers + ": all go to capacity provider " + p.Name
	}
	return ecsv1.PlacementMechanismScheduler, said
}

func sentence(holds bool, format string, args ...any) string {
	if !holds {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// strategies in effect. ECS reads fields in any case.
func strategies(ask PlacementAsk) []placement.Strategy {
	if ask.Daemon {
		return nil
	}
	var out []placement.Strategy
	for _, s := range ask.Preferences {
		field := s.Field
		switch lower := strings.ToLower(field); {
		case s.Type == ecsv1.PlacementStrategyTypeBinpack:
			field = lower
		case lower == "host" || lower == "instanceid":
			field = placement.InstanceID
		}
		out = append(out, placement.Strategy{Type: placement.StrategyType(s.Type), Field: field})
	}
	if out == nil && !ask.Alone {
		return placement.DefaultOfServices
	}
	return out
}

// constraints of the service or task, and of its task definition.
func constraints(ask PlacementAsk, td *ecsv1.TaskDefinitionFields) ([]placement.Constraint, podspec.Affinity) {
	var out []placement.Constraint
	members := podspec.Members(ask.Constraints, td)
	for _, c := range ask.Constraints {
		if c.Type == ecsv1.PlacementConstraintTypeDistinctInstance {
			out = append(out, placement.Constraint{Distinct: true})
		}
	}
	for _, m := range members {
		out = append(out, placement.Constraint{Member: m.Expr})
	}
	return out, podspec.AffinityOf(members)
}

// Pod is what of the carriage is on the pods. With one capacity provider that is all about it; which of several a pod gets, the engine
// decides for each. The label of a DAEMON service's nodes says all but what they are tainted with.
func (c Carriage) Pod() *podspec.Placement {
	if c.Mechanism == ecsv1.PlacementMechanismDaemonSet {
		p := &podspec.Placement{}
		for _, provider := range c.tolerated {
			p.Tolerations = append(p.Tolerations, provider.Tolerations...)
		}
		return p
	}
	p := &podspec.Placement{
		Gate:     c.Mechanism == ecsv1.PlacementMechanismEngine,
		Spread:   c.Mechanism == ecsv1.PlacementMechanismScheduler,
		Distinct: c.Distinct,
		Terms:    c.Affinity.Terms,
	}
	if only := c.Only(); only != nil {
		p.Provider, p.Tolerations = only.Name, slices.Clone(only.Tolerations)
		p.Terms = podspec.Through(p.Terms, only.Nodes)
	}
	return p
}
