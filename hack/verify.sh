#!/usr/bin/env bash
# Proves that what is committed is what the sources say: writes everything generated anew, formats, lints, tidies, and fails when that
# finds or changes anything. Called by `make verify`, which builds the tools first.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }
failed=()

step "generated code, manifests, goldens"
make generate manifests

step "format"
unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -l)
if [ -n "$unformatted" ]; then
	printf 'not formatted (make fmt):\n%s\n' "$unformatted"
	failed+=(format)
fi

step "modules"
for mod in go.mod $(git ls-files '*/go.mod'); do
	dir=$(dirname "$mod")
	if ! (cd "$dir" && go mod tidy -diff); then
		echo "$mod isn't tidy: cd $dir && go mod tidy"
		failed+=("$mod")
	fi
done

# The linter sees each package with its test files: one that needs them to compile would pass it.
step "build"
go build ./... || failed+=(build)

step "lint"
hack/lint.sh || failed+=(lint)

step "clean tree"
if [ -n "$(git status --porcelain)" ]; then
	git status --short
	git --no-pager diff
	echo "the tree is dirty: commit what was regenerated above, or your own changes"
	failed+=("clean tree")
fi

if [ ${#failed[@]} -gt 0 ]; then
	printf '\nverify FAILED: %s\n' "$(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
	exit 1
fi
printf '\nverify passed\n'
