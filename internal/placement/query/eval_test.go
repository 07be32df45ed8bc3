// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMatches(t *testing.T) {
	i := &Instance{
		AgentConnected: true, AgentVersion: "1.36.3", Ec2InstanceID: "i-abcd1234", RunningTasksCount: 2,
		RegisteredAt: time.Date(2018, 6, 18, 22, 28, 28, 0, time.UTC),
		TaskGroups:   []string{"service:web", "family:batch"},
		Attributes:   map[string]string{"ecs.instance-type": "t2.small", "stack": "prod", "rack": "", "weight": "10", "name": "10a", "odd": "nan"},
	}
	for expression, want := range map[string]bool{
		"attribute:stack == prod":                   true,
		"attribute:stack == Prod":                   false,
		"attribute:stack != prod":                   false,
		"attribute:stack != test":                   true,
		"attribute:tier != prod":                    false, // it isn't there
		"not(attribute:tier == prod)":               true,
		"attribute:tier !in [prod]":                 false,
		"attribute:tier !~ p.*":                     false,
		"attribute:tier < z":                        false,
		"attribute:tier !exists":                    true,
		"attribute:stack exists":                    true,
		"attribute:rack exists":                     true,
		"attribute:rack == ''":                      true,
		"attribute:stack in [test, prod]":           true,
		"attribute:stack !in [test, prod]":          false,
		"attribute:ecs.instance-type =~ t2.*":       true,
		"attribute:ecs.instance-type =~ t2":         false, // the whole value
		"attribute:ecs.instance-type =~ small":      false,
		"attribute:ecs.instance-type =~ a|t2.+":     true,
		"attribute:ecs.instance-type !~ m.*":        true,
		"attribute:weight > 9":                      true, // as numbers
		"attribute:weight >= 10.0":                  true,
		"attribute:weight <= 9":                     false,
		"attribute:weight == 10.0":                  false, // as text
		"attribute:name < 9":                        true,  // as text
		"attribute:odd > 5":                         true,  // as text: it is no number
		"attribute:weight < 0x0b":                   false, // as text
		"attribute:weight < 1e2":                    true,
		"attribute:weight > -1.5":                   true,
		"agentConnected":                            true,
		"agentConnected != true":                    false,
		"agentConnected in [false]":                 false,
		"agentVersion > 1.4":                        true,
		"agentVersion == 1.36.3.0":                  true,
		"agentVersion < 1.36.10":                    true,
		"agentVersion != 2":                         true,
		"ec2InstanceId in [i-1, i-abcd1234]":        true,
		"ec2InstanceId =~ i-ab.*":                   true,
		"registeredAt == 2018-06-18T22:28:28Z":      true,
		"registeredAt < 2018-06-18T22:28:28":        false,
		"registeredAt > 2018-06-18":                 true,
		"registeredAt <= '2018-06-18T22:28:28Z'":    true,
		"registeredAt != 2018-06-18T22:28:28.5Z":    true,
		"registeredAt == 2018-06-18T22:28:28+0000":  true,
		"registeredAt >= 2018-06-19T00:28:28+02:00": true,
		"runningTasksCount == 2":                    true,
		"runningTasksCount < 2":                     false,
		"task:group == service:web":                 true,
		"task:group == service:db":                  false,
		"task:group != service:web":                 true, // another group is there too
		"not(task:group == service:web)":            false,
		"task:group =~ service:.*":                  true,
		"attribute:stack == prod && runningTasksCount > 5 || agentConnected":    true,
		"attribute:stack == prod && (runningTasksCount > 5 || !agentConnected)": false,
	} {
		e, err := Parse(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := e.Matches(i); got != want {
			t.Errorf("%s: got %v", expression, got)
		}
	}
}

