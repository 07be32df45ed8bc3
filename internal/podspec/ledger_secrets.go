// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// secretRows are what is fetched before a container starts.
var secretRows = slices.Concat(
	notYet(containerPath+"environmentFiles[]", "containers[].envFrom", "", "value", "type"),
	notYet(containerPath+"secrets[]", "containers[].env[].valueFrom.secretKeyRef", "", "name", "valueFrom"),
	notYet(containerPath+"repositoryCredentials", "imagePullSecrets", "", "credentialsParameter"),
)

// loggingRows are where a container's output goes. Without them it goes where kubectl logs finds it.
var loggingRows = slices.Concat(
	notYet(containerPath+"logConfiguration", "a log router container", "kubectl logs shows the output in any case",
		"logDriver", "options", "secretOptions[].name", "secretOptions[].valueFrom"),
	notYet(containerPath+"firelensConfiguration", "a log router container", "", "type", "options"),
)
