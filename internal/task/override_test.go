// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func definition(edit func(*ecsv1.TaskDefinitionFields)) ecsv1.TaskDefinitionFields {
	td := ecsv1.TaskDefinitionFields{
		Cpu: "256", TaskRoleArn: "reader",
		ContainerDefinitions: []ecsv1.ContainerDefinition{
			{
				Name: "app", Image: "web:v1", Command: []string{"serve"}, Memory: new(int32(64)),
				Environment:      []ecsv1.KeyValuePair{{Name: "MODE", Value: "serve"}, {Name: "REGION", Value: "eu"}},
				EnvironmentFiles: []ecsv1.EnvironmentFile{{Type: "s3", Value: "arn:aws:s3:::b/a.env"}},
			},
			{Name: "log", Image: "log:v1", Memory: new(int32(32))},
		},
	}
	if edit != nil {
		edit(&td)
	}
	return td
}

func TestOverride(t *testing.T) {
	for name, tc := range map[string]struct {
		by   *ecsv1.TaskOverride
		want func(*ecsv1.TaskDefinitionFields)
	}{
		"nothing changes nothing":           {nil, nil},
		"an empty override changes nothing": {&ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{{Name: "app"}}}, nil},
		"size and roles of the task are replaced": {
			&ecsv1.TaskOverride{Cpu: "512", Memory: "1024", TaskRoleArn: "writer", ExecutionRoleArn: "agent", EphemeralStorage: &ecsv1.EphemeralStorage{SizeInGiB: 30}},
			func(td *ecsv1.TaskDefinitionFields) {
				td.Cpu, td.Memory, td.TaskRoleArn, td.ExecutionRoleArn = "512", "1024", "writer", "agent"
				td.EphemeralStorage = &ecsv1.EphemeralStorage{SizeInGiB: 30}
			},
		},
		"a command replaces the command of its container alone": {
			container(ecsv1.ContainerOverride{Name: "app", Command: []string{"migrate", "up"}}),
			func(td *ecsv1.TaskDefinitionFields) { td.ContainerDefinitions[0].Command = []string{"migrate", "up"} },
		},
		"variables are merged by name": {
			container(ecsv1.ContainerOverride{Name: "app", Environment: []ecsv1.KeyValuePair{{Name: "MODE", Value: "migrate"}, {Name: "STEP", Value: "2"}}}),
			func(td *ecsv1.TaskDefinitionFields) {
				td.ContainerDefinitions[0].Environment = []ecsv1.KeyValuePair{{Name: "REGION", Value: "eu"}, {Name: "MODE", Value: "migrate"}, {Name: "STEP", Value: "2"}}
			},
		},
		"files of variables are replaced": {
			container(ecsv1.ContainerOverride{Name: "app", EnvironmentFiles: []ecsv1.EnvironmentFile{{Type: "s3", Value: "arn:aws:s3:::b/b.env"}}}),
			func(td *ecsv1.TaskDefinitionFields) {
				td.ContainerDefinitions[0].EnvironmentFiles = []ecsv1.EnvironmentFile{{Type: "s3", Value: "arn:aws:s3:::b/b.env"}}
			},
		},
		"sizes and devices of a container are replaced": {
			container(ecsv1.ContainerOverride{
				Name: "log", Cpu: new(int32(100)), Memory: new(int32(128)), MemoryReservation: new(int32(96)),
				ResourceRequirements: []ecsv1.ResourceRequirement{{Type: "GPU", Value: "1"}},
			}),
			func(td *ecsv1.TaskDefinitionFields) {
				c := &td.ContainerDefinitions[1]
				c.Cpu, c.Memory, c.MemoryReservation = new(int32(100)), new(int32(128)), new(int32(96))
				c.ResourceRequirements = []ecsv1.ResourceRequirement{{Type: "GPU", Value: "1"}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			td := definition(nil)
			got, err := Override(&td, tc.by)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(definition(tc.want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(definition(nil), td); diff != "" {
				t.Errorf("the task definition itself was changed:\n%s", diff)
			}
		})
	}
}

func container(o ecsv1.ContainerOverride) *ecsv1.TaskOverride {
	return &ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{o}}
}

func TestOverrideOfAnUnknownContainerIsRefusedAsByECS(t *testing.T) {
	td := definition(nil)
	_, err := Override(&td, container(ecsv1.ContainerOverride{Name: "web"}))
	const want = "Override for container named web is not a container in the TaskDefinition. spec.overrides.containerOverrides[0].name: it has app, log"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestOverridesHaveALimit(t *testing.T) {
	long := func(n int) *ecsv1.Task {
		return &ecsv1.Task{Spec: ecsv1.TaskSpec{Overrides: container(ecsv1.ContainerOverride{Name: "app", Command: []string{strings.Repeat("ä", n)}})}}
	}
	const around = len(`{"containerOverrides":[{"name":"app","command":[""]}]}`)
	if got := Validate(long(8192 - around)); len(got) > 0 {
		t.Errorf("8192 characters, of two bytes each, are refused: %v", got)
	}
	if got := Validate(long(8193 - around)); len(got) != 1 || got[0].Path != "overrides" || !strings.Contains(got[0].Message, "length must be at most 8192") {
		t.Errorf("8193 characters: got %v", got)
	}
}