func TestAnInstanceWithoutTasksOrVersion(t *testing.T) {
	for expression, want := range map[string]bool{
		"task:group != x": false, "not(task:group == x)": true, "agentVersion > 0": false, "runningTasksCount == 0": true, "attribute:a": false,
	} {
		e, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Matches(&Instance{}); got != want {
			t.Errorf("%s: got %v", expression, got)
		}
	}
}

// The table of the documentation, subject by subject: what is taken and what is refused.
func TestEachSubjectTakesItsOperators(t *testing.T) {
	all := map[string]string{
		"==": "== %", "equals": "equals %", "!=": "!= %", "not_equals": "not_equals %", ">": "> %", "greater_than": "greater_than %", ">=": ">= %",
		"greater_than_equal": "greater_than_equal %", "<": "< %", "less_than": "less_than %", "<=": "<= %", "less_than_equal": "less_than_equal %",
		"exists": "exists", "!exists": "!exists", "not_exists": "not_exists", "in": "in [%, %]", "!in": "!in [%]", "not_in": "not_in [%]",
		"=~": "=~ %", "matches": "matches %", "!~": "!~ %", "not_matches": "not_matches %",
	}
	equal, order := []string{"==", "equals", "!=", "not_equals"}, []string{">", "greater_than", ">=", "greater_than_equal", "<", "less_than", "<=", "less_than_equal"}
	set, match, presence := []string{"in", "!in", "not_in"}, []string{"=~", "matches", "!~", "not_matches"}, []string{"exists", "!exists", "not_exists"}
	for subject, tc := range map[string]struct {
		value string
		takes []string
	}{
		"agentConnected":    {"true", slices.Concat(equal, set, match)},
		"agentVersion":      {"1.4.0", slices.Concat(equal, order)},
		"attribute:stack":   {"prod", slices.Concat(equal, order, set, match, presence)},
		"ec2InstanceId":     {"i-abcd1234", slices.Concat(equal, set, match)},
		"registeredAt":      {"2018-06-18T22:28:28+00:00", slices.Concat(equal, order)},
		"runningTasksCount": {"1", slices.Concat(equal, order)},
		"task:group":        {"service:production", slices.Concat(equal, set, match)},
	} {
		for operator, form := range all {
			_, err := Parse(subject + " " + strings.ReplaceAll(form, "%", tc.value))
			if taken := err == nil; taken != slices.Contains(tc.takes, operator) {
				t.Errorf("%s %s: %v", subject, operator, err)
			}
			if operator == "exists" || operator == "!exists" || operator == "not_exists" {
				if _, err := Parse(subject + " " + form + " " + tc.value); err == nil {
					t.Errorf("%s %s takes an argument", subject, operator)
				}
			}
		}
	}
}

func TestAnsweringTakesNoMemory(t *testing.T) {
	i := &Instance{
		AgentConnected: true, AgentVersion: "1.36.3", Ec2InstanceID: "i-abcd1234", RunningTasksCount: 2, TaskGroups: []string{"service:web", "family:batch"},
		Attributes: map[string]string{"ecs.instance-type": "t2.small", "weight": "10"},
	}
	for _, expression := range []string{
		"attribute:ecs.instance-type == t2.small", "attribute:ecs.instance-type =~ t2.*", "attribute:weight >= 9.5", "attribute:x !exists", "task:group in [a, b] || runningTasksCount < 9",
		"agentVersion >= 1.4 && agentConnected && not(registeredAt > 2018-02-13)", "ec2InstanceId !in [i-1]",
	} {
		e, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { e.Matches(i) }); n > 0 {
			t.Errorf("%s: %v allocations", expression, n)
		}
	}
}

func TestAsksAboutTasks(t *testing.T) {
	for expression, want := range map[string]bool{
		"attribute:a": false, "agentConnected && registeredAt > 2018-02-13": false, "runningTasksCount < 3": true, "attribute:a || !(task:group == x && attribute:b)": true,
	} {
		e, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		if AsksAboutTasks(e) != want {
			t.Errorf("%s: want %v", expression, want)
		}
	}
}
