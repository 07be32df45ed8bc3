// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

const containerPath = "containerDefinitions[]."

// secretRows are what is fetched before a container starts.
var secretRows = slices.Concat(
	rows(containerPath+"environmentFiles[]", NotYetMapped, "containers[].envFrom", "", "value", "type"),
	rows(containerPath+"secrets[]", NotYetMapped, "containers[].env[].valueFrom.secretKeyRef", "", "name", "valueFrom"),
	rows(containerPath+"repositoryCredentials", NotYetMapped, "imagePullSecrets", "", "credentialsParameter"),
)

// loggingRows are where a container's output goes. Without them it goes where kubectl logs finds it.
var loggingRows = slices.Concat(
	rows(containerPath+"logConfiguration", NotYetMapped, "a log router container", "kubectl logs shows the output in any case",
		"logDriver", "options", "secretOptions[].name", "secretOptions[].valueFrom"),
	rows(containerPath+"firelensConfiguration", NotYetMapped, "a log router container", "", "type", "options"),
)
