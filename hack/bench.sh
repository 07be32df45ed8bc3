#!/usr/bin/env bash
# Measures what docs/benchmarks.md states, on a local cluster made for the run: rolling updates under load, time until tasks run and
# writes to the apiserver, each beside a plain Deployment of the same image. Takes about 10 minutes; leave the machine alone meanwhile.
# ECS_BENCH_ROLLOUTS=20 ECS_BENCH_STARTS=7 ECS_BENCH_STARTS_50=3 are how often. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "$(date -u +%F), $(git rev-parse --short HEAD), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(. /etc/os-release && echo "$PRETTY_NAME"), $(go version | cut -d' ' -f3)"
export ECS_BENCH=1 E2E_STATE=.state/bench
exec hack/test-e2e.sh -v -ginkgo.label-filter=bench "$@"
