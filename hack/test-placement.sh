#!/usr/bin/env bash
# Runs the placement suite: on the cluster of KUBECONFIG, where it makes and deletes nodes, or else on a local cluster of simulated nodes made
# for the run and taken down after it, failed or not. KEEP=1 leaves it running. Needs no root. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/bin:$PATH

if [ -z "${KUBECONFIG:-}" ]; then
	export LOCALCLUSTER_STATE=${PLACEMENT_STATE:-$PWD/.state/placement}
	down() {
		if [ -n "${KEEP:-}" ]; then
			echo "kept: LOCALCLUSTER_STATE=${LOCALCLUSTER_STATE#"$PWD/"} bin/localcluster kubectl get nodes"
			return
		fi
		localcluster down
	}
	trap down EXIT
	trap 'exit 130' INT TERM
	# The suite makes its nodes itself. They have Kubernetes' own patience, since nothing runs that could be lost.
	localcluster up --real 0 --simulated 0 --node-monitor-grace-period "${PLACEMENT_GRACE:-60s}"
	export KUBECTL="localcluster kubectl"
	KUBECONFIG=$(localcluster kubeconfig)
	export KUBECONFIG
fi
go build -o bin/manager-placement ./cmd/manager
export MANAGER=$PWD/bin/manager-placement
[ -t 1 ] || export GINKGO_NO_COLOR=1
go test ./test/placement -count=1 -timeout 60m "$@"
