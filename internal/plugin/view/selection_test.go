// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

func TestSelect(t *testing.T) {
	everything := []string{"node-1", "node-2", "node-3", "node-4", "node-5", "node-6", "node-7", "node-8", "node-9", "node-10"}
	for name, tc := range map[string]struct {
		selection Selection
		filter    string
		want      []string
		missing   []string
		why       string
		noCluster bool
	}{
		"all, with node-10 behind node-9":        {want: everything},
		"of a status":                            {selection: Selection{Status: ecsv1.ContainerInstanceStateDraining}, want: []string{"node-5"}},
		"INACTIVE is seen by those who ask":      {selection: Selection{Status: ecsv1.ContainerInstanceStateInactive}, want: []string{"node-11"}},
		"by name, in order, once":                {selection: Selection{Names: []string{"node-2", "node-1", "node-2"}}, want: []string{"node-1", "node-2"}},
		"by the machine's ID":                    {selection: Selection{Names: []string{"i-node-3"}}, want: []string{"node-3"}},
		"by ARN":                                 {selection: Selection{Names: []string{"arn:aws:ecs:us-east-1:1:container-instance/shop/id-of-node-3"}}, want: []string{"node-3"}},
		"one of two names is there":              {selection: Selection{Names: []string{"node-1", "nod-1"}}, want: []string{"node-1"}, missing: []string{"nod-1"}},
		"by attribute":                           {filter: "attribute:ecs.availability-zone == us-east-1b", want: []string{"node-4", "node-5", "node-6"}},
		"by running tasks":                       {filter: "runningTasksCount > 3", want: []string{"node-1", "node-2"}},
		"by the groups of tasks":                 {filter: "task:group == service:search", want: []string{"node-4", "node-5"}},
		"by the machine":                         {filter: "agentVersion >= 1.36 and ec2InstanceId == i-node-1", want: []string{"node-1"}},
		"a filter that nothing meets says why":   {filter: "attribute:ecs.availability-zone == us-east-1b and runningTasksCount > 3", why: "no container instance meets the filter. Of 10 it excludes:\n  7 by attribute:ecs.availability-zone == us-east-1b\n  8 by runningTasksCount > 3"},
		"a status that nothing has says which":   {selection: Selection{Status: ecsv1.ContainerInstanceStateRegistering}, why: "no container instance is REGISTERING; there are 1 DRAINING, 1 INACTIVE, 9 ACTIVE"},
		"a cluster that isn't there":             {selection: Selection{Cluster: "shops"}, why: "there is no cluster shops; there are bare, shop", noCluster: true},
		"a cluster without instances":            {selection: Selection{Cluster: "bare"}, why: "cluster bare has no container instances: its spec.kubernetes.nodeSelector chooses no node"},
		"names of a cluster without any of them": {selection: Selection{Cluster: "bare", Names: []string{"node-1"}}, missing: []string{"node-1"}, why: "cluster bare has no container instances: its spec.kubernetes.nodeSelector chooses no node"},
	} {
		t.Run(name, func(t *testing.T) {
			c := shop()
			c.Clusters = append(c.Clusters, newCity("bare").Clusters...)
			c.instance("shop", "node-11", "us-east-1a", func(i *ecsv1.ContainerInstance) { i.Status.Status = ecsv1.ContainerInstanceStateInactive })
			c.instance("shop", "node-10", "us-east-1a")
			if tc.filter != "" {
				var err error
				if tc.selection.Filter, err = query.Parse(tc.filter); err != nil {
					t.Fatal(err)
				}
				if AsksForGroups(tc.selection.Filter) != strings.Contains(tc.filter, "task:group") {
					t.Error("whether it asks for task groups isn't seen")
				}
			}
			tc.selection.Groups = GroupsOf(c.Pods)
			got := tc.selection.Select(c.Instances, c.Clusters)
			var names []string
			for _, i := range got.Instances {
				names = append(names, i.Name)
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.missing, got.Missing); diff != "" {
				t.Error(diff)
			}
			if got.Why != tc.why || got.NoCluster != tc.noCluster {
				t.Errorf("why %q, no cluster %t", got.Why, got.NoCluster)
			}
		})
	}
}

func TestNoClusterAtAll(t *testing.T) {
	for name, tc := range map[string]struct{ cluster, want string }{
		"one is asked for": {"x", "there is no cluster x, and no other"},
		"none is":          {"", "there is no Cluster, so there are no container instances"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Selection{Cluster: tc.cluster}).Select(nil, nil); got.Why != tc.want {
				t.Errorf("got %q", got.Why)
			}
		})
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "a", "a1", "a01", "a2", "a2b", "a10", "ab", "b", "ip-10-0-2-1", "ip-10-0-10-1"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Natural)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTables(t *testing.T) {
	c := shop()
	c.Instances[0].Spec.Attributes = []ecsv1.InstanceAttribute{{Name: "stack", Value: "prod"}, {Name: "gpu"}}
	c.Instances[0].Status.CapacityProviderName = "spot"
	c.Instances[1].Status = ecsv1.ContainerInstanceStatus{} // nobody has looked at it
	c.Instances[2].Status.Attributes[0].Value = "\x1b[31mzone\n"
	for name, tc := range map[string]struct {
		wide bool
		on   Canvas
	}{
		"no-terminal":       {false, Canvas{}},
		"wide":              {true, Canvas{}},
		"terminal":          {false, Canvas{Width: 160, Unicode: true}},
		"terminal-colour":   {false, Canvas{Width: 160, Unicode: true, Colours: 256}},
		"terminal-ascii":    {false, Canvas{Width: 160}},
		"too-narrow-a-term": {false, Canvas{Width: 80, Unicode: true}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "instances/"+name+".txt", Instances(c.Instances, tc.wide, tc.on))
		})
	}
}
