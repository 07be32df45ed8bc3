#!/usr/bin/env bash
# Measures what section 8 of docs/benchmarks.md states: 1,000 services on simulated nodes, all redeployed at once and 20 times over, beside as many
# plain Deployments and as many Rollouts of Argo Rollouts, which is built from its module once (ten minutes). Leave the machine alone meanwhile.
# SERVICES=1000 REDEPLOYMENTS=20 PEER_REDEPLOYMENTS=20 PLACEMENT_NODES=100 CONTENDERS="Deployments,Rollouts,ECS services" are the sizes: the
# others are redeployed PEER_REDEPLOYMENTS times, as often as the services unless it is set. Three hours. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v1.9.2
if [[ ",${CONTENDERS:-Rollouts}," == *,Rollouts,* ]]; then
	module=$(go mod download -json "github.com/argoproj/argo-rollouts@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
	export ROLLOUTS=$PWD/bin/rollouts-$version ROLLOUTS_CRDS=$module/manifests/crds
	# Its module is built as it is, with its own requirements: nothing of it comes into ours.
	[ -x "$ROLLOUTS" ] || { echo "building Argo Rollouts $version"; CGO_ENABLED=0 go build -C "$module" -o "$ROLLOUTS" ./cmd/rollouts-controller; }
fi
export PLACEMENT_LABELS=services
exec hack/bench-placement.sh -timeout 3h "$@"
