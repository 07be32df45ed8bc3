#!/usr/bin/env bash
# Runs the end-to-end tests: on the cluster of KUBECONFIG, which has the images already (`make kind-up` loads them), or else on a
# local cluster made for the run and taken down after it, failed or not. KEEP=1 leaves it running. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/bin:$PATH

if [ -z "${KUBECONFIG:-}" ]; then
	export LOCALCLUSTER_STATE=$PWD/${E2E_STATE:-.state/e2e}
	down() {
		if [ -n "${KEEP:-}" ]; then
			echo "kept: LOCALCLUSTER_STATE=${LOCALCLUSTER_STATE#"$PWD/"} bin/localcluster kubectl get pods -A"
			return
		fi
		localcluster down
	}
	trap down EXIT
	trap 'exit 130' INT TERM
	localcluster up --audit # reads too: the suite looks for any that the operator's role doesn't allow
	if ! localcluster nodes -o json | grep -q '"simulated": false'; then
		echo "end-to-end tests: not run here: they need nodes that run containers, which want root on Debian or Ubuntu (see above)"
		exit 0
	fi
	hack/images.sh operator launcher web probe
	localcluster load-image bin/ecs-operator.tar bin/ecs-launcher.tar bin/ecs-web.tar bin/ecs-probe.tar
	export KUBECTL="localcluster kubectl"
	KUBECONFIG=$(localcluster kubeconfig)
	export KUBECONFIG
	# Specs start a registry on this machine.
	INSECURE_REGISTRY=$(localcluster status -o json | sed -n 's/.*"registry": "\(.*\)".*/\1/p')
	export INSECURE_REGISTRY
fi
hack/deploy.sh
[ -t 1 ] || export GINKGO_NO_COLOR=1
go test ./test/e2e/... -count=1 -timeout 60m "$@"
