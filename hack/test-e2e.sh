#!/usr/bin/env bash
# Runs the end-to-end tests: on the cluster of KUBECONFIG, which has the images already (`make kind-up` loads them), or else on a
# local cluster made for the run and taken down after it, failed or not. KEEP=1 leaves it running. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/bin:$PATH

if [ -z "${KUBECONFIG:-}" ]; then
	export LOCALCLUSTER_STATE=$PWD/.state/e2e
	down() {
		if [ -n "${KEEP:-}" ]; then
			echo "kept: LOCALCLUSTER_STATE=.state/e2e bin/localcluster kubectl get pods -A"
			return
		fi
		localcluster down
	}
	trap down EXIT
	trap 'exit 130' INT TERM
	localcluster up
	hack/images.sh
	localcluster load-image bin/ecs-operator.tar bin/ecs-web.tar
	export KUBECTL="localcluster kubectl"
	KUBECONFIG=$(localcluster kubeconfig)
	export KUBECONFIG
fi
hack/deploy.sh
[ -t 1 ] || export GINKGO_NO_COLOR=1
go test ./test/e2e/... -count=1 -timeout 60m "$@"
