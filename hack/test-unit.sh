#!/usr/bin/env bash
# Runs the tests that need no cluster, in this module and the nested ones. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t packages < <(go list ./... | grep -v '/test/')
go test -timeout 10m "$@" "${packages[@]}"

for mod in $(git ls-files '*/go.mod'); do
	dir=$(dirname "$mod")
	if [ -n "$(find "$dir" -name '*_test.go' -print -quit)" ]; then
		echo "-- $dir"
		(cd "$dir" && go test -timeout 10m "$@" ./...)
	fi
done
