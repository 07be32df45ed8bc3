// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package daemons says which container instances each DAEMON service runs on.
//
// A DAEMON service is a DaemonSet that chooses nodes by a label of its own. The label is on the instances that are ACTIVE, or are becoming so, and
// that meet all constraints of the service and of its task definition; a DRAINING instance keeps the label as long as tasks of REPLICA services are
// left there, so that daemons stop last, and never gets a new one.
//
// Constraints may ask about other tasks. Then a daemon sees the tasks of services and people, and those daemons that are older than it is and
// are to run there: never itself, and no younger one. So each instance has one answer, and no two daemons drive each other out in turns.
package daemons

import (
	"cmp"
	"slices"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Daemon is a DAEMON service as far as the choice of its instances goes.
type Daemon struct {
	// Label is the key of its node label.
	Label string
	// group is its task group.
	group       string
	constraints []query.Expr
	// providers are the capacity providers whose instances it runs on; nil for all instances.
	providers []string
	// unsure: what it asks for can't be read. It stays where it is.
	unsure bool
}

// Revisions finds the task definition revision of a service, nil where there is none.
type Revisions func(*ecsv1.Service) *ecsv1.TaskDefinitionRevision

// All are the DAEMON services among the cluster's that are in effect, the oldest first.
func All(services []ecsv1.Service, revisionOf Revisions) []Daemon {
	var in []*ecsv1.Service
	for i := range services {
		if s := &services[i]; service.IsDaemon(s) && s.DeletionTimestamp == nil && s.Status.TaskDefinition != "" {
			in = append(in, s)
		}
	}
	slices.SortFunc(in, func(a, b *ecsv1.Service) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	out := make([]Daemon, 0, len(in))
	for _, s := range in {
		out = append(out, of(s, revisionOf(s)))
	}
	return out
}

func of(s *ecsv1.Service, revision *ecsv1.TaskDefinitionRevision) Daemon {
	d := Daemon{Label: names.DaemonLabel(s.Namespace, s.Name), group: "service:" + service.Name(s), providers: Providers(s)}
	if revision == nil {
		d.unsure = true
		return d
	}
	for _, expression := range expressions(s, revision) {
		e, err := query.Parse(expression)
		if err != nil {
			d.unsure = true
			continue
		}
		d.constraints = append(d.constraints, e)
	}
	return d
}

// expressions are those of all memberOf constraints. distinctInstance says nothing: there is one task on each instance anyway.
func expressions(s *ecsv1.Service, revision *ecsv1.TaskDefinitionRevision) []string {
	var out []string
	for _, c := range s.Spec.PlacementConstraints {
		if c.Type == ecsv1.PlacementConstraintTypeMemberOf {
			out = append(out, c.Expression)
		}
	}
	for _, c := range revision.Spec.TaskDefinition.PlacementConstraints {
		out = append(out, c.Expression)
	}
	return out
}

// Providers are the capacity providers whose instances a DAEMON service runs on, nil for all instances: those of its strategy that get tasks at all.
// A cluster's default strategy says nothing about daemons.
func Providers(s *ecsv1.Service) []string {
	strategy := s.Spec.CapacityProviderStrategy
	var out []string
	for _, item := range strategy {
		if len(strategy) == 1 || positive(item.Base) || positive(item.Weight) {
			out = append(out, item.CapacityProvider)
		}
	}
	return out
}

func positive(n *int32) bool { return n != nil && *n > 0 }

// AskAboutTasks reports whether the answer for an instance may depend on the tasks that are there.
func AskAboutTasks(all []Daemon) bool {
	return slices.ContainsFunc(all, func(d Daemon) bool { return slices.ContainsFunc(d.constraints, asksAboutTasks) })
}

func asksAboutTasks(e query.Expr) bool {
	switch e := e.(type) {
	case query.And:
		return slices.ContainsFunc(e, asksAboutTasks)
	case query.Or:
		return slices.ContainsFunc(e, asksAboutTasks)
	case query.Not:
		return asksAboutTasks(e.Expr)
	case query.Term:
		return e.Subject == query.TaskGroup || e.Subject == query.RunningTasksCount
	}
	return false
}

// Instance is a container instance as daemons see it.
type Instance struct {
	State ecsv1.ContainerInstanceState
	// Facts are the instance's own. Those about tasks are filled in from Tasks.
	Facts query.Instance
	// Providers are the capacity providers that it belongs to.
	Providers []string
	Tasks     Tasks
	// Has are the node's labels.
	Has map[string]string
}

// Labels are those of the daemons that are to run on the instance, in the order of the daemons.
func Labels(i Instance, all []Daemon) []string {
	var out []string
	facts := i.Facts
	facts.RunningTasksCount, facts.TaskGroups = i.Tasks.Count, slices.Clone(i.Tasks.Groups)
	for _, d := range all {
		_, has := i.Has[d.Label]
		if !d.wants(i, &facts, has) {
			continue
		}
		out = append(out, d.Label)
		facts.RunningTasksCount++
		facts.TaskGroups = append(facts.TaskGroups, d.group)
	}
	return out
}

func (d Daemon) wants(i Instance, facts *query.Instance, has bool) bool {
	switch i.State {
	case ecsv1.ContainerInstanceStateActive, ecsv1.ContainerInstanceStateRegistering:
	case ecsv1.ContainerInstanceStateDraining, ecsv1.ContainerInstanceStateDeregistering:
		if !has || !i.Tasks.Replicas {
			return false
		}
	case ecsv1.ContainerInstanceStateRegistrationFailed, ecsv1.ContainerInstanceStateInactive:
		return false
	}
	if d.unsure {
		return has
	}
	if d.providers != nil && !slices.ContainsFunc(d.providers, func(p string) bool { return slices.Contains(i.Providers, p) }) {
		return false
	}
	return !slices.ContainsFunc(d.constraints, func(e query.Expr) bool { return !e.Matches(facts) })
}
