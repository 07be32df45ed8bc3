// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func awsfirelens(c *containerDefinition) {
	c.LogConfiguration = &ecsv1.LogConfiguration{LogDriver: ecsv1.LogDriverAwsfirelens, Options: map[string]string{"Name": "stdout"}}
}

// The log router is the probe, which speaks Fluent's forward protocol and reads the part of the configuration that says where to listen and
// what each record gets besides.
var _ = Describe("Output by awsfirelens", func() {
	DescribeTable("reaches kubectl logs and the task's log router, with what ECS's agent adds",
		func(ctx SpecContext, mode ecsv1.NetworkMode) {
			ns := newNamespace(ctx)
			s := runTask(ctx, ns, "routed", ecsv1.TaskDefinitionFields{NetworkMode: mode, ContainerDefinitions: []containerDefinition{
				probe("app", "log hello 3", awsfirelens),
				probe("failing", "try cat /none then write /dev/stderr complaint then exit 0", awsfirelens, notEssential),
				probe("log-router", "router /fluent-bit/etc/fluent-bit.conf", func(c *containerDefinition) {
					c.FirelensConfiguration = &ecsv1.FirelensConfiguration{Type: ecsv1.FirelensConfigurationTypeFluentbit}
				}),
			}})
			pod := s.running(ctx)
			s.says(ctx, "app", "hello 1\nhello 2\nhello 3\n")
			s.says(ctx, "failing", "complaint\n")

			id := strings.ReplaceAll(string(pod.UID), "-", "")
			var records []map[string]string
			for line := range strings.Lines(s.says(ctx, "log-router", "hello 3", "complaint")) {
				r := map[string]string{}
				Expect(json.Unmarshal([]byte(line), &r)).To(Succeed(), line)
				records = append(records, r)
			}
			record := func(log string) map[string]string {
				GinkgoHelper()
				at := slices.IndexFunc(records, func(r map[string]string) bool { return r["log"] == log })
				Expect(at).NotTo(Equal(-1), "%q in %v", log, records)
				return records[at]
			}
			hello := record("hello 1")
			at, err := time.Parse(time.RFC3339Nano, hello["time"])
			Expect(err).NotTo(HaveOccurred())
			Expect(at).To(BeTemporally("~", time.Now(), time.Minute))
			delete(hello, "time")
			Expect(hello).To(Equal(map[string]string{
				"log": "hello 1", "source": "stdout", "container_name": "app", "container_id": id + "-app", "tag": "app-firelens-" + id,
				"ecs_cluster": clusterName, "ecs_task_definition": "routed:1", "ecs_task_arn": hello["ecs_task_arn"],
			}))
			Expect(hello["ecs_task_arn"]).To(MatchRegexp(`^arn:aws:ecs:[^:]+:\d{12}:task/` + clusterName + `/` + id + `$`))
			Expect(record("complaint")).To(And(HaveKeyWithValue("source", "stderr"), HaveKeyWithValue("tag", "failing-firelens-"+id)))
		},
		Entry("over its port with awsvpc", ecsv1.NetworkModeAwsvpc, SpecTimeout(time.Minute)),
		Entry("over its socket with host", ecsv1.NetworkModeHost, SpecTimeout(time.Minute)),
	)
})
