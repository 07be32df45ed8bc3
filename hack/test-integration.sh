#!/usr/bin/env bash
# Tests against real apiservers, and a real Prometheus; pods are moved by hand. The operator's suite waits more than it computes, so its specs are shared
# out among PROCS processes, each with an apiserver of its own (one for each CPU, two to four). Arguments are those of go test: -v, -timeout=1h, and Ginkgo's
# as -ginkgo.focus=... For the flags of the suite itself, run it alone: go test ./test/integration/operator -update.
set -euo pipefail
cd "$(dirname "$0")/.."

KUBEBUILDER_ASSETS=$("${LOCALCLUSTER:-bin/localcluster}" binaries)
PROMETHEUS=$(hack/prometheus.sh) || { PROMETHEUS=none; echo "test/integration/prometheus: NOT RUN: there is no Prometheus (see above)"; }
export KUBEBUILDER_ASSETS PROMETHEUS
[ -t 1 ] || export GINKGO_NO_COLOR=1

cpus=$(nproc)
procs=${PROCS:-$((cpus < 2 ? 2 : cpus > 4 ? 4 : cpus))}
mapfile -t others < <(go list ./test/integration/... | grep -v '/operator$')

status=0
# Ginkgo's own command knows its flags without the prefix that go test needs.
go tool ginkgo -procs="$procs" --timeout=60m "${@/#-ginkgo./--}" ./test/integration/operator || status=1
go test -timeout=20m "${others[@]}" "$@" || status=1
go test ./test/corpus || status=1
exit $status
