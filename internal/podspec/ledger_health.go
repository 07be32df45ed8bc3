// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// healthRows are how a container's health is told.
var healthRows = []Row{
	{"containerDefinitions[].healthCheck.command", Exact, "containers[].readinessProbe.exec.command; the launcher for a container that isn't essential", "a sensor, never a liveness probe: ECS doesn't restart a container for being UNHEALTHY. A service's task whose essential container is UNHEALTHY is replaced, docs/spec/health.md. CMD-SHELL runs in /bin/sh -c. A target group's check on the same container counts as well: it stands at another container of the pod"},
	{"containerDefinitions[].healthCheck.interval", Exact, "containers[].readinessProbe.periodSeconds", "30 when left out; the first check comes at once and not after an interval"},
	{"containerDefinitions[].healthCheck.timeout", Exact, "containers[].readinessProbe.timeoutSeconds", "5 when left out"},
	{"containerDefinitions[].healthCheck.retries", Exact, "containers[].readinessProbe.failureThreshold", "3 when left out"},
	{"containerDefinitions[].healthCheck.startPeriod", Exact, "an annotation of the pod; internal/taskstate", "a readiness probe starts from not ready, so failures before the first success change nothing; the number tells UNKNOWN from UNHEALTHY, which is when a service's task is replaced"},
}

// orderRows are starting, stopping and restarting.
var orderRows = []Row{
	{"containerDefinitions[].stopTimeout", Exact, "terminationGracePeriodSeconds; the launcher for a shorter one than the longest", "the grace period is the longest chain of containers that stop one after the other, and the deregistration delay. 30 when left out: that one isn't worth reading an image's config, and a warning says so"},
	{"containerDefinitions[].startTimeout", Exact, "the launcher of those that wait", "counts from the start of the container that is waited for; START has none"},
	{"containerDefinitions[].dependsOn[].containerName", Exact, "initContainers where all others wait for the SUCCESS; else the launcher on both sides", "stops in the reverse order. Circles are refused, and conditions that can't come true"},
	{"containerDefinitions[].dependsOn[].condition", Exact, "initContainers where all others wait for the SUCCESS; else the launcher on both sides", "HEALTHY counts at the start only, as in ECS"},
	{"containerDefinitions[].restartPolicy.enabled", Exact, "the launcher", "in place, with the file system as it is; the pod's own restart count stays 0"},
	{"containerDefinitions[].restartPolicy.ignoredExitCodes", Exact, "the launcher", ""},
	{"containerDefinitions[].restartPolicy.restartAttemptPeriod", Exact, "the launcher", "300 when left out"},
}
