#!/usr/bin/env bash
# Prints docs/kubectl.md: what kubectl shows of each kind, taken from a live cluster. Run it on the demo's, after `make demo`:
#   LOCALCLUSTER_STATE=.state/demo KUBECTL="bin/localcluster kubectl" ECS="bin/kubectl-ecs --kubeconfig .state/demo/kubeconfig" \
#     hack/transcript.sh >docs/kubectl.md
# It makes and removes one object of each kind that the demo hasn't got.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=${KUBECTL:-kubectl}
ecs=${ECS:-$kubectl ecs}

show() { # title, then the command as a reader types it
	printf '\n## %s\n\n```console\n$ kubectl %s\n' "$1" "${*:2}"
	# shellcheck disable=SC2086
	$kubectl "${@:2}" | sed -e 's/[[:space:]]*$//' -e '/^$/N;/^\n$/D'
	printf '```\n'
}

show_ecs() { # title, then the command of the plugin; place reads the manifest that is on the standard input
	printf '\n## %s\n\n```console\n$ kubectl ecs %s\n' "$1" "${*:2}"
	# shellcheck disable=SC2086
	$ecs "${@:2}" 2>&1 | sed -e 's/[[:space:]]*$//'
	printf '```\n'
}

others=$(mktemp)
trap '$kubectl delete -f "$others" --ignore-not-found >/dev/null; rm -f "$others"' EXIT
cat >"$others" <<'YAML'
apiVersion: ecs.pods.dev/v1alpha1
kind: CapacityProvider
metadata: {name: spot}
spec:
  autoScalingGroupProvider:
    autoScalingGroupArn: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0a1b:autoScalingGroupName/spot
  kubernetes:
    nodeSelector:
      matchLabels: {node.kubernetes.io/lifecycle: spot}
---
apiVersion: ecs.pods.dev/v1alpha1
kind: Task
metadata: {name: migrate, namespace: default}
spec: {cluster: demo, taskDefinition: web, startedBy: release-42}
---
apiVersion: ecs.pods.dev/v1alpha1
kind: Repository
metadata: {name: shop, namespace: default}
spec: {repositoryName: team/shop, imageTagMutability: IMMUTABLE}
YAML
$kubectl apply -f "$others" >/dev/null
$kubectl wait tasks.ecs.pods.dev/migrate --for=condition=Ready --timeout=60s >/dev/null

cat <<'MD'
# What kubectl shows

Taken from the demo's cluster by `hack/transcript.sh`, after a rolling update of the service `web`. The kind `Repository` is stored
and checked, and nothing acts on it yet, so it has no status.
MD
show "Everything" get ecs -A
show "A service" describe services.ecs.pods.dev web
show "Its deployment" describe servicedeployments web-2
show "Its revision" describe servicerevisions web-2
show "A task definition" describe taskdefinitions web
show "Its revision" describe taskdefinitionrevisions web-2
show "A cluster" describe clusters.ecs.pods.dev demo
show "A container instance" describe containerinstances "$($kubectl get containerinstances -o name | head -n 1 | cut -d/ -f2)"
show "A task" describe tasks.ecs.pods.dev migrate
show "A capacity provider" describe capacityproviders spot
show "A repository" describe repositories.ecs.pods.dev shop
show "The fields of a service, explained" explain service.spec --api-version=ecs.pods.dev/v1alpha1
show "One field" explain service.spec.deploymentConfiguration.maximumPercent --api-version=ecs.pods.dev/v1alpha1
show_ecs "The container instances, by the plugin" instances -o wide
show_ecs "A picture" map
show_ecs "How a service stands" status web
show_ecs "Its deployments" deployments web
show_ecs "Where more tasks would go" place --dry-run -f - --count 3 <<'YAML'
apiVersion: ecs.pods.dev/v1alpha1
kind: Service
metadata: {name: web, namespace: default}
spec:
  cluster: demo
  taskDefinition: web
  placementStrategy: [{type: binpack, field: memory}]
YAML
