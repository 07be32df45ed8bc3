#!/usr/bin/env bash
# Measures what sections 6 and 7 of docs/benchmarks.md state, on a local cluster of simulated nodes made for the run, each beside a plain
# Deployment of the same pods: instances used and evenness, the rate at which tasks start, and memory. Leave the machine alone meanwhile.
# PLACEMENT_NODES=200 PLACEMENT_TASKS=3500 PLACEMENT_RUNS=3 are the sizes of the rate's measurement. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "$(date -u +%F), $(git rev-parse --short HEAD), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(. /etc/os-release && echo "$PRETTY_NAME"), $(go version | cut -d' ' -f3)"
export PLACEMENT_BENCH=1 PLACEMENT_STATE=${PLACEMENT_STATE:-$PWD/.state/bench-placement}
exec hack/test-placement.sh -v -ginkgo.label-filter="${PLACEMENT_LABELS:-side by side || throughput || memory}" "$@"
