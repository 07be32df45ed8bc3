#!/usr/bin/env bash
# Removes ECS objects while the operator is still there to take them apart, then the operator and the CRDs.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=${KUBECTL:-kubectl}

if $kubectl get crd services.ecs.pods.dev >/dev/null 2>&1; then
	$kubectl delete services.ecs.pods.dev,tasks.ecs.pods.dev --all --all-namespaces --timeout 3m
	# A cluster waits for its container instances, and registers no new ones once it is being deleted.
	$kubectl delete clusters.ecs.pods.dev --all --wait=false
	$kubectl delete containerinstances.ecs.pods.dev --all --timeout 1m
	$kubectl wait --for=delete clusters.ecs.pods.dev --all --timeout 1m
	$kubectl delete taskdefinitions.ecs.pods.dev,capacityproviders.ecs.pods.dev,repositories.ecs.pods.dev --all --all-namespaces --timeout 1m
	$kubectl delete taskdefinitionrevisions.ecs.pods.dev --all --all-namespaces --timeout 1m
fi
$kubectl delete --ignore-not-found -k config/default
