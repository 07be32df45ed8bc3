// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
)

const asm = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"

func TestSecretsAndFiles(t *testing.T) {
	secret := func(name, from string) string { return "{name: " + name + ", valueFrom: '" + from + "'}" }
	file := func(object string) string { return "{type: s3, value: 'arn:aws:s3:::" + object + "'}" }
	for name, tc := range map[string]struct {
		text string
		want string // path: beginning of the message; empty for none
	}{
		"good ones":                {one("secrets: [" + secret("A", asm+"db-AbCdEf:user::") + ", " + secret("B", asm+"db-AbCdEf:password::") + ", " + secret("C", "/db/port") + "]"), ""},
		"a secret for no variable": {one("secrets: [" + secret("é", "/a") + "]"), "containerDefinitions[0].secrets[0].name: "},
		"a malformed ARN": {one("secrets: [" + secret("A", asm+"db-AbCdEf:user") + "]"),
			"containerDefinitions[0].secrets[0].valueFrom: an invalid ARN format for the AWS Secrets Manager secret was specified."},
		"a malformed ARN of a log driver": {one("logConfiguration: {logDriver: splunk, options: {splunk-url: u}, secretOptions: [" + secret("splunk-token", "arn:aws:s3:::x") + "]}"),
			"containerDefinitions[0].logConfiguration.secretOptions[0].valueFrom: "},
		"a parameter as credentials": {one("repositoryCredentials: {credentialsParameter: 'arn:aws:ssm:r:a:parameter/x'}"),
			"containerDefinitions[0].repositoryCredentials.credentialsParameter: "},
		"a variable with two sources": {one("environment: [{name: A, value: x}], secrets: [" + secret("A", "/a") + "]"),
			"containerDefinitions[0].secrets[0].name: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'."},
		"a variable with two secrets": {one("secrets: [" + secret("A", "/a") + ", " + secret("A", "/b") + "]"), "containerDefinitions[0].secrets[1].name: The secret name must be unique"},
		"two secrets of one name in Kubernetes": {two("secrets: ["+secret("A", "/prod/db")+"]", "secrets: ["+secret("A", asm+"prod-db-AbCdEf")+"]"),
			"containerDefinitions[1].secrets[0].valueFrom: " + asm + "prod-db-AbCdEf and /prod/db of containerDefinitions[0].secrets[0].valueFrom are two secrets and would both be the Kubernetes Secret prod-db"},
		"a secret of two accounts": {one("secrets: [" + secret("A", asm+"db-AbCdEf") + ", " + secret("B", strings.ReplaceAll(asm, "1111", "2222")+"db-AbCdEf") + "]"),
			"containerDefinitions[0].secrets[1].valueFrom: "},
		"two versions are two Secrets":          {one("secrets: [" + secret("A", asm+"db-AbCdEf") + ", " + secret("B", asm+"db-AbCdEf::AWSPREVIOUS:") + "]"), ""},
		"a parameter by name and by ARN is one": {one("secrets: [" + secret("A", "/prod/db") + ", " + secret("B", "arn:aws:ssm:r:a:parameter/prod/db") + "]"), ""},
		"two JSON keys of one key in Kubernetes": {one("secrets: [" + secret("A", asm+"db-AbCdEf:a b::") + ", " + secret("B", asm+"db-AbCdEf:a/b::") + "]"),
			"containerDefinitions[0].secrets[1].valueFrom: the JSON key"},
		"the JSON key value beside the whole": {one("secrets: [" + secret("A", asm+"db-AbCdEf") + ", " + secret("B", asm+"db-AbCdEf:value::") + "]"), "containerDefinitions[0].secrets[1].valueFrom: the JSON key"},

		"files":              {one("environmentFiles: [" + file("b/web.env") + ", " + file("b/web.secret.env") + "]"), ""},
		"a file twice":       {one("environmentFiles: [" + file("b/web.env") + ", " + file("b/web.env") + "]"), ""},
		"a file that's none": {one("environmentFiles: [{type: s3, value: 's3://b/web.env'}]"), "containerDefinitions[0].environmentFiles[0].value: "},
		"two files of one name in Kubernetes": {one("environmentFiles: [" + file("b/web.env") + ", " + file("b/Web.env") + "]"),
			"containerDefinitions[0].environmentFiles[1].value: b/Web.env and b/web.env of containerDefinitions[0].environmentFiles[0].value would both be the ConfigMap or Secret b-web.env"},
		"eleven files": {one("environmentFiles: [" + strings.Repeat(file("b/web.env")+", ", 10) + file("b/web.env") + "]"), "containerDefinitions[0].environmentFiles: a container has at most 10"},

		"roles":               {"{taskRoleArn: web, executionRoleArn: 'arn:aws:iam::1:role/x', containerDefinitions: [{name: a, image: x, memory: 9}]}", ""},
		"a role that is none": {"{taskRoleArn: 'arn:aws:iam::1:user/x', containerDefinitions: [{name: a, image: x, memory: 9}]}", "taskRoleArn: Role is not valid."},
	} {
		t.Run(name, func(t *testing.T) { checkFirst(t, tc.text, tc.want) })
	}
}

