// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Placement is where the tasks of a service or a Task would go.
type Placement struct {
	// Kind is Service or Task.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Cluster   string `json:"cluster"`
	// Mechanism is who would choose the instances: Scheduler, Engine, DaemonSet, or StartTask; Reason is what decides that.
	Mechanism string `json:"mechanism"`
	Reason    string `json:"reason"`
	// Strategies in effect, as spread(attribute:ecs.availability-zone).
	Strategies []string `json:"strategies"`
	// TaskDefinition is the revision, and where it comes from.
	TaskDefinition string `json:"taskDefinition"`
	// Count is how many tasks were asked for, and Because says why that many.
	Count   int    `json:"count"`
	Because string `json:"because"`
	// Tasks with a place, then those without.
	Tasks []PlacedTask `json:"tasks"`
	// PassedOver are instances that get none of the tasks, or no more of them.
	PassedOver []PassedOver `json:"passedOver"`
	// Notes are what else there is to know.
	Notes []string `json:"notes,omitempty"`
}

// PlacedTask is a task with its place, or without.
type PlacedTask struct {
	Instance string `json:"instance,omitempty"`
	Zone     string `json:"zone,omitempty"`
	Provider string `json:"capacityProvider,omitempty"`
	// Why it is this place, or in ECS's words why there is none.
	Why string `json:"why"`
}

// PassedOver is an instance that was passed over, with the first thing that it lacks.
type PassedOver struct {
	Instance string `json:"instance"`
	Zone     string `json:"zone,omitempty"`
	Lacks    string `json:"lacks,omitempty"`
	Detail   string `json:"detail,omitempty"`
	// Tasks that it gets before it lacks that.
	Tasks int `json:"tasks,omitempty"`
}

// Unplaced counts the tasks without a place.
func (p *Placement) Unplaced() int {
	n := 0
	for _, t := range p.Tasks {
		if t.Instance == "" {
			n++
		}
	}
	return n
}

// Placements says in words and tables where tasks would go.
func Placements(all []*Placement, c Canvas) string {
	var out []line
	for i, p := range all {
		if i > 0 {
			out = append(out, line{})
		}
		out = append(out, p.lines()...)
	}
	return c.write(out)
}

func (p *Placement) lines() []line {
	name := p.Name
	if p.Namespace != "" {
		name = p.Namespace + "/" + name
	}
	out := []line{
		say(style{bold: true}, "%s %s", p.Kind, name).say(style{}, " in cluster %s: %s of %s, %s", p.Cluster, counted(p.Count, "task"), p.TaskDefinition, p.Because),
		say(style{text: quiet}, "placed by ").say(style{}, "%s: %s", p.Mechanism, p.Reason),
	}
	if len(p.Strategies) > 0 {
		out = append(out, say(style{text: quiet}, "strategy  ").say(style{}, "%s", strings.Join(p.Strategies, ", ")))
	}
	for _, note := range p.Notes {
		out = append(out, say(style{text: warn}, "note      ").say(style{}, "%s", note))
	}
	out = append(out, p.placed()...)
	out = append(out, p.withoutPlace()...)
	return append(out, p.passedOver()...)
}

// mostTasks is how many tasks are listed one by one.
const mostTasks = 40

func (p *Placement) placed() []line {
	if len(p.Tasks)-p.Unplaced() > mostTasks {
		return append([]line{{}}, p.placedByInstance().lines()...)
	}
	t := &table{head: []string{"TASK", "INSTANCE", "ZONE", "PROVIDER", "WHY"}}
	providers := false
	for i, task := range p.Tasks {
		if task.Instance == "" {
			continue
		}
		providers = providers || task.Provider != ""
		t.rows = append(t.rows, texts(strconv.Itoa(i+1), task.Instance, task.Zone, task.Provider, task.Why))
	}
	if len(t.rows) == 0 {
		return nil
	}
	if !providers {
		t.head = slices.Delete(t.head, 3, 4)
		for i := range t.rows {
			t.rows[i] = slices.Delete(t.rows[i], 3, 4)
		}
	}
	return append([]line{{}}, t.lines()...)
}

// placedByInstance counts tasks by where they go.
func (p *Placement) placedByInstance() *table {
	t := &table{head: []string{"INSTANCE", "ZONE", "TASKS", "WHY THE FIRST"}}
	first, count := map[string]PlacedTask{}, map[string]int{}
	var order []string
	for _, task := range p.Tasks {
		if task.Instance == "" {
			continue
		}
		if count[task.Instance] == 0 {
			first[task.Instance] = task
			order = append(order, task.Instance)
		}
		count[task.Instance]++
	}
	slices.SortFunc(order, Natural)
	for _, name := range order {
		t.rows = append(t.rows, texts(name, first[name].Zone, strconv.Itoa(count[name]), first[name].Why))
	}
	return t
}

// withoutPlace says each reason once, with how many tasks it is about.
func (p *Placement) withoutPlace() []line {
	var reasons []string
	count := map[string]int{}
	for _, task := range p.Tasks {
		if task.Instance != "" {
			continue
		}
		if count[task.Why] == 0 {
			reasons = append(reasons, task.Why)
		}
		count[task.Why]++
	}
	var out []line
	for _, why := range reasons {
		out = append(out, line{}, say(style{text: bad, bold: true}, "%s without a place: ", counted(count[why], "task")).say(style{}, "%s", why))
	}
	return out
}

// mostPassedOver is how many instances are listed one by one.
const mostPassedOver = 20

func (p *Placement) passedOver() []line {
	if len(p.PassedOver) == 0 {
		return nil
	}
	t := &table{head: []string{"NOT ON", "ZONE", "GETS", "LACKS", ""}}
	if len(p.PassedOver) > mostPassedOver {
		return append([]line{{}}, p.passedOverInGroups().lines()...)
	}
	for _, i := range p.PassedOver {
		t.rows = append(t.rows, texts(i.Instance, i.Zone, strconv.Itoa(i.Tasks), i.lacks(), i.Detail))
	}
	return append([]line{{}}, t.lines()...)
}

func (i PassedOver) lacks() string {
	return cmp.Or(strings.TrimSuffix(i.Lacks, "."), "nothing: others are preferred")
}

// passedOverInGroups counts instances by what they lack.
func (p *Placement) passedOverInGroups() *table {
	t := &table{head: []string{"NOT ON", "LACKS", "SUCH AS"}}
	var order []string
	of := map[string][]string{}
	for _, i := range p.PassedOver {
		if of[i.lacks()] == nil {
			order = append(order, i.lacks())
		}
		of[i.lacks()] = append(of[i.lacks()], i.Instance)
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(len(of[b]), len(of[a])) })
	for _, lacks := range order {
		t.rows = append(t.rows, texts(counted(len(of[lacks]), "instance"), lacks, strings.Join(of[lacks][:min(3, len(of[lacks]))], ", ")))
	}
	return t
}

func texts(all ...string) []line {
	var out []line
	for _, s := range all {
		out = append(out, say(style{}, "%s", s))
	}
	return out
}
