#!/usr/bin/env bash
# Runs the end-to-end tests: on the cluster of KUBECONFIG, which has the images already (`make kind-up` loads them), or else on a
# local cluster made for the run and taken down after it, failed or not. KEEP=1 leaves it running. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/bin:$PATH

deploy() {
	kubectl apply --server-side --force-conflicts -k config/default >/dev/null
	kubectl -n ecs-operator-system rollout status deployment/ecs-operator --timeout 3m
}

if [ -z "${KUBECONFIG:-}" ]; then
	export LOCALCLUSTER_STATE=${LOCALCLUSTER_STATE:-$PWD/.state/e2e}
	down() {
		if [ -n "${KEEP:-}" ]; then
			echo "kept: localcluster --state $LOCALCLUSTER_STATE kubectl get pods -A"
			return
		fi
		localcluster down
	}
	trap down EXIT
	trap 'exit 130' INT TERM
	kubectl() { localcluster kubectl "$@"; }
	localcluster up
	hack/images.sh
	KUBECONFIG=$(localcluster kubeconfig)
	export KUBECONFIG
fi
deploy
go test ./test/e2e/... -count=1 -timeout 60m "$@"
