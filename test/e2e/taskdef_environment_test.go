// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = Describe("The environment of a container", func() {
	It("comes from the task definition, from secrets and from files, in ECS's order", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		const account = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
		s := runTask(ctx, ns, "environment", ecsv1.TaskDefinitionFields{
			ExecutionRoleArn: "arn:aws:iam::111122223333:role/execution",
			ContainerDefinitions: []containerDefinition{probe("app", "env then sleep", func(c *containerDefinition) {
				c.Environment = []ecsv1.KeyValuePair{{Name: "OWN", Value: "environment"}, {Name: "LITERAL", Value: "$(OWN) $$ $HOME"}}
				c.EnvironmentFiles = []ecsv1.EnvironmentFile{
					{Type: ecsv1.EnvironmentFileTypes3, Value: "arn:aws:s3:::Bucket/first.env"},
					{Type: ecsv1.EnvironmentFileTypes3, Value: "arn:aws:s3:::Bucket/second.secret.env"},
				}
				c.Secrets = []ecsv1.Secret{
					{Name: "PASSWORD", ValueFrom: account + "prod/DB-AbCdEf:password::"},
					{Name: "WHOLE", ValueFrom: account + "prod/DB-AbCdEf"},
					{Name: "OLD", ValueFrom: account + "prod/DB-AbCdEf:password:AWSPREVIOUS:"},
					{Name: "PORT", ValueFrom: "/prod/db/port"},
				}
			})},
		})

		By("waiting for a secret that isn't there yet, and saying which")
		s.tells(ctx, `ResourceInitializationError: secret "bucket-second.secret.env" not found`)

		meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: ns, Name: name} }
		for name, values := range map[string]map[string]string{
			"prod-db":                  {"password": "secret1", "value": `{"password":"secret1"}`},
			"prod-db-awsprevious":      {"password": "secret0"},
			"prod-db-port":             {"value": "5432"},
			"bucket-second.secret.env": {"OWN": "second", "BOTH": "second", "SECOND": "second", "PORT": "second"},
		} {
			Expect(kube.Create(ctx, &corev1.Secret{ObjectMeta: meta(name), StringData: values})).To(Succeed())
		}
		Expect(kube.Create(ctx, &corev1.ConfigMap{ObjectMeta: meta("bucket-first.env"), Data: map[string]string{"OWN": "first", "BOTH": "first", "FIRST": "first"}})).To(Succeed())

		got := strings.Split(s.says(ctx, "app", "PASSWORD="), "\n")
		Expect(got).To(ContainElements(
			"OWN=environment", "LITERAL=$(OWN) $$ $HOME", // above all files, and as it was written
			"BOTH=first", "FIRST=first", "SECOND=second",
			"PASSWORD=secret1", `WHOLE={"password":"secret1"}`, "OLD=secret0", "PORT=5432",
		))
		Expect(kubectl(ctx, "get", "-n="+ns, "-o=yaml", "pods,deployments,replicasets,taskdefinitionrevisions.ecs.pods.dev,servicerevisions.ecs.pods.dev")).
			NotTo(Or(ContainSubstring("secret1"), ContainSubstring("secret0")), "a value of a secret stands in an object")
	}, SpecTimeout(2*time.Minute))
})
