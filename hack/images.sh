#!/usr/bin/env bash
# Makes the images without Docker, as archives in bin/: the operator's, the launcher's and the sample application's, or those that
# are named. probe is a program for tests.
# The programs are static, so an image is one layer with one file.
#   hack/images.sh [operator] [launcher] [web] [probe]
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0

build() { go build -ldflags "-s -w" -o "bin/$1" "$2"; }

[ $# -gt 0 ] || set -- operator launcher web
for image in "$@"; do
	case $image in
	operator)
		build manager ./cmd/manager
		bin/localcluster build-image --name "${IMG:-ecs-operator:dev}" --binary bin/manager -o bin/ecs-operator.tar
		;;
	launcher)
		build launcher ./cmd/launcher
		bin/localcluster build-image --name "${LAUNCHER_IMG:-ecs-launcher:dev}" --binary bin/launcher -o bin/ecs-launcher.tar
		;;
	probe)
		build probe ./hack/images/probe
		bin/localcluster build-image --name ecs-probe:dev --binary bin/probe --user 0:0 \
			--add hack/images/probe/passwd:/etc/passwd --add hack/images/probe/group:/etc/group -o bin/ecs-probe.tar
		;;
	web)
		build web ./hack/images/web
		bin/localcluster build-image --name ecs-web:v1 --binary bin/web --port 8080/tcp -o bin/ecs-web.tar
		;;
	*)
		echo "hack/images.sh: no image $image" >&2
		exit 2
		;;
	esac
	ls -sh bin/ecs-"$image".tar
done
