// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

// secretRows are what is fetched before a container starts.
var secretRows = []Row{
	{containerPath + "environmentFiles[].value", Exact, "containers[].envFrom: a ConfigMap, or a Secret for *.secret.env, named by docs/spec/secrets.md", "files are taken in reverse order, since in a pod the last one wins and in ECS the first"},
	{containerPath + "environmentFiles[].type", Exact, "containers[].envFrom", "s3 is the only one"},
	{containerPath + "secrets[].name", Exact, "containers[].env[].name", ""},
	{containerPath + "secrets[].valueFrom", Exact, "containers[].env[].valueFrom.secretKeyRef: a Secret named by docs/spec/secrets.md", "through a store of the Cluster, a task that starts within a minute after a change may still get the old value"},
	{containerPath + "repositoryCredentials.credentialsParameter", Exact, "imagePullSecrets: a Secret named by docs/spec/secrets.md", "a pod's pull secrets are for all its containers"},
}
