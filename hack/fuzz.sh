#!/usr/bin/env bash
# Runs every fuzz target of all modules for a while, one after the other: FUZZTIME each (20s), FUZZ is a pattern of names. What is found
# goes to the package's testdata/fuzz, where go test runs it from then on: commit it with the fix.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${FUZZTIME:-20s} pattern=${FUZZ:-.} failed=()
for mod in go.mod $(git ls-files '*/go.mod'); do
	dir=$(dirname "$mod")
	for package in $(cd "$dir" && grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -rn1 dirname | sort -u); do
		[ "$(go -C "$dir/$package" env GOMOD)" = "$(cd "$dir" && pwd -P)/go.mod" ] || continue # another module's
		for target in $(cat "$dir/$package"/*_test.go | sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' | grep -E "$pattern" || true); do
			echo "-- $dir/$package $target"
			(cd "$dir" && go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x) || failed+=("$dir/$package $target")
		done
	done
done
if [ ${#failed[@]} -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}"
	exit 1
fi
