// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// pairs are definitions with what the real service answered for them, as public repositories keep both; docs/design/0010 says which. The
// definitions are cut down to the fields that can matter, with names of our own. want leaves the common prefixes out.
var pairs = map[string]struct {
	text string
	want string
	with string // compatibilities
}{
	"awslogs, an image from ECR, two roles, awsvpc": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "512", memory: "1024", requiresCompatibilities: [FARGATE],
			containerDefinitions: [{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, logConfiguration: ` + awslogs("") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni task-iam-role",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"a log group that is made, and an image by digest": {
		`{networkMode: awsvpc, executionRoleArn: b, cpu: "1024", memory: "3072", requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a,
			image: "1.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:3b4606a11917d5d44eaca4469ac63374083afd53154d28aa67d31e4d6040c342",
			logConfiguration: ` + awslogs("awslogs-create-group: 'true'") + `, portMappings: [{containerPort: 80, name: http, appProtocol: http}]}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.21 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"a health check without a start period, memory reserved": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "6144", memory: "16384", containerDefinitions: [{name: a,
			image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, cpu: 6144, memory: 16384, memoryReservation: 16384, healthCheck: {command: [CMD, x], interval: 30},
			logConfiguration: ` + awslogs("awslogs-create-group: 'true'") + `}]}`,
		"container-health-check docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.21 docker-remote-api.1.24 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni task-iam-role",
		"EC2 MANAGED_INSTANCES", // Fargate has no size of 6 vCPU; the answer doesn't show compatibilities
	},
	"health checks with start periods, secrets of SSM, waiting": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "512", memory: "1024", requiresCompatibilities: [FARGATE], containerDefinitions: [
			{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, dependsOn: [{containerName: b, condition: HEALTHY}], volumesFrom: [{sourceContainer: b, readOnly: true}],
				healthCheck: {command: [CMD-SHELL, x], startPeriod: 10}, logConfiguration: ` + awslogs("") + `},
			{name: b, image: 1.dkr.ecr.eu-west-1.amazonaws.com/b:v1, memoryReservation: 500, secrets: [{name: A, valueFrom: a.b.c}],
				healthCheck: {command: [CMD-SHELL, x], startPeriod: 10}, logConfiguration: ` + awslogs("") + `}]}`,
		"container-health-check container-ordering docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.21 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs secrets.ssm.environment-variables task-eni task-iam-role",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"an EFS volume, memory reserved": {
		`{networkMode: awsvpc, executionRoleArn: b, cpu: "256", memory: "512", volumes: [{name: v, efsVolumeConfiguration: {fileSystemId: fs-1, transitEncryption: ENABLED, authorizationConfig: {accessPointId: fsap-1}}}],
			containerDefinitions: [{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, memoryReservation: 64, mountPoints: [{sourceVolume: v, containerPath: /v}], logConfiguration: ` + awslogs("") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.21 docker-remote-api.1.25 ecr-auth efs efsAuth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"an EFS access point, logs that don't block": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "512", memory: "1024", volumes: [{name: v, efsVolumeConfiguration: {fileSystemId: fs-1, transitEncryption: ENABLED, authorizationConfig: {accessPointId: fsap-1}}}],
			containerDefinitions: [{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, mountPoints: [{sourceVolume: v, containerPath: /v, readOnly: false}],
			logConfiguration: ` + awslogs("awslogs-create-group: 'true', mode: non-blocking, max-buffer-size: 25m") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.25 docker-remote-api.1.28 docker-remote-api.1.29 ecr-auth efs efsAuth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni task-iam-role",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"FireLens with Fluent Bit on a bridge": {
		`{networkMode: bridge, taskRoleArn: a, executionRoleArn: b, cpu: "1024", memory: "2048", volumes: [{name: v, host: {}}], containerDefinitions: [
			{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, cpu: 1024, memory: 2048, portMappings: [{containerPort: 80, hostPort: 0}], logConfiguration: {logDriver: awsfirelens, options: {Name: x}}},
			{name: b, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, essential: false, entryPoint: [x], workingDirectory: /usr/src/app, logConfiguration: {logDriver: awsfirelens, options: {Name: x}}},
			{name: c, image: 1.dkr.ecr.eu-west-1.amazonaws.com/b:v1, memoryReservation: 50, user: "0", logConfiguration: ` + awslogs("awslogs-create-group: 'true'") + `,
				firelensConfiguration: {type: fluentbit, options: {enable-ecs-log-metadata: "true"}}}]}`,
		"docker-remote-api.1.17 docker-remote-api.1.19 docker-remote-api.1.21 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull firelens.fluentbit logging-driver.awsfirelens logging-driver.awslogs task-iam-role",
		"EC2 EXTERNAL",
	},
	"FireLens without roles and network mode; user counts for nothing": {
		`{containerDefinitions: [{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, memoryReservation: 50, user: "0", firelensConfiguration: {type: fluentbit}},
			{name: b, image: 1.dkr.ecr.eu-west-1.amazonaws.com/b:v1, memory: 128, portMappings: [{containerPort: 80, hostPort: 0}], logConfiguration: {logDriver: awsfirelens, options: {Name: x}}}]}`,
		"docker-remote-api.1.19 docker-remote-api.1.21 ecr-auth firelens.fluentbit logging-driver.awsfirelens",
		"EC2 EXTERNAL", // the answer is older than EXTERNAL and says EC2
	},
	"FireLens with Fluentd; a stop timeout": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "256", memory: "512", containerDefinitions: [
			{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, stopTimeout: 30, logConfiguration: {logDriver: awsfirelens, options: {"@type": x}}},
			{name: b, image: docker.io/x/y, user: "0", firelensConfiguration: {type: fluentd}}]}`,
		"container-ordering docker-remote-api.1.18 docker-remote-api.1.19 ecr-auth execution-role-ecr-pull firelens.fluentd logging-driver.awsfirelens task-eni task-iam-role",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"a Docker volume, no roles": {
		`{volumes: [{name: v, dockerVolumeConfiguration: {scope: shared, autoprovision: true, driver: local}}], containerDefinitions: [
			{name: a, image: x/y, memory: 2000, mountPoints: [{sourceVolume: v, containerPath: /v}], logConfiguration: ` + awslogs("") + `}]}`,
		"docker-plugin.local docker-remote-api.1.19 docker-remote-api.1.25 logging-driver.awslogs",
		"EC2 EXTERNAL", // the answer is older than EXTERNAL and says EC2
	},
	"as tight as Linux can be": {
		`{networkMode: none, ipcMode: none, cpu: "2048", memory: "4096", containerDefinitions: [{name: a, image: x, cpu: 2048, memory: 4096, user: nobody, disableNetworking: true,
			privileged: false, dockerSecurityOptions: [no-new-privileges], ulimits: [{name: nproc, softLimit: 128, hardLimit: 128}],
			linuxParameters: {capabilities: {drop: [ALL]}, initProcessEnabled: true, maxSwap: 0, swappiness: 0}, logConfiguration: ` + awslogs("") + `}]}`,
		"docker-remote-api.1.17 docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.23 docker-remote-api.1.25 docker-remote-api.1.32 logging-driver.awslogs pid-ipc-namespace-sharing",
		"EC2 EXTERNAL MANAGED_INSTANCES", // the answer is older than MANAGED_INSTANCES
	},
	"GPUs, devices and shared memory of a privileged container on the host's network": {
		`{networkMode: host, ipcMode: host, taskRoleArn: a, executionRoleArn: b, memory: "1843200", requiresCompatibilities: [EXTERNAL], volumes: [{name: v, host: {sourcePath: /v}}],
			placementConstraints: [{type: memberOf, expression: "attribute:node==node002"}], containerDefinitions: [{name: a, image: 1.dkr.ecr.cn-northwest-1.amazonaws.com.cn/a:v1,
			privileged: true, ulimits: [{name: memlock, softLimit: -1, hardLimit: -1}], resourceRequirements: [{type: GPU, value: "8"}], mountPoints: [{sourceVolume: v, containerPath: /v}],
			linuxParameters: {devices: [{hostPath: /dev/infiniband}], sharedMemorySize: 16384}, logConfiguration: ` + awslogs("awslogs-create-group: 'true', mode: non-blocking, max-buffer-size: 25m") + `}]}`,
		"docker-remote-api.1.17 docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.22 docker-remote-api.1.28 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs pid-ipc-namespace-sharing privileged-container task-iam-role task-iam-role-network-host",
		"EC2 EXTERNAL MANAGED_INSTANCES", // the answer is older than MANAGED_INSTANCES
	},
	"a size that Fargate hasn't got, and an environment file": {
		`{networkMode: awsvpc, taskRoleArn: a, executionRoleArn: b, cpu: "512", memory: "717", requiresCompatibilities: [EC2], containerDefinitions: [{name: a,
			image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, environmentFiles: [{type: s3, value: "arn:aws:s3:::b/a.env"}], logConfiguration: ` + awslogs("awslogs-create-group: 'true'") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.29 ecr-auth env-files.s3 execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs task-eni task-iam-role",
		"EC2 MANAGED_INSTANCES",
	},
	"more ephemeral storage": {
		`{networkMode: awsvpc, executionRoleArn: b, cpu: "1024", memory: "2048", ephemeralStorage: {sizeInGiB: 21}, requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a,
			image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1, memory: 2048, environmentFiles: [{type: s3, value: "arn:aws:s3:::b/a.env"}],
			logConfiguration: ` + awslogs("awslogs-create-group: 'true', mode: non-blocking, max-buffer-size: 25m") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.28 docker-remote-api.1.29 ecr-auth env-files.s3 execution-role-awslogs execution-role-ecr-pull extensible-ephemeral-storage logging-driver.awslogs task-eni",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"secrets of Secrets Manager": {
		`{networkMode: awsvpc, executionRoleArn: b, cpu: "1024", memory: "2048", requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a, image: 1.dkr.ecr.eu-west-1.amazonaws.com/a:v1,
			secrets: [{name: A, valueFrom: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"}], logConfiguration: ` + awslogs("awslogs-create-group: 'true'") + `}]}`,
		"docker-remote-api.1.18 docker-remote-api.1.19 docker-remote-api.1.29 ecr-auth execution-role-awslogs execution-role-ecr-pull logging-driver.awslogs secrets.asm.environment-variables task-eni",
		"EC2 FARGATE MANAGED_INSTANCES",
	},
	"awslogs and nothing else": {
		`{cpu: "1024", memory: "512", requiresCompatibilities: [EC2], containerDefinitions: [{name: a, image: "nginx:latest", logConfiguration: ` + awslogs("") + `}]}`,
		"docker-remote-api.1.19 logging-driver.awslogs",
		"EC2 EXTERNAL",
	},
	"nothing at all": {`{containerDefinitions: [{name: a, image: nginx, memory: 512, portMappings: [{containerPort: 80, hostPort: 80}]}]}`, "", "EC2 EXTERNAL"},
}

// awslogs is a log configuration with more options.
func awslogs(more string) string {
	if more != "" {
		more = ", " + more
	}
	return "{logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r, awslogs-stream-prefix: p" + more + "}}"
}

// short leaves out what all names begin with.
func short(name string) string {
	if rest, old := strings.CutPrefix(name, oldCapability); old {
		return rest
	}
	return strings.TrimPrefix(name, capability)
}

func TestAttributesAndCompatibilitiesAreTheRealService(t *testing.T) {
	for name, tc := range pairs {
		t.Run(name, func(t *testing.T) {
			td := read(t, tc.text)
			var names, with []string
			for _, a := range Attributes(td) {
				names = append(names, short(a.Name))
			}
			for _, c := range Compatibilities(td) {
				with = append(with, string(c))
			}
			got := map[string]bool{}
			for _, n := range names {
				got[n] = true
			}
			want := map[string]bool{}
			for n := range strings.FieldsSeq(tc.want) {
				want[n] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("requiresAttributes: %s", diff)
			}
			if diff := cmp.Diff(tc.with, strings.Join(with, " ")); diff != "" {
				t.Errorf("compatibilities: %s", diff)
			}
		})
	}
}

func TestEachRowThatIsSaidToBeObservedIsSeenInAPair(t *testing.T) {
	all := map[string]*ecsv1.TaskDefinitionFields{}
	for name, tc := range pairs {
		all[name] = read(t, tc.text)
	}
	seen := func(is func(*ecsv1.TaskDefinitionFields) bool) bool {
		for _, td := range all {
			if is(td) {
				return true
			}
		}
		return false
	}
	for _, row := range taskAttributes {
		if got := seen(row.when); got != (row.from == observed) {
			t.Errorf("%s: in a pair %v, said to be %s", row.name, got, row.from)
		}
	}
	for _, row := range containerAttributes {
		got := seen(func(td *ecsv1.TaskDefinitionFields) bool {
			for i := range td.ContainerDefinitions {
				if row.when(td, &td.ContainerDefinitions[i]) {
					return true
				}
			}
			return false
		})
		if got != (row.from == observed) {
			t.Errorf("%s: in a pair %v, said to be %s", row.name, got, row.from)
		}
	}
}
