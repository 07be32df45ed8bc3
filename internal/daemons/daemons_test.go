// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package daemons

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
)

// agent is a DAEMON service in effect, made so many seconds after noon, with constraints.
func agent(name string, after int, constraints ...string) *ecsv1.Service {
	s := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{
		Namespace: "ops", Name: name, CreationTimestamp: metav1.NewTime(time.Date(2026, 3, 1, 12, 0, after, 0, time.UTC)),
	}}
	s.Spec.SchedulingStrategy = ecsv1.SchedulingStrategyDaemon
	s.Status.TaskDefinition = "arn:aws:ecs:us-east-1:000000000000:task-definition/" + name + ":1"
	for _, c := range constraints {
		s.Spec.PlacementConstraints = append(s.Spec.PlacementConstraints, ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: c})
	}
	return s
}

func without(*ecsv1.Service) *ecsv1.TaskDefinitionRevision { return &ecsv1.TaskDefinitionRevision{} }

func through(s *ecsv1.Service, items ...ecsv1.CapacityProviderStrategyItem) *ecsv1.Service {
	s.Spec.CapacityProviderStrategy = items
	return s
}

func item(provider string, base, weight int32) ecsv1.CapacityProviderStrategyItem {
	return ecsv1.CapacityProviderStrategyItem{CapacityProvider: provider, Base: &base, Weight: &weight}
}

// running names the services whose labels the instance gets.
func running(i Instance, services ...*ecsv1.Service) string {
	var plain []ecsv1.Service
	for _, s := range services {
		plain = append(plain, *s)
	}
	labels := Labels(i, All(plain, without))
	var out []string
	for _, s := range services {
		if slices.Contains(labels, names.DaemonLabel(s.Namespace, s.Name)) {
			out = append(out, s.Name)
		}
	}
	return strings.Join(out, " ")
}

func active(attributes ...string) Instance {
	i := Instance{State: ecsv1.ContainerInstanceStateActive, Providers: []string{"FARGATE", "FARGATE_SPOT"}, Has: map[string]string{}}
	i.Facts.Attributes = map[string]string{}
	for _, a := range attributes {
		name, value, _ := strings.Cut(a, "=")
		i.Facts.Attributes[name] = value
	}
	return i
}

func has(i Instance, services ...string) Instance {
	for _, s := range services {
		i.Has[names.DaemonLabel("ops", s)] = ""
	}
	return i
}

func in(state ecsv1.ContainerInstanceState, replicas bool, i Instance) Instance {
	i.State, i.Tasks.Replicas = state, replicas
	return i
}

func tasks(i Instance, groups ...string) Instance {
	i.Tasks.Count, i.Tasks.Groups = len(groups), groups
	return i
}

