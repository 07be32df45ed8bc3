#!/usr/bin/env bash
# Installs CRDs and operator, from an image that the nodes have, and waits until it is ready. KUBECTL, IMG, LAUNCHER_IMG and
# INSECURE_REGISTRY, one that is spoken to over plain HTTP, may be given. The local cluster's own is found by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=${KUBECTL:-kubectl}

registry=${INSECURE_REGISTRY:-}
case $kubectl in
*"localcluster kubectl") registry=${registry:-$(${kubectl% kubectl} status -o json | sed -n 's/^ *"registry": "\(.*\)",*$/\1/p')} ;;
esac
before=$($kubectl -n ecs-operator-system get deployment ecs-operator --ignore-not-found -o name)
$kubectl kustomize config/default | sed -e "s|image: ecs-operator:dev|image: ${IMG:-ecs-operator:dev}|" \
	-e "s|--launcher-image=ecs-launcher:dev|--launcher-image=${LAUNCHER_IMG:-ecs-launcher:dev}|" \
	-e "${registry:+s|^\( *\)- --leader-elect\$|&\n\1- --insecure-registry=$registry|}" |
	$kubectl apply --server-side --force-conflicts -f - >/dev/null
# An image that was built anew may have the name it had before: pods that run the old one are replaced.
[ -z "$before" ] || $kubectl -n ecs-operator-system rollout restart deployment/ecs-operator
$kubectl -n ecs-operator-system rollout status deployment/ecs-operator --timeout 3m
