// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestAnAskThatCantBeMetIsRefusedByItsField(t *testing.T) {
	eleven := strings.Repeat(`{type: memberOf, expression: "attribute:a exists"}, `, 9)
	for name, tc := range map[string]struct {
		spec string
		td   []string
		want string
	}{
		"nothing asked":                       {`{}`, nil, ""},
		"two conditions that contradict":      {`{placementConstraints: [{type: memberOf, expression: "attribute:x == a and attribute:x == b"}]}`, nil, "placementConstraints[0].expression: no container instance meets both attribute:x == a and attribute:x == b (placementConstraints[0].expression)"},
		"one against the task definition's":   {`{placementConstraints: [{type: memberOf, expression: "attribute:x == a"}]}`, []string{"attribute:x == b"}, "(placementConstraints[0].expression of the task definition)"},
		"an expression that can't be read":    {`{placementConstraints: [{type: memberOf, expression: "attribute:x = a"}]}`, nil, "equality is =="},
		"Fargate and other providers":         {`{capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, {capacityProvider: spot}]}`, nil, "capacityProviderStrategy[1].capacityProvider: spot isn't of Fargate, and FARGATE is"},
		"constraints with Fargate":            {`{capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT}], placementConstraints: [{type: distinctInstance}]}`, nil, "placementConstraints: capacity provider FARGATE_SPOT is Fargate's"},
		"a strategy with Fargate":             {`{capacityProviderStrategy: [{capacityProvider: FARGATE}], placementStrategy: [{type: random}]}`, nil, "placementStrategy: capacity provider FARGATE is Fargate's"},
		"DAEMON with Fargate":                 {`{schedulingStrategy: DAEMON, capacityProviderStrategy: [{capacityProvider: FARGATE}]}`, nil, "DAEMON doesn't go with Fargate"},
		"a provider that isn't the cluster's": {`{capacityProviderStrategy: [{capacityProvider: other}]}`, nil, "capacityProviderStrategy[0].capacityProvider: The specified capacity provider strategy cannot contain"},
		"a provider that there isn't":         {`{capacityProviderStrategy: [{capacityProvider: lost}]}`, nil, "there is no CapacityProvider lost"},
		"eleven constraints in all":           {`{placementConstraints: [` + eleven + `]}`, []string{"attribute:a exists", "attribute:b exists"}, "there are 11 with the 2 of the task definition, of at most 10"},
		"ten in all":                          {`{placementConstraints: [` + eleven + `]}`, []string{"attribute:a exists"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ecsv1.Service{Spec: *specFrom(t, tc.spec)}
			got := Validate(s).Error()
			if reason := CheckPlacement(AskOf(&s.Spec), taskDefinitionWith(tc.td...), clusterForTest(), providersForTest()); got == "" && reason != nil {
				got = reason.Message
			}
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestADefaultStrategyOfFargateTakesNoConstraints(t *testing.T) {
	cluster := clusterForTest()
	cluster.DefaultCapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE"}}
	ask := AskOf(specFrom(t, `{placementConstraints: [{type: distinctInstance}]}`))
	if got := CheckPlacement(ask, taskDefinitionWith(), cluster, nil); got == nil || !strings.Contains(got.Message, "set launchType: EC2") {
		t.Errorf("got %v", got)
	}
	ask.LaunchType = ecsv1.LaunchTypeEC2
	if got := CheckPlacement(ask, taskDefinitionWith(), cluster, nil); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAMisspeltAttributeIsWarnedOf(t *testing.T) {
	for name, tc := range map[string]struct{ spec, want string }{
		"misspelt":            {`{placementConstraints: [{type: memberOf, expression: "attribute:ecs.availabilty-zone == a"}]}`, "spec.placementConstraints[0].expression: ECS gives no attribute ecs.availabilty-zone to container instances; did you mean ecs.availability-zone?"},
		"in a strategy":       {`{placementStrategy: [{type: spread, field: "attribute:ecs.instancetype"}]}`, "did you mean ecs.instance-type?"},
		"ECS's own":           {`{placementConstraints: [{type: memberOf, expression: "attribute:ecs.ami-id == a or attribute:ecs.capability.gpu exists"}]}`, ""},
		"somebody's own":      {`{placementConstraints: [{type: memberOf, expression: "attribute:stack == prod and runningTasksCount < 3"}]}`, ""},
		"something to spread": {`{placementStrategy: [{type: spread, field: instanceId}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(PlacementWarnings(AskOf(specFrom(t, tc.spec))), "; ")
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