func TestMountPointsAreChecked(t *testing.T) {
	mount := func(path string) string { return "{sourceVolume: v, containerPath: '" + path + "'}" }
	volumes := func(text string) string { return "{volumes: [{name: v}], " + strings.TrimPrefix(text, "{") }
	for name, tc := range map[string]struct {
		text string
		want string
	}{
		"good ones":              {volumes(one("mountPoints: [" + mount("/a") + ", " + mount("/b") + "]")), ""},
		"without a path":         {volumes(one("mountPoints: [" + mount("") + "]")), "containerDefinitions[0].mountPoints[0].containerPath: a mount point needs a path"},
		"without a volume":       {volumes(one("mountPoints: [{containerPath: /a}]")), "containerDefinitions[0].mountPoints[0].sourceVolume: Unknown volume ''"},
		"a place twice":          {volumes(one("mountPoints: [" + mount("/a") + ", " + mount("/a/") + "]")), "containerDefinitions[0].mountPoints[1].containerPath: Duplicate mount point"},
		"a relative path":        {volumes(one("mountPoints: [" + mount("a") + "]")), "containerDefinitions[0].mountPoints[0].containerPath: a is not a place"},
		"borrowing in a circle":  {two("volumesFrom: [{sourceContainer: log}]", "volumesFrom: [{sourceContainer: app}]"), "containerDefinitions[0].volumesFrom[0].sourceContainer: app borrows the volumes of log"},
		"borrowing from oneself": {one("volumesFrom: [{sourceContainer: app}]"), "containerDefinitions[0].volumesFrom[0].sourceContainer: app borrows the volumes of app"},
	} {
		t.Run(name, func(t *testing.T) { checkFirst(t, tc.text, tc.want) })
	}
}

// checkFirst looks at the first problem of a task definition.
func checkFirst(t *testing.T, text, want string) {
	t.Helper()
	var td ecsv1.TaskDefinitionFields
	if err := yaml.UnmarshalStrict([]byte(text), &td); err != nil {
		t.Fatal(err)
	}
	problems := Validate(&td)
	if want == "" && len(problems) > 0 || want != "" && (len(problems) == 0 || !strings.HasPrefix(problems[0].String(), want)) {
		t.Errorf("got %s; want %s", problems.Error(), want)
	}
}

func TestMountsAreBorrowed(t *testing.T) {
	task := Task{Containers: []Container{
		{Name: "data", MountPoints: []Mount{{Volume: "a", Path: "/a"}, {Volume: "b", Path: "/b", ReadOnly: true}}},
		{Name: "middle", VolumesFrom: []VolumesFrom{{Container: "data", ReadOnly: true}}, MountPoints: []Mount{{Volume: "c", Path: "/c"}}},
		{Name: "app", VolumesFrom: []VolumesFrom{{Container: "middle"}}, MountPoints: []Mount{{Volume: "own", Path: "/b/"}}},
	}}
	for name, tc := range map[string]struct {
		container string
		want      []Mount
	}{
		"none but one's own":                         {"data", []Mount{{"a", "/a", false}, {"b", "/b", true}}},
		"read-only by volumesFrom":                   {"middle", []Mount{{"a", "/a", true}, {"b", "/b", true}, {"c", "/c", false}}},
		"through another, one's own before borrowed": {"app", []Mount{{"a", "/a", true}, {"own", "/b/", false}, {"c", "/c", false}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, task.Mounts(tc.container)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecretNames(t *testing.T) {
	for name, tc := range map[string]struct{ ref, secret, key string }{
		"a whole secret":    {asm + "prod/DB_Login-AbCdEf", "prod-db-login", "value"},
		"a JSON key":        {asm + "prod/db-AbCdEf:user name::", "prod-db", "user_name"},
		"a version stage":   {asm + "prod/db-AbCdEf::AWSPREVIOUS:", "prod-db-awsprevious", "value"},
		"the current stage": {asm + "prod/db-AbCdEf:a:AWSCURRENT:", "prod-db", "a"},
		"a version ID":      {asm + "prod/db-AbCdEf:a::11112222-3333", "prod-db-11112222-3333", "a"},
		"a parameter":       {"/prod/db/password", "prod-db-password", "value"},
	} {
		t.Run(name, func(t *testing.T) {
			ref, err := arn.ParseSecret(tc.ref)
			if err != nil || SecretName(ref) != tc.secret || SecretKey(ref) != tc.key {
				t.Errorf("got %s, %s, %v; want %s, %s", SecretName(ref), SecretKey(ref), err, tc.secret, tc.key)
			}
		})
	}
}
