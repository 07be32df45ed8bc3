// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// healthRows are how a container's health is told.
var healthRows = []Row{
	{"containerDefinitions[].healthCheck.command", Exact, "containers[].readinessProbe.exec.command", "a sensor, never a liveness probe: ECS doesn't restart a container for being UNHEALTHY. CMD-SHELL runs in /bin/sh -c. It takes the place of a target group's check on the same container, and isn't run for a container that isn't essential"},
	{"containerDefinitions[].healthCheck.interval", Exact, "containers[].readinessProbe.periodSeconds", "30 when left out; the first check comes at once and not after an interval"},
	{"containerDefinitions[].healthCheck.timeout", Exact, "containers[].readinessProbe.timeoutSeconds", "5 when left out"},
	{"containerDefinitions[].healthCheck.retries", Exact, "containers[].readinessProbe.failureThreshold", "3 when left out"},
	{"containerDefinitions[].healthCheck.startPeriod", Exact, "an annotation of the pod; internal/taskstate", "a readiness probe starts from not ready, so failures before the first success change nothing; the number tells UNKNOWN from UNHEALTHY"},
}

// orderRows are starting, stopping and restarting.
var orderRows = []Row{
	{"containerDefinitions[].stopTimeout", Approximated, "terminationGracePeriodSeconds", "the longest of the task's counts for all its containers; the deregistration delay is added. 30 when left out"},
	{"containerDefinitions[].startTimeout", NotYetMapped, "comes with dependsOn", ""},
	{"containerDefinitions[].dependsOn[].containerName", NotYetMapped, "initContainers", "checked for circles and for conditions that can't come true"},
	{"containerDefinitions[].dependsOn[].condition", NotYetMapped, "initContainers", "checked for circles and for conditions that can't come true"},
	{"containerDefinitions[].restartPolicy.enabled", NotYetMapped, "containers[].restartPolicyRules", "no container is restarted in place so far"},
	{"containerDefinitions[].restartPolicy.ignoredExitCodes", NotYetMapped, "containers[].restartPolicyRules", ""},
	{"containerDefinitions[].restartPolicy.restartAttemptPeriod", NotYetMapped, "containers[].restartPolicyRules", "Kubernetes has its own back-off"},
}