func TestLabels(t *testing.T) {
	log, gpu := agent("log", 0), agent("gpu", 1, "attribute:gpu exists")
	for name, tc := range map[string]struct {
		i        Instance
		services []*ecsv1.Service
		want     string
	}{
		"an instance that meets the constraint":            {active("gpu=a100"), []*ecsv1.Service{log, gpu}, "log gpu"},
		"one that doesn't":                                 {active(), []*ecsv1.Service{log, gpu}, "log"},
		"one that doesn't any more":                        {has(active(), "gpu"), []*ecsv1.Service{gpu}, ""},
		"a pattern and a custom attribute, both":           {active("stack=blue-7", "gpu="), []*ecsv1.Service{agent("a", 0, `attribute:stack =~ blue-\d+`, "attribute:gpu exists")}, "a"},
		"of two constraints one is enough to keep it away": {active("stack=blue-7"), []*ecsv1.Service{agent("a", 0, `attribute:stack =~ blue-\d+`, "attribute:gpu exists")}, ""},
		"one that is being registered":                     {in("REGISTERING", false, active()), []*ecsv1.Service{log}, "log"},
		"a DRAINING one with tasks of services":            {has(in("DRAINING", true, active()), "log"), []*ecsv1.Service{log}, "log"},
		"a DRAINING one without":                           {has(in("DRAINING", false, active()), "log"), []*ecsv1.Service{log}, ""},
		"a DRAINING one gets no new daemon":                {in("DRAINING", true, active()), []*ecsv1.Service{log}, ""},
		"a DRAINING one that doesn't meet it any more":     {has(in("DRAINING", true, active()), "gpu"), []*ecsv1.Service{gpu}, ""},
		"one that is deregistered and has tasks":           {has(in("DEREGISTERING", true, active()), "log"), []*ecsv1.Service{log}, "log"},
		"through a provider that has the instance":         {Instance{State: "ACTIVE", Providers: []string{"spot"}}, []*ecsv1.Service{through(agent("a", 0), item("spot", 0, 0))}, "a"},
		"through another":                                  {Instance{State: "ACTIVE", Providers: []string{"spot"}}, []*ecsv1.Service{through(agent("a", 0), item("big", 0, 1))}, ""},
		"through one that gets no tasks":                   {Instance{State: "ACTIVE", Providers: []string{"spot"}}, []*ecsv1.Service{through(agent("a", 0), item("big", 0, 1), item("spot", 0, 0))}, ""},
		"beside a task":                                    {tasks(active(), "service:db"), []*ecsv1.Service{agent("backup", 0, "task:group == service:db")}, "backup"},
		"beside no such task":                              {tasks(active(), "service:web"), []*ecsv1.Service{agent("backup", 0, "task:group == service:db")}, ""},
		"never beside itself":                              {active(), []*ecsv1.Service{agent("a", 0, "not(task:group == service:a)"), agent("b", 1, "runningTasksCount <= 1")}, "a b"},
		"two that can't stand each other: the older stays": {has(active(), "young"), []*ecsv1.Service{agent("young", 9, "not(task:group == service:old)"), agent("old", 1, "not(task:group == service:young)")}, "old"},
		"an expression that can't be read keeps it away":   {active(), []*ecsv1.Service{agent("a", 0, "attribute:")}, ""},
		"and where it is":                                  {has(active(), "a"), []*ecsv1.Service{agent("a", 0, "attribute:")}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := running(tc.i, tc.services...); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAllAreTheDaemonsInEffect(t *testing.T) {
	replica, deleted, fresh := agent("replica", 0), agent("deleted", 0), agent("fresh", 0)
	replica.Spec.SchedulingStrategy = ecsv1.SchedulingStrategyReplica
	deleted.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0)))
	fresh.Status.TaskDefinition = ""
	var got []string
	for _, d := range All([]ecsv1.Service{*agent("b", 2), *replica, *deleted, *fresh, *agent("a", 1)}, without) {
		got = append(got, d.group)
	}
	if diff := cmp.Diff([]string{"service:a", "service:b"}, got); diff != "" {
		t.Error(diff)
	}
	if d := All([]ecsv1.Service{*agent("a", 1)}, func(*ecsv1.Service) *ecsv1.TaskDefinitionRevision { return nil }); !d[0].unsure {
		t.Error("is sure about a daemon whose revision isn't there")
	}
}

func TestTheConstraintsOfTheTaskDefinitionCountToo(t *testing.T) {
	revision := &ecsv1.TaskDefinitionRevision{}
	revision.Spec.TaskDefinition.PlacementConstraints = []ecsv1.TaskDefinitionPlacementConstraint{{Type: "memberOf", Expression: "attribute:stack == blue"}}
	all := All([]ecsv1.Service{*agent("a", 0)}, func(*ecsv1.Service) *ecsv1.TaskDefinitionRevision { return revision })
	if got := Labels(active("stack=green"), all); len(got) > 0 {
		t.Errorf("got %v on an instance that doesn't meet it", got)
	}
	if got := Labels(active("stack=blue"), all); len(got) != 1 {
		t.Errorf("got %v on an instance that meets it", got)
	}
}

