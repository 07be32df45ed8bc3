#!/usr/bin/env bash
# Installs CRDs and operator, from an image that the nodes have, and waits until it is ready. KUBECTL, IMG and
# LAUNCHER_IMG may be given.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=${KUBECTL:-kubectl}

before=$($kubectl -n ecs-operator-system get deployment ecs-operator --ignore-not-found -o name)
$kubectl kustomize config/default | sed -e "s|image: ecs-operator:dev|image: ${IMG:-ecs-operator:dev}|" \
	-e "s|--launcher-image=ecs-launcher:dev|--launcher-image=${LAUNCHER_IMG:-ecs-launcher:dev}|" |
	$kubectl apply --server-side --force-conflicts -f - >/dev/null
# An image that was built anew may have the name it had before: pods that run the old one are replaced.
[ -z "$before" ] || $kubectl -n ecs-operator-system rollout restart deployment/ecs-operator
$kubectl -n ecs-operator-system rollout status deployment/ecs-operator --timeout 3m
