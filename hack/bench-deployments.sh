#!/usr/bin/env bash
# Measures the second table of section 10 of docs/benchmarks.md, on a local cluster made for the run: requests that fail during redeployments by a
# plain Deployment, by Argo Rollouts, which is built from its module once (ten minutes), and by ECS services. DEPLOYMENTS=6 is how many of each.
# Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v1.9.2
module=$(go mod download -json "github.com/argoproj/argo-rollouts@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
export ROLLOUTS=$PWD/bin/rollouts-$version ROLLOUTS_CRDS=$module/manifests/crds
# Its module is built as it is, with its own requirements: nothing of it comes into ours.
[ -x "$ROLLOUTS" ] || { echo "building Argo Rollouts $version"; CGO_ENABLED=0 go build -C "$module" -o "$ROLLOUTS" ./cmd/rollouts-controller; }
echo "$(date -u +%F), $(git rev-parse --short HEAD), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(. /etc/os-release && echo "$PRETTY_NAME"), $(go version | cut -d' ' -f3)"
export ECS_BENCH_DEPLOYMENTS=1 E2E_STATE=.state/bench-deployments
exec hack/test-e2e.sh -v -ginkgo.label-filter='bench deployments' "$@"
