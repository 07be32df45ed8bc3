// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

func input(t *testing.T, text string) Input {
	t.Helper()
	var in Input
	if err := yaml.UnmarshalStrict([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestTranslateRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string
	}{
		"a task definition with problems, all of them at once": {`
taskDefinition: {cpu: lots, containerDefinitions: [{name: app, image: nginx}]}
`, `cpu: cpu "lots" is not an amount of CPU`},
		"a load balancer for a container that isn't there": {`
taskDefinition: {containerDefinitions: [{name: app, image: nginx, memory: 128, portMappings: [{containerPort: 80}]}]}
service: {loadBalancers: [{targetGroup: tg, containerName: web, containerPort: 80}]}
`, "spec.loadBalancers[0].containerName: the container web does not exist in the task definition; it has app"},
		"a load balancer for a port that isn't there": {`
taskDefinition: {containerDefinitions: [{name: app, image: nginx, memory: 128, portMappings: [{containerPort: 80}]}]}
service: {loadBalancers: [{targetGroup: tg, containerName: app, containerPort: 81}]}
`, "spec.loadBalancers[0].containerPort: the container app did not have a container port 81 defined; add it to the portMappings of the task definition, or name a port that is there"},
		"a volume that nobody configures": {`
taskDefinition: {volumes: [{name: data, configuredAtLaunch: true}], containerDefinitions: [{name: app, image: nginx, memory: 128}]}
service: {}
`, "spec.volumeConfigurations: volumes[0] data of the task definition has configuredAtLaunch, and nothing configures it"},
		"a configuration of no volume": {`
taskDefinition: {volumes: [{name: data}], containerDefinitions: [{name: app, image: nginx, memory: 128}]}
service: {volumeConfigurations: [{name: data, managedEBSVolume: {roleArn: x, sizeInGiB: 1}}]}
`, "spec.volumeConfigurations[0].name: the task definition has no volume data with configuredAtLaunch"},
		"a snapshot of unknown size": {`
taskDefinition: {volumes: [{name: data, configuredAtLaunch: true}], containerDefinitions: [{name: app, image: nginx, memory: 128}]}
service: {volumeConfigurations: [{name: data, managedEBSVolume: {roleArn: x, snapshotId: snap-1}}]}
`, "spec.volumeConfigurations[0].managedEBSVolume.sizeInGiB: Kubernetes can't tell how large snapshot snap-1 is"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Translate(input(t, tc.text))
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestProblemsCanBeTakenOutOfTheError(t *testing.T) {
	_, err := Translate(Input{})
	var problems taskdef.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Errorf("got %v, want problems", err)
	}
}

// rich uses every field that a container mapper looks at.
const rich = `
taskDefinition:
  volumes: [{name: data}]
  containerDefinitions:
  - name: app
    image: nginx
    entryPoint: [sh]
    command: [-c, run]
    workingDirectory: /srv
    environment: [{name: A, value: b}]
    environmentFiles: [{type: s3, value: "arn:aws:s3:::bucket/app.env"}]
    mountPoints: [{sourceVolume: data, containerPath: /data}]
    portMappings: [{containerPort: 80, hostPort: 8080, name: http}]
    cpu: 256
    memory: 512
    memoryReservation: 128
    healthCheck: {command: [CMD, /check]}
    essential: true
    stopTimeout: 60
    user: "1000"
    readonlyRootFilesystem: true
    interactive: true
    dependsOn: [{containerName: db, condition: START}]
    restartPolicy: {enabled: true}
    ulimits: [{name: nofile, softLimit: 1, hardLimit: 2}]
    linuxParameters: {initProcessEnabled: true}
  - {name: db, image: nginx, memory: 6}
service:
  loadBalancers: [{targetGroup: tg, containerName: app, containerPort: 80, deregistrationDelaySeconds: 5}]
features: {containerRestartRules: true, podLevelResources: true, preStopSleep: true}
`

func TestContainerMappersWriteDisjointFields(t *testing.T) {
	in := input(t, rich)
	task, err := taskdef.Effective(&in.TaskDefinition)
	if err != nil {
		t.Fatal(err)
	}
	writer := map[string]string{}
	for _, m := range containerMappers {
		var out corev1.Container
		tr := &translation{in: in, task: task, names: podNames(task.Containers)}
		tr.secrets, tr.volumes = tr.collectSecrets(), tr.volumeNames()
		m.run(tr, 0, task.Containers[0], &out)
		fields := reflect.ValueOf(out)
		wrote := len(tr.launched) > 0
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			if fields.Field(i).IsZero() || name == "Resources" && len(out.Resources.Requests)+len(out.Resources.Limits) == 0 {
				continue
			}
			wrote = true
			if other, taken := writer[name]; taken {
				t.Errorf("%s is written by the mappers of %s and of %s", name, other, m.name)
			}
			writer[name] = m.name
		}
		if !wrote {
			t.Errorf("the mapper of %s wrote nothing: give rich the field it looks at", m.name)
		}
	}
}

func TestMinReadySeconds(t *testing.T) {
	const td = "taskDefinition: {containerDefinitions: [{name: app, image: nginx, memory: 128, portMappings: [{containerPort: 80}]"
	for name, tc := range map[string]struct {
		text string
		want int32
	}{
		"a service with nothing to tell health by waits 40 s": {td + "}]}\nservice: {}", 40},
		"a load balancer tells":                               {td + "}]}\nservice: {loadBalancers: [{containerName: app, containerPort: 80}]}", 0},
		"a health check tells":                                {td + `, healthCheck: {command: [CMD, "true"]}}]}` + "\nservice: {}", 0},
		"a task by itself is in no deployment":                {td + "}]}", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Translate(input(t, tc.text))
			if err != nil || got.MinReadySeconds != tc.want {
				t.Errorf("got %d, %v; want %d", got.MinReadySeconds, err, tc.want)
			}
		})
	}
}
