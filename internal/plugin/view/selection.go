// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Selection is what ListContainerInstances is asked.
type Selection struct {
	// Cluster is a name, "" for all clusters.
	Cluster string
	// Names of instances, their IDs or ARNs; none for all.
	Names []string
	// Status is the one wanted; "" for all but INACTIVE.
	Status ecsv1.ContainerInstanceState
	// Filter is the expression, nil for none.
	Filter query.Expr
	// Groups are the task groups of each instance's tasks, which a filter may ask about.
	Groups map[string][]string
}

// Selected is what it answers.
type Selected struct {
	Instances []ecsv1.ContainerInstance
	// Missing are names that nothing has.
	Missing []string
	// Why there is nothing, "" where there is something.
	Why string
	// NoCluster: there isn't even the cluster.
	NoCluster bool
}

// StatusOf an instance. One that nobody has looked at is registering.
func StatusOf(i *ecsv1.ContainerInstance) ecsv1.ContainerInstanceState {
	return cmp.Or(i.Status.Status, ecsv1.ContainerInstanceStateRegistering)
}

// Select chooses among all instances, and sorts them by cluster and name.
func (s Selection) Select(all []ecsv1.ContainerInstance, clusters []ecsv1.Cluster) Selected {
	var out Selected
	here := slices.DeleteFunc(slices.Clone(all), func(i ecsv1.ContainerInstance) bool { return s.Cluster != "" && i.Spec.Cluster != s.Cluster })
	if len(here) == 0 {
		out.Why, out.NoCluster = s.whyNone(clusters)
		out.Missing = s.Names
		return out
	}
	named := s.named(here, &out)
	ofStatus := slices.DeleteFunc(slices.Clone(named), func(i ecsv1.ContainerInstance) bool { return !s.wants(StatusOf(&i)) })
	for i := range ofStatus {
		if s.Filter == nil || s.Filter.Matches(s.facts(&ofStatus[i])) {
			out.Instances = append(out.Instances, ofStatus[i])
		}
	}
	switch {
	case len(out.Instances) > 0 || len(named) == 0:
	case len(ofStatus) == 0:
		out.Why = s.whyStatus(named)
	default:
		out.Why = s.whyFilter(ofStatus)
	}
	slices.SortFunc(out.Instances, func(a, b ecsv1.ContainerInstance) int {
		return cmp.Or(cmp.Compare(a.Spec.Cluster, b.Spec.Cluster), Natural(a.Name, b.Name))
	})
	return out
}

func (s Selection) wants(status ecsv1.ContainerInstanceState) bool {
	if s.Status == "" {
		return status != ecsv1.ContainerInstanceStateInactive
	}
	return status == s.Status
}

// named keeps those that were asked for by name, ARN or ID.
func (s Selection) named(here []ecsv1.ContainerInstance, out *Selected) []ecsv1.ContainerInstance {
	if len(s.Names) == 0 {
		return here
	}
	var found []ecsv1.ContainerInstance
	for _, name := range s.Names {
		short := arn.ShortName(name)
		at := slices.IndexFunc(here, func(i ecsv1.ContainerInstance) bool {
			return short == i.Name || short == i.Status.Ec2InstanceId || short == arn.ShortName(i.Status.ContainerInstanceArn)
		})
		switch {
		case at < 0:
			out.Missing = append(out.Missing, name)
		case !slices.ContainsFunc(found, func(f ecsv1.ContainerInstance) bool { return f.Name == here[at].Name }):
			found = append(found, here[at])
		}
	}
	return found
}

// facts are what an expression asks about.
func (s Selection) facts(i *ecsv1.ContainerInstance) *query.Instance {
	out := &query.Instance{
		AgentConnected:    i.Status.AgentConnected,
		Ec2InstanceID:     i.Status.Ec2InstanceId,
		RunningTasksCount: int(i.Status.RunningTasksCount),
		TaskGroups:        s.Groups[i.Name],
		Attributes:        map[string]string{},
	}
	if v := i.Status.VersionInfo; v != nil {
		out.AgentVersion = v.AgentVersion
	}
	if at := i.Status.RegisteredAt; at != nil {
		out.RegisteredAt = at.Time
	}
	for _, a := range i.Status.Attributes {
		out.Attributes[a.Name] = a.Value
	}
	return out
}

func (s Selection) whyNone(clusters []ecsv1.Cluster) (why string, noCluster bool) {
	var names []string
	for i := range clusters {
		names = append(names, service.ClusterName(&clusters[i]))
	}
	switch {
	case s.Cluster != "" && slices.Contains(names, s.Cluster):
		return fmt.Sprintf("cluster %s has no container instances: its spec.kubernetes.nodeSelector chooses no node", s.Cluster), false
	case s.Cluster != "":
		return NoCluster(s.Cluster, names), true
	case len(names) == 0:
		return "there is no Cluster, so there are no container instances", false
	}
	return "no cluster has container instances: spec.kubernetes.nodeSelector of the Clusters chooses no node", false
}

// NoCluster says that there is no cluster of that name, and which there are.
func NoCluster(name string, names []string) string {
	if len(names) == 0 {
		return fmt.Sprintf("there is no cluster %s, and no other", name)
	}
	slices.Sort(names)
	if len(names) > 10 {
		names = append(names[:10:10], "...")
	}
	return fmt.Sprintf("there is no cluster %s; there are %s", name, strings.Join(names, ", "))
}

func (s Selection) whyStatus(named []ecsv1.ContainerInstance) string {
	count := map[ecsv1.ContainerInstanceState]int{}
	for i := range named {
		count[StatusOf(&named[i])]++
	}
	var parts []string
	for status, n := range count {
		parts = append(parts, fmt.Sprintf("%d %s", n, status))
	}
	slices.Sort(parts)
	wanted := string(s.Status)
	if wanted == "" {
		wanted = "anything but INACTIVE"
	}
	return fmt.Sprintf("no container instance is %s; there are %s", wanted, strings.Join(parts, ", "))
}

// whyFilter counts what each part of the expression excludes: of one of parts that all must hold, part by part.
func (s Selection) whyFilter(left []ecsv1.ContainerInstance) string {
	parts := []query.Expr{s.Filter}
	if and, ok := s.Filter.(query.And); ok {
		parts = and
	}
	var out []string
	for _, part := range parts {
		n := 0
		for i := range left {
			if !part.Matches(s.facts(&left[i])) {
				n++
			}
		}
		out = append(out, fmt.Sprintf("\n  %d by %s", n, part))
	}
	return fmt.Sprintf("no container instance meets the filter. Of %d it excludes:%s", len(left), strings.Join(out, ""))
}

// Natural orders names by their text and the numbers in it: node-9 comes before node-10.
func Natural(a, b string) int {
	for a != "" && b != "" {
		x, y := run(a), run(b)
		if c := compareRuns(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return cmp.Compare(len(a), len(b))
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// run is the first part of a text that is all digits or has none.
func run(s string) string {
	n := 1
	for n < len(s) && isDigit(s[n]) == isDigit(s[0]) {
		n++
	}
	return s[:n]
}

func compareRuns(a, b string) int {
	if !isDigit(a[0]) || !isDigit(b[0]) {
		return cmp.Compare(a, b)
	}
	x, y := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), cmp.Compare(len(a), len(b)))
}
