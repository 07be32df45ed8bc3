// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// World is what a map is drawn of.
type World struct {
	Clusters  []ecsv1.Cluster
	Instances []ecsv1.ContainerInstance
	Services  []ecsv1.Service
	Pods      []corev1.Pod
	// AllPods: none is missing from Pods, because the user may see those of all namespaces.
	AllPods bool
	Now     time.Time
}

// Wish is what of the world is to be seen.
type Wish struct {
	// Cluster is a name, "" for all.
	Cluster string
	// Service is a name, "" for all. Tasks of others are grey then.
	Service string
	// By is the resource that the width of a task stands for.
	By ecsv1.ResourceName
	// Form is how instances are drawn.
	Form Form
}

// Form is how instances are drawn.
type Form string

// The forms.
const (
	FormAuto  Form = "auto"
	FormBoxes Form = "boxes"
	FormLines Form = "lines"
	FormHeat  Form = "heat"
)

// Map is the model of the picture.
type Map struct {
	Wish
	Clusters []ClusterPart
	Owners   []Owner
}

// ClusterPart is a cluster with its zones and the tasks that wait for a place in it.
type ClusterPart struct {
	Name                string
	Status              ecsv1.ClusterState
	Zones               []Zone
	Waiting             []Waiting
	Instances, Draining int
	Running, Pending    int
	CPU, Memory         Amount
}

// Zone is the instances of an availability zone.
type Zone struct {
	Name      string
	Instances []Machine
}

// Machine is an instance with its tasks.
type Machine struct {
	Name        string
	Status      ecsv1.ContainerInstanceState
	Agent       bool
	CPU, Memory Amount
	Blocks      []Block
}

// State of a task as far as the picture tells it apart.
type State int

// The states.
const (
	Running State = iota
	Pending
	Stopping
)

// others is the owner of what isn't ECS's, or isn't asked for.
const others = -1

// Block is what a task takes.
type Block struct {
	// Owner is an index into the Map's Owners, or others.
	Owner  int
	State  State
	Amount int64
	// Tasks is how many tasks it stands for.
	Tasks int
}

// Owner is who tasks belong to: a service, or the family of tasks that somebody ran.
type Owner struct {
	Namespace, Name string
	// Standalone: they belong to no service.
	Standalone bool
	// Letter stands for it in the picture.
	Letter rune
	// Tasks that run, that are on their way there, that are on their way out, and that have no place.
	Running, Pending, Stopping, Waiting int
}

// Waiting is tasks of one owner without a place, with the reason.
type Waiting struct {
	Owner  int
	Tasks  int
	Reason string
}

// Look makes the model. It says in words where what is asked for isn't there.
func Look(w World, wish Wish) (Map, string) {
	m := Map{Wish: wish}
	var clusterNames []string
	for i := range w.Clusters {
		name := service.ClusterName(&w.Clusters[i])
		clusterNames = append(clusterNames, name)
		if wish.Cluster == "" || wish.Cluster == name {
			m.Clusters = append(m.Clusters, ClusterPart{Name: name, Status: w.Clusters[i].Status.Status})
		}
	}
	slices.SortFunc(m.Clusters, func(a, b ClusterPart) int { return Natural(a.Name, b.Name) })
	m.Clusters = slices.CompactFunc(m.Clusters, func(a, b ClusterPart) bool { return a.Name == b.Name })
	if len(m.Clusters) == 0 {
		if wish.Cluster != "" {
			return m, NoCluster(wish.Cluster, clusterNames)
		}
		return m, "there is no Cluster, so there is nothing to draw"
	}
	m.Owners = m.owners(w)
	if wish.Service != "" && len(m.Owners) == 0 {
		return m, "there is no service " + wish.Service + " in " + m.where()
	}
	for i := range m.Clusters {
		m.fill(&m.Clusters[i], w)
	}
	return m, ""
}

func (m Map) where() string {
	if len(m.Clusters) == 1 {
		return "cluster " + m.Clusters[0].Name
	}
	return "any cluster"
}

// cluster reports whether a cluster of that label is drawn. Labels hold names that are shortened, where they are long.
func (m Map) cluster(label string) bool {
	return slices.ContainsFunc(m.Clusters, func(c ClusterPart) bool { return names.LabelValue(c.Name) == label })
}

// owners are the services of what is drawn, with tasks or without, and whoever else has tasks.
func (m Map) owners(w World) []Owner {
	var out []Owner
	add := func(o Owner) {
		same := func(x Owner) bool {
			return x.Namespace == o.Namespace && x.Name == o.Name && x.Standalone == o.Standalone
		}
		if (m.Service == "" || m.Service == o.Name && !o.Standalone) && !slices.ContainsFunc(out, same) {
			out = append(out, o)
		}
	}
	for i := range w.Services {
		if s := &w.Services[i]; m.cluster(names.LabelValue(service.Cluster(s))) {
			add(Owner{Namespace: s.Namespace, Name: names.LabelValue(s.Name)})
		}
	}
	for i := range w.Pods {
		if p := &w.Pods[i]; m.cluster(p.Labels[ecsv1.LabelCluster]) && !ended(p) {
			add(ownerOf(p))
		}
	}
	slices.SortFunc(out, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(btoi(a.Standalone), btoi(b.Standalone)), Natural(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	letters(out)
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func ownerOf(p *corev1.Pod) Owner {
	if name := p.Labels[ecsv1.LabelService]; name != "" {
		return Owner{Namespace: p.Namespace, Name: name}
	}
	return Owner{Namespace: p.Namespace, Name: p.Labels[ecsv1.LabelFamily], Standalone: true}
}

// letters gives each owner one: of its name where one is free.
func letters(owners []Owner) {
	taken := map[rune]bool{}
	for i := range owners {
		for _, r := range upper(owners[i].Name) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" {
			if !taken[r] && r != '-' {
				owners[i].Letter, taken[r] = r, true
				break
			}
		}
		if owners[i].Letter == 0 {
			owners[i].Letter = '*'
		}
	}
}

func upper(name string) string {
	var out []rune
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z':
			out = append(out, r-'a'+'A')
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			out = append(out, r)
		}
	}
	return string(out)
}

// owner is the index of a pod's owner.
func (m Map) owner(p *corev1.Pod) int {
	if p.Labels[ecsv1.LabelCluster] == "" {
		return others
	}
	o := ownerOf(p)
	return slices.IndexFunc(m.Owners, func(x Owner) bool {
		return x.Namespace == o.Namespace && x.Name == o.Name && x.Standalone == o.Standalone
	})
}

func stateOf(p *corev1.Pod, now time.Time) State {
	task := taskstate.Of(p, 0, now)
	switch {
	case task.DesiredStatus != ecsv1.TaskDesiredStatusRunning:
		return Stopping
	case task.LastStatus == ecsv1.TaskStateRunning:
		return Running
	}
	return Pending
}
