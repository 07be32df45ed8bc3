// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"testing"
	"time"
)

func TestMatches(t *testing.T) {
	i := &Instance{
		AgentConnected: true, AgentVersion: "1.36.3", Ec2InstanceID: "i-abcd1234", RunningTasksCount: 2,
		RegisteredAt: time.Date(2018, 6, 18, 22, 28, 28, 0, time.UTC),
		TaskGroups:   []string{"service:web", "family:batch"},
		Attributes:   map[string]string{"ecs.instance-type": "t2.small", "stack": "prod", "rack": "", "weight": "10", "name": "10a"},
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
