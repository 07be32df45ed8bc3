#!/usr/bin/env bash
# Builds the operator and the sample application, and makes an image archive of each: bin/ecs-operator.tar and bin/ecs-web.tar.
# No Docker: the programs are static, so an image is one layer with one file.
set -euo pipefail
cd "$(dirname "$0")/.."

CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/manager ./cmd/manager
(cd hack/images/web && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o ../../../bin/web .)
bin/localcluster build-image --name "${IMG:-ecs-operator:dev}" --binary bin/manager -o bin/ecs-operator.tar
bin/localcluster build-image --name ecs-web:v1 --binary bin/web --port 8080/tcp -o bin/ecs-web.tar
ls -sh bin/ecs-operator.tar bin/ecs-web.tar
