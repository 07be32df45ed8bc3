// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// loggingRows are where a container's output goes. It goes where kubectl logs finds it in any case.
var loggingRows = []Row{
	{containerPath + "logConfiguration.logDriver", Approximated, "an annotation for each container, logging.ecs.pods.dev/NAME, for the collector of config/logging; the launcher for awsfirelens",
		"awslogs is sent by the collector to the group and stream that ECS would name. splunk, fluentd, gelf and syslog need an output in the collector. json-file and journald stay on the node"},
	{containerPath + "logConfiguration.options", Approximated, "the annotation; the log router's configuration; mode and max-buffer-size in the launcher for awsfirelens",
		"with drivers other than awsfirelens output waits on the node and never in the container, so mode and max-buffer-size change nothing. Multi-line patterns have no effect in the collector, and a missing log group doesn't keep the task from starting"},
	{containerPath + "logConfiguration.secretOptions[].name", Exact, "the annotation, by reference; containers[].env[] of the log router", ""},
	{containerPath + "logConfiguration.secretOptions[].valueFrom", Exact, "a Secret named by docs/spec/secrets.md", "never written into the pod itself"},
	{containerPath + "firelensConfiguration.type", Exact, "an init container with restartPolicy Always, which starts first and stops last, with the configuration that ECS's agent writes", "its output is in kubectl logs too"},
	{containerPath + "firelensConfiguration.options", Approximated, "the configuration; a ConfigMap for a file in S3, named by docs/spec/logging.md",
		"enable-ecs-log-metadata gives ecs_cluster, ecs_task_arn and ecs_task_definition; there is no ec2_instance_id. A file in YAML isn't included"},
}
