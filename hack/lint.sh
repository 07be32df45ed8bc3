#!/usr/bin/env bash
# Runs the linters on this module, on its API types with the rules for APIs, and on the nested modules.
set -euo pipefail
cd "$(dirname "$0")/.."
lint=$PWD/bin/golangci-lint
root=$PWD
failed=0

"$lint" run ./... || failed=1
"$lint" run --config .golangci-api.yml ./api/... || failed=1
for mod in $(git ls-files '*/go.mod'); do
	dir=$(dirname "$mod")
	if [ -n "$(find "$dir" -name '*.go' -print -quit)" ]; then
		echo "-- $dir"
		(cd "$dir" && "$lint" run --config "$root/.golangci.yml" ./...) || failed=1
	fi
done
exit $failed
