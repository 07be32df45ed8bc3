#!/usr/bin/env bash
# What the local cluster does, with kind and Docker: cluster, images, operator. Run by `make kind-up`.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in docker kind kubectl; do
	command -v "$tool" >/dev/null || { echo "make kind-up needs $tool on the PATH. Without Docker: make cluster-up deploy" >&2; exit 1; }
done

kind get clusters | grep -qx ecs-operator || kind create cluster --config hack/kind/cluster.yaml --wait 3m
docker build -t ecs-operator:dev .
docker build -t ecs-launcher:dev --target launcher .
kind load docker-image --name ecs-operator ecs-operator:dev ecs-launcher:dev
make bin/ecs-web.tar bin/ecs-probe.tar
kind load image-archive --name ecs-operator bin/ecs-web.tar bin/ecs-probe.tar
kubectl config use-context kind-ecs-operator
hack/deploy.sh
cat <<TEXT

Ready. Next:
  kubectl apply -k config/samples && kubectl get ecs -A -w     a service of three tasks; curl http://127.0.0.1:30080
  KUBECONFIG=~/.kube/config make test-e2e                      the end-to-end tests on this cluster
  make kind-down
TEXT
