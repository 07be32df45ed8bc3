// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func read(t *testing.T, text string) *ecsv1.TaskDefinitionFields {
	t.Helper()
	var td ecsv1.TaskDefinitionFields
	if err := yaml.UnmarshalStrict([]byte(text), &td); err != nil {
		t.Fatal(err)
	}
	return &td
}

func TestEffective(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want Task
	}{
		"what is left out has ECS's defaults": {
			`{containerDefinitions: [{name: app, image: nginx, portMappings: [{containerPort: 80}], healthCheck: {command: [CMD, /check]}}]}`,
			Task{NetworkMode: Bridge, Containers: []Container{{
				Name: "app", Image: "nginx", Essential: true, StopTimeout: 30,
				Ports:       []Port{{Container: 80, Protocol: TCP}},
				HealthCheck: &HealthCheck{Command: []string{"CMD", "/check"}, Interval: 30, Timeout: 5, Retries: 3},
			}}},
		},
		"what is written stays": {
			`{cpu: 1 vCPU, memory: 2GB, networkMode: none, containerDefinitions: [{name: app, image: nginx, cpu: 10, memory: 20, memoryReservation: 15,
			   essential: false, stopTimeout: 2, healthCheck: {command: [CMD, /check], interval: 6, timeout: 7, retries: 8, startPeriod: 9}},
			   {name: db, image: db, startTimeout: 3, dependsOn: [{containerName: app, condition: HEALTHY}, {containerName: gone, condition: START}],
			    restartPolicy: {enabled: true, ignoredExitCodes: [1]}, ulimits: [{name: nofile, softLimit: 1, hardLimit: 2}], linuxParameters: {initProcessEnabled: true}},
			   {name: log, image: log, restartPolicy: {enabled: false}}]}`,
			Task{CPU: 1024, Memory: 2048, NetworkMode: None, Containers: []Container{{
				Name: "app", Image: "nginx", CPU: 10, Memory: 20, MemoryReservation: 15, StopTimeout: 2, StopTimeoutGiven: true,
				HealthCheck: &HealthCheck{Command: []string{"CMD", "/check"}, Interval: 6, Timeout: 7, Retries: 8, StartPeriod: 9},
			}, {
				Name: "db", Image: "db", Essential: true, StopTimeout: 30, StartTimeout: 3, DependsOn: []Dependency{{Container: 0, Condition: "HEALTHY"}},
				Restart: &RestartPolicy{IgnoredExitCodes: []int32{1}, AttemptPeriod: 300}, Ulimits: []Ulimit{{Name: "nofile", Soft: 1, Hard: 2}}, InitProcess: true,
			}, {Name: "log", Image: "log", Essential: true, StopTimeout: 30}}},
		},
		"an unknown protocol is tcp, and awsvpc repeats the port": {
			`{networkMode: awsvpc, containerDefinitions: [{name: app, image: nginx, portMappings: [{containerPort: 80, protocol: sctp}, {containerPort: 53, protocol: UDP}]}]}`,
			Task{NetworkMode: AWSVPC, Containers: []Container{{
				Name: "app", Image: "nginx", Essential: true, StopTimeout: 30,
				Ports: []Port{{Container: 80, Host: 80, Protocol: TCP}, {Container: 53, Host: 53, Protocol: UDP}},
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			td := read(t, tc.text)
			before := td.DeepCopy()
			got, err := Effective(td)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, td); diff != "" {
				t.Errorf("the input was changed: %s", diff)
			}
		})
	}
}

func TestReservations(t *testing.T) {
	for name, tc := range map[string]struct {
		text        string
		cpu, memory int64
	}{
		"the task's amounts win":               {`{cpu: "512", memory: "1024", containerDefinitions: [{name: a, image: x, cpu: 10, memory: 20}]}`, 512, 1024},
		"without them the containers' sum":     {`{containerDefinitions: [{name: a, image: x, cpu: 256, memory: 100}, {name: b, image: x, cpu: 128, memory: 50}]}`, 384, 150},
		"memoryReservation counts over memory": {`{containerDefinitions: [{name: a, image: x, memory: 512, memoryReservation: 128}, {name: b, image: x, memory: 256}]}`, 0, 384},
		"one of each":                          {`{cpu: "1024", containerDefinitions: [{name: a, image: x, cpu: 1, memoryReservation: 64}]}`, 1024, 64},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Effective(read(t, tc.text))
			if err != nil || got.ReservedCPU() != tc.cpu || got.ReservedMemory() != tc.memory {
				t.Errorf("got %d units, %d MiB, %v; want %d, %d", got.ReservedCPU(), got.ReservedMemory(), err, tc.cpu, tc.memory)
			}
		})
	}
}

func TestChecksHealthLooksAtEssentialContainers(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want bool
	}{
		"an essential one": {`{containerDefinitions: [{name: a, image: x}, {name: b, image: x, healthCheck: {command: [CMD, x]}}]}`, true},
		"a helper":         {`{containerDefinitions: [{name: a, image: x}, {name: b, image: x, essential: false, healthCheck: {command: [CMD, x]}}]}`, false},
		"none":             {`{containerDefinitions: [{name: a, image: x}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Effective(read(t, tc.text))
			if err != nil || got.ChecksHealth() != tc.want {
				t.Errorf("got %t, %v; want %t", got.ChecksHealth(), err, tc.want)
			}
		})
	}
}