// TestADaemonLabelIsOnAnInstanceExactlyIf asks each daemon for itself, in ECS's words: ACTIVE or registering, or DRAINING with the label and with
// tasks of services; all constraints met; an instance of one of the providers.
func TestADaemonLabelIsOnAnInstanceExactlyIf(t *testing.T) {
	expressions := []string{"attribute:stack == blue", "attribute:stack != blue", "attribute:gpu exists", "not(attribute:gpu exists)", "agentConnected == true", `attribute:stack =~ b.*`}
	states := []ecsv1.ContainerInstanceState{"ACTIVE", "REGISTERING", "DRAINING", "DEREGISTERING"}
	rapid.Check(t, func(t *rapid.T) {
		i := active(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"stack=blue", "gpu=a100", "disk=ssd"}), 0, 3, rapid.ID).Draw(t, "attributes")...)
		i.State, i.Tasks.Replicas = rapid.SampledFrom(states).Draw(t, "state"), rapid.Bool().Draw(t, "replicas")
		i.Facts.AgentConnected = rapid.Bool().Draw(t, "connected")
		i.Providers = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"spot", "big"}), rapid.ID).Draw(t, "providers")
		var services []*ecsv1.Service
		for n, name := range []string{"a", "b", "c"} {
			s := agent(name, n, rapid.SliceOfN(rapid.SampledFrom(expressions), 0, 3).Draw(t, "constraints")...)
			if p := rapid.SampledFrom([]string{"", "spot", "big"}).Draw(t, "provider"); p != "" {
				through(s, item(p, 0, 1))
			}
			if rapid.Bool().Draw(t, "has it") {
				has(i, name)
			}
			services = append(services, s)
		}
		labels := strings.Fields(running(i, services...))
		for _, s := range services {
			_, had := i.Has[names.DaemonLabel("ops", s.Name)]
			leaving := i.State == "DRAINING" || i.State == "DEREGISTERING"
			want := !leaving || had && i.Tasks.Replicas
			for _, c := range s.Spec.PlacementConstraints {
				e, err := query.Parse(c.Expression)
				if err != nil {
					t.Fatal(err)
				}
				want = want && e.Matches(&i.Facts)
			}
			for _, p := range s.Spec.CapacityProviderStrategy {
				want = want && slices.Contains(i.Providers, p.CapacityProvider)
			}
			if got := slices.Contains(labels, s.Name); got != want {
				t.Errorf("%s: on the instance %t, want %t", s.Name, got, want)
			}
		}
	})
}

func TestTheLabelsOfAnInstanceStayWhereNothingElseChanges(t *testing.T) {
	expressions := []string{"task:group == service:a", "not(task:group == service:a)", "not(task:group == service:b)", "not(task:group == service:c)", "runningTasksCount < 2", "runningTasksCount > 0"}
	rapid.Check(t, func(t *rapid.T) {
		var services []ecsv1.Service
		for n, name := range []string{"a", "b", "c"} {
			services = append(services, *agent(name, n, rapid.SliceOfN(rapid.SampledFrom(expressions), 0, 2).Draw(t, "constraints")...))
		}
		i := tasks(active(), rapid.SliceOfN(rapid.SampledFrom([]string{"service:web", "family:job"}), 0, 2).Draw(t, "tasks")...)
		all := All(services, without)
		first := Labels(i, all)
		i.Has = map[string]string{}
		for _, key := range first {
			i.Has[key] = ""
		}
		if diff := cmp.Diff(first, Labels(i, all)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTasksOf(t *testing.T) {
	pod := func(kind string, edits ...func(*corev1.Pod)) corev1.Pod {
		p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ops", Labels: map[string]string{ecsv1.LabelCluster: "demo", ecsv1.LabelFamily: "job"}}}
		if kind != "" {
			p.Labels[ecsv1.LabelService] = "web"
			p.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: "web", Controller: new(true)}}
		}
		for _, edit := range edits {
			edit(&p)
		}
		return p
	}
	runs := func(p *corev1.Pod) {
		p.Status.Phase = corev1.PodRunning
		p.Spec.NodeName, p.Spec.Containers = "n", []corev1.Container{{Name: "app"}}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	}
	ended := func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }
	stopping := func(p *corev1.Pod) { p.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0))) }
	foreign := func(p *corev1.Pod) { delete(p.Labels, ecsv1.LabelCluster) }
	none := map[string]bool{}
	for name, tc := range map[string]struct {
		pods []corev1.Pod
		want Tasks
	}{
		"a service's":                  {[]corev1.Pod{pod("ReplicaSet")}, Tasks{Replicas: true, Count: 1, Groups: []string{"service:web"}, Running: none}},
		"one that is stopping":         {[]corev1.Pod{pod("ReplicaSet", stopping)}, Tasks{Replicas: true, Running: none}},
		"one that has ended":           {[]corev1.Pod{pod("ReplicaSet", ended)}, Tasks{Running: none}},
		"one by itself":                {[]corev1.Pod{pod("")}, Tasks{Count: 1, Groups: []string{"family:job"}, Running: none}},
		"a daemon's that runs":         {[]corev1.Pod{pod("DaemonSet", runs)}, Tasks{Running: map[string]bool{names.DaemonLabel("ops", "web"): true}}},
		"a daemon's that doesn't":      {[]corev1.Pod{pod("DaemonSet")}, Tasks{Running: none}},
		"somebody else's isn't a task": {[]corev1.Pod{pod("ReplicaSet", foreign)}, Tasks{Running: none}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, TasksOf(tc.pods, time.Unix(100, 0))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
